//! The rules of merging, by property and by example.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::files::{MergeError, Versions, merge_files, places};
use crate::model::paths::RepoPath;

const HISTORY: &str = ".fractary/plugins/helm-cloud/monitoring/prod/monitoring-history.json";
const REGISTRY: &str = ".fractary/plugins/faber-cloud/deployments/prod/registry.json";
const ACTIVE: &str = ".fractary/plugins/helm/issues/active/infra-7f3a2c.json";
const RESOLVED: &str = ".fractary/plugins/helm/issues/resolved/infra-7f3a2c.json";

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).expect("a path")
}

fn bytes(value: &Value) -> Vec<u8> {
    crate::state::to_bytes(value)
}

fn try_merge(at: &str, base: &Value, a: &Value, b: &Value) -> Result<Value, MergeError> {
    let some = |value: &Value| (!value.is_null()).then(|| bytes(value));
    let versions = Versions {
        base: some(base),
        ours: some(a),
        theirs: some(b),
    };
    let merged = merge_files(&[(path(at), versions)])?;
    let bytes = merged[0].1.clone();
    Ok(bytes.map_or(Value::Null, |b| serde_json::from_slice(&b).expect("JSON")))
}

fn merge(at: &str, base: &Value, a: &Value, b: &Value) -> Value {
    try_merge(at, base, a, b).expect("no conflict")
}

fn time(minute: u32) -> String {
    format!("2026-11-21T10:{minute:02}:00Z")
}

fn history(runs: &[u32]) -> Value {
    let entry = |n: &u32| json!({"run_id": format!("run-{n}"), "at": time(*n), "x-mine": n});
    let entries: Vec<Value> = runs.iter().map(entry).collect();
    json!({"version": "1.0.0", "environment": "prod", "entries": entries})
}

fn runs() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::btree_set(0u32..60, 0..12).prop_map(|set| set.into_iter().collect())
}

fn event(minute: u32, name: &str) -> Value {
    json!({"at": time(minute), "event": name})
}

fn issue(status: &str, seen: u32, notes: &[(u32, &str)], events: &[(u32, &str)]) -> Value {
    let notes: Vec<Value> = notes
        .iter()
        .map(|(at, text)| json!({"at": time(*at), "text": text}))
        .collect();
    let events: Vec<Value> = events.iter().map(|(at, name)| event(*at, name)).collect();
    let mut out = json!({
        "id": "infra-7f3a2c", "status": status, "detected_at": time(0),
        "last_seen_at": time(seen), "occurrences": 1, "symptoms": [format!("seen at {seen}")],
        "notes": notes, "timeline": events,
    });
    if status == "resolved" {
        let last = events.last().expect("it was resolved");
        out["resolved_at"] = last["at"].clone();
    }
    out
}

/// Documents with random fields, entries with and without times, and unknown keys.
fn registry() -> impl Strategy<Value = Value> {
    let entry = (0u8..3, prop::option::of(0u8..3), 0u32..3);
    let resources = prop::collection::btree_map("[a-d]", entry, 0..4);
    (resources, prop::option::of(0u32..4), 0u8..3).prop_map(|(resources, deployed, own)| {
        let list: Vec<Value> = resources
            .into_iter()
            .map(|(arn, (n, extra, created))| {
                let mut out = json!({"arn": arn, "aws_id": n, "created": time(created)});
                if let Some(extra) = extra {
                    out["x-extra"] = extra.into();
                }
                out
            })
            .collect();
        let mut out = json!({"version": "1.0.0", "x-own": own, "resources": list});
        if let Some(minute) = deployed {
            out["last_deployed"] = time(minute).into();
        }
        out
    })
}

fn any_issue() -> impl Strategy<Value = Value> {
    let notes = prop::collection::vec((0u32..5, "[ab]"), 0..4);
    let names = prop_oneof![Just("note"), Just("resolved"), Just("reopened")];
    let events = prop::collection::vec((0u32..8, names), 0..5);
    let status = prop_oneof![Just("active"), Just("escalated")];
    (status, 0u32..8, notes, events).prop_map(|(status, seen, mut notes, mut events)| {
        notes.sort();
        events.sort();
        let notes: Vec<(u32, &str)> = notes.iter().map(|(at, t)| (*at, t.as_str())).collect();
        let status = match events.iter().rfind(|(_, name)| *name != "note") {
            Some((_, "resolved")) if events.last().is_some_and(|e| e.1 == "resolved") => "resolved",
            _ => status,
        };
        issue(status, seen, &notes, &events)
    })
}

