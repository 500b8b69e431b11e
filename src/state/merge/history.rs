//! What is special about histories: the same runs may be entries on one side and part of a sum
//! on the other, and no run may count twice or be lost.
//!
//! An hour or a day that either side has summed up is a sum in the result. Its value is what
//! both sides have of it, less what they had in common.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::three_way;
use crate::model::history::{DAY, HOUR, History, HistoryEntry, RollUp, start};
use crate::state::merge::rule::{ListRule, MergeRule, PLAIN};

/// What is right of everything but the sums.
static RULE: MergeRule = MergeRule {
    newest_in: Some(("entries", "at")),
    lists: &[(
        "entries",
        ListRule {
            id: &["run_id"],
            order: &["at", "run_id"],
            entry: &MergeRule {
                newest: &["at"],
                whole: true,
                ..PLAIN
            },
        },
    )],
    ..PLAIN
};

/// Merges a history. Nothing in it needs a person.
pub(crate) fn merge(base: Option<&Value>, a: &Value, b: &Value) -> Value {
    let mut unused = Vec::new();
    let mut merged = three_way::merge(&RULE, base, a, b, &mut unused);
    let typed = |value: &Value| History::deserialize(value).ok();
    let (Some(typed_a), Some(typed_b)) = (typed(a), typed(b)) else {
        return merged;
    };
    let typed_base = base.and_then(typed);
    let sums = Sums::new(typed_base, &typed_a, &typed_b);
    let Some(map) = merged.as_object_mut() else {
        return merged;
    };
    if let Some(Value::Array(entries)) = map.get_mut("entries") {
        entries.retain(|entry| {
            let entry = HistoryEntry::deserialize(entry);
            entry.is_ok_and(|entry| !sums.units.hold(entry.at.as_second()))
        });
    }
    for (key, sums) in [("hourly", &sums.hourly), ("daily", &sums.daily)] {
        let there = map.get(key).and_then(Value::as_array);
        let list = written(there.map_or(&[], Vec::as_slice), sums);
        if list.is_empty() {
            map.shift_remove(key);
        } else {
            map.insert(key.to_owned(), list.into());
        }
    }
    merged
}

/// Sums as values: those that say the same already, unknown keys included, else new ones.
fn written(there: &[Value], sums: &BTreeMap<i64, RollUp>) -> Vec<Value> {
    let same = |sum: &RollUp| {
        let found = there
            .iter()
            .find(|old| RollUp::deserialize(*old).is_ok_and(|old| old == *sum));
        found.cloned()
    };
    let fresh = |sum: &RollUp| serde_json::to_value(sum).expect("sums have text keys");
    sums.values()
        .map(|sum| same(sum).unwrap_or_else(|| fresh(sum)))
        .collect()
}

/// The days and hours that are summed up in the result.
struct Units {
    days: BTreeSet<i64>,
    hours: BTreeSet<i64>,
}

impl Units {
    fn new(a: &History, b: &History) -> Self {
        let starts = |sums: &[RollUp], unit| -> BTreeSet<i64> {
            let starts = sums.iter().map(|sum| start(sum.start.as_second(), unit));
            starts.collect()
        };
        let days = &starts(&a.daily, DAY) | &starts(&b.daily, DAY);
        let mut hours = &starts(&a.hourly, HOUR) | &starts(&b.hourly, HOUR);
        hours.retain(|hour| !days.contains(&start(*hour, DAY)));
        Self { days, hours }
    }

    /// Whether a run of this second is part of a sum.
    fn hold(&self, second: i64) -> bool {
        self.days.contains(&start(second, DAY)) || self.hours.contains(&start(second, HOUR))
    }
}

/// The sums of the result.
struct Sums {
    units: Units,
    hourly: BTreeMap<i64, RollUp>,
    daily: BTreeMap<i64, RollUp>,
}

impl Sums {
    fn new(base: Option<History>, a: &History, b: &History) -> Self {
        let units = Units::new(a, b);
        let of_a = Folded::new(a, &units);
        let of_b = Folded::new(b, &units);
        let common = base.map(|base| Folded::new(&with_shared(base, a, b), &units));
        let hourly = |folded: &Folded| folded.hourly.clone();
        let daily = |folded: &Folded| folded.daily.clone();
        Self {
            hourly: joined(common.as_ref().map(hourly), &of_a.hourly, &of_b.hourly),
            daily: joined(common.as_ref().map(daily), &of_a.daily, &of_b.daily),
            units,
        }
    }
}

