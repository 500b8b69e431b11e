//! The documents as they will be after a run.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::decide::audits::AuditDecision;
use crate::app::decide::decision::{DomainDecision, EnvironmentDecision};
use crate::app::decide::kpis::KpiDecision;
use crate::app::workspace::views::issues::IssueStore;
use crate::app::workspace::views::records::Records;
use crate::core::history;
use crate::core::issues::IssueChange;
use crate::error::CommandError;
use crate::model::audit_history::AuditHistory;
use crate::model::domain_health::DomainReport;
use crate::model::history::History;
use crate::model::ids::{DomainName, EnvironmentName, IssueId};
use crate::model::issue::{Issue, IssueStatus};
use crate::model::kpi_history::KpiHistory;
use crate::model::optimization::OptimizationHistory;
use crate::model::report::HealthReport;
use crate::model::slo_budgets::SloBudgets;

/// The documents as they will be after the run.
pub(crate) struct Outlook {
    pub(crate) latest: BTreeMap<EnvironmentName, HealthReport>,
    pub(crate) domains: BTreeMap<(DomainName, EnvironmentName), DomainReport>,
    pub(crate) histories: BTreeMap<EnvironmentName, History>,
    pub(crate) budgets: BTreeMap<EnvironmentName, SloBudgets>,
    pub(crate) audits: BTreeMap<EnvironmentName, AuditHistory>,
    pub(crate) kpis: BTreeMap<EnvironmentName, KpiHistory>,
    pub(crate) optimizations: BTreeMap<EnvironmentName, OptimizationHistory>,
    pub(crate) active: BTreeMap<IssueId, Issue>,
    /// Those resolved lately: what a dashboard may show.
    pub(crate) resolved: BTreeMap<IssueId, Issue>,
}

impl Outlook {
    /// Reads it as it is in the repository, at this time.
    pub(crate) fn read(
        records: Records<'_>,
        issues: IssueStore<'_>,
        now: Timestamp,
    ) -> Result<Self, CommandError> {
        let histories = records.histories()?.iter();
        Ok(Self {
            latest: records.all_latest(),
            domains: records.all_domains(),
            histories: histories
                .map(|(name, document)| (name.clone(), document.value.clone()))
                .collect(),
            budgets: records.all_budgets(),
            audits: records.all_audits(),
            kpis: records.all_kpis(),
            optimizations: records.all_optimizations(),
            active: issues.all_active(),
            resolved: issues.recently_resolved(now)?,
        })
    }

    /// Applies the decision on an environment.
    pub(crate) fn apply(&mut self, decision: &EnvironmentDecision) {
        for change in &decision.changes {
            self.apply_issue(change);
        }
        let report = &decision.report;
        let name = &report.environment;
        let history = self
            .histories
            .remove(name)
            .unwrap_or_else(|| history::empty(name.clone()));
        let history = history::append(history, decision.entry.clone(), report.generated_at);
        self.histories.insert(name.clone(), history);
        self.latest.insert(name.clone(), report.clone());
        self.budgets.insert(name.clone(), decision.budgets.clone());
    }

    /// Applies the decision on a domain.
    pub(crate) fn apply_domain(&mut self, decision: &DomainDecision) {
        for change in &decision.changes {
            self.apply_issue(change);
        }
        let report = &decision.report;
        let key = (report.domain.clone(), report.environment.clone());
        self.domains.insert(key, report.clone());
    }

    /// Applies the decision on an audit.
    pub(crate) fn apply_audit(&mut self, decision: &AuditDecision) {
        for change in &decision.changes {
            self.apply_issue(change);
        }
        let history = &decision.history;
        self.audits
            .insert(history.environment.clone(), history.clone());
    }

    /// Applies the decision on key figures.
    pub(crate) fn apply_kpis(&mut self, decision: &KpiDecision) {
        for change in &decision.changes {
            self.apply_issue(change);
        }
        if let Some(history) = &decision.history {
            self.kpis
                .insert(history.environment.clone(), history.clone());
        }
    }

    /// Moves an issue to where it belongs.
    pub(crate) fn apply_issue(&mut self, change: &IssueChange) {
        let id = change.after.id.clone();
        self.active.remove(&id);
        self.resolved.remove(&id);
        if change.after.status == IssueStatus::Resolved {
            self.resolved.insert(id, change.after.clone());
        } else {
            self.active.insert(id, change.after.clone());
        }
    }
}