proptest! {
    #[test]
    fn sides_can_be_swapped(base in registry(), a in registry(), b in registry()) {
        let (one, other) = (merge(REGISTRY, &base, &a, &b), merge(REGISTRY, &base, &b, &a));
        prop_assert_eq!(bytes(&one), bytes(&other));
        prop_assert_eq!(merge(REGISTRY, &base, &a, &a), a.clone());
        prop_assert_eq!(merge(REGISTRY, &base, &a, &base), a);
    }

    #[test]
    fn sides_of_issues_can_be_swapped(base in any_issue(), a in any_issue(), b in any_issue()) {
        let (one, other) = (merge(ACTIVE, &base, &a, &b), merge(ACTIVE, &base, &b, &a));
        prop_assert_eq!(bytes(&one), bytes(&other));
        prop_assert_eq!(merge(ACTIVE, &base, &a, &a), a.clone());
        // What is merged already is not changed by merging it again.
        prop_assert_eq!(merge(ACTIVE, &b, &one, &b), one);
    }

    #[test]
    fn every_note_of_both_is_there(a in any_issue(), b in any_issue()) {
        let merged = merge(ACTIVE, &Value::Null, &a, &b);
        let kept = merged["notes"].as_array().expect("notes");
        for note in [&a, &b].iter().flat_map(|side| side["notes"].as_array().expect("notes")) {
            prop_assert!(kept.contains(note), "{note} is lost");
        }
    }

    #[test]
    fn appending_is_associative(base in runs(), a in runs(), b in runs(), c in runs()) {
        let with = |more: &[u32]| {
            let mut all: Vec<u32> = base.iter().chain(more).copied().collect();
            all.sort_unstable();
            all.dedup();
            history(&all)
        };
        let (root, a, b, c) = (history(&base), with(&a), with(&b), with(&c));
        let left = merge(HISTORY, &root, &merge(HISTORY, &root, &a, &b), &c);
        let right = merge(HISTORY, &root, &a, &merge(HISTORY, &root, &b, &c));
        prop_assert_eq!(bytes(&left), bytes(&right));
    }
}

#[test]
fn histories_are_joined_in_order_and_dropped_entries_stay_away() {
    let base = history(&[1, 2, 3]);
    let merged = merge(
        HISTORY,
        &base,
        &history(&[2, 3, 5]),
        &history(&[1, 2, 3, 4]),
    );
    assert_eq!(merged, history(&[2, 3, 4, 5]));
}

#[test]
fn registries_are_joined_by_arn() {
    let entry = |arn: &str, n: u8| json!({"arn": arn, "n": n, "x-mine": "kept"});
    let registry = |at, list: &[Value]| json!({"last_deployed": time(at), "resources": list});
    let base = registry(0, &[entry("a", 0), entry("b", 0), entry("c", 0)]);
    let ours = registry(2, &[entry("a", 1), entry("n", 1), entry("b", 1)]);
    let theirs = registry(
        1,
        &[entry("a", 2), entry("b", 0), entry("c", 0), entry("m", 2)],
    );
    let merged = merge(REGISTRY, &base, &ours, &theirs);
    assert_eq!(
        merged,
        registry(
            2,
            &[entry("a", 1), entry("n", 1), entry("b", 1), entry("m", 2)]
        )
    );
}

#[test]
fn what_names_an_entry_is_joined_from_both_sides() {
    let registry = |sources: &[&str]| {
        let mut entry = json!({"arn": "a"});
        if !sources.is_empty() {
            entry["sources"] = json!(sources);
        }
        json!({"last_deployed": time(0), "resources": [entry]})
    };
    for (base, ours, theirs, merged) in [
        (
            &["s"][..],
            &["s", "x"][..],
            &["a", "s"][..],
            &["a", "s", "x"][..],
        ),
        (&["s", "t"], &["s"], &["s", "t", "u"], &["s", "u"]),
        (&["s", "t"], &["s"], &["t"], &[]),
        (&[], &["x"], &["a"], &["a", "x"]),
        (&["s"], &[], &["s", "t"], &["t"]),
        (&["s"], &["s"], &["t"], &["t"]),
    ] {
        assert_eq!(
            merge(
                REGISTRY,
                &registry(base),
                &registry(ours),
                &registry(theirs)
            ),
            registry(merged),
            "{base:?} {ours:?} {theirs:?}"
        );
    }
}

