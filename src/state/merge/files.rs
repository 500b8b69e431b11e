//! Merging files: what lies at a path in three versions.

use serde_json::Value;

use super::slo_budgets::is_slo_budgets;
use super::{history, issue, log, slo_budgets, three_way};
use crate::model::paths::RepoPath;
use crate::state::document::{to_bytes, written};
use crate::state::documents::paths;
use crate::state::json;
use crate::state::merge::rule::{is_history, is_issue, is_log, rule};

/// A file in three versions, `None` where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// In the commit that both sides come from.
    pub base: Option<Vec<u8>>,
    /// On our side.
    pub ours: Option<Vec<u8>>,
    /// On their side.
    pub theirs: Option<Vec<u8>>,
}

/// What to put at each path, `None` to have nothing there.
pub type Merged = Vec<(RepoPath, Option<Vec<u8>>)>;

/// Why two versions were not merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// It is not a document that has rules for merging.
    #[error("{0} was changed on both sides, and there is no rule to merge it")]
    NoRule(RepoPath),
    /// A version is no JSON.
    #[error("{path} was changed on both sides, and {side} is not JSON: {message}")]
    NotJson {
        /// The file.
        path: RepoPath,
        /// `the base`, `our version` or `their version`.
        side: &'static str,
        /// The fault.
        message: String,
    },
    /// Both sides changed the same, and only a person can tell who is right.
    #[error("{path} was changed on both sides: {}", .places.join(", "))]
    Conflict {
        /// The file.
        path: RepoPath,
        /// Keys, as `environments.prod.account_id`.
        places: Vec<String>,
    },
}

/// The paths under which the same document may lie, this one included: an issue is open or
/// resolved.
pub fn places(path: &RepoPath) -> Vec<RepoPath> {
    let other = |from: &str, to: &str| RepoPath::new(path.as_str().replacen(from, to, 1)).ok();
    let twin = if is_issue(path) {
        other("/issues/active/", "/issues/resolved/")
            .filter(|twin| twin != path)
            .or_else(|| other("/issues/resolved/", "/issues/active/"))
    } else {
        None
    };
    std::iter::once(path.clone()).chain(twin).collect()
}

/// Whether a file is made from the others, so that it is rendered again and never merged.
pub fn is_generated(path: &RepoPath) -> bool {
    *path == paths::dashboard_md()
        || (path.file_name() == "DEPLOYED.md"
            && path.as_str().starts_with(paths::deployments_dir().as_str()))
}

/// Merges one document that lies at one path, or that moved between several
/// ([`places`]). Tells what to put at each of the paths.
///
/// # Errors
/// [`MergeError`]; nothing is lost, because nothing is decided.
pub fn merge_files(files: &[(RepoPath, Versions)]) -> Result<Merged, MergeError> {
    match files {
        [(path, versions)] if !is_issue(path) => Ok(vec![(path.clone(), one(path, versions)?)]),
        _ => issues(files),
    }
}

fn one(path: &RepoPath, versions: &Versions) -> Result<Option<Vec<u8>>, MergeError> {
    let Versions { base, ours, theirs } = versions;
    if ours == theirs || base == theirs {
        return Ok(ours.clone());
    }
    if base == ours {
        return Ok(theirs.clone());
    }
    if !path.as_str().ends_with(".json") {
        return Err(MergeError::NoRule(path.clone()));
    }
    let base = parsed(path, "the base", base.as_deref())?;
    let a = parsed(path, "our version", ours.as_deref())?;
    let b = parsed(path, "their version", theirs.as_deref())?;
    if is_slo_budgets(path)
        && let (Some(a), Some(b)) = (&a, &b)
    {
        return Ok(Some(to_bytes(&slo_budgets::merge(base.as_ref(), a, b))));
    }
    let rule = rule(path);
    let (Some(a), Some(b)) = (&a, &b) else {
        if rule.conflicts {
            let places = vec!["removed on one side, changed on the other".to_owned()];
            let path = path.clone();
            return Err(MergeError::Conflict { path, places });
        }
        return Ok(ours.clone().or_else(|| theirs.clone()));
    };
    if is_history(path) {
        return Ok(Some(to_bytes(&history::merge(base.as_ref(), a, b))));
    }
    if is_log(path) {
        let places = vec!["entries".to_owned()];
        let merged = log::merge(base.as_ref(), a, b).ok_or(MergeError::Conflict {
            path: path.clone(),
            places,
        })?;
        // As it is: what was hashed must not be escaped anew.
        return Ok(Some(written(&merged)));
    }
    let mut places = Vec::new();
    let merged = three_way::merge(rule, base.as_ref(), a, b, &mut places);
    if places.is_empty() {
        Ok(Some(to_bytes(&merged)))
    } else {
        places.sort();
        let path = path.clone();
        Err(MergeError::Conflict { path, places })
    }
}

/// An issue, in all its places.
fn issues(files: &[(RepoPath, Versions)]) -> Result<Merged, MergeError> {
    let side = |name, get: fn(&Versions) -> &Option<Vec<u8>>| -> Result<_, MergeError> {
        let mut found: Option<Value> = None;
        for (path, versions) in files {
            let this = parsed(path, name, get(versions).as_deref())?;
            found = match (found, this) {
                (Some(a), Some(b)) => Some(issue::merge(None, &a, &b)),
                (a, b) => a.or(b),
            };
        }
        Ok(found)
    };
    let base = side("the base", |versions| &versions.base)?;
    let a = side("our version", |versions| &versions.ours)?;
    let b = side("their version", |versions| &versions.theirs)?;
    let merged = match (a, b) {
        (Some(a), Some(b)) => Some(issue::merge(base.as_ref(), &a, &b)),
        // Dropped on one side after its days: what the other side did to it since counts.
        (one, other) => one.or(other).filter(|left| base.as_ref() != Some(left)),
    };
    let wanted = merged
        .as_ref()
        .map(|issue| place(files, issue::is_resolved(issue)));
    let bytes = merged.as_ref().map(to_bytes);
    Ok(files
        .iter()
        .map(|(path, _)| {
            let here = wanted.as_ref() == Some(path);
            (path.clone(), bytes.clone().filter(|_| here))
        })
        .collect())
}

/// Where the issue belongs; where it is, if that is the only place that is asked about.
fn place(files: &[(RepoPath, Versions)], resolved: bool) -> RepoPath {
    let folder = if resolved {
        "/issues/resolved/"
    } else {
        "/issues/active/"
    };
    let fitting = files
        .iter()
        .find(|(path, _)| path.as_str().contains(folder));
    fitting.unwrap_or(&files[0]).0.clone()
}

fn parsed(
    path: &RepoPath,
    side: &'static str,
    bytes: Option<&[u8]>,
) -> Result<Option<Value>, MergeError> {
    let fault = |message: String| MergeError::NotJson {
        path: path.clone(),
        side,
        message,
    };
    let Some(bytes) = bytes else {
        return Ok(None);
    };
    let text = std::str::from_utf8(bytes).map_err(|_| fault("it is not UTF-8".to_owned()))?;
    let parsed = json::parse(text).map_err(|error| fault(error.message))?;
    if parsed.duplicates {
        return Err(fault("it has a key twice".to_owned()));
    }
    Ok(Some(parsed.tree))
}
