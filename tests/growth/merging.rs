//! Merging histories that were rolled up apart: what comes out is what one repository would
//! have that made all the runs.

use std::collections::BTreeSet;

use fractary::core::growth::roll_up;
use fractary::core::history;
use fractary::model::history::{History, HistoryEntry};
use fractary::model::ids::{EnvironmentName, RunId};
use fractary::model::paths::RepoPath;
use fractary::model::report::ResourceCounts;
use fractary::model::status::Status;
use fractary::state::{Versions, merge_files, to_bytes};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;

/// Minutes of a little more than the days that are kept.
const LONG: i64 = 420 * 24 * 60;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + minute * 60).expect("a time")
}

/// Who made a run shows in its figures, so that no two sums agree by chance.
#[derive(Clone, Copy)]
enum Who {
    Before,
    Ours,
    Theirs,
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn entry(minute: i64, who: Who) -> HistoryEntry {
    let (letter, opened, resolved) = match who {
        Who::Before => ('c', 0, 0),
        Who::Ours => ('a', 1, 0),
        Who::Theirs => ('b', 0, 1),
    };
    let health = [Status::Healthy, Status::Degraded, Status::Unknown];
    let which = usize::try_from(minute % 3).expect("positive");
    HistoryEntry {
        run_id: RunId::new(format!("{letter}{minute}")).expect("an id"),
        at: at(minute),
        window_start: at(minute - 15),
        window_end: at(minute),
        overall_health: health[which],
        resources: ResourceCounts::default(),
        issues_opened: opened,
        issues_resolved: resolved,
        issues_active: 0,
        requests_total: (minute % 7 != 0).then_some(minute as f64),
        requests_failed: None,
        partial: minute % 5 == 0,
        estimated_cost_usd: minute as f64 * 1e-6,
    }
}

type Runs = BTreeSet<i64>;

/// More runs on top of a history, each rolling up as it commits.
fn with(mut history: History, runs: &Runs, who: Who) -> History {
    for minute in runs {
        history = history::append(history, entry(*minute, who), at(*minute));
    }
    history
}

fn empty() -> History {
    history::empty(EnvironmentName::new("prod").expect("a name"))
}

fn value(history: &History) -> Value {
    serde_json::from_slice(&to_bytes(history)).expect("JSON")
}

fn merge(base: Option<&Value>, ours: &Value, theirs: &Value) -> Value {
    let path = ".fractary/plugins/helm-cloud/monitoring/prod/monitoring-history.json";
    let path = RepoPath::new(path).expect("a path");
    let versions = Versions {
        base: base.map(to_bytes),
        ours: Some(to_bytes(ours)),
        theirs: Some(to_bytes(theirs)),
    };
    let merged = merge_files(&[(path, versions)]).expect("histories never conflict");
    serde_json::from_slice(merged[0].1.as_deref().expect("a file")).expect("JSON")
}

fn typed(value: Value) -> History {
    serde_json::from_value(value).expect("a history")
}

/// Runs before the branches parted, and on each of them.
fn branches() -> impl Strategy<Value = (Runs, Runs, Runs)> {
    let span = || {
        prop_oneof![
            Just(60_i64),
            Just(9 * 24 * 60),
            Just(40 * 24 * 60),
            Just(LONG)
        ]
    };
    (0..LONG, span(), span(), span()).prop_flat_map(|(parted, before, ours, theirs)| {
        let runs = |from: i64, to: i64| prop::collection::btree_set(from.max(0)..to, 0..14);
        (
            runs(parted - before, parted + 1),
            runs(parted + 1, parted + 2 + ours),
            runs(parted + 1, parted + 2 + theirs),
        )
    })
}

/// All the runs, in the order of their times.
fn in_one(before: &Runs, ours: &Runs, theirs: &Runs) -> History {
    let mut all: Vec<HistoryEntry> = Vec::new();
    for (runs, who) in [
        (before, Who::Before),
        (ours, Who::Ours),
        (theirs, Who::Theirs),
    ] {
        all.extend(runs.iter().map(|minute| entry(*minute, who)));
    }
    all.sort_by_key(|entry| entry.at);
    let mut history = empty();
    for entry in all {
        let now = entry.at;
        history = history::append(history, entry, now);
    }
    history
}

proptest! {
    #[test]
    fn branches_that_roll_up_apart_lose_no_run_and_count_none_twice((before, ours, theirs) in branches()) {
        let base = with(empty(), &before, Who::Before);
        let a = value(&with(base.clone(), &ours, Who::Ours));
        let b = value(&with(base.clone(), &theirs, Who::Theirs));
        let base = value(&base);
        let merged = merge(Some(&base), &a, &b);
        let last = [&before, &ours, &theirs].iter().filter_map(|runs| runs.last()).max();
        if let Some(now) = last {
            prop_assert_eq!(
                roll_up(typed(merged.clone()), at(*now)),
                in_one(&before, &ours, &theirs)
            );
        }
        prop_assert_eq!(&merge(Some(&base), &b, &a), &merged);
        prop_assert_eq!(&merge(Some(&base), &a, &a), &a);
        prop_assert_eq!(&merge(Some(&base), &a, &base), &a);
        // What is merged already is not changed by merging it again.
        prop_assert_eq!(&merge(Some(&a), &merged, &a), &merged);
        prop_assert_eq!(&merge(Some(&b), &merged, &b), &merged);
    }

    /// Where nobody knows what both come from, nothing counts twice, and either order is right.
    #[test]
    fn without_a_common_version_nothing_counts_twice((before, ours, theirs) in branches()) {
        let base = with(empty(), &before, Who::Before);
        let a = value(&with(base.clone(), &ours, Who::Ours));
        let b = value(&with(base, &theirs, Who::Theirs));
        let merged = merge(None, &a, &b);
        prop_assert_eq!(&merge(None, &b, &a), &merged);
        let runs = |history: &History| {
            let sums = history.hourly.iter().chain(&history.daily).map(|sum| sum.runs);
            sums.sum::<u64>() + history.entries.len() as u64
        };
        prop_assert!(runs(&typed(merged)) <= (before.len() + ours.len() + theirs.len()) as u64);
    }
}

#[test]
fn keys_of_sums_that_nobody_knows_stay() {
    let runs: Runs = (0..4).map(|hour| hour * 60).collect();
    let old = roll_up(with(empty(), &runs, Who::Before), at(9 * 24 * 60));
    let mut base = value(&old);
    base["hourly"][1]["x-mine"] = "kept".into();
    let mut ours = base.clone();
    let more = value(&with(old, &Runs::from([9 * 24 * 60]), Who::Ours));
    ours["entries"] = more["entries"].clone();
    let mut theirs = base.clone();
    theirs["x-theirs"] = 1.into();
    let merged = merge(Some(&base), &ours, &theirs);
    assert_eq!(merged["hourly"], base["hourly"]);
    assert_eq!(merged["entries"], ours["entries"]);
    assert_eq!(merged["x-theirs"], 1);
}
