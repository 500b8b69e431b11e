//! Merging files: what lies at a path in three versions.

use serde_json::Value;

use super::{issue, three_way};
use crate::model::paths::RepoPath;
use crate::state::document::to_bytes;
use crate::state::documents;
use crate::state::documents::document_type::Merge;
use crate::state::json;
use crate::state::merge::rule::WRITTEN;

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

/// How the document at a path is merged. What is not known is merged as what people write; so is
/// an archive, for nothing is appended to it.
fn merge_at(path: &RepoPath) -> Merge {
    match documents::type_at(path) {
        Some(known) => known.merge,
        None if path.file_name().ends_with(".json") => Merge::ByRule(&WRITTEN),
        None => Merge::Never,
    }
}

fn is_issue(path: &RepoPath) -> bool {
    matches!(merge_at(path), Merge::Issue)
}

/// Merges one document that lies at one path, or that moved between several
/// ([`places`]). Tells what to put at each of the paths.
///
/// # Errors
/// [`MergeError`]; nothing is lost, because nothing is decided.
pub fn merge_files(files: &[(RepoPath, Versions)]) -> Result<Merged, MergeError> {
    match files {
        [(path, versions)] if !is_issue(path) => {
            Ok(vec![(path.clone(), merge_one(path, versions)?)])
        }
        _ => merge_issue(files),
    }
}

fn merge_one(path: &RepoPath, versions: &Versions) -> Result<Option<Vec<u8>>, MergeError> {
    let Versions { base, ours, theirs } = versions;
    if ours == theirs || base == theirs {
        return Ok(ours.clone());
    }
    if base == ours {
        return Ok(theirs.clone());
    }
    let merge = merge_at(path);
    if matches!(merge, Merge::Never) {
        return Err(MergeError::NoRule(path.clone()));
    }
    let base = parsed(path, "the base", base.as_deref())?;
    let a = parsed(path, "our version", ours.as_deref())?;
    let b = parsed(path, "their version", theirs.as_deref())?;
    let conflict = |mut places: Vec<String>| {
        places.sort();
        let path = path.clone();
        MergeError::Conflict { path, places }
    };
    match (merge, a, b) {
        (Merge::ByRule(rule), Some(a), Some(b)) => {
            let mut places = Vec::new();
            let merged = three_way::merge(rule, base.as_ref(), &a, &b, &mut places);
            if places.is_empty() {
                Ok(Some(to_bytes(&merged)))
            } else {
                Err(conflict(places))
            }
        }
        (Merge::ByFunction(merge), Some(a), Some(b)) => {
            merge(base.as_ref(), &a, &b).map(Some).map_err(conflict)
        }
        (Merge::ByRule(rule), ..) if rule.conflicts => {
            let place = "removed on one side, changed on the other".to_owned();
            Err(conflict(vec![place]))
        }
        // What was changed stays, whatever removed it on the other side.
        _ => Ok(ours.clone().or_else(|| theirs.clone())),
    }
}

/// An issue, in all its places.
fn merge_issue(files: &[(RepoPath, Versions)]) -> Result<Merged, MergeError> {
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
