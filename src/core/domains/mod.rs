//! Domains that programs monitor: who is asked, what an answer means, and what it does to
//! issues.
//!
//! A monitor is believed for the worst that it says, and never for more than it says: what it
//! could not check is unknown, and a monitor that gave no answer changes no issue.

mod examine;
mod quiet;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::domain_health::{
    DomainHealth, DomainIssue, DomainReport, MonitorAnswer, ServiceHealth,
};
use crate::model::ids::{DomainName, EnvironmentName, IssueId};
use crate::model::issue::Issue;
use crate::model::monitors::{DomainMonitor, MonitorCommand, MonitorProgram, MonitorStatus};
use crate::model::status::{Severity, Status};
use crate::model::subject::Subject;
use crate::text::phrases::counted;
use crate::text::{Untrusted, escape};

pub(crate) use examine::counts;
pub use examine::examine;
pub use quiet::{DomainQuiet, worth_committing};

/// The plugin whose checks are built into this program.
const BUILT_IN_PLUGIN: &str = "fractary-helm-cloud";
/// Check of the issue about a service that is bad and of which no issue tells.
pub const SERVICE_STATUS: &str = "service_status";
/// Check of the issue about a domain that is bad and of which nothing else tells.
pub const DOMAIN_STATUS: &str = "domain_status";
/// Longest line of a monitor that is kept, in characters.
const LINE: usize = 300;
const MOST_SYMPTOMS: usize = 20;
const MOST_ACTIONS: usize = 10;

/// Environments that a monitor watches, of those there are: all where it names none.
pub fn watched<'a>(
    monitor: &'a DomainMonitor,
    known: &'a [EnvironmentName],
) -> impl Iterator<Item = &'a EnvironmentName> {
    let named = &monitor.environments;
    // `check` warns of an environment that does not exist; there is nothing to see in it.
    known
        .iter()
        .filter(move |name| named.is_empty() || named.contains(name))
}

/// The program that an active monitor is, where it is one. The domain that this program
/// observes by itself has no other: two would resolve each other's issues.
pub fn program<'a>(
    monitor: &'a DomainMonitor,
    own_domain: &DomainName,
) -> Option<&'a MonitorProgram> {
    match monitor.commands.get("health") {
        Some(MonitorCommand::Program(program)) if monitor.domain != *own_domain => Some(program),
        _ => None,
    }
}

/// Whether a monitor is built into this program.
pub fn is_built_in(monitor: &DomainMonitor, own_domain: &DomainName) -> bool {
    if monitor.domain == *own_domain {
        return true;
    }
    match monitor.commands.get("health") {
        Some(MonitorCommand::Program(_)) => false,
        Some(MonitorCommand::BuiltIn(name)) => name
            .trim_start_matches('/')
            .split(':')
            .next()
            .is_some_and(|plugin| plugin == BUILT_IN_PLUGIN),
        None => monitor.plugin == BUILT_IN_PLUGIN,
    }
}

/// Every program to ask, in the order of the monitors, then of the environments.
pub fn programs<'a>(
    monitors: &'a [DomainMonitor],
    environments: &'a [EnvironmentName],
    own_domain: &DomainName,
) -> Vec<(&'a DomainMonitor, &'a MonitorProgram, &'a EnvironmentName)> {
    let active = |m: &&DomainMonitor| m.status == MonitorStatus::Active;
    let mut out = Vec::new();
    for monitor in monitors.iter().filter(active) {
        if let Some(program) = program(monitor, own_domain) {
            let each = watched(monitor, environments);
            out.extend(each.map(|environment| (monitor, program, environment)));
        }
    }
    out
}

/// Who says so: the plugin, and the program where it is one.
pub fn source(monitor: &DomainMonitor) -> Untrusted {
    let plugin = &monitor.plugin;
    Untrusted::from(match monitor.commands.get("health") {
        Some(MonitorCommand::Program(program)) => match program.exec.first() {
            Some(first) => format!("{plugin} ({first})"),
            None => plugin.clone(),
        },
        _ => plugin.clone(),
    })
}

