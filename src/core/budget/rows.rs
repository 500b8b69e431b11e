//! Error budgets in lists and pictures.

use std::collections::BTreeMap;

use crate::model::budget::SliBudget;
use crate::model::ids::EnvironmentName;
use crate::model::monitoring::WhenNoData;
use crate::model::report::{HealthReport, ResourceHealth, SliResult};
use crate::model::slo_budgets::{DAY, EventSeries, SloBudgets, window_start};
use crate::model::slo_report::{BudgetRow, SloRow};

use super::burn::{CountedSpan, tidy};
use super::settings::Objective;

/// Every error budget of the newest reports, the one that lasts shortest on top.
pub fn rows<'a>(
    reports: impl Iterator<Item = &'a HealthReport>,
    budgets: &BTreeMap<EnvironmentName, SloBudgets>,
) -> Vec<BudgetRow> {
    let mut out: Vec<BudgetRow> = reports
        .flat_map(|report| {
            let stored = budgets.get(&report.environment);
            let slis = report
                .checks
                .iter()
                .flat_map(|check| check.slis.iter().map(move |sli| (check, sli)));
            slis.filter_map(move |(check, sli)| {
                Some(row(report, check, sli, sli.budget.as_ref()?, stored))
            })
        })
        .collect();
    out.sort_by(|a, b| {
        let lasts = |row: &BudgetRow| row.exhausted_in_seconds.unwrap_or(u64::MAX);
        let left = |row: &BudgetRow| row.remaining_percent.unwrap_or(f64::INFINITY);
        lasts(a)
            .cmp(&lasts(b))
            .then_with(|| left(a).total_cmp(&left(b)))
            .then_with(|| (&a.environment, &a.resource).cmp(&(&b.environment, &b.resource)))
            .then_with(|| a.sli.cmp(&b.sli))
    });
    merge_same(out)
}

/// Budgets that several indicators of a resource share, once, under all their names. An
/// alert of one of them is an alert of the budget.
fn merge_same(rows: Vec<BudgetRow>) -> Vec<BudgetRow> {
    let mut out: Vec<BudgetRow> = Vec::with_capacity(rows.len());
    for row in rows {
        // Rows of one resource that are alike follow one another.
        match out.last_mut().filter(|last| last.is_same_as(&row)) {
            Some(last) => {
                last.title = format!("{}, {}", last.title, row.title);
                last.alert = last.alert.max(row.alert);
            }
            None => out.push(row),
        }
    }
    out
}

fn row(
    report: &HealthReport,
    check: &ResourceHealth,
    sli: &SliResult,
    budget: &SliBudget,
    stored: Option<&SloBudgets>,
) -> BudgetRow {
    let end = report.window.end.as_second();
    let by_day = stored.and_then(|stored| {
        let series = stored.find(&check.resource.arn, &sli.sli)?;
        let counted_to = stored.observed_to.as_second().min(end);
        Some(remaining_by_day(series, budget, end, counted_to))
    });
    BudgetRow {
        domain: report.domain.clone(),
        environment: report.environment.clone(),
        resource: check.resource.clone(),
        sli: sli.sli.clone(),
        title: sli.title.clone(),
        objective_percent: budget.objective_percent,
        window_days: budget.window_days,
        consumed_percent: budget.consumed_percent,
        remaining_percent: budget.remaining_percent,
        burn_rate: budget.burn_rate,
        exhausted_in_seconds: budget.exhausted_in_seconds,
        coverage_percent: budget.coverage_percent,
        alert: budget.alert,
        remaining_by_day: by_day.unwrap_or_default(),
    }
}

/// Every service level objective of the newest reports: those whose alert is on first, then
/// those that are missed, then by how long their budgets last.
pub fn slos<'a>(
    reports: impl Iterator<Item = &'a HealthReport>,
    budgets: &BTreeMap<EnvironmentName, SloBudgets>,
) -> Vec<SloRow> {
    let mut out: Vec<SloRow> = reports
        .flat_map(|report| {
            let stored = budgets.get(&report.environment);
            let slis = report
                .checks
                .iter()
                .flat_map(|check| check.slis.iter().map(move |sli| (check, sli)));
            slis.map(move |(check, sli)| SloRow {
                environment: report.environment.clone(),
                resource: check.resource.clone(),
                level: sli.clone(),
                budget: sli
                    .budget
                    .as_ref()
                    .map(|budget| row(report, check, sli, budget, stored)),
            })
        })
        .collect();
    out.sort_by(|a, b| {
        let budget = |row: &SloRow| {
            let budget = row.level.budget.as_ref();
            (
                std::cmp::Reverse(budget.and_then(|b| b.alert)),
                std::cmp::Reverse(row.level.slo_breach),
                budget
                    .and_then(|b| b.exhausted_in_seconds)
                    .unwrap_or(u64::MAX),
            )
        };
        let left = |row: &SloRow| {
            let budget = row.level.budget.as_ref();
            budget
                .and_then(|b| b.remaining_percent)
                .unwrap_or(f64::INFINITY)
        };
        budget(a)
            .cmp(&budget(b))
            .then_with(|| left(a).total_cmp(&left(b)))
            .then_with(|| (&a.environment, &a.resource).cmp(&(&b.environment, &b.resource)))
            .then_with(|| a.level.sli.cmp(&b.level.sli))
    });
    out
}

/// What was left of the budget at the end of each day of its window, oldest first, of the
/// budget that all events of the window make; `None` for days that were not observed. Today is
/// what is left now: the series may be counted up to some hours before the end only.
pub fn remaining_by_day(
    series: &EventSeries,
    budget: &SliBudget,
    end: i64,
    counted_to: i64,
) -> Vec<Option<f64>> {
    let (days, when_no_data) = (budget.window_days, budget.when_no_data);
    let Some(objective) = Objective::new(budget.objective_percent, days, when_no_data) else {
        return Vec::new();
    };
    let start = window_start(end, days);
    let whole = CountedSpan::of(series, start, counted_to);
    let (mut bad, mut missing) = (0_u64, 0_u64);
    let mut out: Vec<Option<f64>> = (0..i64::from(days))
        .map(|day| {
            let from = start + day * DAY;
            let span = CountedSpan::of(series, from, (from + DAY).min(counted_to));
            bad = bad.saturating_add(span.sums.bad);
            missing = missing.saturating_add(span.missing);
            let seen = span.sums.observed > 0 || when_no_data == WhenNoData::Bad;
            let share = whole.share_of(bad, missing, when_no_data)?;
            seen.then(|| tidy(100.0 - 100.0 * share.rate(objective)))
        })
        .collect();
    if let Some(today) = out.last_mut() {
        *today = budget.remaining_percent;
    }
    out
}
