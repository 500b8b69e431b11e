//! What is special about issues: where they stand follows from what happened to them, and
//! their timelines have a limit.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::three_way::{self, Side, time};
use crate::model::issue::MOST_EVENTS;
use crate::state::merge::rule::{FieldRule, ListRule, MergeRule, PLAIN};

/// What is right of everything but where the issue stands.
static RULE: MergeRule = MergeRule {
    newest: &["last_seen_at", "resolved_at"],
    newest_in: Some(("timeline", "at")),
    fields: &[
        ("detected_at", FieldRule::Earliest),
        ("last_seen_at", FieldRule::Largest),
        ("occurrences", FieldRule::Largest),
        ("timeline_dropped", FieldRule::Largest),
        ("impact", FieldRule::Whole),
        ("symptoms", FieldRule::Whole),
        ("suggested_actions", FieldRule::Whole),
        ("escalation", FieldRule::Whole),
        ("incident", FieldRule::Whole),
    ],
    lists: &[
        (
            "notes",
            ListRule {
                id: &["at", "by", "text"],
                order: &["at"],
                entry: &PLAIN,
            },
        ),
        (
            "timeline",
            ListRule {
                id: &["at", "event", "detail"],
                order: &["at"],
                entry: &PLAIN,
            },
        ),
        (
            "causes",
            ListRule {
                id: &["occurrence"],
                order: &["occurrence"],
                entry: &PLAIN,
            },
        ),
        (
            "links",
            ListRule {
                id: &["url"],
                order: &["at"],
                entry: &PLAIN,
            },
        ),
    ],
    ..PLAIN
};

/// Keys that only make sense together.
const STANDING: [&str; 3] = ["status", "resolved_at", "healthy_streak"];

/// Events that open or close an issue.
const TURNS: [&str; 3] = ["opened", "reopened", "resolved"];

/// Events that assign an issue, or unassign it.
const ASSIGNMENTS: [&str; 2] = ["assigned", "unassigned"];

/// What a run writes that sees the problem: where both sides did, what was seen last stands.
/// A note that was made since says nothing about that.
const SEEN: [&str; 8] = [
    "title",
    "severity",
    "worst_severity",
    "milder",
    "slo_breach",
    "impact",
    "symptoms",
    "suggested_actions",
];

/// Merges an issue. Nothing in it needs a person: what both changed is the newer side's,
/// and notes and events of both are kept.
pub(super) fn merge(base: Option<&Value>, a: &Value, b: &Value) -> Value {
    let mut unused = Vec::new();
    let mut merged = three_way::merge(&RULE, base, a, b, &mut unused);
    if a != b
        && let Some(side) = decisive(base, a, b)
        && let Some(merged) = merged.as_object_mut()
    {
        let from = side.pick(a, b);
        for key in STANDING {
            set(merged, key, from.get(key));
        }
    }
    take(
        &mut merged,
        &["assignee"],
        [base, Some(a), Some(b)],
        |side| turn(base, side, &ASSIGNMENTS),
    );
    take(&mut merged, &SEEN, [base, Some(a), Some(b)], |side| {
        time(side.get("last_seen_at")?)
    });
    deliveries(&mut merged, a, b);
    shorten(&mut merged);
    merged
}

/// Takes keys that both sides changed from the side with the later time, where both have one
/// and they differ. For everything else the rules are right.
fn take(
    merged: &mut Value,
    keys: &[&str],
    three: [Option<&Value>; 3],
    at: impl Fn(&Value) -> Option<Timestamp>,
) {
    let [base, Some(a), Some(b)] = three else {
        return;
    };
    let (Some(at_a), Some(at_b), Some(merged)) = (at(a), at(b), merged.as_object_mut()) else {
        return;
    };
    if at_a == at_b {
        return;
    }
    let newer = if at_a > at_b { a } else { b };
    for key in keys {
        let before = base.and_then(|base| base.get(*key));
        if a.get(*key) != before && b.get(*key) != before {
            set(merged, key, newer.get(*key));
        }
    }
}

