//! What became of savings that earlier audits expected.

use jiff::civil::Date;

use crate::core::cost::drivers::round;
use crate::core::cost::services::is_usage_type;
use crate::model::cost::{CostDays, CostMetric, SpendTable};
use crate::model::cost_report::CostReport;
use crate::model::cost_savings::{ExpectedSaving, SavingsDocument};
use crate::model::opportunity::{Opportunity, RealisedSaving, RealisedState};
use crate::text::Untrusted;

/// Complete days after an opportunity is gone before the bill is asked.
const LEAST_DAYS: usize = 7;
/// Share of what was expected from which it counts as realised.
const ENOUGH: f64 = 0.5;
/// Days after which an entry is dropped.
const KEPT_DAYS: usize = 400;

/// Compares what earlier audits expected with the bill, and returns the entries that are to be kept.
/// An opportunity that is no longer listed was done, or has passed: the bill tells which.
pub(super) fn compare(
    before: Option<&SavingsDocument>,
    report: &CostReport,
    table: Option<&SpendTable>,
) -> (SavingsDocument, Vec<RealisedSaving>) {
    let mut kept = Vec::new();
    let mut realised = Vec::new();
    let today = report.current.end;
    for expected in before.iter().flat_map(|document| &document.savings) {
        let is_listed = report.opportunities.iter().any(|one| one.id == expected.id);
        let age = CostDays {
            start: expected.listed_until,
            end: today,
        };
        // Where rules could not be evaluated nobody knows whether it was done.
        let is_undecided = report
            .undecided
            .iter()
            .any(|one| one.rule == expected.rule && one.name == expected.name);
        if is_listed || age.len() > KEPT_DAYS {
            continue;
        }
        if !is_undecided {
            let metric = report.spending.as_ref().map(|spending| spending.metric);
            realised.push(look(expected, age, table.zip(metric)));
        }
        kept.push(expected.clone());
    }
    let listed = report.opportunities.iter();
    let listed = listed.filter(|one| one.savings_usd.is_some() && one.counted_usd > 0.0);
    for one in listed {
        let old = before.and_then(|document| document.savings.iter().find(|it| it.id == one.id));
        kept.push(expect(one, old, today, report, table));
    }
    kept.sort_by(|a, b| a.id.cmp(&b.id));
    let document = SavingsDocument {
        version: "1.0.0".to_owned(),
        savings: kept,
    };
    (document, realised)
}

fn expect(
    one: &Opportunity,
    old: Option<&ExpectedSaving>,
    today: Date,
    report: &CostReport,
    table: Option<&SpendTable>,
) -> ExpectedSaving {
    let metric = report.spending.as_ref().map(|spending| spending.metric);
    let billed = table.zip(metric).and_then(|(table, metric)| {
        a_day(
            table,
            metric,
            &one.billed_as,
            one.region.as_str(),
            report.current,
        )
    });
    ExpectedSaving {
        id: one.id.clone(),
        rule: one.rule.clone(),
        title: one.title.clone(),
        name: one.name.clone(),
        region: one.region.clone(),
        billed_as: one.billed_as.clone(),
        listed_since: old.map_or(today, |old| old.listed_since),
        listed_until: today,
        expected_usd: one.counted_usd,
        billed_a_day: billed.map(round),
    }
}

fn look(
    expected: &ExpectedSaving,
    age: CostDays,
    bill: Option<(&SpendTable, CostMetric)>,
) -> RealisedSaving {
    let result = |state, realised: Option<f64>, because: &str| RealisedSaving {
        id: expected.id.clone(),
        title: expected.title.clone(),
        name: expected.name.clone(),
        listed_until: expected.listed_until,
        expected_usd: expected.expected_usd,
        realised_usd: realised.map(round),
        state,
        because: because.to_owned(),
    };
    if age.len() < LEAST_DAYS {
        let because = "fewer than seven complete days are on the bill since";
        return result(RealisedState::NotYet, None, because);
    }
    let now = bill.and_then(|(table, metric)| {
        let region = expected.region.as_str();
        a_day(table, metric, &expected.billed_as, region, age)
    });
    let (Some(then), Some(now)) = (expected.billed_a_day, now) else {
        let because = "the bill does not show this part by itself";
        return result(RealisedState::Unknown, None, because);
    };
    let realised = (then - now) * 30.0;
    if realised >= expected.expected_usd * ENOUGH {
        return result(
            RealisedState::Realised,
            Some(realised),
            "the bill is lower by that",
        );
    }
    let because = match realised > 0.01 {
        true => "the bill is lower by less than half of it",
        false => "the bill is not lower: it was not done, or others use more of the same",
    };
    result(RealisedState::NotRealised, Some(realised), because)
}

/// Mean of the days that the table has, of all these parts of the bill; `None` where it has none
/// of the days.
fn a_day(
    table: &SpendTable,
    metric: CostMetric,
    parts: &[Untrusted],
    region: &str,
    days: CostDays,
) -> Option<f64> {
    if parts.is_empty() {
        return None;
    }
    let inside: Vec<usize> = table
        .days
        .iter()
        .enumerate()
        .filter(|(_, day)| *day >= days.start && *day < days.end)
        .map(|(place, _)| place)
        .collect();
    let is_part = |service: &str, usage_type: &str| {
        parts.iter().any(|part| {
            let part = part.raw().split_once(": ");
            part.is_some_and(|(of, wanted)| {
                of == service && is_usage_type(usage_type, region, wanted)
            })
        })
    };
    let mut total = 0.0;
    for group in &table.groups {
        if let [service, usage_type] = group.keys.as_slice()
            && is_part(service.raw(), usage_type.raw())
        {
            let amounts = group.amounts(metric);
            total += inside
                .iter()
                .filter_map(|place| amounts.get(*place))
                .sum::<f64>();
        }
    }
    (!inside.is_empty()).then(|| total / inside.len() as f64)
}
