//! What the answers mean of programs that monitor domains.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::decide::decision::DomainDecision;
use crate::app::decide::inputs::run_id;
use crate::app::workspace::views::issues::IssueStore;
use crate::app::workspace::views::records::Records;
use crate::app::workspace::views::settings::Settings;
use crate::core::domains::{self, DomainQuiet, SettleInput};
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
        let mut input = SettleInput {
            report: &report,
            answered: answer.health.is_some(),
            run_id: &run_id(answer, now)?,
            active: &active,
            resolved: &BTreeMap::new(),
            prefix: &settings.issue_prefix(&answer.domain),
            critical: environment.is_critical(),
            open_after,
            resolve_after: health_settings.resolve_after,
            now,
        };
        let (mut health, mut reconciliation) = domains::settle(&input);
        let resolved = issues.resolved_for(&health, &active, open_after)?;
        if !resolved.is_empty() {
            input.resolved = &resolved;
            (health, reconciliation) = domains::settle(&input);
        }
        let reason = domains::worth_committing(&DomainQuiet {
            previous,
            new: &report,
            changes: &reconciliation.changes,
            open_after,
            heartbeat_seconds: settings.heartbeat_seconds(),
            now,
        });
        out.push(DomainDecision {
            report,
            health,
            changes: reconciliation.changes,
            reason,
        });
    }
    Ok(out)
}
