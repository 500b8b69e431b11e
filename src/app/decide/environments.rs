//! What the observation of an environment means.

use jiff::Timestamp;

use crate::app::decide::decision::EnvironmentDecision;
use crate::app::decide::inputs::{EnvironmentInput, run_id};
use crate::app::workspace::views::Documents;
use crate::app::workspace::views::issues::IssueStore;
use crate::core::budget::{self, BudgetInput, Budgets};
use crate::core::health::{EvaluateInput, ExamineInput, environment_alarms, evaluate, examine};
use crate::core::history;
use crate::core::incidents::{self, Dependencies};
use crate::core::issues::attach::{attach_ids, follow_up};
use crate::core::issues::{ReconcileInput, Reconciliation, reconcile};
use crate::core::quiet::{self, QuietInput, Reason};
use crate::error::CommandError;
use crate::model::ids::EnvironmentName;
use crate::model::report::HealthReport;
use crate::model::snapshot::Snapshot;
use crate::state::documents::paths;

/// Decides on snapshots; `lands` says whether the issues that a report names are recorded with
/// it.
pub(crate) fn decide(
    documents: &Documents<'_>,
    snapshots: &[Snapshot],
    lands: bool,
    now: Timestamp,
) -> Result<Vec<EnvironmentDecision>, CommandError> {
    let each = snapshots.iter().map(|snapshot| {
        let name = &snapshot.environment;
        let input = EnvironmentInput::collect(documents, name, now)?;
        let needs = || dependencies(documents, name);
        decide_environment(&input, documents.issues, (snapshot, &needs), lands, now)
    });
    each.collect()
}

/// Says which resource of an environment depends on which.
fn dependencies(
    documents: &Documents<'_>,
    name: &EnvironmentName,
) -> Result<Dependencies, CommandError> {
    let environment = documents.settings.environment(name)?;
    let resources = documents.registries.resources(&environment);
    let also = &documents.settings.monitoring.dependencies;
    Ok(Dependencies::of(&resources, also))
}

/// `issues` is asked for resolved ones only where the report needs them.
fn decide_environment(
    input: &EnvironmentInput<'_>,
    issues: IssueStore<'_>,
    (snapshot, needs): (&Snapshot, &dyn Fn() -> Result<Dependencies, CommandError>),
    lands: bool,
    now: Timestamp,
) -> Result<EnvironmentDecision, CommandError> {
    let settings = &input.settings;
    let (report, budgets) = judge(input, snapshot, now)?;
    let examination = examine(&ExamineInput {
        report: &report,
        catalog: input.catalog,
        registered: &input.registered,
        checks: &settings.checks,
        critical: input.critical,
    });
    let mut reconciliation = reconcile(&ReconcileInput {
        examination: &examination,
        active: &input.active,
        resolved: &issues.resolved_for(&examination, &input.active, settings.open_after)?,
        prefix: &input.prefix,
        open_after: settings.open_after,
        resolve_after: settings.resolve_after,
        now,
    });
    if reconciliation.changes.iter().any(incidents::is_new) {
        let Reconciliation { changes, open } = &mut reconciliation;
        incidents::assign(changes, open, &needs()?);
    }
    let report = follow_up(attach_ids(report, &reconciliation), &reconciliation, lands);
    let reason = quiet::worth_committing(&QuietInput {
        previous: input.previous,
        new: &report,
        changes: &reconciliation.changes,
        open_after: settings.open_after,
        last_commit_at: input.previous.map(|report| report.generated_at),
        heartbeat_seconds: input.heartbeat_seconds,
        now,
    });
    let counts = || input.counts_for_remediations(&report);
    let reason = match reason {
        // What is judged is worth a commit by itself; the rest has its own words.
        None | Some(Reason::Heartbeat) if counts() => Some(Reason::Remediation),
        other => other.or(budgets.back_filled.then_some(Reason::Budgets)),
    };
    Ok(EnvironmentDecision {
        report_path: paths::report(&snapshot.environment, now),
        budgets: budgets.document,
        budgets_due: budgets.due,
        entry: history::entry(&report, &reconciliation),
        report,
        changes: reconciliation.changes,
        reason,
    })
}

/// Counts the error budgets, and makes the report.
fn judge(
    input: &EnvironmentInput<'_>,
    snapshot: &Snapshot,
    now: Timestamp,
) -> Result<(HealthReport, Budgets), CommandError> {
    let settings = &input.settings;
    let budgets = budget::account(&BudgetInput {
        snapshot,
        catalog: input.catalog,
        settings,
        stored: input.budgets,
    });
    let own_alarms = environment_alarms(
        snapshot,
        input.catalog,
        &input.registered,
        &input.environments,
    );
    let report = evaluate(&EvaluateInput {
        environment_alarms: own_alarms.as_deref(),
        snapshot,
        catalog: input.catalog,
        settings,
        domain: &input.domain,
        critical: input.critical,
        previous: input.previous,
        open: &input.open,
        budgets: Some(&budgets),
        last_window_end: input.last_window_end,
        run_id: &run_id(snapshot, now)?,
        now,
    });
    Ok((report, budgets))
}
