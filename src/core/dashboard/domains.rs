//! One row per domain and environment.

use jiff::Timestamp;

use crate::core::domains;
use crate::core::incidents::incidents;
use crate::model::dashboard::{DomainRow, ServiceRow};
use crate::model::domain_health::{DomainReport, ServiceHealth};
use crate::model::ids::{DomainName, EnvironmentName};
use crate::model::monitors::{DomainMonitor, MonitorStatus};
use crate::model::report::{HealthReport, ResourceCounts};
use crate::model::status::Status;
use crate::text::Untrusted;
use crate::text::phrases::counted;
use crate::text::times::span;

use super::DashboardInput;

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
        for environment in domains::watched(monitor, input.environments) {
            let state = if domains::is_built_in(monitor, input.own_domain) {
                observed(input, &monitor.domain, environment)
            } else if domains::program(monitor, input.own_domain).is_some() {
                last_answer(input, &monitor.domain, environment)
            } else {
                State::Unknown(
                    "its monitor names neither a program nor a check of this version".to_owned(),
                )
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

/// What is known of a domain in an environment.
enum State<'a> {
    /// An observation that still counts.
    Fresh(&'a HealthReport),
    /// One that does not, and why.
    Stale(&'a HealthReport, String),
    /// What a program says of it.
    Told(&'a DomainReport),
    /// None, and why.
    Unknown(String),
}

/// What the program of a domain said last, unless that is too long ago.
fn last_answer<'a>(
    input: &DashboardInput<'a>,
    domain: &DomainName,
    environment: &EnvironmentName,
) -> State<'a> {
    let key = (domain.clone(), environment.clone());
    let Some(report) = input.reports.get(&key) else {
        return State::Unknown(format!(
            "never observed: run `fractary run --env {environment}`"
        ));
    };
    match too_old(input, report.generated_at, report.status) {
        Some(why) => State::Unknown(why),
        None => State::Told(report),
    }
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
    too_old(input, report.generated_at, report.overall_health)
}

fn too_old(input: &DashboardInput<'_>, at: Timestamp, then: Status) -> Option<String> {
    let age = input.now.as_second() - at.as_second();
    let limit = i64::try_from(input.stale_after_seconds).unwrap_or(i64::MAX);
    if age < -CLOCK_SLACK_SECONDS {
        let ahead = span(age.saturating_neg());
        Some(format!("observed {ahead} in the future: check the clocks"))
    } else if age > limit {
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
    let mut row = DomainRow {
        domain: domain.clone(),
        environment: environment.clone(),
        source: source(input, domain),
        status: Status::Unknown,
        services: Vec::new(),
        resources: ResourceCounts::default(),
        issues: super::count(here.clone().count()),
        incidents: super::count(incidents(here).len()),
        observed_at: None,
        note: None,
        api: None,
    };
    match state {
        State::Fresh(report) => {
            row.note = partial_note(report);
            // Of nothing, nothing is known to be well.
            let least = if report.checks.is_empty() {
                Status::Unknown
            } else {
                Status::Healthy
            };
            row.status = report.overall_health.max(least);
            row.resources = report.resources;
            row.observed_at = Some(report.generated_at);
            row.api = Some(report.api.clone());
        }
        State::Stale(report, why) => {
            row.resources.total = report.resources.total;
            row.resources.unknown = report.resources.total;
            row.note = Some(Untrusted::from(why));
            row.observed_at = Some(report.generated_at);
            row.api = Some(report.api.clone());
        }
        State::Told(report) => {
            row.status = report.status;
            row.resources = domains::counts(report);
            row.services = report.services.iter().map(service).collect();
            row.observed_at = Some(report.generated_at);
            row.note = report.reason.clone();
        }
        State::Unknown(why) => row.note = Some(Untrusted::from(why)),
    }
    row
}

fn service(service: &ServiceHealth) -> ServiceRow {
    ServiceRow {
        name: service.name.clone(),
        status: service.status,
        detail: service.detail.clone(),
    }
}

/// Who says so: the first active monitor of the domain.
fn source(input: &DashboardInput<'_>, domain: &DomainName) -> Option<Untrusted> {
    let of = |m: &&DomainMonitor| m.domain == *domain && m.status == MonitorStatus::Active;
    input.monitors.iter().find(of).map(domains::source)
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
        (None, true) => Some(Untrusted::from(
            "partial: not everything could be evaluated",
        )),
        (None, false) => None,
    }
}
