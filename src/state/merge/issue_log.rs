//! What is special about `issue-log.json`: entries merge as those of every log, and what is known
//! of an issue is counted, so that what both sides counted is added to what both come from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::log;
use super::three_way::time;
use crate::model::debug::percent;
use crate::state::document::written;

/// Keys of times of which the earlier one counts.
const EARLIER: &[&str] = &["first_seen", "first_used"];
/// Keys of times of which the later one counts.
const LATER: &[&str] = &["last_seen", "last_used", "last_success"];
/// Keys of lists with an order: one side's, never a mixture.
const WHOLE: &[&str] = &["steps", "fill_in"];
/// Figures that follow from others of the same table.
const PERCENTAGE: &str = "percentage";
const AVERAGE: &str = "avg_resolution_time_seconds";
const TIMED: &str = "timed_successes";

/// Merges an issue log to the bytes of the result; else names the key that a person has to decide
/// about.
pub(crate) fn merge_to_bytes(
    base: Option<&Value>,
    a: &Value,
    b: &Value,
) -> Result<Vec<u8>, Vec<String>> {
    let chain = log::merge_to_bytes(base, a, b)?;
    let undecided = || vec!["entries".to_owned()];
    let mut merged: Value = serde_json::from_slice(&chain).map_err(|_| undecided())?;
    let map = merged.as_object_mut().ok_or_else(undecided)?;
    let issues_of = |side: &Value| side.get("issues").cloned().unwrap_or(Value::Null);
    let before = base.map_or(Value::Null, issues_of);
    match merge_values(&before, &issues_of(a), &issues_of(b)) {
        Value::Null => map.shift_remove("issues"),
        issues => map.insert("issues".to_owned(), issues),
    };
    Ok(written(&merged))
}

/// Merges a value of three versions; which side is `a` has no influence.
fn merge_values(base: &Value, a: &Value, b: &Value) -> Value {
    if b == base || (a == b && !is_count(a)) {
        return a.clone();
    }
    if a == base {
        return b.clone();
    }
    match (a, b) {
        (Value::Object(one), Value::Object(other)) => merge_tables(base.as_object(), one, other),
        (Value::Array(one), Value::Array(other)) => merge_lists(base, one, other),
        (Value::Number(one), Value::Number(other)) => match (one.as_u64(), other.as_u64()) {
            (Some(one), Some(other)) => {
                let before = base.as_u64().unwrap_or(0);
                one.saturating_add(other).saturating_sub(before).into()
            }
            _ => larger(a, b),
        },
        (Value::Null, other) | (other, Value::Null) => other.clone(),
        _ => larger(a, b),
    }
}

/// Whether a value that both sides made the same counts what each of them saw: a number, or a
/// table of numbers. A table with an id says when it was written, so that two that are the same
/// are one.
fn is_count(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Object(table) => id_of(value).is_none() && table.values().any(is_count),
        _ => false,
    }
}

/// Of two values that nothing says more about, the one whose text is greater.
fn larger(a: &Value, b: &Value) -> Value {
    let (first, second) = (a.to_string(), b.to_string());
    match first >= second {
        true => a.clone(),
        false => b.clone(),
    }
}

/// The side that was written later.
fn newer<'v>(
    a: &'v Map<String, Value>,
    b: &'v Map<String, Value>,
) -> Option<&'v Map<String, Value>> {
    let at = |table: &Map<String, Value>| {
        let times = LATER.iter().filter_map(|key| time(table.get(*key)?));
        times.max()
    };
    match (at(a), at(b)) {
        (Some(one), Some(other)) if one > other => Some(a),
        (Some(one), Some(other)) if one < other => Some(b),
        _ => None,
    }
}

