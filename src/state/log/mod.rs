//! Append-only logs with a hash chain, so that whoever changes what was done is found out.
//!
//! Each entry has the hash of the one before it (`prev`) and its own: SHA-256 over the
//! canonical JSON of everything in it but `hash`. Months that are over move into archives;
//! the chain runs on through them.

mod archive;
mod canonical;
mod record;
mod verify;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::model::ids::Arn;
use crate::model::log::{Head, Log, LogEntry};
use crate::text::escape;

pub use archive::{Archived, archive};
pub use canonical::{Inexact, canonical};
pub use record::{RecordError, record, record_with};
pub(crate) use verify::read_all;
pub use verify::{FirstBroken, Part, Why, verify};

/// `prev` of the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What a new entry says.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry {
    /// Its id, not empty.
    pub id: String,
    /// When, in whole seconds.
    pub at: jiff::Timestamp,
    /// What the log calls that.
    pub time_key: TimeKey,
    /// Everything else. Keys of the chain (`seq`, `id`, `at`, `granted_at`, `prev`, `hash`) are
    /// ignored.
    pub rest: Map<String, Value>,
}

/// What a log calls the time of its entries. Both are read in every log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TimeKey {
    /// `at`.
    #[default]
    At,
    /// `granted_at`, in `iam-audit.json`.
    GrantedAt,
}

/// Keys of the chain.
const OWN: [&str; 6] = ["seq", "id", "at", "granted_at", "prev", "hash"];

/// Appends an entry, and moves the head to it.
///
/// # Errors
/// [`Inexact`] for a number that can't be hashed; the log is as it was.
pub fn append(log: &mut Log, entry: NewEntry) -> Result<(), Inexact> {
    let last = log.entries.last().map(|last| (last.seq, last.hash.clone()));
    let head = log.head.as_ref().map(|head| (head.seq, head.hash.clone()));
    let (seq, prev) = last.or(head).unwrap_or((0, GENESIS.to_owned()));
    // Harmless before it is hashed, as writing would make it so afterwards.
    let mut rest = Value::Object(entry.rest);
    escape::json_tree(&mut rest, |text| Arn::new(text).is_ok());
    let rest = rest.as_object_mut().map(std::mem::take);
    let mut rest = rest.expect("it was made of an object");
    rest.retain(|key, _| !OWN.contains(&key.as_str()));
    let mut entry = LogEntry {
        seq: seq.saturating_add(1),
        id: entry.id,
        at: (entry.time_key == TimeKey::At).then_some(entry.at),
        granted_at: (entry.time_key == TimeKey::GrantedAt).then_some(entry.at),
        prev,
        hash: String::new(),
        rest,
    };
    let value = serde_json::to_value(&entry).expect("entries have text keys");
    entry.hash = hash(&value)?;
    log.head = Some(Head {
        seq: entry.seq,
        hash: entry.hash.clone(),
    });
    log.entries.push(entry);
    Ok(())
}

/// The hash of an entry as it is written, whatever stands in its `hash`.
pub(crate) fn hash(entry: &Value) -> Result<String, Inexact> {
    let mut entry = entry.clone();
    if let Some(map) = entry.as_object_mut() {
        map.shift_remove("hash");
    }
    let digest = Sha256::digest(canonical(&entry)?.as_bytes());
    Ok(hex::encode(digest))
}

#[cfg(test)]
mod tests;
