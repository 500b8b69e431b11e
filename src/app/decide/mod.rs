//! Deciding: from snapshots and state to reports, issue changes and one transaction.
//!
//! Composes the pure functions of `core`; the same input gives the same bytes, so that it can
//! be done again when the head has moved.

pub(crate) mod activity;
pub(crate) mod budgets;
pub(crate) mod decision;
pub(crate) mod domains;
pub(crate) mod expire;
pub(crate) mod inputs;
pub(crate) mod links;
pub(crate) mod message;
pub(crate) mod outlook;
pub(crate) mod regenerate;
pub(crate) mod write;

use jiff::Timestamp;

use crate::app::decide::decision::Decision;
use crate::app::decide::decision::EnvironmentDecision;
use crate::app::decide::inputs::heartbeat_seconds;
use crate::app::decide::inputs::open_checks;
use crate::app::decide::inputs::prefix;
use crate::app::decide::inputs::registered;
use crate::app::decide::inputs::resolved_for;
use crate::app::decide::inputs::run_id;
use crate::app::decide::outlook::{World, values};
use crate::app::decide::write::{write_dashboard, write_deployed, write_environment};
use crate::app::occasion::Occasion;
use crate::app::workspace::load::Loaded;
use crate::core::health::{EvaluateInput, evaluate};
use crate::core::history;
use crate::core::issues::attach::{attach_ids, follow_up};
use crate::core::issues::{ReconcileInput, reconcile};
use crate::core::quiet::{self, QuietInput, Reason};
use crate::core::targets::HealthSettings;
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::domain_health::MonitorAnswer;
use crate::model::ids::EnvironmentName;
use crate::model::snapshot::Snapshot;
use crate::state::documents::paths;

/// Decides. `occasion` names the command in the commit message; `lands` says whether the issues
/// that the report names are recorded with it.
pub(crate) fn decide(
    loaded: &Loaded,
    snapshots: &[Snapshot],
    answers: &[MonitorAnswer],
    occasion: Occasion,
    lands: bool,
    now: Timestamp,
) -> Result<Decision, CommandError> {
    let mut transaction = Transaction::new();
    let environments = snapshots
        .iter()
        .map(|snapshot| decide_environment(loaded, snapshot, lands, now))
        .collect::<Result<Vec<_>, _>>()?;
    let domains = domains::decide(loaded, answers, now)?;
    for decision in &environments {
        write_deployed(loaded, &decision.report.environment, &mut transaction)?;
    }
    let committing: Vec<EnvironmentName> = environments
        .iter()
        .filter(|decision| decision.reason.is_some())
        .map(|decision| decision.report.environment.clone())
        .collect();
    // A quiet run has no use for the world as it will be, which is dear to make.
    let told = domains.iter().any(|decision| decision.reason.is_some());
    if !committing.is_empty() || told || loaded.lacks(&paths::dashboard_md())? {
        let mut world = World::of(loaded, now)?;
        for decision in &environments {
            world.apply(decision);
            if decision.reason.is_some() {
                write_environment(loaded, decision, &world, &mut transaction)?;
            }
        }
        domains::apply(loaded, &domains, &mut world, &mut transaction)?;
        if !committing.is_empty() {
            expire::expire(loaded, &committing, &mut world, now, &mut transaction)?;
        }
        write_dashboard(loaded, &world, now, &mut transaction)?;
    }
    let message = message::message(occasion, &environments, &domains, &transaction);
    Ok(Decision {
        environments,
        domains,
        transaction,
        message,
    })
}

fn decide_environment(
    loaded: &Loaded,
    snapshot: &Snapshot,
    lands: bool,
    now: Timestamp,
) -> Result<EnvironmentDecision, CommandError> {
    let name = &snapshot.environment;
    let environment = loaded.environment(name)?;
    let settings = HealthSettings::resolve(&loaded.monitoring);
    let domain = loaded.domain()?;
    let previous = loaded.state.latest.get(name).map(|doc| &doc.value);
    let budgets = budgets::account(loaded, snapshot, &settings);
    let report = evaluate(&EvaluateInput {
        snapshot,
        catalog: &loaded.catalog,
        settings: &settings,
        domain: &domain,
        critical: environment.is_critical(),
        previous,
        open: &open_checks(loaded, name),
        budgets: Some(&budgets),
        last_window_end: loaded.last_window_end(name, now)?,
        run_id: &run_id(snapshot, now)?,
        now,
    });
    let active = values(&loaded.state.active);
    let reconciliation = reconcile(&ReconcileInput {
        report: &report,
        active: &active,
        resolved: &resolved_for(loaded, &report, &active, settings.open_after)?,
        registered: &registered(loaded, name),
        checks: &settings.checks,
        prefix: &prefix(loaded, &domain),
        critical: environment.is_critical(),
        open_after: settings.open_after,
        resolve_after: settings.resolve_after,
        now,
    });
    let report = attach_ids(report, &reconciliation);
    let report = follow_up(report, &reconciliation, lands);
    let reason = quiet::worth_committing(&QuietInput {
        previous,
        new: &report,
        changes: &reconciliation.changes,
        open_after: settings.open_after,
        last_commit_at: previous.map(|report| report.generated_at),
        heartbeat_seconds: heartbeat_seconds(loaded),
        now,
    });
    let reason = reason.or(budgets.back_filled.then_some(Reason::Budgets));
    Ok(EnvironmentDecision {
        report_path: paths::report(name, now),
        budgets: budgets.document,
        budgets_due: budgets.due,
        entry: history::entry(&report, &reconciliation),
        report,
        changes: reconciliation.changes,
        reason,
    })
}
