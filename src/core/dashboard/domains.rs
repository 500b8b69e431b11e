//! One row per domain and environment.

use crate::core::words::{counted, span};
use crate::model::dashboard::DomainRow;
use crate::model::ids::{DomainName, EnvironmentName};
use crate::model::monitors::{DomainMonitor, MonitorCommand, MonitorStatus};
use crate::model::report::{HealthReport, ResourceCounts};
use crate::model::status::Status;
use crate::text::Untrusted;

use super::DashboardInput;

/// The plugin whose checks are built into this program.
const BUILT_IN_PLUGIN: &str = "fractary-helm-cloud";
/// How far ahead an observation's time may be before it is not believed.
const CLOCK_SLACK_SECONDS: i64 = 300;

/// Rows in the order of the monitors, then of the environments; after them what has
/// reports or open issues and no active monitor.
pub(super) fn rows(input: &DashboardInput<'_>) -> Vec<DomainRow> {
    let mut rows: Vec<DomainRow> = Vec::new();
    let mut add = |domain: &DomainName, environment: &EnvironmentName, state: State<'_>| {
        let known = |row: &DomainRow| row.domain == *domain && row.environment == *environment;
        if input.shows(domain, environment) && !rows.iter().any(known) {
            rows.push(row(input, domain, environment, state));
        }
    };
    if input.monitors.is_empty() {
        for environment in input.environments {
            add(
                input.own_domain,
                environment,
                observed(input, input.own_domain, environment),
            );
        }
    }
    let active = |m: &&DomainMonitor| m.status == MonitorStatus::Active;
    for monitor in input.monitors.iter().filter(active) {
        for environment in watched(monitor, input.environments) {
            // `check` warns of an environment that does not exist; there is nothing to see in it.
            if !input.environments.contains(environment) {
                continue;
            }
            let state = if is_built_in(monitor, input.own_domain) {
                observed(input, &monitor.domain, environment)
            } else {
                State::Unknown("this version does not run program monitors yet".to_owned())
            };
            add(&monitor.domain, environment, state);
        }
    }
    for (environment, report) in input.latest {
        add(
            &report.domain,
            environment,
            observed(input, &report.domain, environment),
        );
    }
    for issue in input.active.values() {
        let why = "no active monitor watches it, and issues are open".to_owned();
        add(&issue.domain, &issue.environment, State::Unknown(why));
    }
    rows
}

/// Environments of a monitor: all of them where it names none.
fn watched<'a>(
    monitor: &'a DomainMonitor,
    all: &'a [EnvironmentName],
) -> impl Iterator<Item = &'a EnvironmentName> {
    if monitor.environments.is_empty() {
        all.iter()
    } else {
        monitor.environments.iter()
    }
}

fn is_built_in(monitor: &DomainMonitor, own_domain: &DomainName) -> bool {
    match monitor.commands.get("health") {
        Some(MonitorCommand::Program(_)) => false,
        Some(MonitorCommand::BuiltIn(name)) => name
            .trim_start_matches('/')
            .split(':')
            .next()
            .is_some_and(|plugin| plugin == BUILT_IN_PLUGIN),
        None => monitor.plugin == BUILT_IN_PLUGIN || monitor.domain == *own_domain,
    }
}

/// What is known of a domain in an environment.
enum State<'a> {
    /// An observation that still counts.
    Fresh(&'a HealthReport),
    /// One that does not, and why.
    Stale(&'a HealthReport, String),
    /// None, and why.
    Unknown(String),
}

fn observed<'a>(
    input: &DashboardInput<'a>,
    domain: &DomainName,
    environment: &EnvironmentName,
) -> State<'a> {
    let report = input.latest.get(environment);
    let Some(report) = report.filter(|r| r.domain == *domain) else {
        return State::Unknown(format!(
            "never observed: run `fractary run --env {environment}`"
        ));
    };
    match why_stale(input, report) {
        Some(why) => State::Stale(report, why),
        None => State::Fresh(report),
    }
}

/// Why a report says nothing about now, if it does not.
pub(super) fn why_stale(input: &DashboardInput<'_>, report: &HealthReport) -> Option<String> {
    let age = input.now.as_second() - report.generated_at.as_second();
    let limit = i64::try_from(input.stale_after_seconds).unwrap_or(i64::MAX);
    if age < -CLOCK_SLACK_SECONDS {
        let ahead = span(age.saturating_neg());
        Some(format!("observed {ahead} in the future: check the clocks"))
    } else if age > limit {
        let then = report.overall_health;
        Some(format!(
            "stale: last observed {} ago, {then} then",
            span(age)
        ))
    } else {
        None
    }
}

fn row(
    input: &DashboardInput<'_>,
    domain: &DomainName,
    environment: &EnvironmentName,
    state: State<'_>,
) -> DomainRow {
    let here = input
        .active
        .values()
        .filter(|i| i.domain == *domain && i.environment == *environment);
    let (status, resources, report, note) = match state {
        State::Fresh(report) => {
            let note = partial_note(report);
            // Of nothing, nothing is known to be well.
            let least = if report.checks.is_empty() {
                Status::Unknown
            } else {
                Status::Healthy
            };
            let status = report.overall_health.max(least);
            (status, report.resources, Some(report), note)
        }
        State::Stale(report, why) => {
            let counts = ResourceCounts {
                total: report.resources.total,
                unknown: report.resources.total,
                ..ResourceCounts::default()
            };
            (
                Status::Unknown,
                counts,
                Some(report),
                Some(Untrusted::from(why)),
            )
        }
        State::Unknown(why) => {
            let why = Some(Untrusted::from(why));
            (Status::Unknown, ResourceCounts::default(), None, why)
        }
    };
    DomainRow {
        domain: domain.clone(),
        environment: environment.clone(),
        source: None,
        status,
        services: Vec::new(),
        resources,
        issues: super::count(here.count()),
        observed_at: report.map(|r| r.generated_at),
        note,
        api: report.map(|r| r.api.clone()),
    }
}

/// What a fresh report did not see.
fn partial_note(report: &HealthReport) -> Option<Untrusted> {
    if report.checks.is_empty() {
        return Some(Untrusted::from("nothing is registered"));
    }
    let first = report.errors.first();
    match (first, report.partial) {
        (Some(gap), _) => {
            let calls = counted(report.errors.len() as u64, "call");
            Some(Untrusted::from(format!(
                "partial: {calls} gave no answer ({}: {})",
                gap.operation,
                gap.cause.words()
            )))
        }
        (None, true) => Some(Untrusted::from("partial: not everything could be judged")),
        (None, false) => None,
    }
}
