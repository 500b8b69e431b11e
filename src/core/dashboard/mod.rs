//! The dashboard: all domains and environments at a glance, the worst first to act on.
//!
//! Nothing here is better than what was seen: an environment that was never observed, not
//! lately, or whose monitor gave no answer is UNKNOWN, and says why.

mod activity;
mod advice;
mod audits;
mod domains;
pub mod history;
mod incidents;
mod kpis;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::alerts;
use crate::core::budget;
use crate::core::issues::priority::{Filter, Weights, rows};
use crate::model::audit_history::AuditHistory;
use crate::model::budget::SEEN_ENOUGH_PERCENT;
use crate::model::dashboard::{Dashboard, DomainRow, HistorySpan, IssueRow};
use crate::model::domain_health::DomainReport;
use crate::model::history::{History, HistoryEntry};
use crate::model::ids::{DomainName, EnvironmentName, IssueId};
use crate::model::issue::Issue;
use crate::model::kpi_history::KpiHistory;
use crate::model::monitors::DomainMonitor;
use crate::model::optimization::OptimizationHistory;
use crate::model::report::HealthReport;
use crate::model::slo_budgets::SloBudgets;
use crate::model::slo_report::BudgetRow;
use crate::model::status::{Severity, Status};

pub use activity::Activity;

/// Most error budgets that are shown; `fractary slo list` has them all.
const MOST_BUDGETS: usize = 10;
/// Entries of the trend of one environment: a day of five-minute runs.
const TREND_ENTRIES: usize = 288;
/// How far back an issue counts as recently resolved: 7 days.
const RECENT_SECONDS: i64 = 7 * 86_400;
const MOST_RECENT: usize = 5;
/// Lines about alerts that were not delivered: one a channel and environment.
const MOST_UNDELIVERED: usize = 20;

/// What [`build`] decides from.
#[derive(Debug, Clone, Copy)]
pub struct DashboardInput<'a> {
    /// The monitors of domain-monitors.json; empty where there is no such file.
    pub monitors: &'a [DomainMonitor],
    /// The environments, in the order to show them.
    pub environments: &'a [EnvironmentName],
    /// The domain that this program observes by itself (`infrastructure` by default).
    pub own_domain: &'a DomainName,
    /// The newest report of each environment.
    pub latest: &'a BTreeMap<EnvironmentName, HealthReport>,
    /// What the programs that monitor domains said.
    pub reports: &'a BTreeMap<(DomainName, EnvironmentName), DomainReport>,
    /// The history of each environment.
    pub histories: &'a BTreeMap<EnvironmentName, History>,
    /// The events behind the error budgets of each environment.
    pub budgets: &'a BTreeMap<EnvironmentName, SloBudgets>,
    /// The audits of each environment in numbers.
    pub audits: &'a BTreeMap<EnvironmentName, AuditHistory>,
    /// The key figures of each environment over time.
    pub kpis: &'a BTreeMap<EnvironmentName, KpiHistory>,
    /// What optimisation did in each environment.
    pub optimizations: &'a BTreeMap<EnvironmentName, OptimizationHistory>,
    /// Seconds between two audits that `run` makes, where it makes any.
    pub audit_every_seconds: Option<u64>,
    /// Open issues.
    pub active: &'a BTreeMap<IssueId, Issue>,
    /// Resolved issues; those that are not recent ([`is_recent`]) may be left out.
    pub resolved: &'a BTreeMap<IssueId, Issue>,
    /// Hours after which age stops adding to the priority.
    pub age_cap_hours: Option<f64>,
    /// How many issues to show.
    pub top: usize,
    /// Only this environment.
    pub environment: Option<&'a EnvironmentName>,
    /// Only this domain.
    pub domain: Option<&'a DomainName>,
    /// Age in seconds past which an observation says nothing any more: see [`stale_after`].
    pub stale_after_seconds: u64,
    /// Deployments, remediations and proposals.
    pub activity: &'a Activity,
    /// The time to show it for.
    pub now: Timestamp,
}

impl DashboardInput<'_> {
    fn shows(&self, domain: &DomainName, environment: &EnvironmentName) -> bool {
        self.domain.is_none_or(|d| d == domain) && self.environment.is_none_or(|e| e == environment)
    }
}

/// Seconds between two runs of a schedule that nothing is said of: the documented default of
/// `health_check_interval`.
const DEFAULT_INTERVAL_SECONDS: u64 = 300;

/// Age in seconds past which an observation is stale: three intervals of the schedule on top
/// of the heartbeat (a quiet schedule commits only once a heartbeat).
pub fn stale_after(interval_seconds: Option<u64>, heartbeat_seconds: u64) -> u64 {
    let interval = interval_seconds.unwrap_or(DEFAULT_INTERVAL_SECONDS);
    interval.saturating_mul(3).saturating_add(heartbeat_seconds)
}

