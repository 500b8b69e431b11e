//! What a change does to the files of `.fractary/`, read from both commits.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::app::review::{Commits, changed_rules};
use crate::app::workspace::{checks as own_checks, kinds as own_kinds};
use crate::core::review::StateFault;
use crate::error::{CommandError, ErrorKind};
use crate::git::{ChangedPath, CommitFiles, PathKind, Repository};
use crate::model::paths::{Files, RepoPath};
use crate::state;
use crate::state::Diagnostic;
use crate::state::documents::paths;
use crate::text::{Untrusted, redact};

/// Most faults of documents that are reported.
const MOST_FAULTS: usize = 50;

/// Finds what the head does to the state that the base does not have.
pub(super) fn faults(
    repository: &Repository,
    commits: &Commits,
) -> Result<Vec<StateFault>, CommandError> {
    let from = commits.fork.as_ref().unwrap_or(&commits.base);
    let inside = format!("{}/", paths::root());
    let changed: Vec<ChangedPath> = repository
        .differing_paths(Some(from), &commits.head)?
        .into_iter()
        .filter(|one| one.path.starts_with(&inside) || one.path == paths::root().as_str())
        .collect();
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    let head = repository.raw_files_at(Some(&commits.head))?;
    let before = repository.raw_files_at(Some(from))?;
    let mut out = kinds(&changed);
    out.extend(invalid(&before, &head));
    let sides = Sides {
        before: &before,
        head: &head,
    };
    for path in changed
        .iter()
        .filter_map(|one| RepoPath::new(one.path.as_str()).ok())
    {
        out.extend(sides.rewritten(&path)?);
        out.extend(sides.secrets(&path));
        out.extend(sides.rules(&path));
    }
    Ok(out)
}

fn kinds(changed: &[ChangedPath]) -> Vec<StateFault> {
    let faults = changed.iter().filter_map(|one| {
        let path = || Untrusted::from(one.path.as_str());
        let now = |now| Some(StateFault::NotPlain { path: path(), now });
        match (one.old, one.new) {
            (old, new) if old == new => None,
            (_, Some(PathKind::Link)) => now("a symbolic link"),
            (_, Some(PathKind::Submodule)) => now("a submodule"),
            (_, Some(PathKind::Executable)) => Some(StateFault::Executable { path: path() }),
            _ => None,
        }
    });
    faults.collect()
}

/// Faults of documents that were not there before.
fn invalid(before: &CommitFiles, head: &CommitFiles) -> Vec<StateFault> {
    let of = |files: &CommitFiles| -> Vec<Diagnostic> {
        let mut all = match state::load_thoroughly(files) {
            Ok((state, _)) => [own_kinds::check(&state), own_checks::check(&state)].concat(),
            Err(invalid) => invalid.diagnostics,
        };
        all.extend(state::check_logs(files).1);
        all.retain(Diagnostic::is_error);
        all
    };
    let known: BTreeSet<(RepoPath, String)> = of(before)
        .into_iter()
        .map(|one| (one.path, one.message))
        .collect();
    let new = of(head)
        .into_iter()
        .filter(|one| !known.contains(&(one.path.clone(), one.message.clone())));
    let faults = new.take(MOST_FAULTS).map(|one| StateFault::Invalid {
        path: one.path,
        line: one.line,
        message: one.message,
    });
    faults.collect()
}

/// The state before and under review.
struct Sides<'a> {
    before: &'a CommitFiles,
    head: &'a CommitFiles,
}

impl Sides<'_> {
    /// A log whose entries are not all there any more, archives included.
    fn rewritten(&self, path: &RepoPath) -> Result<Option<StateFault>, CommandError> {
        let logs = ["iam-audit.", "remediation-log."];
        let name = path.file_name();
        let Some(stem) = logs
            .iter()
            .find(|stem| name.starts_with(*stem) && name.ends_with(".json"))
        else {
            return Ok(None);
        };
        let (old, new) = (
            entries(self.before, path, stem)?,
            entries(self.head, path, stem)?,
        );
        let lost = old
            .iter()
            .filter(|(seq, hash)| new.get(*seq) != Some(*hash))
            .count();
        Ok((lost > 0).then(|| StateFault::LogRewritten {
            path: path.clone(),
            entries: lost,
        }))
    }

    fn secrets(&self, path: &RepoPath) -> Option<StateFault> {
        let count = |files: &CommitFiles| {
            let bytes = files.read(path).ok().flatten().unwrap_or_default();
            redact::redact_counted(&String::from_utf8_lossy(&bytes)).1
        };
        let more = count(self.head).saturating_sub(count(self.before));
        (more > 0).then(|| StateFault::Secret {
            path: path.clone(),
            count: more,
        })
    }

    /// What changes that reviews are held against, and what is run and done without a question.
    fn rules(&self, path: &RepoPath) -> Vec<StateFault> {
        let text = |files: &CommitFiles| {
            let bytes = files.read(path).ok().flatten().unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let (old, new) = (text(self.before), text(self.head));
        let mut faults = Vec::new();
        let changes = changed_rules::of_reviews(path, &old, &new);
        if !changes.is_empty() {
            let path = path.clone();
            faults.push(StateFault::Bar { path, changes });
        }
        let changes = changed_rules::of_automation(path, &old, &new);
        if !changes.is_empty() {
            let path = path.clone();
            faults.push(StateFault::Automation { path, changes });
        }
        faults
    }
}

/// Hashes of the entries of a log by their number, those of its archives included.
fn entries(
    files: &CommitFiles,
    path: &RepoPath,
    stem: &str,
) -> Result<BTreeMap<u64, String>, CommandError> {
    let folder = path
        .as_str()
        .rsplit_once('/')
        .map_or(".fractary", |split| split.0);
    let cannot = |error| CommandError::new(ErrorKind::Usage, error);
    let folder = RepoPath::new(folder).map_err(|error| CommandError::usage(error.to_string()))?;
    let mut out = BTreeMap::new();
    for file in files.list(&folder).map_err(cannot)? {
        if !file.file_name().starts_with(stem) {
            continue;
        }
        // A link, or what cannot be read, holds no entries, and is reported for itself.
        let bytes = files.read(&file).ok().flatten().unwrap_or_default();
        let log: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        for entry in log
            .get("entries")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if let Some(seq) = entry.get("seq").and_then(Value::as_u64) {
                out.insert(seq, entry.to_string());
            }
        }
    }
    Ok(out)
}
