//! What earlier runs recorded of health.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::workspace::views::archive::Archive;
use crate::core::history;
use crate::error::CommandError;
use crate::model::audit_history::AuditHistory;
use crate::model::domain_health::DomainReport;
use crate::model::history::History;
use crate::model::ids::{DomainName, EnvironmentName};
use crate::model::kpi_history::KpiHistory;
use crate::model::optimization::OptimizationHistory;
use crate::model::report::HealthReport;
use crate::model::slo_budgets::SloBudgets;
use crate::state::{Document, State};

/// Newest reports, error budgets and histories.
#[derive(Clone, Copy)]
pub(crate) struct Records<'a> {
    pub(in crate::app::workspace) state: &'a State,
    pub(in crate::app::workspace) archive: Archive<'a>,
}

impl<'a> Records<'a> {
    /// Returns the newest report of an environment.
    pub(crate) fn latest(self, name: &EnvironmentName) -> Option<&'a HealthReport> {
        self.latest_document(name).map(|document| &document.value)
    }

    /// Returns the document of that report.
    pub(crate) fn latest_document(
        self,
        name: &EnvironmentName,
    ) -> Option<&'a Document<HealthReport>> {
        self.state.latest.get(name)
    }

    /// Returns the newest report of every environment.
    pub(crate) fn all_latest(self) -> BTreeMap<EnvironmentName, HealthReport> {
        clone_values(&self.state.latest)
    }

    /// Returns the newest observation of a domain that a program monitors.
    pub(crate) fn domain(
        self,
        domain: &DomainName,
        environment: &EnvironmentName,
    ) -> Option<&'a Document<DomainReport>> {
        let key = (domain.clone(), environment.clone());
        self.state.domains.get(&key)
    }

    /// Returns the newest observation of every such domain.
    pub(crate) fn all_domains(self) -> BTreeMap<(DomainName, EnvironmentName), DomainReport> {
        clone_values(&self.state.domains)
    }

    /// Returns what was counted for the error budgets of an environment.
    pub(crate) fn budgets(self, name: &EnvironmentName) -> Option<&'a Document<SloBudgets>> {
        self.state.budgets.get(name)
    }

    /// Returns what was counted in every environment.
    pub(crate) fn all_budgets(self) -> BTreeMap<EnvironmentName, SloBudgets> {
        clone_values(&self.state.budgets)
    }

    /// Returns the audits of an environment in numbers.
    pub(crate) fn audits(self, name: &EnvironmentName) -> Option<&'a Document<AuditHistory>> {
        self.state.audits.get(name)
    }

    /// Returns those of every environment.
    pub(crate) fn all_audits(self) -> BTreeMap<EnvironmentName, AuditHistory> {
        clone_values(&self.state.audits)
    }

    /// Returns the key figures of an environment over time.
    pub(crate) fn kpis(self, name: &EnvironmentName) -> Option<&'a Document<KpiHistory>> {
        self.state.kpi_histories.get(name)
    }

    /// Returns the key figures of every environment over time.
    pub(crate) fn all_kpis(self) -> BTreeMap<EnvironmentName, KpiHistory> {
        clone_values(&self.state.kpi_histories)
    }

    /// Returns what optimisation did in an environment.
    pub(crate) fn optimizations(
        self,
        name: &EnvironmentName,
    ) -> Option<&'a Document<OptimizationHistory>> {
        self.state.optimizations.get(name)
    }

    /// Returns what it did in every environment.
    pub(crate) fn all_optimizations(self) -> BTreeMap<EnvironmentName, OptimizationHistory> {
        clone_values(&self.state.optimizations)
    }

    /// Reads the histories of all environments.
    pub(crate) fn histories(
        self,
    ) -> Result<&'a BTreeMap<EnvironmentName, Document<History>>, CommandError> {
        Ok(&self.archive.read()?.histories)
    }

    /// Returns where the last window of an environment that was judged ended.
    pub(crate) fn last_window_end(
        self,
        name: &EnvironmentName,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, CommandError> {
        let latest = self.latest(name);
        let end = latest.and_then(|report| history::window_end_of_latest(report, now));
        if end.is_some() {
            return Ok(end);
        }
        let document = self.histories()?.get(name);
        Ok(document.and_then(|doc| history::last_window_end(&doc.value, now)))
    }
}

/// The values of documents.
pub(super) fn clone_values<K: Ord + Clone, V: Clone>(
    documents: &BTreeMap<K, Document<V>>,
) -> BTreeMap<K, V> {
    documents
        .iter()
        .map(|(key, document)| (key.clone(), document.value.clone()))
        .collect()
}