/// What an answer means. `previous` is the newest observation that the repository holds.
pub fn judge(
    answer: &MonitorAnswer,
    monitor: &DomainMonitor,
    previous: Option<&DomainReport>,
    now: Timestamp,
) -> DomainReport {
    let mut report = DomainReport {
        version: "1.0.0".to_owned(),
        kind: "domain-report".to_owned(),
        domain: answer.domain.clone(),
        environment: answer.environment.clone(),
        source: source(monitor),
        generated_at: now,
        status: Status::Unknown,
        reason: answer.failure.clone(),
        duration_ms: answer.duration_ms,
        services: Vec::new(),
        metrics: Vec::new(),
        issues: Vec::new(),
        seen: previous.map(|old| old.seen.clone()).unwrap_or_default(),
    };
    let (Some(health), None) = (&answer.health, &answer.failure) else {
        return report;
    };
    let (status, contradiction) = believed(health);
    report.status = status;
    report.reason = contradiction
        .map(Untrusted::from)
        .or_else(|| health.detail.as_ref().map(line));
    report.services = health.services.iter().map(tidy_service).collect();
    report.metrics.clone_from(&health.metrics);
    report.issues = health.issues.iter().map(tidy_issue).collect();
    report.seen = seen(&report, previous);
    report
}

/// The worst of what a document says, and what of it contradicts the rest.
pub fn believed(health: &DomainHealth) -> (Status, Option<String>) {
    let services = health.services.iter().max_by_key(|s| s.status);
    let issues = health.issues.iter().max_by_key(|i| issue_status(i));
    let of_services = services.map_or(Status::Healthy, |s| s.status);
    let of_issues = issues.map_or(Status::Healthy, issue_status);
    let status = health.status.max(of_services).max(of_issues);
    if status == health.status {
        return (status, None);
    }
    let said = health.status;
    let why = match (services, issues) {
        (Some(worst), _) if of_services == status => {
            format!("says {said}, but that `{}` is {status}", worst.name.raw())
        }
        (_, Some(worst)) => {
            let bad = health.issues.iter().filter(|i| issue_status(i).is_bad());
            let count = counted(bad.count() as u64, "issue");
            let severity = worst.severity.map(|s| format!(", the worst {s}"));
            format!(
                "says {said}, but names {count}{}",
                severity.unwrap_or_default()
            )
        }
        _ => format!("says {said}"),
    };
    (status, Some(why))
}

/// How bad an issue is: as it says, else by its severity, else DEGRADED.
fn issue_status(issue: &DomainIssue) -> Status {
    match (issue.status, issue.severity) {
        (Some(Status::Healthy | Status::Unknown) | None, Some(Severity::Critical)) => {
            Status::Unhealthy
        }
        (Some(Status::Healthy | Status::Unknown) | None, Some(_)) => Status::Degraded,
        (Some(status), _) => status,
        (None, None) => Status::Degraded,
    }
}

fn service_subject(domain: &DomainName, service: &ServiceHealth) -> Option<Subject> {
    Subject::in_domain(domain, service.name.raw())
}

fn issue_subject(domain: &DomainName, issue: &DomainIssue) -> Option<Subject> {
    let resource = &issue.resource;
    let id = resource.id.as_ref().unwrap_or(&resource.name);
    Subject::in_domain(domain, id.raw())
}

/// Every problem of a report: its subject and check, and what tells of it.
fn problems(report: &DomainReport) -> Vec<(Subject, String, DomainProblem<'_>)> {
    let domain = &report.domain;
    let mut out = Vec::new();
    for issue in &report.issues {
        if let Some(subject) = issue_subject(domain, issue) {
            out.push((
                subject,
                issue.check.to_string(),
                DomainProblem::Issue(issue),
            ));
        }
    }
    for service in report.services.iter().filter(|s| s.status.is_bad()) {
        let tells = |i: &DomainIssue| i.resource.name == service.name && issue_status(i).is_bad();
        if !report.issues.iter().any(tells)
            && let Some(subject) = service_subject(domain, service)
        {
            out.push((
                subject,
                SERVICE_STATUS.to_owned(),
                DomainProblem::Service(service),
            ));
        }
    }
    let told = out.iter().any(|(_, _, found)| found.status().is_bad());
    if report.status.is_bad()
        && !told
        && let Some(subject) = Subject::in_domain(domain, domain.as_str())
    {
        out.push((
            subject,
            DOMAIN_STATUS.to_owned(),
            DomainProblem::Domain(report),
        ));
    }
    out
}

