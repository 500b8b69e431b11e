//! Drift: what is deployed against what Terraform left, and the issues of it.

use crate::app::App;
use crate::app::decide::write::write_changes;
use crate::app::infra::preview::InfraSession;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing::Proposal;
use crate::core::infra::drift::{self, DriftInput};
use crate::core::infra::drift_issues;
use crate::core::infra::events::ToolDiagnostic;
use crate::core::issues::{ReconcileInput, reconcile};
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::iac::plan;
use crate::model::drift::DriftReport;
use crate::model::remediation::{ExpectedDrift, RemediationOutcome};
use crate::text::Untrusted;
use crate::text::phrases::counted;

/// The first look that finds it opens its issue, and the first that does not resolves it.
const LOOKS_NEEDED: u32 = 1;

/// Reads everything again, and compares.
pub(crate) fn look(
    app: &App,
    workspace: &Workspace,
    session: &InfraSession,
) -> Result<DriftReport, CommandError> {
    let name = session.target.name();
    let file = session.folder.new_plan(name)?;
    let (tally, is_planned) = session.runner.look(app, &session.target, &file)?;
    let shown = match is_planned {
        true => Some(session.runner.show(app, &file)?),
        false => None,
    };
    session.folder.new_plan(name)?;
    let text = shown.as_deref().map(plan::decode).transpose();
    let text = text.map_err(|error| CommandError::new(ErrorKind::Unknown, error))?;
    let read = text.as_deref().map(plan::read).transpose();
    let read = read.map_err(|error| CommandError::new(ErrorKind::Unknown, error))?;
    let error = |one: &ToolDiagnostic| {
        let address = one.address.clone().unwrap_or_default();
        (address, one.line())
    };
    let errors: Vec<(Untrusted, Untrusted)> = tally.errors.iter().map(error).collect();
    Ok(drift::examine(DriftInput {
        environment: name,
        plan: read.as_ref(),
        managed: &session.view.addresses,
        refreshed: &tally.refreshed,
        errors: &errors,
        expected: &expected(workspace, session)?,
    }))
}

/// What remediations have changed and nobody has undone.
fn expected(
    workspace: &Workspace,
    session: &InfraSession,
) -> Result<Vec<(String, ExpectedDrift)>, CommandError> {
    let done = workspace.remediations().read(session.target.name())?;
    let standing = done
        .into_iter()
        .filter(|one| one.outcome() != RemediationOutcome::Undone);
    Ok(standing
        .filter_map(|one| Some((one.id, one.last.drift_expected?)))
        .collect())
}

/// Proposes the issues of it.
pub(crate) fn propose(
    app: &App,
    workspace: &Workspace,
    report: &DriftReport,
) -> Result<Proposal<()>, CommandError> {
    let documents = workspace.documents();
    let domain = documents.settings.domain()?;
    let environment = documents.settings.environment(&report.environment)?;
    let region = documents.settings.region(&environment);
    let examination = drift_issues::examine(report, &domain, region.as_ref());
    let active = documents.issues.all_active();
    let resolved = documents
        .issues
        .resolved_for(&examination, &active, LOOKS_NEEDED)?;
    let reconciliation = reconcile(&ReconcileInput {
        examination: &examination,
        active: &active,
        resolved: &resolved,
        prefix: &documents.settings.issue_prefix(&domain),
        open_after: LOOKS_NEEDED,
        resolve_after: LOOKS_NEEDED,
        now: app.clock.now(),
    });
    let mut transaction = Transaction::new();
    if !reconciliation.changes.is_empty() {
        let now = app.clock.now();
        write_changes(&documents, &reconciliation.changes, now, &mut transaction)?;
    }
    let name = &report.environment;
    Ok(Proposal {
        transaction,
        message: format!(
            "fractary(drift): {name} — {} drifted, {} of {} compared\n\nFractary-Command: drift\nFractary-Env: {name}\n",
            counted(report.drifted.len() as u64, "resource"),
            report.compared,
            report.of
        ),
        facts: (),
    })
}
