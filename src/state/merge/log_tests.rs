//! Logs that were appended to on two branches.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::files::{MergeError, Versions, merge_files};
use crate::model::log::Log;
use crate::model::paths::RepoPath;
use crate::state::log::{NewEntry, Part, TimeKey, append, archive, verify};

const PATH: &str = ".fractary/plugins/helm-cloud/remediations/prod/remediation-log.json";

fn at(day: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_767_268_800 + day * 86_400).expect("a time")
}

fn with(mut log: Log, days: &[i64], who: &str) -> Log {
    for (nth, day) in days.iter().enumerate() {
        let entry = NewEntry {
            id: format!("{who}-{nth}"),
            at: at(*day),
            time_key: if nth % 2 == 0 {
                TimeKey::At
            } else {
                TimeKey::GrantedAt
            },
            rest: Map::from_iter([("action".to_owned(), who.into())]),
        };
        append(&mut log, entry).expect("hashed");
    }
    log
}

fn empty() -> Log {
    Log {
        version: "1.0.0".to_owned(),
        head: None,
        entries: Vec::new(),
        statistics: Map::new(),
    }
}

fn value(log: &Log) -> Value {
    serde_json::to_value(log).expect("JSON")
}

fn merge(base: &Value, ours: &Value, theirs: &Value) -> Result<Value, MergeError> {
    let bytes = |value: &Value| Some(crate::state::document::written(value));
    let versions = Versions {
        base: bytes(base),
        ours: bytes(ours),
        theirs: bytes(theirs),
    };
    let path = RepoPath::new(PATH).expect("a path");
    let merged = merge_files(&[(path, versions)])?;
    Ok(serde_json::from_slice(merged[0].1.as_deref().expect("a file")).expect("JSON"))
}

fn whole(parts: &[&Value]) -> bool {
    let path = RepoPath::new(PATH).expect("a path");
    let parts: Vec<_> = parts
        .iter()
        .map(|tree| Part { path: &path, tree })
        .collect();
    verify(&parts).is_ok()
}

fn ids(log: &Value) -> Vec<&str> {
    let entries = log["entries"].as_array().expect("entries");
    entries
        .iter()
        .map(|entry| entry["id"].as_str().expect("an id"))
        .collect()
}

proptest! {
    #[test]
    fn nothing_is_lost_and_the_chain_holds(
        before in prop::collection::vec(0_i64..20, 0..4),
        ours in prop::collection::vec(20_i64..29, 0..4),
        theirs in prop::collection::vec(20_i64..29, 0..4),
        third in prop::collection::vec(20_i64..29, 0..3),
    ) {
        let base = with(empty(), &before, "before");
        let a = value(&with(base.clone(), &ours, "ours"));
        let b = value(&with(base.clone(), &theirs, "theirs"));
        let c = value(&with(base.clone(), &third, "third"));
        let base = value(&base);
        let merged = merge(&base, &a, &b).expect("merged");
        prop_assert_eq!(&merge(&base, &b, &a).expect("merged"), &merged);
        prop_assert_eq!(&merge(&base, &a, &a).expect("merged"), &a);
        prop_assert_eq!(&merge(&a, &merged, &a).expect("merged"), &merged);
        prop_assert!(whole(&[&merged]), "{merged:#}");
        let all = merge(&base, &merged, &c).expect("merged");
        prop_assert!(whole(&[&all]), "{all:#}");
        for side in [&a, &b, &c] {
            for id in ids(side) {
                prop_assert_eq!(ids(&all).iter().filter(|known| **known == id).count(), 1);
            }
        }
        let records = ids(&merged).iter().filter(|id| id.starts_with("merge-")).count();
        let both = !ours.is_empty() && !theirs.is_empty();
        prop_assert_eq!(records, usize::from(both));
    }
}

#[test]
fn months_that_one_side_archived_stay_away() {
    let base = with(empty(), &[0, 1, 2], "before");
    let mut a = base.clone();
    let moved = archive(&mut a, None, at(40));
    let a = value(&with(a, &[40], "ours"));
    let mut old = empty();
    old.entries
        .extend(moved.into_iter().flat_map(|part| part.entries));
    let old = value(&old);
    let b = value(&with(base.clone(), &[39], "theirs"));
    let base = value(&base);
    for (a, b) in [(&a, &b), (&b, &a)] {
        let merged = merge(&base, a, b).expect("merged");
        assert!(whole(&[&old, &merged]), "{merged:#}");
        assert_eq!(ids(&merged)[..3], ["before-2", "theirs-0", "ours-0"]);
    }
    // The record says where the entry stood before.
    let merged = merge(&base, &a, &b).expect("merged");
    let record = &merged["entries"][3];
    assert_eq!(record["event"], "merged");
    assert_eq!(record["renumbered"][0]["hash"], a["entries"][1]["hash"]);
}

#[test]
fn what_was_archived_apart_is_left_to_people() {
    let base = with(empty(), &[0], "before");
    let mut a = with(base.clone(), &[1, 40], "ours");
    archive(&mut a, None, at(41));
    let mut c = with(base.clone(), &[2, 41], "third");
    archive(&mut c, None, at(42));
    let base = value(&base);
    let refused = merge(&base, &value(&a), &value(&c));
    assert!(
        matches!(refused, Err(MergeError::Conflict { .. })),
        "{refused:?}"
    );
}
