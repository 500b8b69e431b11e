//! Appending to a log as it lies in a repository: which files change, and how.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::log::Log;
use crate::model::paths::{Files, RepoPath};
use crate::state::diagnostic::Invalid;
use crate::state::document::{Document, to_bytes, written};
use crate::state::documents::{DocumentValue, paths};
use crate::state::log::verify::is_archive;
use crate::state::log::{Inexact, NewEntry, append, archive};
use crate::state::read::Reader;

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The log, or the archive that entries would move to, is not what it should be.
    #[error("the log was not appended to, because a file of it is not valid")]
    Invalid(#[from] Invalid),
    /// An entry holds a number that cannot be hashed.
    #[error(transparent)]
    Inexact(#[from] Inexact),
}

/// Appends entries to the log at `path` (an `IamAudit` or a `RemediationLog`), and moves the months
/// that are over into their archives. `count` brings its figures up to date. Gives every file that
/// changes, whole. Entries are moved as they were written, byte for byte in what was hashed.
///
/// # Errors
/// [`RecordError`]; nothing is to be written then.
pub fn record<T>(
    files: &dyn Files,
    path: &RepoPath,
    entries: Vec<NewEntry>,
    count: &dyn Fn(&mut Map<String, Value>),
) -> Result<Vec<(RepoPath, Vec<u8>)>, RecordError>
where
    T: DocumentValue + AsRef<Log> + From<Log>,
{
    let with_figures = |mut log: Log| {
        count(&mut log.statistics);
        T::from(log)
    };
    record_with(
        files,
        path,
        entries,
        |there: &T| there.as_ref().clone(),
        with_figures,
    )
}

/// The same for a document that has more than a log: `log_of` gives its entries with their chain,
/// and `make` makes the document of those that it has afterwards.
///
/// # Errors
/// [`RecordError`]; nothing is to be written then.
pub fn record_with<T: DocumentValue>(
    files: &dyn Files,
    path: &RepoPath,
    entries: Vec<NewEntry>,
    log_of: impl Fn(&T) -> Log,
    make: impl FnOnce(Log) -> T,
) -> Result<Vec<(RepoPath, Vec<u8>)>, RecordError> {
    let mut reader = Reader::new(files);
    let document = read::<T>(&mut reader, path)?;
    let mut log = document
        .as_ref()
        .map_or_else(empty, |there| log_of(&there.value));
    let newest = newest_archive(&mut reader, path);
    let mut as_written = as_written(document.as_ref()).into_iter();
    let mut out: Vec<(String, Vec<Value>)> = Vec::new();
    for entry in entries {
        // What is new decides which months are over: the clock of whoever writes it.
        for part in archive(&mut log, newest.as_deref(), entry.at) {
            let moved = part.entries.into_iter();
            let moved = moved.map(|entry| as_written.next().unwrap_or_else(|| tree(&entry)));
            extend(&mut out, part.month, moved.collect());
        }
        append(&mut log, entry)?;
    }
    let mut changed = Vec::new();
    for (month, moved) in out {
        let place = paths::log_archive(path, &month);
        let there = read::<T>(&mut reader, &place)?;
        let mut file = there
            .as_ref()
            .map_or_else(|| tree(&empty()), Document::tree);
        if let Some(Value::Array(entries)) = file.get_mut("entries") {
            entries.extend(moved);
        }
        changed.push((place, written(&file)));
    }
    let log = make(log);
    let bytes = document.map_or_else(|| to_bytes(&log), |there| there.updated(&log));
    changed.push((path.clone(), bytes));
    Ok(changed)
}

/// The entries of a log as they stand in its file: their hashes are of that.
fn as_written<T: Serialize>(document: Option<&Document<T>>) -> Vec<Value> {
    let mut tree = document.map(Document::tree);
    match tree.as_mut().and_then(|tree| tree.get_mut("entries")) {
        Some(Value::Array(entries)) => std::mem::take(entries),
        _ => Vec::new(),
    }
}

fn tree(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("logs have text keys")
}

fn extend(out: &mut Vec<(String, Vec<Value>)>, month: String, entries: Vec<Value>) {
    match out.iter_mut().find(|(known, _)| *known == month) {
        Some((_, known)) => known.extend(entries),
        None => out.push((month, entries)),
    }
}

fn read<T: DocumentValue>(
    reader: &mut Reader<'_>,
    path: &RepoPath,
) -> Result<Option<Document<T>>, Invalid> {
    let document = reader.document(path.clone());
    let diagnostics = std::mem::take(&mut reader.diagnostics);
    if diagnostics.iter().any(|one| one.is_error()) {
        return Err(Invalid { diagnostics });
    }
    Ok(document)
}

/// The newest month there is an archive of.
fn newest_archive(reader: &mut Reader<'_>, log: &RepoPath) -> Option<String> {
    let (folder, _) = log.as_str().rsplit_once('/')?;
    let folder = RepoPath::new(folder).ok()?;
    let files = reader.list(&folder, ".json").into_iter();
    let months = files
        .filter(|path| is_archive(path, log))
        .filter_map(|path| {
            let (_, month) = path.file_stem().rsplit_once('.')?;
            Some(month.to_owned())
        });
    months.max()
}

fn empty() -> Log {
    Log {
        version: "1.0.0".to_owned(),
        head: None,
        entries: Vec::new(),
        statistics: Map::new(),
    }
}