/// What both sides come from, with the runs that both have got since.
fn with_shared(mut base: History, a: &History, b: &History) -> History {
    let ids = |history: &History| -> HashSet<_> {
        let ids = history.entries.iter().map(|entry| entry.run_id.clone());
        ids.collect()
    };
    let (in_base, in_b) = (ids(&base), ids(b));
    let shared = a
        .entries
        .iter()
        .filter(|entry| in_b.contains(&entry.run_id) && !in_base.contains(&entry.run_id));
    base.entries.extend(shared.cloned());
    base
}

/// What a side has of the hours and days that are summed up, in whatever form it has it.
#[derive(Default)]
struct Folded {
    hourly: BTreeMap<i64, RollUp>,
    daily: BTreeMap<i64, RollUp>,
}

impl Folded {
    fn new(history: &History, units: &Units) -> Self {
        let mut out = Self::default();
        for sum in history.daily.iter().chain(&history.hourly) {
            out.add(sum, units);
        }
        for entry in &history.entries {
            out.add(&RollUp::of_run(entry), units);
        }
        out
    }

    fn add(&mut self, sum: &RollUp, units: &Units) {
        let second = sum.start.as_second();
        let (day, hour) = (start(second, DAY), start(second, HOUR));
        let (sums, at) = if units.days.contains(&day) {
            (&mut self.daily, day)
        } else if units.hours.contains(&hour) {
            (&mut self.hourly, hour)
        } else {
            return;
        };
        match sums.entry(at) {
            std::collections::btree_map::Entry::Occupied(mut there) => there.get_mut().add(sum),
            std::collections::btree_map::Entry::Vacant(free) => {
                let start = jiff::Timestamp::from_second(at).unwrap_or(sum.start);
                free.insert(RollUp {
                    start,
                    ..sum.clone()
                });
            }
        }
    }
}

/// Joins sums by their start. Where it is not known what both come from, the larger counts:
/// runs may be missing then, but none counts twice.
fn joined(
    base: Option<BTreeMap<i64, RollUp>>,
    a: &BTreeMap<i64, RollUp>,
    b: &BTreeMap<i64, RollUp>,
) -> BTreeMap<i64, RollUp> {
    let starts: BTreeSet<i64> = a.keys().chain(b.keys()).copied().collect();
    let one = |at: i64| -> Option<(i64, RollUp)> {
        let before = base.as_ref().and_then(|base| base.get(&at));
        let sum = match (a.get(&at), b.get(&at)) {
            (Some(a), Some(b)) if a == b => a.clone(),
            (Some(a), Some(b)) if base.is_some() => both(before, a, b),
            (Some(a), Some(b)) => larger(a, b).clone(),
            // Gone on one side, for its age. What the other did not touch goes as well.
            (Some(left), None) | (None, Some(left)) if before != Some(left) => left.clone(),
            _ => return None,
        };
        Some((at, sum))
    };
    starts.into_iter().filter_map(one).collect()
}

/// What both have, less what they have in common.
fn both(before: Option<&RollUp>, a: &RollUp, b: &RollUp) -> RollUp {
    match before {
        // One of them lost runs that it had: nothing can be taken away from what is left.
        Some(before) if before.runs > a.runs || before.runs > b.runs => larger(a, b).clone(),
        before => {
            let mut sum = a.clone();
            sum.add(b);
            if let Some(before) = before {
                sum.take_away(before);
            }
            sum
        }
    }
}

/// The sum of more runs; of as many, the one that says more in any order that is one.
fn larger<'s>(a: &'s RollUp, b: &'s RollUp) -> &'s RollUp {
    let rank = |sum: &RollUp| (sum.runs, text(sum));
    if rank(a) >= rank(b) { a } else { b }
}

fn text(sum: &impl Serialize) -> String {
    serde_json::to_string(sum).expect("sums have text keys")
}