#[test]
fn resolved_here_and_noted_there_is_resolved_with_the_note() {
    let opened: &[(u32, &str)] = &[(0, "opened")];
    let base = issue("active", 1, &[], opened);
    let resolved = issue(
        "resolved",
        1,
        &[(3, "mine")],
        &[(0, "opened"), (4, "resolved")],
    );
    let noted = issue("active", 6, &[(5, "theirs")], &[(0, "opened"), (5, "note")]);
    let files = [
        (
            path(ACTIVE),
            Versions {
                base: Some(bytes(&base)),
                ours: None,
                theirs: Some(bytes(&noted)),
            },
        ),
        (
            path(RESOLVED),
            Versions {
                ours: Some(bytes(&resolved)),
                ..Versions::default()
            },
        ),
    ];
    let merged = merge_files(&files).expect("issues never conflict");
    assert_eq!(merged[0], (path(ACTIVE), None));
    let text = merged[1]
        .1
        .as_ref()
        .expect("it lies where resolved ones lie");
    let merged: Value = serde_json::from_slice(text).expect("JSON");
    assert_eq!(merged["status"], "resolved");
    assert_eq!(merged["resolved_at"], time(4));
    assert_eq!(merged["last_seen_at"], time(6));
    assert_eq!(merged["symptoms"], json!(["seen at 6"]));
    assert_eq!(merged["notes"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        merged["timeline"],
        json!([event(0, "opened"), event(4, "resolved"), event(5, "note")])
    );
}

#[test]
fn opened_again_later_beats_resolved_earlier() {
    let base = issue("active", 1, &[], &[(0, "opened")]);
    let again = [(0, "opened"), (2, "resolved"), (6, "reopened")];
    let a = issue("active", 6, &[], &again);
    let b = issue("resolved", 1, &[], &[(0, "opened"), (4, "resolved")]);
    let merged = merge(ACTIVE, &base, &a, &b);
    assert_eq!(merged["status"], "active");
    assert_eq!(merged.get("resolved_at"), None);
}

#[test]
fn one_note_edited_on_both_sides_is_kept_twice() {
    let base = issue("active", 1, &[(1, "before")], &[]);
    let a = issue("active", 1, &[(1, "mine")], &[]);
    let b = issue("active", 1, &[(1, "theirs")], &[]);
    let merged = merge(ACTIVE, &base, &a, &b);
    let mut texts: Vec<&str> = merged["notes"]
        .as_array()
        .expect("notes")
        .iter()
        .filter_map(|note| note["text"].as_str())
        .collect();
    texts.sort_unstable();
    assert_eq!(texts, ["mine", "theirs"]);
}

#[test]
fn long_timelines_are_cut_and_counted() {
    let events = |minutes: std::ops::Range<u32>| -> Vec<(u32, &str)> {
        minutes.map(|m| (m % 60, "note")).collect()
    };
    let base = issue("active", 1, &[], &[]);
    let a = issue("active", 1, &[], &events(0..60));
    let mut b = issue("active", 1, &[], &[]);
    b["timeline"] = (0..60).map(|n| event(n, "alert")).collect();
    let merged = merge(ACTIVE, &base, &a, &b);
    assert_eq!(merged["timeline"].as_array().map(Vec::len), Some(100));
    assert_eq!(merged["timeline_dropped"], 20);
}

#[test]
fn what_people_write_conflicts_where_both_wrote() {
    let at = ".fractary/shared/environments.json";
    let one =
        |region: &str, more: &str| json!({"environments": {"prod": {"region": region}, more: {}}});
    let base = json!({"environments": {"prod": {"region": "a"}}});
    let merged = merge(at, &base, &one("a", "x"), &one("b", "y"));
    assert_eq!(
        merged,
        json!({"environments": {"prod": {"region": "b"}, "x": {}, "y": {}}})
    );
    let error = try_merge(at, &base, &one("c", "x"), &one("b", "y")).expect_err("a conflict");
    assert_eq!(
        error.to_string(),
        format!("{at} was changed on both sides: environments.prod.region")
    );
}

#[test]
fn what_is_no_json_is_not_merged() {
    let versions = Versions {
        base: Some(b"{}".to_vec()),
        ours: Some(b"<<<<<<<".to_vec()),
        theirs: Some(b"{\"a\": 1}".to_vec()),
    };
    let error = merge_files(&[(path(HISTORY), versions.clone())]).expect_err("not JSON");
    assert!(error.to_string().contains("our version"), "{error}");
    let error = merge_files(&[(path("notes.txt"), versions)]).expect_err("no rule");
    assert_eq!(error, MergeError::NoRule(path("notes.txt")));
}

#[test]
fn an_issue_has_two_places() {
    assert_eq!(places(&path(ACTIVE)), [path(ACTIVE), path(RESOLVED)]);
    assert_eq!(places(&path(RESOLVED)), [path(RESOLVED), path(ACTIVE)]);
    assert_eq!(places(&path(HISTORY)), [path(HISTORY)]);
}
