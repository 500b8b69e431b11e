//! Domains that programs monitor, in the pipeline: asked while the cloud is observed, decided
//! like its environments, and shown as they are now.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::decide::decision::DomainDecision;
use crate::app::decide::inputs;
use crate::app::decide::inputs::monitor;
use crate::app::decide::inputs::previous;
use crate::app::decide::inputs::run_id;
use crate::app::decide::outlook::{World, values};
use crate::app::decide::write;
use crate::app::workspace::load::Loaded;
use crate::core::domains::{self, DomainQuiet, SettleInput};
use crate::core::targets::HealthSettings;
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::domain_health::MonitorAnswer;
use crate::state;
use crate::state::documents::paths;

/// Decides on the answers.
pub(crate) fn decide(
    loaded: &Loaded,
    answers: &[MonitorAnswer],
    now: Timestamp,
) -> Result<Vec<DomainDecision>, CommandError> {
    let active = values(&loaded.state.active);
    let settings = HealthSettings::resolve(&loaded.monitoring);
    let mut out = Vec::new();
    for answer in answers {
        // The file may have changed since it was asked, when the head has moved.
        let Some(monitor) = monitor(loaded, answer) else {
            continue;
        };
        let environment = loaded.environment(&answer.environment)?;
        let previous = previous(loaded, answer);
        let report = domains::judge(answer, monitor, previous, now);
        let mut input = SettleInput {
            report: &report,
            answered: answer.health.is_some(),
            run_id: &run_id(answer, now)?,
            active: &active,
            resolved: &BTreeMap::new(),
            prefix: &inputs::prefix(loaded, &answer.domain),
            critical: environment.is_critical(),
            open_after: settings.open_after,
            resolve_after: settings.resolve_after,
            now,
        };
        let (mut health, mut reconciliation) = domains::settle(&input);
        let resolved = inputs::resolved_for(loaded, &health, &active, settings.open_after)?;
        if !resolved.is_empty() {
            input.resolved = &resolved;
            (health, reconciliation) = domains::settle(&input);
        }
        let reason = domains::worth_committing(&DomainQuiet {
            previous,
            new: &report,
            changes: &reconciliation.changes,
            open_after: settings.open_after,
            heartbeat_seconds: inputs::heartbeat_seconds(loaded),
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

/// What the decisions make of the world, and the files of those that are worth a commit.
pub(crate) fn apply(
    loaded: &Loaded,
    decisions: &[DomainDecision],
    world: &mut World,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    for decision in decisions {
        for change in &decision.changes {
            world.apply_issue(change);
        }
        let report = &decision.report;
        let key = (report.domain.clone(), report.environment.clone());
        if decision.reason.is_some() {
            let bytes = match loaded.state.domains.get(&key) {
                Some(document) => document.updated(report),
                None => state::to_bytes(report),
            };
            transaction.write(paths::domain_latest(&key.0, &key.1), bytes);
            for change in &decision.changes {
                write::write_issue(loaded, change, transaction)?;
            }
        }
        world.domains.insert(key, report.clone());
    }
    Ok(())
}
