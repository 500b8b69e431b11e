//! Proving that a log was not changed.

use std::fmt;

use serde_json::Value;

use crate::model::issue_log::IssueLog;
use crate::model::log::{IamAudit, RemediationLog};
use crate::model::paths::RepoPath;
use crate::state::diagnostic::Diagnostic;
use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::state::document::Document;
use crate::state::documents::{DocumentValue, paths};
use crate::state::load::by_environment;
use crate::state::log::{GENESIS, hash};
use crate::state::read::Reader;

/// A file of a log: an archive, or the log itself.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Where it lies.
    pub path: &'a RepoPath,
    /// What it holds, as it is written.
    pub tree: &'a Value,
}

/// The first entry that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstBroken {
    /// The file.
    pub path: RepoPath,
    /// Its place among the entries of that file, from 0; `None` for the head.
    pub index: Option<usize>,
    /// The number it should have.
    pub seq: u64,
    /// What is wrong.
    pub why: Why,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its number does not follow: entries are missing, or in another order.
    Seq,
    /// It does not follow the entry before it.
    Prev,
    /// It is not what was hashed.
    Hash,
    /// The log does not end with the entry that its head names.
    Head,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seq => "entries before it are missing, or are in a different order",
            Self::Prev => "the entry before it is not the one that it was written after",
            Self::Hash => "it was changed after it was written",
            Self::Head => "entries are missing at its end, or its head was changed",
        })
    }
}

/// Verifies a chain through all its files: archives from the oldest on, then the log.
///
/// # Errors
/// The first entry that does not fit.
pub fn verify(parts: &[Part<'_>]) -> Result<(), FirstBroken> {
    let mut seq = 0_u64;
    let mut last = GENESIS.to_owned();
    for part in parts {
        let broken = |index, seq, why| FirstBroken {
            path: part.path.clone(),
            index,
            seq,
            why,
        };
        let entries = part.tree.get("entries").and_then(Value::as_array);
        for (index, entry) in entries.into_iter().flatten().enumerate() {
            seq += 1;
            let broken = |why| Err(broken(Some(index), seq, why));
            let text = |key: &str| entry.get(key).and_then(Value::as_str);
            // What was changed is more telling than what no longer follows.
            let Some(written) =
                text("hash").filter(|_| text("hash") == hash(entry).ok().as_deref())
            else {
                return broken(Why::Hash);
            };
            if entry.get("seq").and_then(Value::as_u64) != Some(seq) {
                return broken(Why::Seq);
            }
            if text("prev") != Some(last.as_str()) {
                return broken(Why::Prev);
            }
            written.clone_into(&mut last);
        }
        let Some(head) = part.tree.get("head") else {
            continue;
        };
        let fits = head.get("seq").and_then(Value::as_u64) == Some(seq)
            && head.get("hash").and_then(Value::as_str) == Some(last.as_str());
        if !fits {
            return Err(broken(None, seq, Why::Head));
        }
    }
    Ok(())
}

/// Reads and verifies every log of a repository; says how many files there are.
pub(crate) fn read_all(reader: &mut Reader<'_>) -> usize {
    let audit = paths::iam_audit();
    let mut files = chain::<IamAudit>(reader, &paths::deployments_dir(), &audit);
    files += chain::<IssueLog>(reader, &paths::deployments_dir(), &paths::issue_log());
    for (name, folder) in by_environment(reader, &paths::remediations_dir()) {
        let log = paths::remediation_log(&name);
        files += chain::<RemediationLog>(reader, &folder, &log);
    }
    files
}

/// One log with its archives.
fn chain<T: DocumentValue>(reader: &mut Reader<'_>, folder: &RepoPath, log: &RepoPath) -> usize {
    let mut places: Vec<RepoPath> = reader.list(folder, ".json");
    places.retain(|path| path == log || is_archive(path, log));
    // `<name>.2026-05.json` sorts before `<name>.json`, and months as they follow.
    places.sort();
    let faults = reader.diagnostics.len();
    let read: Vec<Document<T>> = places
        .into_iter()
        .filter_map(|path| reader.document(path))
        .collect();
    let files = read.len();
    if reader.diagnostics[faults..]
        .iter()
        .any(Diagnostic::is_error)
    {
        return files;
    }
    let trees: Vec<Value> = read.iter().map(Document::tree).collect();
    let parts: Vec<Part<'_>> = read
        .iter()
        .zip(&trees)
        .map(|(document, tree)| Part {
            path: &document.path,
            tree,
        })
        .collect();
    if let Err(broken) = verify(&parts) {
        reader.place_later(&broken.path, &[problem(&broken)]);
    }
    files
}

/// Whether a file is `<name>.<YYYY-MM>.json` of the log `<name>.json`.
pub(super) fn is_archive(path: &RepoPath, log: &RepoPath) -> bool {
    let month = path.file_stem().strip_prefix(log.file_stem());
    let month = month.and_then(|rest| rest.strip_prefix('.'));
    month.is_some_and(|month| {
        let bytes = month.bytes().enumerate();
        month.len() == 7
            && bytes.fold(true, |fits, (at, byte)| {
                fits && if at == 4 {
                    byte == b'-'
                } else {
                    byte.is_ascii_digit()
                }
            })
    })
}

fn problem(broken: &FirstBroken) -> Problem {
    let key = |text: &str| PathStep::Key(text.to_owned());
    let path = match broken.index {
        Some(index) => vec![key("entries"), PathStep::Index(index), key("hash")],
        None => vec![key("head")],
    };
    let message = match broken.index {
        Some(_) => format!(
            "the chain of this log breaks at entry {}: {}",
            broken.seq, broken.why
        ),
        None => format!(
            "the chain of this log ends at entry {}: {}",
            broken.seq, broken.why
        ),
    };
    Problem::error(&path, "state/hash-chain", message)
        .expecting("entries that are as they were written, in their order")
        .help(format!(
            "`git log -p -- {}` shows who changed it; revert that change, and never edit a log",
            broken.path
        ))
}
