//! Sums behind error budgets. Both sides counted the same events of the same provider, so
//! that sums are chosen by their span and never added up.

use serde_json::Value;

use super::three_way;
use crate::model::slo_budgets::{EventSeries, SloBudgets};
use crate::state::document::tree;
use crate::state::merge::rule::{FieldRule, ListRule, MergeRule, PLAIN};

/// What tells series apart, and what is right of everything but the sums.
static RULE: MergeRule = MergeRule {
    newest: &["observed_to"],
    fields: &[("observed_to", FieldRule::Largest)],
    lists: &[(
        "series",
        ListRule {
            id: &["arn", "sli"],
            order: &["arn", "sli"],
            entry: &MergeRule {
                fields: &[("since", FieldRule::Earliest)],
                ..PLAIN
            },
        },
    )],
    ..PLAIN
};

/// Keys of a series that the sums are in, and what belongs to them.
const SUMS: [&str; 5] = ["since", "back_fill_failed_at", "days", "quarters", "hours"];

/// Merges two versions. Where one of them cannot be read as this version would write it, the
/// newer side's sums stand.
pub(crate) fn merge(base: Option<&Value>, a: &Value, b: &Value) -> Value {
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
        let Ok(series) = serde_json::from_value::<EventSeries>(entry.clone()) else {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{Arn, EnvironmentName};
    use crate::model::slo_budgets::Bucket;
    use crate::state::to_bytes;

    /// A document of busy functions, three ratios each, counted up to so many periods.
    fn busy(functions: usize, periods: i64) -> SloBudgets {
        let environment = EnvironmentName::new("prod").expect("a name");
        let start = jiff::Timestamp::from_second(1_792_000_200).expect("a time");
        let end = start.as_second() + periods * 300;
        let end_at = jiff::Timestamp::from_second(end).expect("a time");
        let mut out = SloBudgets::new(environment, end_at);
        for number in 0..functions {
            let arn =
                format!("arn:aws:lambda:eu-central-1:123456789012:function:orders-{number:04}");
            let arn = Arn::new(arn).expect("an ARN");
            for sli in [
                "availability_percent",
                "error_rate_percent",
                "throttle_rate_percent",
            ] {
                let mut series = EventSeries::new(arn.clone(), sli.to_owned(), start);
                for period in 0..periods {
                    let noise = u64::try_from(period * 7_919 % 613).expect("positive");
                    let bucket = Bucket {
                        observed: 300,
                        total: 900 + noise + number as u64,
                        bad: if noise % 11 == 0 { noise % 7 } else { 0 },
                        length: 300,
                    };
                    series.count(start.as_second() + period * 300, bucket);
                }
                series.settle(end, Some(30));
                out.series.push(series);
            }
        }
        out
    }

    #[test]
    fn a_hundred_busy_functions_are_small_and_survive_writing() {
        let document = busy(100, 31 * 288 + 100);
        let bytes = to_bytes(&document);
        assert!(bytes.len() < 260_000, "{} bytes", bytes.len());
        let read: SloBudgets = serde_json::from_slice(&bytes).expect("the document");
        assert_eq!(read, document);
    }

    #[test]
    fn branches_merge_without_counting_twice_and_keep_what_is_not_known() {
        let base = tree(&busy(2, 500));
        let (mut ours, theirs) = (tree(&busy(2, 520)), tree(&busy(3, 540)));
        ours["series"][0]["x-mine"] = "kept".into();
        let merged = merge(Some(&base), &ours, &theirs);
        assert_eq!(merged, merge(Some(&base), &theirs, &ours));
        assert_eq!(merged["series"][0]["x-mine"], "kept");
        let mut plain = merged;
        plain["series"][0]
            .as_object_mut()
            .expect("a series")
            .shift_remove("x-mine");
        assert_eq!(plain, tree(&busy(3, 540)));
    }
}
