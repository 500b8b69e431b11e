//! What was granted, from the entries of `iam-audit.json`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::core::permissions::atoms::{GrantAtom, take_apart};
use crate::model::iam_audit::{GrantRecord, GrantStatus, ListedGrant};
use crate::model::log::LogEntry;

/// Reads an entry; `None` for one that something else has written.
pub fn read_record(entry: &LogEntry) -> Option<GrantRecord> {
    serde_json::from_value(Value::Object(entry.rest.clone())).ok()
}

/// Returns an entry as the log keeps it.
pub fn write_record(record: &GrantRecord) -> Map<String, Value> {
    match serde_json::to_value(record) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// Joins the entries of each grant, in the order in which they began.
pub fn grants(entries: &[LogEntry], now: Timestamp) -> Vec<ListedGrant> {
    let mut all: Vec<ListedGrant> = Vec::new();
    for entry in entries {
        let (Some(record), Some(at)) = (read_record(entry), entry.time()) else {
            continue;
        };
        let of = record.of.as_ref();
        let known = of.and_then(|of| all.iter_mut().rev().find(|one| one.id == *of));
        let has_ended = record.expires_at.is_some_and(|end| end <= now);
        match known {
            Some(one) => {
                one.record = record;
                one.has_ended = has_ended;
            }
            None => all.push(ListedGrant {
                id: record.of.clone().unwrap_or_else(|| entry.id.clone()),
                granted_at: at,
                has_ended,
                record,
            }),
        }
    }
    all
}

/// Whether AWS has it, or may have it.
pub fn is_in_force(grant: &ListedGrant) -> bool {
    let is_there = matches!(
        grant.record.status,
        GrantStatus::Started
            | GrantStatus::Granted
            | GrantStatus::Unconfirmed
            | GrantStatus::Revoking
            | GrantStatus::Imported
    );
    is_there && !grant.has_ended
}

/// The permissions of a grant.
pub fn atoms(record: &GrantRecord) -> BTreeSet<GrantAtom> {
    take_apart(&record.statement).0
}

/// The permissions of a grant that no other one in force has too: what a revocation takes back.
pub fn only_in(grant: &ListedGrant, all: &[ListedGrant]) -> BTreeSet<GrantAtom> {
    let others = all.iter().filter(|one| {
        one.id != grant.id && one.record.principal == grant.record.principal && is_in_force(one)
    });
    let kept: BTreeSet<GrantAtom> = others.flat_map(|one| atoms(&one.record)).collect();
    let own = atoms(&grant.record);
    own.difference(&kept).cloned().collect()
}