fn merge_tables(
    base: Option<&Map<String, Value>>,
    a: &Map<String, Value>,
    b: &Map<String, Value>,
) -> Value {
    let mut out = Map::new();
    let newer = newer(a, b);
    let null = Value::Null;
    let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
    for key in keys {
        let get = |table: &Map<String, Value>| table.get(key).cloned().unwrap_or(Value::Null);
        let (one, other) = (get(a), get(b));
        let before = base.and_then(|base| base.get(key)).unwrap_or(&null);
        let name = key.as_str();
        let value = if EARLIER.contains(&name) {
            by_time(&one, &other, false)
        } else if LATER.contains(&name) {
            by_time(&one, &other, true)
        } else if name == AVERAGE {
            average(base, a, b)
        } else if WHOLE.contains(&name) {
            newer.map_or_else(|| larger(&one, &other), get)
        } else if let Some(newer) = newer.filter(|_| one.is_string() || other.is_string()) {
            // What was said last.
            get(newer)
        } else if let Some(newer) = newer.filter(|_| name == "error") {
            said_last(before, &one, &other, get(newer))
        } else {
            merge_values(before, &one, &other)
        };
        let is_gone = value.is_null() && (one.is_null() != other.is_null());
        if !is_gone || name == AVERAGE {
            out.insert(key.clone(), value);
        }
    }
    count_shares(&mut out);
    Value::Object(out)
}

/// The error as it was said last, with the environments of both sides.
fn said_last(base: &Value, a: &Value, b: &Value, mut last: Value) -> Value {
    let environments_of = |side: &Value| {
        let found = side.pointer("/context/environments");
        found.cloned().unwrap_or(Value::Null)
    };
    let environments = merge_values(
        &environments_of(base),
        &environments_of(a),
        &environments_of(b),
    );
    if let Some(context) = last.get_mut("context").and_then(Value::as_object_mut)
        && !environments.is_null()
    {
        context.insert("environments".to_owned(), environments);
    }
    last
}

fn by_time(a: &Value, b: &Value, later: bool) -> Value {
    match (time(a), time(b)) {
        (Some(one), Some(other)) if (one > other) == later => a.clone(),
        (Some(_), None) => a.clone(),
        (_, Some(_)) => b.clone(),
        (None, None) => larger(a, b),
    }
}

/// The mean of both sides' successes, those that both come from counted once.
fn average(
    base: Option<&Map<String, Value>>,
    a: &Map<String, Value>,
    b: &Map<String, Value>,
) -> Value {
    let number = |table: &Map<String, Value>, key: &str| table.get(key).and_then(Value::as_u64);
    let total_of = |table: &Map<String, Value>| {
        let count = number(table, TIMED).unwrap_or(0);
        let seconds = number(table, AVERAGE).unwrap_or(0);
        (seconds.saturating_mul(count), count)
    };
    let (before, before_count) = base.map_or((0, 0), total_of);
    let ((one, one_count), (other, other_count)) = (total_of(a), total_of(b));
    let all = one.saturating_add(other).saturating_sub(before);
    let count = one_count
        .saturating_add(other_count)
        .saturating_sub(before_count);
    all.checked_div(count).map_or(Value::Null, Value::from)
}

/// Shares follow from the counts beside them.
fn count_shares(table: &mut Map<String, Value>) {
    let number = |key: &str| table.get(key).and_then(Value::as_u64);
    if let (Some(successes), Some(attempts)) = (number("successes"), number("attempts")) {
        let share = percent(successes, attempts);
        table.insert(
            PERCENTAGE.to_owned(),
            share.map_or(Value::Null, Value::from),
        );
    }
}

/// The id of an issue or a solution.
fn id_of(value: &Value) -> Option<&str> {
    let mut keys = ["issue_id", "solution_id"].iter();
    keys.find_map(|key| value.get(key)?.as_str())
}