/// Builds the dashboard.
pub fn build(input: &DashboardInput<'_>) -> Dashboard {
    let weights = Weights::from_monitors(input.monitors);
    let asked = Filter {
        domain: input.domain.cloned(),
        environment: input.environment.cloned(),
        ..Filter::default()
    };
    let ranked = |issues: &BTreeMap<IssueId, Issue>| {
        asked.apply(rows(
            issues.values(),
            &weights,
            input.now,
            input.age_cap_hours,
        ))
    };
    let open = ranked(input.active);
    let domains = domains::rows(input);
    let all_budgets = budgets(input);
    let mut undelivered = alerts::undelivered(issues_shown(input), input.now);
    undelivered.truncate(MOST_UNDELIVERED);
    let recommended_actions = advice::actions(input, &domains, &open, &undelivered);
    Dashboard {
        version: "1.0.0".to_owned(),
        kind: "dashboard".to_owned(),
        generated_at: input.now,
        overall_health: overall(&domains),
        domains,
        incidents: incidents::rows(input),
        incidents_total: incidents::total(input),
        issues_total: count(open.len()),
        issues_by_severity: by_severity(&open),
        recommended_actions,
        undelivered,
        trend: trend(input),
        budgets_total: count(all_budgets.len()),
        budgets: worth_showing(all_budgets),
        audits: audits::rows(input),
        kpis: kpis::rows(input),
        recently_resolved: recent(ranked(input.resolved), input.now),
        history: histories(input),
        deployments: activity::deployments(input),
        remediations: activity::remediations(input),
        proposals: activity::proposals(input),
        spend: activity::spend(input),
        notes: input.activity.notes.clone(),
        links: None,
        top_issues: open.into_iter().take(input.top).collect(),
    }
}

fn budgets(input: &DashboardInput<'_>) -> Vec<BudgetRow> {
    let shown = input.latest.values();
    let shown = shown.filter(|report| input.shows(&report.domain, &report.environment));
    budget::rows(shown, input.budgets)
}

/// The issues of the domains and environments that are shown, open and resolved.
fn issues_shown<'a>(input: &'a DashboardInput<'_>) -> impl Iterator<Item = &'a Issue> {
    let all = input.active.values().chain(input.resolved.values());
    all.filter(|issue| input.shows(&issue.domain, &issue.environment))
}

/// The budgets that say something, the one that lasts shortest on top.
fn worth_showing(mut rows: Vec<BudgetRow>) -> Vec<BudgetRow> {
    rows.retain(|row| row.alert.is_some() || row.coverage_percent >= SEEN_ENOUGH_PERCENT);
    rows.truncate(MOST_BUDGETS);
    rows
}

/// Worst of all rows; UNKNOWN where there is none.
fn overall(rows: &[DomainRow]) -> Status {
    let worst = rows.iter().map(|row| row.status).max();
    worst.unwrap_or(Status::Unknown)
}

fn by_severity(rows: &[IssueRow]) -> BTreeMap<Severity, u32> {
    let of = |severity| rows.iter().filter(|row| row.severity == severity).count();
    Severity::ALL.iter().map(|s| (*s, count(of(*s)))).collect()
}

fn trend(input: &DashboardInput<'_>) -> BTreeMap<EnvironmentName, Vec<HistoryEntry>> {
    let shown = input
        .histories
        .iter()
        .filter(|(name, _)| input.shows(input.own_domain, name));
    shown
        .map(|(name, history)| {
            let skip = history.entries.len().saturating_sub(TREND_ENTRIES);
            (name.clone(), history.entries[skip..].to_vec())
        })
        .collect()
}

fn histories(input: &DashboardInput<'_>) -> BTreeMap<EnvironmentName, Vec<HistorySpan>> {
    let all = input.histories.iter();
    let shown = all.filter(|(name, _)| input.shows(input.own_domain, name));
    shown
        .map(|(name, seen)| (name.clone(), history::spans(seen, input.now)))
        .filter(|(_, spans)| !spans.is_empty())
        .collect()
}

/// Whether an issue was resolved so lately that a dashboard of this time may show it.
pub fn is_recent(resolved_at: Option<Timestamp>, now: Timestamp) -> bool {
    let oldest = now.as_second().saturating_sub(RECENT_SECONDS);
    resolved_at.is_some_and(|at| at.as_second() >= oldest)
}

fn recent(mut rows: Vec<IssueRow>, now: Timestamp) -> Vec<IssueRow> {
    rows.retain(|row| is_recent(row.resolved_at, now));
    rows.sort_by(|a, b| {
        b.resolved_at
            .cmp(&a.resolved_at)
            .then_with(|| a.id.cmp(&b.id))
    });
    rows.truncate(MOST_RECENT);
    rows
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
