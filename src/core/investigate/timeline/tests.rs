//! What folding keeps, and what it may not depend on.

use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_960_800 + second).expect("in range")
}

fn entry(second: i64, source: TimelineSource, event: &str) -> TimelineEntry {
    TimelineEntry {
        at: at(second),
        until: None,
        uncertain_seconds: 0,
        source,
        resource: Some(Untrusted::from("orders-api")),
        event: Untrusted::from(event),
        count: 1,
        reference: None,
    }
}

fn change(second: i64, source: ChangeSource, reference: &str, arns: &[&str]) -> ChangeRecord {
    ChangeRecord {
        at: at(second),
        source,
        summary: Untrusted::from("something was done"),
        resources: arns.iter().map(|arn| Untrusted::from(*arn)).collect(),
        actor: None,
        reference: Untrusted::from(reference),
        includes: 0,
    }
}

#[test]
fn the_same_words_in_a_burst_are_one_entry() {
    let log = |second| entry(second, TimelineSource::Log, "timed out");
    let merged = merge([log(1200), log(0), log(600), log(4000)], 100);
    let shown: Vec<_> = merged
        .entries
        .iter()
        .map(|e| (e.at, e.until, e.count))
        .collect();
    assert_eq!(
        shown,
        [(at(0), Some(at(1200)), 3), (at(4000), None, 1)],
        "each within a quarter of an hour of the one before"
    );
}

#[test]
fn another_resource_is_another_thing() {
    let mut other = entry(0, TimelineSource::Log, "timed out");
    other.resource = None;
    let merged = merge([entry(0, TimelineSource::Log, "timed out"), other], 100);
    assert_eq!(merged.entries.len(), 2);
}

#[test]
fn what_was_read_twice_happened_once() {
    let mut one = entry(0, TimelineSource::Alarm, "is in ALARM");
    one.reference = Some(Untrusted::from("event-1"));
    let merged = merge([one.clone(), one], 100);
    assert_eq!(merged.entries.len(), 1);
    assert_eq!(merged.entries[0].count, 1);
}

#[test]
fn what_causes_is_left_out_last() {
    let entries = [
        entry(0, TimelineSource::Log, "a"),
        entry(1, TimelineSource::Cloudtrail, "b"),
        entry(2, TimelineSource::Deployment, "c"),
    ];
    let merged = merge(entries, 1);
    assert_eq!(merged.left_out, 2);
    assert_eq!(merged.entries[0].source, TimelineSource::Deployment);
}

#[test]
fn writes_of_a_deployment_are_its_own() {
    let deployed = change(600, ChangeSource::Deployment, "d-1", &["arn:a", "arn:b"]);
    let changes = [
        change(300, ChangeSource::Cloudtrail, "e-1", &["arn:a"]),
        change(301, ChangeSource::Cloudtrail, "e-2", &["arn:c"]),
        change(302, ChangeSource::Cloudtrail, "e-3", &[]),
        change(601, ChangeSource::Cloudtrail, "e-4", &["arn:a"]),
        change(300, ChangeSource::Cloudtrail, "e-1", &["arn:a"]),
        deployed,
    ];
    let folded = fold_changes(changes);
    let shown: Vec<_> = folded
        .iter()
        .map(|one| (one.reference.raw(), one.includes))
        .collect();
    assert_eq!(shown, [("e-2", 0), ("e-3", 0), ("d-1", 1), ("e-4", 0)]);
}

#[test]
fn a_change_names_its_resource_as_readers_do() {
    let mut one = change(0, ChangeSource::Deployment, "d", &["arn:a", "arn:b"]);
    one.actor = Some(Untrusted::from("ci"));
    let entry = entry_of(&one, |arn| {
        (arn == "arn:a").then(|| "orders-api".to_owned())
    });
    assert_eq!(
        entry.resource,
        Some(Untrusted::from("orders-api and 1 more"))
    );
    assert_eq!(entry.event.raw(), "something was done (by ci)");
}

fn entries() -> impl Strategy<Value = Vec<TimelineEntry>> {
    let sources = prop_oneof![
        Just(TimelineSource::Deployment),
        Just(TimelineSource::Log),
        Just(TimelineSource::Alarm),
    ];
    let one = (
        0..5_000_i64,
        sources,
        0..3_u8,
        1..4_u64,
        prop::option::of(0..4_u8),
    );
    let one = one.prop_map(|(second, source, event, count, reference)| TimelineEntry {
        count,
        reference: reference.map(|id| Untrusted::new(format!("r{id}"))),
        ..entry(second, source, &format!("event {event}"))
    });
    prop::collection::vec(one, 0..40)
}

proptest! {
    #[test]
    fn order_does_not_matter_and_merging_again_changes_nothing(
        given in entries(),
        turn in any::<prop::sample::Index>(),
    ) {
        let merged = merge(given.clone(), 1_000);
        let mut turned = given;
        let by = if turned.is_empty() { 0 } else { turn.index(turned.len()) };
        turned.rotate_left(by);
        prop_assert_eq!(&merge(turned, 1_000), &merged);
        prop_assert_eq!(&merge(merged.entries.clone(), 1_000), &merged);
    }

    #[test]
    fn every_entry_is_covered_by_one_of_its_words(given in entries()) {
        let merged = merge(given.clone(), 1_000);
        for one in &given {
            let covered = merged.entries.iter().any(|kept| {
                let same = words(kept) == words(one) && kept.at <= one.at && end(kept) >= end(one);
                let read_twice = one.reference.is_some()
                    && given.iter().any(|other| other.reference == one.reference
                        && other.source == one.source && rank(other) < rank(one));
                same || read_twice
            });
            prop_assert!(covered, "{one:?} in {merged:?}");
        }
    }
}
