//! The last audit of each environment.

use crate::model::audit_history::AuditHistory;
use crate::model::dashboard::AuditRow;
use crate::model::ids::EnvironmentName;

use super::DashboardInput;

/// An audit is overdue once it is older than so many times its interval.
const OVERDUE_AFTER: u64 = 2;

/// One row for each environment that was audited or should have been.
pub(super) fn rows(input: &DashboardInput<'_>) -> Vec<AuditRow> {
    let names = input.environments.iter();
    let shown = names.filter(|name| input.shows(input.own_domain, name));
    let rows = shown.filter_map(|name| {
        let history = input.audits.get(name);
        match (history, input.audit_every_seconds) {
            (None, None) => None,
            (history, every) => Some(row(input, name, history, every)),
        }
    });
    rows.collect()
}

fn row(
    input: &DashboardInput<'_>,
    name: &EnvironmentName,
    history: Option<&AuditHistory>,
    every: Option<u64>,
) -> AuditRow {
    let last = history.and_then(|history| history.audits.last());
    let is_overdue = every.is_some_and(|every| {
        let limit = i64::try_from(every.saturating_mul(OVERDUE_AFTER)).unwrap_or(i64::MAX);
        last.is_none_or(|last| {
            let age = input
                .now
                .as_second()
                .saturating_sub(last.generated_at.as_second());
            age > limit
        })
    });
    AuditRow {
        environment: name.clone(),
        generated_at: last.map(|last| last.generated_at),
        audit_type: last.map(|last| last.audit_type.clone()),
        overall_status: last.map(|last| last.overall_status),
        score: last.and_then(|last| last.score),
        unknown_percent: last.map(|last| last.unknown_percent),
        open: last.map_or_else(Default::default, |last| last.open.clone()),
        new: last.map_or(0, |last| last.new),
        fixed: last.map_or(0, |last| last.fixed),
        is_overdue,
    }
}
