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
                one.changed_at = at;
            }
            None => all.push(ListedGrant {
                id: record.of.clone().unwrap_or_else(|| entry.id.clone()),
                granted_at: at,
                changed_at: at,
                has_ended,
                last_use: None,
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

/// Which of these permissions somebody took back before, as sentences, the newest first: what is
/// missed now may have been revoked too early.
pub fn taken_back(
    atoms: &BTreeSet<GrantAtom>,
    principal: &str,
    all: &[ListedGrant],
) -> Vec<String> {
    let is_revoked = |one: &&ListedGrant| {
        one.record.status == GrantStatus::Revoked && one.record.principal.raw() == principal
    };
    let wanted: BTreeSet<&str> = atoms.iter().map(|one| one.action.as_str()).collect();
    let said = all.iter().rev().filter(is_revoked).filter_map(|one| {
        let own = one.record.action.iter().map(String::as_str);
        let same: Vec<&str> = own.filter(|action| wanted.contains(action)).collect();
        let by = one.record.granted_by.as_ref();
        let by = by.map_or_else(String::new, |by| format!(" by {}", by.terminal()));
        let when = one.changed_at.strftime("%Y-%m-%d");
        let why = one.record.because.as_ref();
        let why = why.map_or_else(String::new, |why| format!(": {}", why.terminal()));
        (!same.is_empty()).then(|| {
            let what = same.join(", ");
            format!("{what} was taken back on {when}{by}{why} ({})", one.id)
        })
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::core::permissions::atoms::take_apart;

    #[test]
    fn a_grant_says_what_was_taken_back_before() {
        let statement = json!([{ "Sid": "Fractary1", "Effect": "Allow", "Action": ["sqs:CreateQueue"], "Resource": ["*"] }]);
        let entry = |id: &str, of: Option<&str>, status: &str, at: &str| -> LogEntry {
            serde_json::from_value(json!({ "seq": 1, "id": id, "granted_at": at, "of": of,
                "environment": "test", "status": status, "action": ["sqs:CreateQueue"],
                "statement": statement, "granted_by": "ann", "reason": "it was denied", "because": "not needed any more",
                "principal": "arn:aws:iam::123456789012:user/shop-test-deploy",
                "prev": "0".repeat(64), "hash": "0".repeat(64) }))
            .expect("an entry")
        };
        let all = grants(
            &[
                entry("g-1", None, "granted", "2026-01-01T00:00:00Z"),
                entry("g-1.a", Some("g-1"), "revoked", "2026-05-02T00:00:00Z"),
            ],
            Timestamp::MAX,
        );
        let atoms = take_apart(statement.as_array().expect("a list")).0;
        let who = "arn:aws:iam::123456789012:user/shop-test-deploy";
        assert_eq!(
            taken_back(&atoms, who, &all),
            ["sqs:CreateQueue was taken back on 2026-05-02 by ann: not needed any more (g-1)"]
        );
        assert!(taken_back(&atoms, "arn:aws:iam::123456789012:user/other", &all).is_empty());
        assert!(taken_back(&BTreeSet::new(), who, &all).is_empty());
    }
}
