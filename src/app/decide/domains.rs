//! What the answers mean of programs that monitor domains.

use jiff::Timestamp;

use crate::app::decide::decision::DomainDecision;
use crate::app::decide::inputs::run_id;
use crate::app::workspace::views::issues::IssueStore;
use crate::app::workspace::views::records::Records;
use crate::app::workspace::views::settings::Settings;
use crate::core::domains::{self, DomainQuiet};
use crate::core::issues::{ReconcileInput, reconcile};
use crate::error::CommandError;
use crate::model::domain_health::MonitorAnswer;

/// Decides on the answers.
pub(crate) fn decide(
    settings: Settings<'_>,
    records: Records<'_>,
    issues: IssueStore<'_>,
    answers: &[MonitorAnswer],
    now: Timestamp,
) -> Result<Vec<DomainDecision>, CommandError> {
    let active = issues.all_active();
    let health_settings = settings.health();
    let open_after = health_settings.open_after;
    let mut out = Vec::new();
    for answer in answers {
        // The file may have changed since it was asked, when the head has moved.
        let Some(monitor) = settings.monitor(&answer.domain) else {
            continue;
        };
        let environment = settings.environment(&answer.environment)?;
        let previous = records.domain(&answer.domain, &answer.environment);
        let previous = previous.map(|document| &document.value);
        let report = domains::judge(answer, monitor, previous, now);
        let changes = if answer.health.is_some() {
            let critical = environment.is_critical();
            let examination = domains::examine(&report, &active, critical);
            let reconciliation = reconcile(&ReconcileInput {
                examination: &examination,
                active: &active,
                resolved: &issues.resolved_for(&examination, &active, open_after)?,
                prefix: &settings.issue_prefix(&answer.domain),
                open_after,
                resolve_after: health_settings.resolve_after,
                now,
            });
            reconciliation.changes
        } else {
            // Without an answer nothing was examined.
            Vec::new()
        };
        let reason = domains::worth_committing(&DomainQuiet {
            previous,
            new: &report,
            changes: &changes,
            open_after,
            heartbeat_seconds: settings.heartbeat_seconds(),
            now,
        });
        out.push(DomainDecision {
            report,
            run_id: run_id(answer, now)?,
            changes,
            reason,
        });
    }
    Ok(out)
}
