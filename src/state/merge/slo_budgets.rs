//! Sums behind error budgets. Both sides counted the same events of the same provider, so
//! that sums are chosen by their span and never added up.

use serde_json::Value;

use super::rules::{Field, List, PLAIN, Rule};
use super::three_way;
use crate::model::paths::RepoPath;
use crate::model::slo_budgets::{Series, SloBudgets};
use crate::state::document::tree;

/// What tells series apart, and what is right of everything but the sums.
static RULE: Rule = Rule {
    newest: &["observed_to"],
    fields: &[("observed_to", Field::Largest)],
    lists: &[(
        "series",
        List {
            id: &["arn", "sli"],
            order: &["arn", "sli"],
            entry: &Rule {
                fields: &[("since", Field::Earliest)],
                ..PLAIN
            },
        },
    )],
    ..PLAIN
};

/// Keys of a series that the sums are in, and what belongs to them.
const SUMS: [&str; 6] = [
    "since",
    "back_fill_failed_at",
    "days",
    "quarters",
    "hours",
    "recent",
];

/// Whether the sums behind error budgets lie there.
pub(super) fn is_slo_budgets(path: &RepoPath) -> bool {
    path.file_name() == "slo-budgets.json" && path.as_str().contains("/monitoring/")
}

/// Merges two versions. Where one of them cannot be read as this version would write it, the
/// newer side's sums stand.
pub(super) fn merge(base: Option<&Value>, a: &Value, b: &Value) -> Value {
    let mut unused = Vec::new();
    let mut merged = three_way::merge(&RULE, base, a, b, &mut unused);
    let typed = |value: &Value| serde_json::from_value::<SloBudgets>(value.clone()).ok();
    let (Some(a), Some(b), Some(list)) = (
        typed(a),
        typed(b),
        merged.get_mut("series").and_then(Value::as_array_mut),
    ) else {
        return merged;
    };
    let end = a.observed_to.max(b.observed_to).as_second();
    for entry in list {
        let Ok(series) = serde_json::from_value::<Series>(entry.clone()) else {
            continue;
        };
        let (a, b) = (
            a.find(&series.arn, &series.sli),
            b.find(&series.arn, &series.sli),
        );
        let joined = match (a, b) {
            (Some(a), Some(b)) => a.joined(b, end),
            (Some(one), None) | (None, Some(one)) => {
                let mut one = one.clone();
                one.settle(end, None);
                one
            }
            (None, None) => continue,
        };
        put(entry, &tree(&joined));
    }
    merged
}

/// Puts the sums into an entry, whose other keys stay.
fn put(entry: &mut Value, sums: &Value) {
    let Some(entry) = entry.as_object_mut() else {
        return;
    };
    for key in SUMS {
        match sums.get(key) {
            Some(value) => {
                entry.insert(key.to_owned(), value.clone());
            }
            None => {
                entry.shift_remove(key);
            }
        }
    }
}
