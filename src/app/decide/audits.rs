//! What the configuration of an environment means: a report, what changed, and issues.

use jiff::Timestamp;

use crate::app::costs::CostAudit;
use crate::app::workspace::views::Documents;
use crate::app::workspace::views::audits::AuditSources;
use crate::catalog::checks::Check;
use crate::catalog::registry::Registry;
use crate::core::audit::{
    self, AuditExamineInput, AuditInput, Evaluation, ReportInput, next_history,
};
use crate::core::issues::{IssueChange, ReconcileInput, reconcile};
use crate::error::CommandError;
use crate::model::audit::AuditReport;
use crate::model::audit_history::AuditHistory;
use crate::model::configuration::Configuration;
use crate::model::ids::EnvironmentName;
use crate::model::receipt::Receipt;

/// Findings are facts, not measurements: the first audit that has one opens its issue, and the
/// first that sees it fixed resolves it.
const AUDITS_NEEDED: u32 = 1;

/// What is evaluated over a configuration, and what is reported of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AuditPlan {
    /// `security`, `compliance` or `all`.
    pub(crate) audit_type: &'static str,
    /// Ids of checks; empty for all.
    pub(crate) checks: Vec<String>,
    /// Frameworks that are reported.
    pub(crate) frameworks: Vec<String>,
    /// Whether suppressions of protected checks count.
    pub(crate) allow_protected: bool,
}

/// What was read of an environment to audit it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AuditRead {
    /// The environment.
    pub(crate) environment: EnvironmentName,
    /// What it was read for.
    pub(crate) plan: AuditPlan,
    /// How everything is configured.
    pub(crate) configuration: Configuration,
    /// What reading it cost.
    pub(crate) receipt: Receipt,
    /// What it costs, with `--type all`.
    pub(crate) cost: Option<CostAudit>,
}

/// What an audit means.
pub(crate) struct AuditDecision {
    /// The report.
    pub(crate) report: AuditReport,
    /// The history with it.
    pub(crate) history: AuditHistory,
    /// What happens to issues.
    pub(crate) changes: Vec<IssueChange>,
    /// What it costs, with `--type all`.
    pub(crate) cost: Option<CostAudit>,
}

impl AuditDecision {
    /// Returns what came of it, in a few words: `5 new, 3 fixed, 41 open, 2 unknown`.
    pub(crate) fn words(&self) -> String {
        let summary = &self.report.summary;
        let (open, unknown) = (summary.all_open(), summary.unknown());
        let (new, fixed) = (summary.new, summary.fixed);
        format!("{new} new, {fixed} fixed, {open} open, {unknown} unknown")
    }
}

/// Decides on what was read. Without anything it loads no checks.
pub(crate) fn decide(
    documents: &Documents<'_>,
    reads: &[AuditRead],
    now: Timestamp,
) -> Result<Vec<AuditDecision>, CommandError> {
    if reads.is_empty() {
        return Ok(Vec::new());
    }
    let registry = documents.audits.checks()?;
    let each = reads
        .iter()
        .map(|read| decide_one(documents, &registry, read, now));
    each.collect()
}

fn decide_one(
    documents: &Documents<'_>,
    registry: &Registry<Check>,
    read: &AuditRead,
    now: Timestamp,
) -> Result<AuditDecision, CommandError> {
    let sources = documents.audits;
    let checks = sources.choose(registry, &read.plan.checks)?;
    let environment = documents.settings.environment(&read.environment)?;
    let evaluation = audit::evaluate(
        &AuditInput {
            environment: read.environment.as_str(),
            critical: environment.is_critical(),
            configuration: &read.configuration,
            rules: &documents.settings.monitoring.compliance,
        },
        &checks,
    );
    let mut report = report(sources, read, &checks, &evaluation);
    report.cost = read.cost.as_ref().map(|it| Box::new(it.report.clone()));
    let active = documents.issues.all_active();
    let domain = documents.settings.domain()?;
    let level = documents.settings.monitoring.audit.issues;
    let examination = audit::examine(&AuditExamineInput {
        report: &report,
        evaluation: &evaluation,
        configuration: &read.configuration,
        checks: &checks,
        domain: &domain,
        level: level.map(|level| level.severity()),
        open: &active,
    });
    let issues = documents.issues;
    let reconciliation = reconcile(&ReconcileInput {
        examination: &examination,
        active: &active,
        resolved: &issues.resolved_for(&examination, &active, AUDITS_NEEDED)?,
        prefix: &documents.settings.issue_prefix(&domain),
        open_after: AUDITS_NEEDED,
        resolve_after: AUDITS_NEEDED,
        now,
    });
    let previous = sources.history(&read.environment);
    Ok(AuditDecision {
        history: next_history(previous.map(|it| &it.value), &report, &checks),
        report,
        changes: reconciliation.changes,
        cost: read.cost.clone(),
    })
}

fn report(
    sources: AuditSources<'_>,
    read: &AuditRead,
    checks: &[&Check],
    evaluation: &Evaluation<'_>,
) -> AuditReport {
    let previous = sources.history(&read.environment);
    audit::report(
        &ReportInput {
            audit_type: read.plan.audit_type,
            environment: &read.environment,
            configuration: &read.configuration,
            suppressions: &sources.suppressions(),
            attestations: &sources.attestations(),
            allow_protected: read.plan.allow_protected,
            previous: previous.map(|document| &document.value),
            frameworks: &read.plan.frameworks,
            checks,
            is_part: !read.plan.checks.is_empty(),
            receipt: &read.receipt,
        },
        evaluation,
    )
}