/// Problems that a document names more than once: only the worst of each counts.
pub fn named_twice(domain: &DomainName, health: &DomainHealth) -> Vec<String> {
    let mut count: BTreeMap<(Option<Subject>, &str), (u32, &Untrusted)> = BTreeMap::new();
    for issue in &health.issues {
        let key = (issue_subject(domain, issue), issue.check.as_str());
        count.entry(key).or_insert((0, &issue.resource.name)).0 += 1;
    }
    let twice = count.into_iter().filter(|(_, (times, _))| *times > 1);
    twice
        .map(|((_, check), (times, name))| {
            format!(
                "names {check} of `{}` {times} times: the worst counts",
                name.raw()
            )
        })
        .collect()
}

/// Says of an observation that was not recorded which of its issues will not be found.
pub fn say_unrecorded(report: &mut DomainReport, active: &BTreeMap<IssueId, Issue>) {
    let open = |subject: &Subject, check: &str| {
        active.values().any(|issue| {
            issue.domain == report.domain
                && issue.environment == report.environment
                && issue.resource.subject == *subject
                && issue.check == check
        })
    };
    let bad = problems(report).into_iter();
    let bad =
        bad.filter(|(subject, check, found)| found.status().is_bad() && !open(subject, check));
    let count = bad.count();
    if count == 0 {
        return;
    }
    let what = counted(count as u64, "problem");
    let note = format!("{what} that no run has recorded yet");
    report.reason = Some(Untrusted::from(match &report.reason {
        Some(reason) => format!("{}; {note}", reason.raw()),
        None => note,
    }));
}

/// What tells of a problem.
#[derive(Debug, Clone, Copy)]
enum DomainProblem<'a> {
    /// An issue.
    Issue(&'a DomainIssue),
    /// A service that is bad.
    Service(&'a ServiceHealth),
    /// The status of the whole domain.
    Domain(&'a DomainReport),
}

impl DomainProblem<'_> {
    fn status(&self) -> Status {
        match self {
            Self::Issue(issue) => issue_status(issue),
            Self::Service(service) => service.status,
            Self::Domain(report) => report.status,
        }
    }
}

/// Key of a problem in [`DomainReport::seen`].
fn seen_key(subject: &Subject, check: &str) -> String {
    format!("{} {check}", subject.identity().raw())
}

/// One more for each problem that is seen. Those that could not be judged keep theirs; the
/// others are over.
fn seen(report: &DomainReport, previous: Option<&DomainReport>) -> BTreeMap<String, u32> {
    let before = |key: &str| previous.and_then(|old| old.seen.get(key)).copied();
    let mut out = BTreeMap::new();
    for (subject, check, found) in problems(report) {
        let key = seen_key(&subject, &check);
        match found.status() {
            Status::Degraded | Status::Unhealthy => {
                let count = before(&key).unwrap_or(0).saturating_add(1);
                out.insert(key, count);
            }
            Status::Unknown => {
                if let Some(count) = before(&key) {
                    out.insert(key, count);
                }
            }
            Status::Healthy => {}
        }
    }
    if let Some(old) = previous.filter(|_| examine::sees_little(report)) {
        for (key, count) in &old.seen {
            out.entry(key.clone()).or_insert(*count);
        }
    }
    out
}

fn line(text: &Untrusted) -> Untrusted {
    let one: Vec<&str> = text.raw().split_whitespace().collect();
    Untrusted::from(escape::cut(&one.join(" "), LINE))
}

fn tidy_service(service: &ServiceHealth) -> ServiceHealth {
    ServiceHealth {
        detail: service.detail.as_ref().map(line),
        ..service.clone()
    }
}

fn tidy_issue(issue: &DomainIssue) -> DomainIssue {
    let lines = |texts: &[Untrusted], most: usize| texts.iter().take(most).map(line).collect();
    DomainIssue {
        title: line(&issue.title),
        symptoms: lines(&issue.symptoms, MOST_SYMPTOMS),
        suggested_actions: lines(&issue.suggested_actions, MOST_ACTIONS),
        ..issue.clone()
    }
}

#[cfg(test)]
mod tests;