/// What was sent stays sent, whichever side sent it: the newest delivery of each rule to each
/// channel, and the larger count.
fn deliveries(merged: &mut Value, a: &Value, b: &Value) {
    let (Some(of_a), Some(of_b)) = (alerts(a), alerts(b)) else {
        return;
    };
    let list = |alerts: &Map<String, Value>| {
        let list = alerts.get("deliveries").and_then(Value::as_array);
        list.cloned().unwrap_or_default()
    };
    let whose = |one: &Value| [one.get("rule").cloned(), one.get("channel").cloned()];
    let at = |one: &Value| one.get("at").and_then(time);
    let mut all = list(of_a);
    for theirs in list(of_b) {
        match all.iter_mut().find(|ours| whose(ours) == whose(&theirs)) {
            // At the same second the one that arrived says more.
            Some(ours) => {
                let taken = |one: &Value| one.get("delivered").and_then(Value::as_bool);
                if (at(&theirs), taken(&theirs)) > (at(ours), taken(ours)) {
                    *ours = theirs;
                }
            }
            None => all.push(theirs),
        }
    }
    all.sort_by_key(|one| whose(one).map(|part| part.map(|part| part.to_string())));
    let count = |alerts: &Map<String, Value>| alerts.get("count").and_then(Value::as_u64);
    let last = |alerts: &Map<String, Value>| alerts.get("last_alerted_at").and_then(time);
    let newest = if last(of_b) > last(of_a) { of_b } else { of_a };
    let newest = newest.get("last_alerted_at").cloned();
    let count = count(of_a).max(count(of_b)).unwrap_or(0);
    if let Some(alerts) = merged.get_mut("alerts").and_then(Value::as_object_mut) {
        alerts.insert("count".to_owned(), count.into());
        set(alerts, "last_alerted_at", newest.as_ref());
        let list = (!all.is_empty()).then(|| Value::Array(all));
        set(alerts, "deliveries", list.as_ref());
    }
}

fn alerts(issue: &Value) -> Option<&Map<String, Value>> {
    issue.get("alerts").and_then(Value::as_object)
}

/// Whether the issue is over.
pub(super) fn is_resolved(issue: &Value) -> bool {
    issue.get("status").and_then(Value::as_str) == Some("resolved")
}

/// The side that was last opened or closed since they parted, where one was.
fn decisive(base: Option<&Value>, a: &Value, b: &Value) -> Option<Side> {
    match (turn(base, a, &TURNS), turn(base, b, &TURNS)) {
        (None, None) => None,
        (Some(_), None) => Some(Side::A),
        (None, Some(_)) => Some(Side::B),
        (Some(at_a), Some(at_b)) if at_a == at_b => {
            // At the same second: over is over, and the next run opens it again if not.
            match (is_resolved(a), is_resolved(b)) {
                (true, false) => Some(Side::A),
                (false, true) => Some(Side::B),
                _ => None,
            }
        }
        (Some(at_a), Some(at_b)) => Some(if at_a > at_b { Side::A } else { Side::B }),
    }
}

/// When one of these last happened on a side, by an event that the base has not.
fn turn(base: Option<&Value>, side: &Value, names: &[&str]) -> Option<Timestamp> {
    let events = |value: Option<&Value>| value?.get("timeline")?.as_array().cloned();
    let known = events(base).unwrap_or_default();
    let own = events(Some(side))?;
    own.iter()
        .filter(|event| !known.contains(event))
        .filter(|event| {
            let name = event.get("event").and_then(Value::as_str);
            name.is_some_and(|name| names.contains(&name))
        })
        .filter_map(|event| time(event.get("at")?))
        .max()
}

fn set(map: &mut Map<String, Value>, key: &str, value: Option<&Value>) {
    match value {
        Some(value) => {
            map.insert(key.to_owned(), value.clone());
        }
        None => {
            map.shift_remove(key);
        }
    }
}

/// Drops the oldest events above the limit, and counts them.
fn shorten(issue: &mut Value) {
    let Some(map) = issue.as_object_mut() else {
        return;
    };
    let Some(events) = map.get_mut("timeline").and_then(Value::as_array_mut) else {
        return;
    };
    let surplus = events.len().saturating_sub(MOST_EVENTS);
    if surplus == 0 {
        return;
    }
    events.drain(..surplus);
    let before = map.get("timeline_dropped").and_then(Value::as_u64);
    let dropped = before.unwrap_or(0).saturating_add(surplus as u64);
    map.insert("timeline_dropped".to_owned(), dropped.into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_told_stays_told() {
        let side = |count: u32, deliveries: Value| {
            json!({ "last_seen_at": "2026-11-21T10:00:00Z", "alerts": {
                "count": count, "last_alerted_at": format!("2026-11-21T10:0{count}:00Z"), "deliveries": deliveries } })
        };
        let one = |channel: &str, at: &str, delivered: bool| json!({ "rule": "r", "channel": channel, "at": at, "delivered": delivered });
        let (early, late) = ("2026-11-21T10:01:00Z", "2026-11-21T10:02:00Z");
        let a = side(
            1,
            json!([one("pager", early, true), one("team", late, false)]),
        );
        let b = side(
            2,
            json!([
                one("pager", late, true),
                one("team", late, true),
                one("hook", early, true)
            ]),
        );
        let expected = json!([
            one("hook", early, true),
            one("pager", late, true),
            one("team", late, true)
        ]);
        for (a, b) in [(&a, &b), (&b, &a)] {
            let merged = merge(None, a, b);
            assert_eq!(merged["alerts"]["deliveries"], expected);
            assert_eq!(merged["alerts"]["count"], 2);
            assert_eq!(merged["alerts"]["last_alerted_at"], "2026-11-21T10:02:00Z");
        }
    }
}
