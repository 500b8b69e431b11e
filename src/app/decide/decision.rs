//! What a run has decided.

use crate::app::decide::audits::AuditDecision;
use crate::app::decide::kpis::KpiDecision;
use crate::core::domains;
use crate::core::issues::IssueChange;
use crate::core::quiet::Reason;
use crate::git::Transaction;
use crate::model::domain_health::DomainReport;
use crate::model::history::HistoryEntry;
use crate::model::ids::RunId;
use crate::model::paths::RepoPath;
use crate::model::report::HealthReport;
use crate::model::slo_budgets::SloBudgets;
use crate::model::status::Status;

/// What one environment's observation means.
pub(crate) struct EnvironmentDecision {
    /// The report, issue ids filled in.
    pub(crate) report: HealthReport,
    /// What happens to issues.
    pub(crate) changes: Vec<IssueChange>,
    /// Its line in the history.
    pub(crate) entry: HistoryEntry,
    /// Why this is worth a commit; `None` for a quiet run.
    pub(crate) reason: Option<Reason>,
    /// The events behind its error budgets.
    pub(crate) budgets: SloBudgets,
    /// Whether they are written with what is committed.
    pub(crate) budgets_due: bool,
    /// Where the report is stored, where it is.
    pub(crate) report_path: RepoPath,
}

/// What the answer of one domain's monitor means.
pub(crate) struct DomainDecision {
    /// The observation.
    pub(crate) report: DomainReport,
    /// The run.
    pub(crate) run_id: RunId,
    /// What happens to issues.
    pub(crate) changes: Vec<IssueChange>,
    /// Why this is worth a commit; `None` for a quiet one.
    pub(crate) reason: Option<Reason>,
}

/// What a whole run means.
pub(crate) struct Decision {
    /// By environment, in the order asked.
    pub(crate) environments: Vec<EnvironmentDecision>,
    /// By domain that a program monitors, and environment.
    pub(crate) domains: Vec<DomainDecision>,
    /// By environment that was audited.
    pub(crate) audits: Vec<AuditDecision>,
    /// By environment whose key figures were collected.
    pub(crate) kpis: Vec<KpiDecision>,
    /// All files that change. Empty for a quiet run.
    pub(crate) transaction: Transaction,
    /// The message of the commit.
    pub(crate) message: String,
}

impl Decision {
    /// Worst of all that was observed; UNKNOWN where nothing was.
    pub(crate) fn worst(&self) -> Status {
        let environments = self
            .environments
            .iter()
            .map(|one| one.report.overall_health);
        let domains = self.domains.iter().map(|one| one.report.status);
        environments.chain(domains).max().unwrap_or(Status::Unknown)
    }

    /// Returns what happens to issues, whoever found them.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &IssueChange> {
        let own = self.environments.iter().flat_map(|one| &one.changes);
        let others = self.domains.iter().flat_map(|one| &one.changes);
        let audited = self.audits.iter().flat_map(|one| &one.changes);
        let measured = self.kpis.iter().flat_map(|one| &one.changes);
        own.chain(others).chain(audited).chain(measured)
    }

    /// The same, to be completed.
    pub(crate) fn changes_mut(&mut self) -> impl Iterator<Item = &mut IssueChange> {
        let own = self
            .environments
            .iter_mut()
            .flat_map(|one| &mut one.changes);
        let others = self.domains.iter_mut().flat_map(|one| &mut one.changes);
        let audited = self.audits.iter_mut().flat_map(|one| &mut one.changes);
        let measured = self.kpis.iter_mut().flat_map(|one| &mut one.changes);
        own.chain(others).chain(audited).chain(measured)
    }

    /// Whether something of it is UNKNOWN.
    pub(crate) fn has_unknown(&self) -> bool {
        let environments = self.environments.iter().map(|one| {
            let report = &one.report;
            (report.overall_health, report.resources)
        });
        let domains = self.domains.iter().map(|one| {
            let report = &one.report;
            (report.status, domains::counts(report))
        });
        let mut all = environments.chain(domains);
        all.any(|(status, counts)| status == Status::Unknown || counts.unknown > 0)
    }
}
