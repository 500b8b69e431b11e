//! Rewriting a document without losing what this version does not know: the difference
//! between the typed old and new value, applied to the tree that was read. And merging two versions of a document: see `files`.

mod files;
pub(crate) mod history;
mod issue;
pub(crate) mod issue_log;
pub(crate) mod log;
#[cfg(test)]
mod log_tests;
pub(crate) mod rule;
pub(crate) mod slo_budgets;
#[cfg(test)]
mod tests;
mod three_way;

use std::collections::HashMap;

use serde_json::{Map, Value};

pub use files::{MergeError, Merged, Versions, merge_files, places};

/// Keys that tell the entries of a list apart, most telling first. An entry's identity is
/// the first one it has; repeated identities are matched in order.
const IDENTITY: [&str; 9] = [
    "id", "arn", "run_id", "sli", "check", "domain", "name", "at", "resource",
];

/// Applies the change from `old` to `new` to `raw`, from which `old` was read.
pub(crate) fn apply(raw: &mut Value, old: &Value, new: &Value) {
    if old == new {
        return;
    }
    match (raw, old, new) {
        (Value::Object(raw), Value::Object(old), Value::Object(new)) => object(raw, old, new),
        (Value::Array(raw), Value::Array(old), Value::Array(new)) if raw.len() == old.len() => {
            array(raw, old, new);
        }
        (raw, _, new) => *raw = new.clone(),
    }
}

fn object(raw: &mut Map<String, Value>, old: &Map<String, Value>, new: &Map<String, Value>) {
    for key in old.keys() {
        if !new.contains_key(key) {
            raw.shift_remove(key);
        }
    }
    let mut after = None;
    for (key, value) in new {
        let before = old.get(key);
        if before != Some(value) {
            match (raw.get_mut(key), before) {
                (Some(there), Some(before)) => apply(there, before, value),
                (Some(there), None) => *there = value.clone(),
                (None, _) => insert_after(raw, after, key, value),
            }
        }
        if raw.contains_key(key) {
            after = Some(key);
        }
    }
}

/// A new key goes where the type has it: behind the key before it.
fn insert_after(raw: &mut Map<String, Value>, after: Option<&String>, key: &str, value: &Value) {
    let at = match after {
        Some(after) => raw.keys().position(|k| k == after).map(|at| at + 1),
        None => Some(0),
    };
    raw.shift_insert(at.unwrap_or(raw.len()), key.to_owned(), value.clone());
}

fn array(raw: &mut Vec<Value>, old: &[Value], new: &[Value]) {
    let mut taken = std::mem::take(raw)
        .into_iter()
        .map(Some)
        .collect::<Vec<_>>();
    let partners = partners(old, new);
    *raw = new
        .iter()
        .zip(partners)
        .map(|(value, partner)| {
            let kept = partner.and_then(|at| Some((taken[at].take()?, &old[at])));
            match kept {
                Some((mut kept, before)) => {
                    apply(&mut kept, before, value);
                    kept
                }
                None => value.clone(),
            }
        })
        .collect();
}

/// For every new entry the old one that it continues: an equal one, else one of the same
/// identity, else (lists of the same length, entries without identity) the one at its place.
fn partners(old: &[Value], new: &[Value]) -> Vec<Option<usize>> {
    let mut free = vec![true; old.len()];
    let mut out: Vec<Option<usize>> = vec![None; new.len()];
    let mut by_text: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, value) in old.iter().enumerate().rev() {
        by_text.entry(value.to_string()).or_default().push(at);
    }
    for (value, partner) in new.iter().zip(&mut out) {
        *partner = by_text.get_mut(&value.to_string()).and_then(Vec::pop);
        if let Some(at) = *partner {
            free[at] = false;
        }
    }
    let mut by_identity: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, value) in old.iter().enumerate().rev().filter(|(at, _)| free[*at]) {
        if let Some(identity) = identity(value) {
            by_identity.entry(identity).or_default().push(at);
        }
    }
    for (at, value) in new.iter().enumerate() {
        if out[at].is_some() {
            continue;
        }
        out[at] = match identity(value) {
            Some(identity) => by_identity.get_mut(&identity).and_then(Vec::pop),
            None => Some(at).filter(|at| old.len() == new.len() && free[*at]),
        };
        if let Some(partner) = out[at] {
            free[partner] = false;
        }
    }
    out
}

