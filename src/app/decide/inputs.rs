//! What decisions are made of, out of the documents.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::app::decide::outlook::values;
use crate::app::workspace::load::Loaded;
use crate::core::health::OpenChecks;
use crate::core::issues::needs_resolved;
use crate::core::issues::priority::Weights;
use crate::error::CommandError;
use crate::model::domain_health::{DomainReport, MonitorAnswer};
use crate::model::ids::{Arn, DomainName, EnvironmentName, IssueId, RunId};
use crate::model::issue::Issue;
use crate::model::monitors::{DomainMonitor, domain_prefix};
use crate::model::report::HealthReport;

/// The resolved issues, where they matter to a report.
pub(crate) fn resolved_for(
    loaded: &Loaded,
    report: &HealthReport,
    active: &BTreeMap<IssueId, Issue>,
    open_after: u32,
) -> Result<BTreeMap<IssueId, Issue>, CommandError> {
    if needs_resolved(report, active, &loaded.state.resolved_ids, open_after) {
        Ok(values(&loaded.past()?.resolved))
    } else {
        Ok(BTreeMap::new())
    }
}

/// An environment that nothing changes in commits once in this time.
pub(crate) fn heartbeat_seconds(loaded: &Loaded) -> u64 {
    loaded.helm.git.heartbeat.map_or(3_600, |text| text.seconds)
}

pub(super) fn open_checks(loaded: &Loaded, name: &EnvironmentName) -> OpenChecks {
    let mut open = OpenChecks::new();
    let issues = loaded.state.active.values().map(|document| &document.value);
    for issue in issues.filter(|issue| &issue.environment == name) {
        let checks = open.entry(issue.resource.arn.clone()).or_default();
        checks.insert(issue.check.clone());
    }
    open
}

pub(super) fn registered(loaded: &Loaded, name: &EnvironmentName) -> BTreeSet<Arn> {
    let entries = loaded
        .state
        .registries
        .get(name)
        .into_iter()
        .flat_map(|doc| &doc.value.resources);
    entries.map(|entry| entry.arn.clone()).collect()
}

/// Prefix of the issues of a domain: from its monitor, else from its name.
pub(crate) fn prefix(loaded: &Loaded, domain: &DomainName) -> String {
    loaded
        .state
        .monitors
        .as_ref()
        .and_then(|doc| {
            doc.value
                .monitors
                .iter()
                .find(|monitor| &monitor.domain == domain)
        })
        .map_or_else(|| domain_prefix(domain), DomainMonitor::prefix)
}

/// Weights of the domains in the priority of issues.
pub(crate) fn weights(loaded: &Loaded) -> Weights {
    loaded
        .state
        .monitors
        .as_ref()
        .map(|doc| Weights::from_monitors(&doc.value.monitors))
        .unwrap_or_default()
}

pub(crate) fn monitor<'a>(loaded: &'a Loaded, answer: &MonitorAnswer) -> Option<&'a DomainMonitor> {
    let monitors = &loaded.state.monitors.as_ref()?.value.monitors;
    monitors.iter().find(|m| m.domain == answer.domain)
}

pub(crate) fn previous<'a>(loaded: &'a Loaded, answer: &MonitorAnswer) -> Option<&'a DomainReport> {
    let key = (answer.domain.clone(), answer.environment.clone());
    loaded.state.domains.get(&key).map(|doc| &doc.value)
}

/// The same facts at the same time are the same run.
pub(crate) fn run_id(facts: &impl Serialize, now: Timestamp) -> Result<RunId, CommandError> {
    let facts = serde_json::to_vec(facts).map_err(CommandError::bug)?;
    let digest = Sha256::digest(&facts);
    let hex: String = digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let time = now.strftime("%Y%m%dt%H%M%Sz").to_string();
    RunId::new(format!("{time}-{hex}")).map_err(CommandError::bug)
}
