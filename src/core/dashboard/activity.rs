//! What was done lately, and what looking cost: deployments, remediations, calls.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::dashboard::{DeploymentRow, ProposalRow, RemediationRow, Spend};
use crate::model::deployments::Deployment;
use crate::model::history::History;
use crate::model::ids::EnvironmentName;
use crate::model::log::{Log, LogEntry};
use crate::text::Untrusted;

use super::DashboardInput;

/// Rows of each list.
const MOST: usize = 5;
const DAY: i64 = 86_400;

/// What besides health and issues a dashboard shows. All of it may be empty.
#[derive(Debug, Clone, Default)]
pub struct Activity {
    /// Every deployment there was.
    pub deployments: Vec<Deployment>,
    /// The log of remediations by environment.
    pub remediations: BTreeMap<EnvironmentName, Log>,
    /// Proposals that wait for a decision.
    pub proposals: Vec<ProposalRow>,
    /// What could not be read, and why.
    pub notes: Vec<Untrusted>,
}

pub(super) fn deployments(input: &DashboardInput<'_>) -> Vec<DeploymentRow> {
    let domain = |one: &Deployment| one.domain.clone().unwrap_or(input.own_domain.clone());
    let shown = |one: &&Deployment| input.shows(&domain(one), &one.environment);
    let mut all: Vec<&Deployment> = input.activity.deployments.iter().filter(shown).collect();
    all.sort_by_key(|one| Reverse((one.deployed_at, one.id.clone())));
    let row = |one: &Deployment| DeploymentRow {
        id: Untrusted::from(one.id.as_str()),
        environment: one.environment.clone(),
        domain: Some(domain(one)),
        at: one.deployed_at,
        by: one.deployed_by.clone(),
        commit: one.commit.as_deref().map(Untrusted::from),
        status: Untrusted::from(one.status.as_str()),
        resources: u32::try_from(one.resources.len()).unwrap_or(u32::MAX),
    };
    all.into_iter().take(MOST).map(row).collect()
}

pub(super) fn remediations(input: &DashboardInput<'_>) -> Vec<RemediationRow> {
    let logs = input.activity.remediations.iter();
    let shown = logs.filter(|(name, _)| input.shows(input.own_domain, name));
    // The newest entry of each says what came of it.
    let mut newest: BTreeMap<Untrusted, RemediationRow> = BTreeMap::new();
    for (name, log) in shown {
        for entry in &log.entries {
            let of = entry.rest.get("of").and_then(|of| of.as_str());
            let of = Untrusted::from(of.unwrap_or(&entry.id));
            if let Some(row) = remediation(name, entry) {
                let id = of.clone();
                newest.insert(of, RemediationRow { id, ..row });
            }
        }
    }
    let mut all: Vec<RemediationRow> = newest.into_values().collect();
    all.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.id.cmp(&a.id)));
    all.truncate(MOST);
    all
}

/// `None` for an entry without a time, which `check` refuses.
fn remediation(environment: &EnvironmentName, entry: &LogEntry) -> Option<RemediationRow> {
    // Entries say in keys of their own what they are about; a key that is missing is not known.
    let text = |keys: &[&str]| {
        let found = keys.iter().find_map(|key| entry.rest.get(*key)?.as_str());
        found.map(Untrusted::from)
    };
    Some(RemediationRow {
        id: Untrusted::from(entry.id.as_str()),
        environment: environment.clone(),
        at: entry.time()?,
        action: text(&["action"]),
        issue: text(&["issue_id", "issue"]),
        resource: text(&["resource", "resource_name", "service"]),
        outcome: text(&["outcome", "status"]),
    })
}

pub(super) fn proposals(input: &DashboardInput<'_>) -> Vec<ProposalRow> {
    let all = input.activity.proposals.iter();
    all.filter(|one| input.shows(input.own_domain, &one.environment))
        .cloned()
        .collect()
}

pub(super) fn spend(input: &DashboardInput<'_>) -> BTreeMap<EnvironmentName, Spend> {
    let all = input.histories.iter();
    let all = all.filter(|(name, _)| input.shows(input.own_domain, name));
    all.filter_map(|(name, history)| Some((name.clone(), of_history(history, input.now)?)))
        .collect()
}

/// Sums, to the billionth of a dollar, since sums of fractions drift.
fn of_history(history: &History, now: Timestamp) -> Option<Spend> {
    let runs = history.entries.iter();
    let runs = runs.map(|run| (run.at, 1, run.estimated_cost_usd));
    let sums = history.daily.iter().chain(&history.hourly);
    let sums = sums.map(|sum| (sum.start, sum.runs, sum.estimated_cost_usd));
    let month = now.as_second().saturating_sub(30 * DAY);
    let all: Vec<(Timestamp, u64, f64)> = sums
        .chain(runs)
        .filter(|(at, _, _)| at.as_second() > month && *at <= now)
        .collect();
    let since = all.iter().map(|(at, _, _)| *at).min()?;
    let within = |days: i64| {
        let oldest = now.as_second().saturating_sub(days * DAY);
        let costs = all.iter().filter(|(at, _, _)| at.as_second() > oldest);
        let sum: f64 = costs.map(|(_, _, cost)| cost.max(0.0)).sum();
        (sum * 1e9).round() / 1e9
    };
    Some(Spend {
        last_24h_usd: within(1),
        last_7d_usd: within(7),
        last_30d_usd: within(30),
        runs_30d: all.iter().map(|(_, runs, _)| runs).sum(),
        since,
    })
}
