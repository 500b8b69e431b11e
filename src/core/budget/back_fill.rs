//! The past of an error budget that is new: read once, in hours, instead of waiting a month.

use crate::catalog::Catalog;
use crate::catalog::kinds::kind::Kind;
use crate::core::targets::HealthSettings;
use crate::model::fact::Fact;
use crate::model::ids::Arn;
use crate::model::resource::Resource;
use crate::model::slo_budgets::{DAY, EventSeries, SloBudgets};
use crate::model::snapshot::Snapshot;
use crate::model::window::Window;

use super::{Budgeted, budgeted, events};

/// Seconds after which a past that could not be read is asked for again: a day.
const AGAIN_AFTER: i64 = DAY;

/// The resources that have an error budget whose past was never read, and the days that the
/// longest of these budgets is for.
pub fn lacking_past(
    resources: &[Resource],
    settings: &HealthSettings,
    catalog: &Catalog,
    stored: Option<&SloBudgets>,
    window: Window,
) -> (Vec<Resource>, u32) {
    let mut days = 0;
    let lacks = |arn: &Arn, sli: &str| match stored.and_then(|stored| stored.find(arn, sli)) {
        None => true,
        Some(series) => series
            .back_fill_failed_at
            .is_some_and(|at| window.end.as_second().saturating_sub(at.as_second()) >= AGAIN_AFTER),
    };
    let lacking = resources.iter().filter(|resource| {
        let Some((_, all)) = budgeted(settings, catalog, resource) else {
            return false;
        };
        let lacking = all.iter().filter(|one| lacks(&resource.arn, &one.sli.id));
        let longest = lacking.map(|one| one.objective.window_days).max();
        days = days.max(longest.unwrap_or(0));
        longest.is_some()
    });
    (lacking.cloned().collect(), days)
}

/// Counts what was read of the past of a series; an answer that is missing is noted.
pub(super) fn fill(
    series: &mut EventSeries,
    kind: &Kind,
    one: &Budgeted<'_>,
    snapshot: &Snapshot,
    arn: &Arn,
) {
    let asked: Vec<_> = snapshot
        .back_fill
        .iter()
        .filter_map(|past| {
            let observed = past.resources.iter().find(|o| &o.resource.arn == arn)?;
            Some((past, observed))
        })
        .collect();
    let Some(first) = asked.iter().map(|(past, _)| past.window.start).min() else {
        return;
    };
    let mut failed = false;
    for (past, observed) in asked {
        let mut observed = observed.clone();
        // Whether it is there now says nothing of then.
        if matches!(observed.state, Fact::Absent) {
            observed.state = Fact::Known(crate::model::snapshot::ResourceState::unchecked());
        }
        let unreadable = observed.metrics.values().any(|fact| fact.gap().is_some());
        failed |= unreadable;
        for (start, period) in events::periods(kind, one.programs, &observed, past.window) {
            series.count(start, period);
        }
    }
    series.back_fill_failed_at = failed.then_some(snapshot.window.end);
    if !failed {
        series.since = series.since.min(first);
    }
}
