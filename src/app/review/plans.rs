//! The plans that a review is given: their files, and what was written down beside them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::app::review::sources::TerraformSources;
use crate::app::review::undone::BaseHistory;
use crate::core::review;
use crate::core::review::{
    Circumstances, PlanExamination, PlanMeta, PlanOrigin, PlanUnderReview, UnderReview,
};
use crate::error::CommandError;
use crate::git::Repository;
use crate::iac::plan;
use crate::model::ids::{CommitId, EnvironmentName};
use crate::model::inventory::config_address;
use crate::model::paths::{MAX_FILE_BYTES, RepoPath};
use crate::model::plan::{PlanAction, TerraformPlan};
use crate::text::Untrusted;

/// `DIR=FILE[,META]`, or `FILE` for the root of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanArgument {
    /// The directory, `.` for the root of the repository.
    pub(crate) directory: String,
    /// The plan in JSON.
    pub(crate) file: PathBuf,
    /// What it was made from, in JSON.
    pub(crate) meta: Option<PathBuf>,
}

impl FromStr for PlanArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (directory, files) = text.split_once('=').unwrap_or((".", text));
        let trimmed = directory.trim_start_matches("./").trim_end_matches('/');
        let directory = match trimmed {
            "" | "." => ".".to_owned(),
            path => RepoPath::new(path)
                .map_err(|error| error.to_string())?
                .to_string(),
        };
        let (file, meta) = match files.split_once(',') {
            Some((file, meta)) => (file, Some(PathBuf::from(meta))),
            None => (files, None),
        };
        if file.is_empty()
            || meta
                .as_ref()
                .is_some_and(|meta| meta.as_os_str().is_empty())
        {
            return Err("write DIR=FILE or DIR=FILE,META".to_owned());
        }
        Ok(Self {
            directory,
            file: PathBuf::from(file),
            meta,
        })
    }
}

/// A plan and its circumstances.
pub(crate) struct Given<'a> {
    pub(crate) argument: &'a PlanArgument,
    pub(crate) environment: Option<&'a EnvironmentName>,
    pub(crate) is_untrusted: bool,
    pub(crate) head: &'a CommitId,
    /// The source under review.
    pub(crate) sources: &'a TerraformSources,
}

/// Reads and examines one plan. That it is unreadable is a finding; that the file is not there
/// is a mistake of who called. Its secrets are added to `secrets`.
pub(crate) fn examine(
    repository: &Repository,
    given: &Given<'_>,
    around: Circumstances<'_>,
    history: &BaseHistory<'_>,
    secrets: &mut BTreeSet<String>,
) -> Result<PlanExamination, CommandError> {
    let argument = given.argument;
    let bytes = read(&argument.file, HOW_PLAN)?;
    let wanted = UnderReview {
        commit: given.head.to_string(),
        tree: tree_of(repository, given.head, &argument.directory)?,
        environment: given.environment.map(ToString::to_string),
        json_sha256: hex::encode(Sha256::digest(&bytes)),
    };
    let meta = argument.meta.as_deref().map(read_meta).transpose()?;
    let origin = match review::origin(meta.as_ref(), &wanted) {
        // Whoever can forge a plan can forge what is written down beside it.
        PlanOrigin::SameSource | PlanOrigin::Unknown if given.is_untrusted => PlanOrigin::Untrusted,
        other => other,
    };
    let text = plan::decode(&bytes);
    let mut read = match &text {
        Ok(text) => plan::read(text).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let mut gained = super::Gained::new();
    if let Ok(plan) = &mut read {
        name_triggers(plan, given);
        secrets.extend(plan.secrets.iter().cloned());
        let removed = plan.changes.iter().filter(|one| {
            one.is_current() && matches!(one.action, PlanAction::Destroy | PlanAction::Forget)
        });
        let removed: BTreeSet<String> = removed
            .map(|one| config_address(one.address.raw()))
            .collect();
        gained = history.gained(&argument.directory, &removed)?;
    }
    let shown = argument.file.display().to_string();
    let under_review = PlanUnderReview {
        directory: argument.directory.as_str().into(),
        file: shown.into(),
        plan: read.as_ref().map_err(Clone::clone),
        origin,
        gained: &gained,
        locals: &given.sources.locals(&argument.directory),
    };
    Ok(review::examine(&under_review, around))
}

/// Adds what replaces resources, which only the source says.
fn name_triggers(plan: &mut TerraformPlan<'_>, given: &Given<'_>) {
    for change in &mut plan.changes {
        let reason = change.reason.as_ref().map(Untrusted::raw);
        if reason == Some("replace_by_triggers") {
            let address = change.address.raw();
            change.triggers = given.sources.triggers(&given.argument.directory, address);
        }
    }
}

fn tree_of(
    repository: &Repository,
    commit: &CommitId,
    directory: &str,
) -> Result<Option<String>, CommandError> {
    let folder = match directory {
        "." => None,
        path => Some(RepoPath::new(path).map_err(|error| CommandError::usage(error.to_string()))?),
    };
    Ok(repository.tree_id(commit, folder.as_ref())?)
}

/// How the file of a plan is made.
const HOW_PLAN: &str = "make it with `terraform show -json PLANFILE > plan.json`";
/// How what it was made from is written.
const HOW_META: &str =
    "it holds `commit`, `tree` and `environment`; docs/review.md shows how to write it";

/// Reads a file, but no more of it than is ever taken as a plan. `how` says how it is made.
fn read(path: &Path, how: &'static str) -> Result<Vec<u8>, CommandError> {
    use std::io::Read;
    let fail = |error: std::io::Error| {
        CommandError::usage(format!("could not read {}: {error}", path.display())).hint(how)
    };
    let file = std::fs::File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(fail)?;
    Ok(bytes)
}

fn read_meta(path: &Path) -> Result<PlanMeta, CommandError> {
    let bytes = read(path, HOW_META)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        CommandError::usage(format!("{} is not valid: {error}", path.display())).hint(HOW_META)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_named_with_their_directory() {
        for (text, want) in [
            ("p.json", Some((".", "p.json", None))),
            ("infra/=p.json", Some(("infra", "p.json", None))),
            (
                "./infra=p.json,m.json",
                Some(("infra", "p.json", Some("m.json"))),
            ),
            (".=p.json", Some((".", "p.json", None))),
            ("../x=p.json", None),
            ("a=", None),
            ("a=p,", None),
        ] {
            let parsed: Result<PlanArgument, String> = text.parse();
            let shown = parsed.as_ref().ok().map(|one| {
                let meta = one.meta.as_deref().and_then(Path::to_str);
                (
                    one.directory.as_str(),
                    one.file.to_str().unwrap_or_default(),
                    meta,
                )
            });
            assert_eq!(shown, want, "{text}");
        }
    }
}
