//! The documents as they will be after a run.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::decide::EnvironmentDecision;
use crate::app::decide::budgets;
use crate::app::workspace::load::Loaded;
use crate::core::issues::IssueChange;
use crate::core::{dashboard, history};
use crate::error::CommandError;
use crate::model::domain_health::DomainReport;
use crate::model::history::History;
use crate::model::ids::{DomainName, EnvironmentName, IssueId};
use crate::model::issue::Issue;
use crate::model::report::HealthReport;
use crate::model::slo_budgets::SloBudgets;
use crate::state;

/// The values of documents.
pub(crate) fn values(
    documents: &BTreeMap<IssueId, state::Document<Issue>>,
) -> BTreeMap<IssueId, Issue> {
    documents
        .iter()
        .map(|(id, document)| (id.clone(), document.value.clone()))
        .collect()
}

/// The documents as they will be after the run.
pub(crate) struct World {
    pub(crate) latest: BTreeMap<EnvironmentName, HealthReport>,
    pub(crate) domains: BTreeMap<(DomainName, EnvironmentName), DomainReport>,
    pub(crate) histories: BTreeMap<EnvironmentName, History>,
    pub(crate) budgets: BTreeMap<EnvironmentName, SloBudgets>,
    pub(crate) active: BTreeMap<IssueId, Issue>,
    /// Those resolved lately: what a dashboard may show.
    pub(crate) resolved: BTreeMap<IssueId, Issue>,
}

impl World {
    /// As it is in the repository, at this time.
    pub(crate) fn of(loaded: &Loaded, now: Timestamp) -> Result<Self, CommandError> {
        let past = loaded.past()?;
        Ok(Self {
            latest: loaded
                .state
                .latest
                .iter()
                .map(|(name, doc)| (name.clone(), doc.value.clone()))
                .collect(),
            domains: loaded
                .state
                .domains
                .iter()
                .map(|(key, doc)| (key.clone(), doc.value.clone()))
                .collect(),
            histories: past
                .histories
                .iter()
                .map(|(name, doc)| (name.clone(), doc.value.clone()))
                .collect(),
            budgets: budgets::values(loaded),
            active: values(&loaded.state.active),
            resolved: past
                .resolved
                .iter()
                .filter(|(_, doc)| dashboard::is_recent(doc.value.resolved_at, now))
                .map(|(id, doc)| (id.clone(), doc.value.clone()))
                .collect(),
        })
    }

    /// What one environment's decision makes of it.
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

    /// Moves an issue to where it belongs.
    pub(crate) fn apply_issue(&mut self, change: &IssueChange) {
        let id = change.after.id.clone();
        self.active.remove(&id);
        self.resolved.remove(&id);
        if change.after.status == crate::model::issue::IssueStatus::Resolved {
            self.resolved.insert(id, change.after.clone());
        } else {
            self.active.insert(id, change.after.clone());
        }
    }
}