/// Entries of both sides, those with an id merged, in an order that both sides agree on.
fn merge_lists(base: &Value, a: &[Value], b: &[Value]) -> Value {
    let key_of = |one: &Value| id_of(one).map_or_else(|| one.to_string(), str::to_owned);
    let by_id = |list: &[Value]| -> BTreeMap<String, Value> {
        list.iter().map(|one| (key_of(one), one.clone())).collect()
    };
    let before = base
        .as_array()
        .map_or_else(BTreeMap::new, |list| by_id(list));
    let (one, other) = (by_id(a), by_id(b));
    let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let merged = keys.into_iter().filter_map(|key| {
        let before = before.get(key);
        match (one.get(key), other.get(key)) {
            (Some(a), Some(b)) => Some(merge_values(before.unwrap_or(&Value::Null), a, b)),
            // Left out on one side, and as it was on the other.
            (Some(left), None) | (None, Some(left)) => (before != Some(left)).then(|| left.clone()),
            (None, None) => None,
        }
    });
    Value::Array(merged.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// An issue that was seen so often, the last time at that hour.
    fn issue(times: u64, hour: u32) -> Value {
        json!({
            "issue_id": "0123456789ab",
            "title": "x",
            "first_seen": "2026-11-01T10:00:00Z",
            "last_seen": format!("2026-11-01T{hour:02}:00:00Z"),
            "occurrence_count": times,
            "error": { "message": format!("at {hour}"), "context": { "environments": { "test": times } } },
            "solutions": [],
        })
    }

    fn solution(hour: u32, successes: u64, failures: u64, seconds: Option<u64>) -> Value {
        json!({
            "solution_id": "by-hand",
            "steps": [{ "what": "b" }, { "what": "a" }],
            "success_rate": { "attempts": successes + failures, "successes": successes, "failures": failures, "percentage": null },
            "first_used": "2026-11-01T10:00:00Z",
            "last_used": format!("2026-11-01T{hour:02}:00:00Z"),
            "avg_resolution_time_seconds": seconds,
            "timed_successes": successes,
        })
    }

    fn both_ways(base: &Value, a: &Value, b: &Value) -> Value {
        let merged = merge_values(base, a, b);
        assert_eq!(merged, merge_values(base, b, a), "the order of the sides");
        merged
    }

    #[test]
    fn what_both_sides_counted_is_added() {
        let merged = both_ways(
            &json!([issue(2, 10)]),
            &json!([issue(3, 11)]),
            &json!([issue(3, 12)]),
        );
        assert_eq!(merged[0]["occurrence_count"], 4);
        assert_eq!(merged[0]["last_seen"], "2026-11-01T12:00:00Z");
        assert_eq!(merged[0]["error"]["message"], "at 12");
        assert_eq!(merged[0]["error"]["context"]["environments"]["test"], 4);
    }

    #[test]
    fn the_same_change_on_both_sides_counts_once() {
        let same = json!([issue(3, 11)]);
        assert_eq!(both_ways(&json!([issue(2, 10)]), &same, &same), same);
    }

    #[test]
    fn rates_and_times_follow_from_the_counts() {
        let with = |solution: Value, hour| {
            let mut issue = issue(1, hour);
            issue["solutions"] = json!([solution]);
            json!([issue])
        };
        let merged = both_ways(
            &with(solution(10, 1, 0, Some(60)), 10),
            &with(solution(11, 2, 0, Some(90)), 11),
            &with(solution(12, 1, 1, Some(60)), 12),
        );
        let merged = &merged[0]["solutions"][0];
        assert_eq!(
            merged["success_rate"],
            json!({ "attempts": 3, "successes": 2, "failures": 1, "percentage": 66.7 })
        );
        assert_eq!(merged["avg_resolution_time_seconds"], 90);
        assert_eq!(merged["timed_successes"], 2);
        assert_eq!(merged["steps"], json!([{ "what": "b" }, { "what": "a" }]));
    }

    #[test]
    fn an_issue_that_one_side_left_out_is_gone_unless_the_other_saw_it_again() {
        let base = json!([issue(1, 10)]);
        assert_eq!(both_ways(&base, &json!([]), &base), json!([]));
        let again = json!([issue(2, 11)]);
        assert_eq!(both_ways(&base, &json!([]), &again), again);
    }
}
