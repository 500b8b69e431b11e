//! Merging two trees that were made from one.
//!
//! What only one side changed is taken from it. What both changed alike is taken once. For
//! the rest the rule of the document decides. Which side is called `a` and which `b` has no
//! influence on the result, nor on its order.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::state::merge::rule::{FieldRule, IDENTITY, ListRule, MergeRule, PLAIN};

/// Which side is the newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    A,
    B,
}

impl Side {
    pub(super) fn pick<T>(self, a: T, b: T) -> T {
        match self {
            Self::A => a,
            Self::B => b,
        }
    }
}

/// The three versions of a value.
#[derive(Clone, Copy)]
struct Three<'a> {
    base: Option<&'a Value>,
    a: Option<&'a Value>,
    b: Option<&'a Value>,
}

impl<'a> Three<'a> {
    fn below(self, key: &str) -> Self {
        let get = |value: Option<&'a Value>| value?.get(key);
        Self {
            base: get(self.base),
            a: get(self.a),
            b: get(self.b),
        }
    }
}

/// Merges two documents. Places where both sides changed the same and nothing says who is
/// right are added to `conflicts`; the newer side's value stands there.
pub(super) fn merge(
    rule: &MergeRule,
    base: Option<&Value>,
    a: &Value,
    b: &Value,
    conflicts: &mut Vec<String>,
) -> Value {
    let newer = newer(rule, a, b).unwrap_or_else(|| by_text(a, b));
    let three = Three {
        base,
        a: Some(a),
        b: Some(b),
    };
    let merged = value(rule, three, newer, "", conflicts);
    merged.unwrap_or_else(|| a.clone())
}

/// The newer side by the rule's times, `None` where these are the same.
pub(super) fn newer(rule: &MergeRule, a: &Value, b: &Value) -> Option<Side> {
    match latest(rule, a).cmp(&latest(rule, b)) {
        Ordering::Greater => Some(Side::A),
        Ordering::Less => Some(Side::B),
        Ordering::Equal => None,
    }
}

/// Where no time decides, the text does: any order is right as long as it is one.
fn by_text(a: &Value, b: &Value) -> Side {
    if sorted(a) >= sorted(b) {
        Side::A
    } else {
        Side::B
    }
}

/// A value as text in which the order of keys does not show.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut parts: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), sorted(value)))
                .collect();
            parts.sort_unstable();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(sorted).collect();
            format!("[{}]", parts.join(","))
        }
        other => other.to_string(),
    }
}

fn latest(rule: &MergeRule, value: &Value) -> Option<Timestamp> {
    let own = rule.newest.iter().filter_map(|key| time(value.get(*key)?));
    let entries = rule.newest_in.and_then(|(list, key)| {
        let entries = value.get(list)?.as_array()?;
        entries
            .iter()
            .filter_map(|entry| time(entry.get(key)?))
            .max()
    });
    own.chain(entries).max()
}

pub(super) fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

fn value(
    rule: &MergeRule,
    three: Three<'_>,
    newer: Side,
    place: &str,
    conflicts: &mut Vec<String>,
) -> Option<Value> {
    let Three { base, a, b } = three;
    if a == b || base == b {
        return a.cloned();
    }
    if base == a {
        return b.cloned();
    }
    match (a, b) {
        (Some(Value::Object(x)), Some(Value::Object(y))) if !rule.whole => {
            let keys = in_order(x.keys(), y.keys(), newer);
            Some(object(rule, three, &keys, newer, place, conflicts))
        }
        (Some(a), Some(b)) => {
            report(rule, place, conflicts);
            Some(newer.pick(a, b).clone())
        }
        // Removed here and changed there: what was changed is not lost.
        (one, other) => {
            report(rule, place, conflicts);
            one.or(other).cloned()
        }
    }
}

fn report(rule: &MergeRule, place: &str, conflicts: &mut Vec<String>) {
    if rule.conflicts {
        conflicts.push(place.trim_start_matches('.').to_owned());
    }
}

fn object(
    rule: &MergeRule,
    three: Three<'_>,
    keys: &[&String],
    newer: Side,
    place: &str,
    conflicts: &mut Vec<String>,
) -> Value {
    let mut out = Map::new();
    for key in keys {
        let place = format!("{place}.{key}");
        let inner = three.below(key);
        if let Some(merged) = member(rule, key, inner, newer, &place, conflicts) {
            out.insert((*key).clone(), merged);
        }
    }
    Value::Object(out)
}

fn member(
    rule: &MergeRule,
    key: &str,
    three: Three<'_>,
    newer: Side,
    place: &str,
    conflicts: &mut Vec<String>,
) -> Option<Value> {
    let plain = MergeRule {
        conflicts: rule.conflicts,
        ..PLAIN
    };
    let field = rule.fields.iter().find(|(name, _)| *name == key);
    if let Some((_, field)) = field {
        return scalar(*field, &plain, three, newer, place, conflicts);
    }
    let lists = (
        three.a.and_then(Value::as_array),
        three.b.and_then(Value::as_array),
    );
    let (Some(a), Some(b)) = lists else {
        return value(&plain, three, newer, place, conflicts);
    };
    let base = three.base.and_then(Value::as_array);
    let base = base.map_or(&[][..], Vec::as_slice);
    let named = rule.lists.iter().find(|(name, _)| *name == key);
    if let Some((_, rule)) = named {
        return Some(entries(rule, base, a, b, newer, place, conflicts));
    }
    let changed_by_both = three.a != three.b && three.base != three.a && three.base != three.b;
    match IDENTITY.iter().find(|id| all_have(id, [base, a, b])) {
        Some(id) if changed_by_both => {
            let id = [*id];
            let guessed = ListRule {
                id: &id,
                order: &[],
                entry: &plain,
            };
            Some(entries(&guessed, base, a, b, newer, place, conflicts))
        }
        _ => value(&plain, three, newer, place, conflicts),
    }
}

