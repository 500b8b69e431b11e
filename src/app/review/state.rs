//! What a change does to the files of `.fractary/`, read from both commits.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::app::review::Commits;
use crate::catalog::checks::Check;
use crate::catalog::registry::DataFile;
use crate::core::review::StateFault;
use crate::error::{CommandError, ErrorKind};
use crate::git::{ChangedPath, CommitFiles, PathKind, Repository};
use crate::model::paths::{Files, RepoPath};
use crate::state;
use crate::state::Diagnostic;
use crate::state::documents::paths;
use crate::text::{Untrusted, escape, redact};

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
        out.extend(sides.bar(&path));
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
            Ok(_) => Vec::new(),
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

    /// What changes that reviews are held against.
    fn bar(&self, path: &RepoPath) -> Option<StateFault> {
        let text = |files: &CommitFiles| {
            let bytes = files.read(path).ok().flatten().unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let (old, new) = (text(self.before), text(self.head));
        let changes = match path.file_name() {
            "suppressions.toml" => tables(&old, &new, "asks to suppress"),
            "attestations.toml" => tables(&old, &new, "attests"),
            "helm.toml" => settings(&old, &new, "review"),
            "monitoring.toml" => settings(&old, &new, "compliance"),
            _ if is_check(path) => check_of_own(path.file_stem(), &old, &new),
            _ => return None,
        };
        (!changes.is_empty()).then(|| StateFault::Bar {
            path: path.clone(),
            changes,
        })
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

/// Tables of a TOML file that are new or changed, one line each.
fn tables(old: &str, new: &str, verb: &str) -> Vec<String> {
    let list = |text: &str| -> Vec<String> {
        let tree: toml::Table = toml::from_str(text).unwrap_or_default();
        let tables = tree.values().filter_map(toml::Value::as_array).flatten();
        tables
            .map(|one| escape::cut(&one.to_string().replace('\n', ", "), 300))
            .collect()
    };
    let known = list(old);
    let added = list(new).into_iter().filter(|one| !known.contains(one));
    added.map(|one| format!("{verb}: {one}")).collect()
}

fn is_check(path: &RepoPath) -> bool {
    let folder = paths::checks_dir();
    let inside = path.as_str().strip_prefix(folder.as_str());
    inside.is_some_and(|rest| rest.starts_with('/') && rest.ends_with(".toml"))
}

/// What becomes of a check of your own. A new one takes nothing away, unless it replaces a built-in
/// one.
fn check_of_own(id: &str, old: &str, new: &str) -> Vec<String> {
    let is_built_in = Check::FOLDER.files.iter().any(|(stem, _)| *stem == id);
    let shown = escape::cut(id, 80);
    let what = match (old.is_empty(), new.is_empty()) {
        (true, _) if is_built_in => format!("replaces the built-in check `{shown}`"),
        (true, _) => return Vec::new(),
        (false, true) => format!("removes the check `{shown}`"),
        (false, false) if old == new => return Vec::new(),
        (false, false) => format!("changes the check `{shown}`"),
    };
    vec![what]
}

/// What changes in a section of helm.toml or monitoring.toml.
fn settings(old: &str, new: &str, name: &str) -> Vec<String> {
    let section = |text: &str| -> toml::Table {
        let tree: toml::Table = toml::from_str(text).unwrap_or_default();
        let section = tree.get(name).and_then(toml::Value::as_table);
        section.cloned().unwrap_or_default()
    };
    let (old, new) = (section(old), section(new));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let shown = |value: Option<&toml::Value>| value.map_or("unset".to_owned(), ToString::to_string);
    let changed = keys
        .into_iter()
        .filter(|key| old.get(*key) != new.get(*key));
    changed
        .map(|key| {
            format!(
                "[{name}] {key}: from {} to {}",
                shown(old.get(key)),
                shown(new.get(key))
            )
        })
        .collect()
}
