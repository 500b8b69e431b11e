//! Judges the health of an environment from what was observed.
//!
//! Unknown is never healthy: a fact that could not be read makes whatever needs it UNKNOWN,
//! unless something worse was seen.

mod alarms;
mod budgets;
mod case;
mod examine;
mod examples;
mod indicators;
mod periods;
mod readings;
mod recommend;
mod resource;
mod severity;
mod shared;
mod slis;
pub mod state_cases;
mod states;
mod suggest;
mod summary;
#[cfg(test)]
mod tests;
mod unattached;
mod words;
mod worst;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::catalog::Catalog;
use crate::catalog::kinds::compile::Programs;
use crate::catalog::kinds::kind::Kind;
use crate::core::budget::Budgets;
use crate::core::targets::HealthSettings;
use crate::model::ids::{Arn, DomainName, EnvironmentName, RunId};
use crate::model::issue::Issue;
use crate::model::report::{HealthReport, ProblemLine, ResourceCounts, ResourceHealth};
use crate::model::snapshot::{Alarm, Observed, Snapshot};
use crate::model::status::{Severity, Status};

use case::Case;

pub use alarms::check as alarm_check;
pub use examine::{ExamineInput, examine};
pub use periods::{PeriodValues, values_by_period};
pub use resource::{REGISTRY_DRIFT, RESOURCE_STATE};
pub use severity::{severity, severity_of_status};
pub use unattached::environment_alarms;

/// Version of the report's format.
const VERSION: &str = "1.0.0";

/// Checks by resource that have an open issue, with the worst severity of its present occurrence.
pub type OpenChecks = BTreeMap<Arn, BTreeMap<String, Severity>>;

/// Collects the checks of an environment that have an open issue.
pub fn open_checks<'a>(
    issues: impl Iterator<Item = &'a Issue>,
    environment: &EnvironmentName,
) -> OpenChecks {
    let mut open = OpenChecks::new();
    for issue in issues.filter(|i| i.environment == *environment && i.source.is_observer()) {
        if let Some(arn) = issue.resource.subject.arn() {
            let checks = open.entry(arn.clone()).or_default();
            checks.insert(issue.check.clone(), issue.peak());
        }
    }
    open
}

/// Everything that a verdict depends on.
#[derive(Debug, Clone, Copy)]
pub struct EvaluateInput<'a> {
    /// What was observed.
    pub snapshot: &'a Snapshot,
    /// The kinds.
    pub catalog: &'a Catalog,
    /// How to judge.
    pub settings: &'a HealthSettings,
    /// The domain of these resources.
    pub domain: &'a DomainName,
    /// Whether problems in this environment are CRITICAL.
    pub critical: bool,
    /// The last committed report of this environment, for streaks.
    pub previous: Option<&'a HealthReport>,
    /// Checks by resource that have an open issue.
    pub open: &'a OpenChecks,
    /// Alarms that are the environment's own: see [`environment_alarms`]. `None` where they
    /// were not looked at.
    pub environment_alarms: Option<&'a [&'a Alarm]>,
    /// The error budgets, where they were counted.
    pub budgets: Option<&'a Budgets>,
    /// Where the last window that was judged ended.
    pub last_window_end: Option<Timestamp>,
    /// This run.
    pub run_id: &'a RunId,
    /// When the report is made.
    pub now: Timestamp,
}

/// Judges every resource that the catalogue has a kind for, and sums up.
pub fn evaluate(input: &EvaluateInput<'_>) -> HealthReport {
    let snapshot = input.snapshot;
    let watched = watched(input);
    let previous: BTreeMap<&Arn, &ResourceHealth> = input
        .previous
        .iter()
        .flat_map(|report| &report.checks)
        .map(|check| (&check.resource.arn, check))
        .collect();
    let mut checks: Vec<ResourceHealth> = watched
        .iter()
        .map(|(kind, programs, observed)| {
            resource::judge(&Case {
                snapshot,
                settings: input.settings,
                kind,
                programs,
                observed,
                previous: previous.get(&observed.resource.arn).copied(),
                previous_end: input.previous.map(|report| report.window.end),
                open: input.open.get(&observed.resource.arn),
                budgets: input.budgets,
            })
        })
        .collect();
    let metrics_summary = summary::metrics(input, &watched, &checks);
    checks.extend(unattached::judge(input));
    let overall_health = overall(&checks);
    HealthReport {
        version: VERSION.to_owned(),
        kind: "health-check".to_owned(),
        run_id: input.run_id.clone(),
        environment: snapshot.environment.clone(),
        domain: input.domain.clone(),
        generated_at: input.now,
        window: snapshot.window,
        overall_health,
        resources: counts(&checks),
        issues: problem_lines(&checks, input.critical),
        metrics_summary,
        recommendations: recommend::recommend(input, &checks),
        api: snapshot.receipt.clone(),
        partial: !snapshot.gaps.is_empty(),
        errors: snapshot.gaps.clone(),
        coverage: summary::coverage(input.settings, &watched),
        checks,
    }
}

/// A resource with its kind.
type Watched<'a> = (&'a Kind, &'a Programs, &'a Observed);

/// The resources that the catalogue has a kind for, in the order of the registry.
fn watched<'a>(input: &EvaluateInput<'a>) -> Vec<Watched<'a>> {
    let (catalog, snapshot) = (input.catalog, input.snapshot);
    snapshot
        .resources
        .iter()
        .filter_map(|observed| {
            let id = observed.resource.kind.as_ref()?;
            let (kind, programs) = catalog.kind_with_programs(id)?;
            Some((kind, programs, observed))
        })
        .collect()
}

/// The worst of all. Nothing watched is nothing known.
fn overall(checks: &[ResourceHealth]) -> Status {
    checks
        .iter()
        .map(|check| check.status)
        .max()
        .unwrap_or(Status::Unknown)
}

fn counts(checks: &[ResourceHealth]) -> ResourceCounts {
    let mut counts = ResourceCounts::default();
    for check in checks {
        counts.total += 1;
        match check.status {
            Status::Healthy => counts.healthy += 1,
            Status::Unknown => counts.unknown += 1,
            Status::Degraded => counts.degraded += 1,
            Status::Unhealthy => counts.unhealthy += 1,
        }
    }
    counts
}

/// Every problem in a line, worst first.
fn problem_lines(checks: &[ResourceHealth], critical: bool) -> Vec<ProblemLine> {
    let mut lines: Vec<(Status, ProblemLine)> = Vec::new();
    for check in checks {
        for problem in &check.problems {
            let sli = check.slis.iter().find(|sli| sli.sli == problem.check);
            let threshold = sli.map(|sli| match (problem.status, sli.unhealthy_at) {
                (Status::Unhealthy, Some(limit)) => limit,
                _ => sli.target,
            });
            let line = ProblemLine {
                severity: severity(problem, critical),
                resource: check.resource.name.clone(),
                issue: problem.title.clone(),
                metric: problem.check.clone(),
                current_value: sli.and_then(|sli| sli.value),
                threshold,
                issue_id: None,
            };
            lines.push((problem.status, line));
        }
    }
    lines.sort_by(|(a_status, a), (b_status, b)| {
        b.severity
            .cmp(&a.severity)
            .then_with(|| b_status.cmp(a_status))
            .then_with(|| a.resource.cmp(&b.resource))
            .then_with(|| a.metric.cmp(&b.metric))
    });
    lines.into_iter().map(|(_, line)| line).collect()
}