fn all_have(id: &str, lists: [&[Value]; 3]) -> bool {
    lists.iter().all(|list| {
        let mut seen = HashSet::new();
        list.iter()
            .all(|entry| entry.get(id).is_some_and(|id| seen.insert(id.to_string())))
    })
}

fn scalar(
    field: FieldRule,
    plain: &MergeRule,
    three: Three<'_>,
    newer: Side,
    place: &str,
    conflicts: &mut Vec<String>,
) -> Option<Value> {
    let whole = MergeRule {
        whole: true,
        conflicts: plain.conflicts,
        ..PLAIN
    };
    if field == FieldRule::Members
        && let Some(merged) = members(three)
    {
        return merged;
    }
    let (Some(a), Some(b)) = (three.a, three.b) else {
        return value(&whole, three, newer, place, conflicts);
    };
    let order = match (time(a), time(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a
            .as_f64()
            .zip(b.as_f64())
            .and_then(|(a, b)| a.partial_cmp(&b)),
    };
    let unchanged = three.base == Some(a) || three.base == Some(b);
    match (field, order) {
        (FieldRule::Largest, Some(order)) => Some(if order.is_ge() { a } else { b }.clone()),
        (FieldRule::Earliest, Some(order)) if !unchanged => {
            Some(if order.is_le() { a } else { b }.clone())
        }
        _ => value(&whole, three, newer, place, conflicts),
    }
}

/// A set of texts, sorted; an absent one is empty, and the other way round. `None` where a side
/// has something else in its place.
fn members(three: Three<'_>) -> Option<Option<Value>> {
    let set = |value: Option<&Value>| -> Option<BTreeSet<String>> {
        let Some(value) = value else {
            return Some(BTreeSet::new());
        };
        let texts = value.as_array()?.iter();
        texts.map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let (base, a, b) = (set(three.base)?, set(three.a)?, set(three.b)?);
    let in_both = a.intersection(&b);
    let added = a
        .symmetric_difference(&b)
        .filter(|one| !base.contains(*one));
    let merged: BTreeSet<&String> = in_both.chain(added).collect();
    Some((!merged.is_empty()).then(|| merged.into_iter().map(String::as_str).collect()))
}

/// What tells an entry apart, and which of those that share it this is.
type Key = (String, usize);

fn keyed<'a>(id: &[&str], list: &'a [Value]) -> Vec<(Key, &'a Value)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    list.iter()
        .map(|entry| {
            let parts: Vec<String> = id
                .iter()
                .map(|key| entry.get(*key).map_or_else(String::new, Value::to_string))
                .collect();
            let text = parts.join("\n");
            let nth = seen.entry(text.clone()).or_default();
            *nth += 1;
            ((text, *nth), entry)
        })
        .collect()
}

fn entries(
    rule: &ListRule<'_>,
    base: &[Value],
    a: &[Value],
    b: &[Value],
    newer_document: Side,
    place: &str,
    conflicts: &mut Vec<String>,
) -> Value {
    let (a, b) = (keyed(rule.id, a), keyed(rule.id, b));
    let keys = in_order(
        a.iter().map(|(key, _)| key),
        b.iter().map(|(key, _)| key),
        newer_document,
    );
    let by_key = |list: &[(Key, &'_ Value)]| -> HashMap<Key, Value> {
        list.iter()
            .map(|(key, entry)| (key.clone(), (*entry).clone()))
            .collect()
    };
    let (base, in_a, in_b) = (by_key(&keyed(rule.id, base)), by_key(&a), by_key(&b));
    let mut out: Vec<Value> = Vec::new();
    for key in keys {
        let three = Three {
            base: base.get(key),
            a: in_a.get(key),
            b: in_b.get(key),
        };
        let decided = three
            .a
            .zip(three.b)
            .and_then(|(a, b)| newer(rule.entry, a, b));
        let side = decided.unwrap_or(newer_document);
        let place = format!("{place}[{}]", key.0.replace('\n', " "));
        out.extend(value(rule.entry, three, side, &place, conflicts));
    }
    out.sort_by(|a, b| {
        let compare = |key: &&str| match (a.get(*key), b.get(*key)) {
            (Some(a), Some(b)) => match (time(a), time(b)) {
                (Some(a), Some(b)) => a.cmp(&b),
                _ => a.to_string().cmp(&b.to_string()),
            },
            (a, b) => a.is_some().cmp(&b.is_some()),
        };
        let first = rule.order.iter().map(compare).find(|order| order.is_ne());
        first.unwrap_or(Ordering::Equal)
    });
    Value::Array(out)
}

/// The newer side's order; what only the other side has stands behind what it stood behind.
fn in_order<'k, K: Eq + Hash>(
    a: impl Iterator<Item = &'k K>,
    b: impl Iterator<Item = &'k K>,
    newer: Side,
) -> Vec<&'k K> {
    let (a, b): (Vec<&K>, Vec<&K>) = (a.collect(), b.collect());
    let (first, second) = newer.pick((&a, &b), (&b, &a));
    let known: HashSet<&K> = first.iter().copied().collect();
    let mut behind: HashMap<Option<&K>, Vec<&K>> = HashMap::new();
    let mut last = None;
    for key in second {
        if known.contains(key) {
            last = Some(*key);
        } else {
            behind.entry(last).or_default().push(key);
        }
    }
    let mut out = behind.remove(&None).unwrap_or_default();
    for key in first {
        out.push(key);
        out.extend(behind.remove(&Some(*key)).unwrap_or_default());
    }
    out
}
