//! Error budgets: counts events, and says how much of the failures that an objective allows
//! is used, how fast, and whether that is worth an alert.
//!
//! Events are whole numbers and every comparison is exact. A run counts the periods of the last
//! hours and adds them to what was counted before ([`crate::model::slo_budgets`]), so that
//! the result does not depend on how often, how regularly or by whom runs were made.

mod back_fill;
mod burn;
mod events;
mod rows;
mod settings;
mod span;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::catalog::Catalog;
use crate::catalog::kinds::compile::SliPrograms;
use crate::catalog::kinds::kind::{Kind, SliDefinition};
use crate::core::targets::HealthSettings;
use crate::model::budget::SliBudget;
use crate::model::ids::Arn;
use crate::model::resource::Resource;
use crate::model::slo_budgets::{EventSeries, SloBudgets};
use crate::model::snapshot::Snapshot;

pub use back_fill::lacking_past;
pub use burn::{AlertState, BurnAlert, BurnWindows, reset_seconds};
pub use rows::{remaining_by_day, rows, slos};
pub use settings::Objective;
pub use span::{back_fill_span, read_from};

/// How the checks of burn rates begin; the indicator follows.
pub const BURN_RATE: &str = "burn_rate/";

/// Days after which sums of what is no longer watched are dropped: the longest window.
const LONGEST_DAYS: u32 = 90;

/// What [`account`] counts from.
#[derive(Debug, Clone, Copy)]
pub struct BudgetInput<'a> {
    /// What was observed.
    pub snapshot: &'a Snapshot,
    /// The kinds.
    pub catalog: &'a Catalog,
    /// Service levels.
    pub settings: &'a HealthSettings,
    /// What was counted before.
    pub stored: Option<&'a SloBudgets>,
}

/// The error budgets of one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Budgets {
    /// All events, those of this run included.
    pub document: SloBudgets,
    by_resource: BTreeMap<Arn, BTreeMap<String, Assessment>>,
    /// Whether the past of a budget was read, which is worth a commit: it is expensive.
    pub back_filled: bool,
    /// Whether the document is to be written with what is committed.
    pub due: bool,
}

/// What is to be said of one error budget.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// Its numbers.
    pub budget: SliBudget,
    /// Whether it burns too fast, by the table alone.
    pub alert: AlertState,
    /// What the alerts were made from.
    pub windows: BurnWindows,
}

impl Budgets {
    /// The error budget of an indicator of a resource.
    pub fn get(&self, arn: &Arn, sli: &str) -> Option<&Assessment> {
        self.by_resource.get(arn)?.get(sli)
    }
}

/// An indicator of a resource that has an error budget.
struct Budgeted<'a> {
    sli: &'a SliDefinition,
    programs: &'a SliPrograms,
    objective: Objective,
}

/// The indicators of a resource that have an error budget.
fn budgeted<'a>(
    settings: &HealthSettings,
    catalog: &'a Catalog,
    resource: &Resource,
) -> Option<(&'a Kind, Vec<Budgeted<'a>>)> {
    let (kind, programs) = catalog.kind_with_programs(resource.kind.as_ref()?)?;
    let all = kind.slis.iter().zip(&programs.slis);
    let budgeted = all.filter(|(_, programs)| events::countable(kind, programs));
    let budgeted = budgeted.filter_map(|(sli, programs)| {
        Some(Budgeted {
            sli,
            programs,
            objective: settings::objective(settings, kind, resource, sli)?,
        })
    });
    Some((kind, budgeted.collect()))
}

/// Adds what was observed to what was counted before, and assesses every error budget.
pub fn account(input: &BudgetInput<'_>) -> Budgets {
    let snapshot = input.snapshot;
    let end = snapshot.window.end;
    let read = snapshot.read_span();
    let mut document = input
        .stored
        .cloned()
        .unwrap_or_else(|| SloBudgets::new(snapshot.environment.clone(), end));
    document.observed_to = document.observed_to.max(end);
    let mut by_resource: BTreeMap<Arn, BTreeMap<String, Assessment>> = BTreeMap::new();
    let mut blind = false;
    for observed in &snapshot.resources {
        let Some((kind, all)) = budgeted(input.settings, input.catalog, &observed.resource) else {
            continue;
        };
        let arn = &observed.resource.arn;
        blind |= observed.metrics.values().any(|fact| fact.gap().is_some());
        for one in all {
            let series = series(&mut document, arn, &one.sli.id, read.start);
            back_fill::fill(series, kind, &one, snapshot, arn);
            series.recount(&events::periods(kind, one.programs, observed, read));
            let period = i64::from(snapshot.window.period_seconds);
            let assessment = burn::assess(&burn::Burn {
                series,
                objective: one.objective,
                end: end.as_second(),
                period,
                min_samples: input.settings.min_samples,
            });
            series.settle(end.as_second(), Some(one.objective.window_days));
            let of_resource = by_resource.entry(arn.clone()).or_default();
            of_resource.insert(one.sli.id.clone(), assessment);
        }
    }
    forget(&mut document, &by_resource, end);
    let back_filled = !snapshot.back_fill.is_empty();
    Budgets {
        document,
        by_resource,
        back_filled,
        due: back_filled || span::is_due(input.stored, end, blind),
    }
}

fn series<'a>(
    document: &'a mut SloBudgets,
    arn: &Arn,
    sli: &str,
    since: Timestamp,
) -> &'a mut EventSeries {
    let at = document.position(arn, sli).unwrap_or_else(|place| {
        let new = EventSeries::new(arn.clone(), sli.to_owned(), since);
        document.series.insert(place, new);
        place
    });
    &mut document.series[at]
}

/// Sums of what is no longer watched age, and go when nothing is left of them.
fn forget(
    document: &mut SloBudgets,
    watched: &BTreeMap<Arn, BTreeMap<String, Assessment>>,
    end: Timestamp,
) {
    document.series.retain_mut(|series| {
        if watched
            .get(&series.arn)
            .is_some_and(|slis| slis.contains_key(&series.sli))
        {
            return true;
        }
        series.settle(end.as_second(), Some(LONGEST_DAYS));
        series.buckets().next().is_some()
    });
}
