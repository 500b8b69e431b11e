//! From decisions to files: which document goes where.

use jiff::Timestamp;

use crate::app::decide::audits::AuditDecision;
use crate::app::decide::dashboard::write_dashboard;
use crate::app::decide::decision::{DomainDecision, EnvironmentDecision};
use crate::app::decide::kpis::KpiDecision;
use crate::app::decide::outlook::Outlook;
use crate::app::workspace::views::Documents;
use crate::app::workspace::views::issues::IssueStore;
use crate::app::workspace::views::records::Records;
use crate::core::growth::Retention;
use crate::core::issues::IssueChange;
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::model::ids::EnvironmentName;
use crate::model::issue::IssueStatus;
use crate::model::paths::RepoPath;
use crate::model::slo_budgets::SloBudgets;
use crate::render::markdown;
use crate::state;
use crate::state::documents::paths;

/// Writes report, history, error budgets and issues of one environment.
pub(super) fn write_environment(
    records: Records<'_>,
    issues: IssueStore<'_>,
    decision: &EnvironmentDecision,
    outlook: &Outlook,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let report = &decision.report;
    let name = &report.environment;
    let bytes = state::to_bytes(report);
    transaction.write(decision.report_path.clone(), bytes.clone());
    let latest = records.latest_document(name);
    let latest = latest
        .filter(|document| !document.is_exact())
        .map_or(bytes, |document| document.updated(report));
    transaction.write(paths::latest(name), latest);
    if let Some(history) = outlook.histories.get(name) {
        let bytes = records.histories()?.get(name).map_or_else(
            || state::to_bytes(history),
            |document| document.updated_numbers(history),
        );
        transaction.write(paths::history(name), bytes);
    }
    if decision.budgets_due {
        write_budgets(records, name, &decision.budgets, transaction);
    }
    for change in &decision.changes {
        write_issue(issues, change, transaction)?;
    }
    Ok(())
}

/// Writes what error budgets count now. An environment without any has no such file.
fn write_budgets(
    records: Records<'_>,
    name: &EnvironmentName,
    budgets: &SloBudgets,
    transaction: &mut Transaction,
) {
    let document = records.budgets(name);
    if budgets.series.is_empty() && document.is_none() {
        return;
    }
    let bytes = document.map_or_else(
        || state::to_bytes(budgets),
        |document| document.updated_numbers(budgets),
    );
    transaction.write(paths::slo_budgets(name), bytes);
}

/// Writes report and issues of one domain.
pub(super) fn write_domain(
    records: Records<'_>,
    issues: IssueStore<'_>,
    decision: &DomainDecision,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let report = &decision.report;
    let (domain, environment) = (&report.domain, &report.environment);
    let bytes = records.domain(domain, environment).map_or_else(
        || state::to_bytes(report),
        |document| document.updated(report),
    );
    transaction.write(paths::domain_latest(domain, environment), bytes);
    for change in &decision.changes {
        write_issue(issues, change, transaction)?;
    }
    Ok(())
}

/// Writes history and issues of key figures.
pub(super) fn write_kpis(
    documents: &Documents<'_>,
    decision: &KpiDecision,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    if let Some(history) = &decision.history {
        let name = &history.environment;
        let bytes = documents.records.kpis(name).map_or_else(
            || state::to_bytes(history),
            |document| document.updated(history),
        );
        transaction.write(paths::kpi_history(name), bytes);
    }
    for change in &decision.changes {
        write_issue(documents.issues, change, transaction)?;
    }
    Ok(())
}

/// Writes report, history and issues of an audit, and removes old reports.
pub(super) fn write_audit(
    documents: &Documents<'_>,
    decision: &AuditDecision,
    now: Timestamp,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let report = &decision.report;
    let (name, at, of) = (&report.environment, report.generated_at, &report.audit_type);
    transaction.write(paths::audit(name, at, of), state::to_bytes(report));
    let page = markdown::audit(report);
    transaction.write(paths::audit_md(name, at, of), page.into_bytes());
    let document = documents.audits.history(name);
    let history = document.map_or_else(
        || state::to_bytes(&decision.history),
        |document| document.updated(&decision.history),
    );
    transaction.write(paths::audit_history(name), history);
    if let Some(cost) = &decision.cost {
        cost.write(transaction, name);
    }
    for change in &decision.changes {
        write_issue(documents.issues, change, transaction)?;
    }
    let settings = documents.settings;
    let before = Retention::resolve(settings.helm, settings.monitoring).reports_before(now);
    let tree = documents.dashboard.tree;
    let old: Vec<RepoPath> = state::audits_before(tree.files()?.as_ref(), name, before)
        .map_err(|error| CommandError::new(ErrorKind::Usage, error))?
        .into_iter()
        .filter(|path| !transaction.edits().contains_key(path))
        .collect();
    let edited = tree.edited(&old)?;
    for path in old.into_iter().filter(|path| !edited.contains(path)) {
        transaction.delete(path);
    }
    Ok(())
}

/// Writes an issue to where it belongs, and removes it from where it was.
pub(crate) fn write_issue(
    issues: IssueStore<'_>,
    change: &IssueChange,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let id = &change.after.id;
    let document = issues.document(id)?;
    let path = if change.after.status == IssueStatus::Resolved {
        paths::issue_resolved(id)
    } else {
        paths::issue_active(id)
    };
    let bytes = document.map_or_else(
        || state::to_bytes(&change.after),
        |document| document.updated(&change.after),
    );
    if let Some(document) = document
        && document.path != path
    {
        transaction.delete(document.path.clone());
    }
    transaction.write(path, bytes);
    Ok(())
}

/// Writes issues that people changed, and the dashboard that shows them.
pub(crate) fn write_changes(
    documents: &Documents<'_>,
    changes: &[IssueChange],
    now: Timestamp,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let mut outlook = Outlook::read(documents.records, documents.issues, now)?;
    for change in changes {
        write_issue(documents.issues, change, transaction)?;
        outlook.apply_issue(change);
    }
    write_dashboard(documents.dashboard, &outlook, now, transaction)
}