fn identity(value: &Value) -> Option<String> {
    let object = value.as_object()?;
    IDENTITY
        .iter()
        .find_map(|key| object.get(*key).map(|value| format!("{key}={value}")))
}

#[cfg(test)]
mod rewriting {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn unknown_keys_survive_in_entries_that_move() {
        let mut raw = json!({
            "x-top": 1,
            "resources": [
                {"arn": "a", "x-mine": "kept", "n": 1},
                {"arn": "b", "n": 2, "x-other": true},
            ],
            "gone": 1,
        });
        let old = json!({"resources": [{"arn": "a", "n": 1}, {"arn": "b", "n": 2}], "gone": 1});
        let new = json!({"resources": [{"arn": "c", "n": 0}, {"arn": "b", "n": 3}, {"arn": "a", "n": 1}], "fresh": 1});
        apply(&mut raw, &old, &new);
        assert_eq!(
            raw,
            json!({
                "x-top": 1,
                "resources": [
                    {"arn": "c", "n": 0},
                    {"arn": "b", "n": 3, "x-other": true},
                    {"arn": "a", "x-mine": "kept", "n": 1},
                ],
                "fresh": 1,
            })
        );
    }

    #[test]
    fn new_keys_go_where_the_type_has_them() {
        let mut raw = json!({"a": 1, "c": 3, "x": 9});
        apply(
            &mut raw,
            &json!({"a": 1, "c": 3}),
            &json!({"a": 1, "b": 2, "c": 3}),
        );
        assert_eq!(raw.to_string(), r#"{"a":1,"b":2,"c":3,"x":9}"#);
    }

    /// Entries with distinct identities, values and nesting.
    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i32>().prop_map(Value::from),
            "[a-z]{0,4}".prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::btree_map("[a-d]{1,2}", inner.clone(), 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
                prop::collection::btree_map("[a-f]", inner, 0..4).prop_map(|map| {
                    map.into_iter()
                        .map(|(id, value)| json!({"id": id, "value": value}))
                        .collect()
                }),
            ]
        })
    }

    /// Adds a key that no type knows to every object.
    fn salt(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.values_mut().for_each(salt);
                map.insert("x-unknown".to_owned(), json!("kept"));
            }
            Value::Array(items) => items.iter_mut().for_each(salt),
            _ => {}
        }
    }

    fn unsalt(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.shift_remove("x-unknown");
                map.values_mut().for_each(unsalt);
            }
            Value::Array(items) => items.iter_mut().for_each(unsalt),
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn the_change_lands_and_nothing_else(old in tree(), new in tree()) {
            let mut raw = old.clone();
            salt(&mut raw);
            apply(&mut raw, &old, &new);
            unsalt(&mut raw);
            prop_assert_eq!(raw, new);
        }

        #[test]
        fn entries_keep_their_unknown_keys(
            ids in prop::collection::btree_set("[a-f]{1,2}", 1..6),
            change in any::<u8>(),
        ) {
            let entry = |id: &String, n: u8| json!({"id": id, "deep": {"n": n}});
            let old = json!({"list": ids.iter().map(|id| entry(id, 0)).collect::<Vec<_>>()});
            let new = json!({"list": ids.iter().rev().map(|id| entry(id, change)).collect::<Vec<_>>()});
            let mut raw = old.clone();
            salt(&mut raw);
            apply(&mut raw, &old, &new);
            let mut want = new.clone();
            salt(&mut want);
            prop_assert_eq!(raw, want);
        }
    }
}
