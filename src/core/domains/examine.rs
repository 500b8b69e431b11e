//! What an observation does to the issues of its domain: through the same code as those of
//! the cloud, so that streaks, severities and ids work alike.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Found, issue_arn, issue_status, problems, seen_key, service_arn};
use crate::core::issues::{ReconcileInput, Reconciliation, reconcile};
use crate::model::domain_health::{DomainIssue, DomainReport};
use crate::model::ids::{Arn, IssueId, Region, RunId};
use crate::model::issue::{Impact, Issue};
use crate::model::monitoring::EnabledCheck;
use crate::model::receipt::Receipt;
use crate::model::report::{
    Better, Coverage, HealthReport, Problem, ResourceCounts, ResourceHealth, ResourceRef, SliResult,
};
use crate::model::status::{Status, Verdict};
use crate::model::window::Window;
use crate::text::Untrusted;
use crate::text::phrases::shell_word;

/// What [`settle`] decides from.
#[derive(Debug, Clone, Copy)]
pub struct SettleInput<'a> {
    /// What was seen.
    pub report: &'a DomainReport,
    /// Whether the monitor gave an answer; one that gave none changes nothing.
    pub answered: bool,
    /// The run.
    pub run_id: &'a RunId,
    /// Open issues of all domains and environments.
    pub active: &'a BTreeMap<IssueId, Issue>,
    /// Resolved issues of all domains and environments; none where they do not matter to what
    /// was seen (`needs_resolved`).
    pub resolved: &'a BTreeMap<IssueId, Issue>,
    /// Prefix of the domain's issue ids.
    pub prefix: &'a str,
    /// Whether trouble in this environment is CRITICAL.
    pub critical: bool,
    /// Consecutive bad runs before an issue is opened (0 counts as 1).
    pub open_after: u32,
    /// Consecutive healthy runs before an issue is resolved (0 counts as 1).
    pub resolve_after: u32,
    /// The time of this run.
    pub now: Timestamp,
}

/// The observation as a health report, and what it does to issues.
pub fn settle(input: &SettleInput<'_>) -> (HealthReport, Reconciliation) {
    let report = health_report(input);
    if !input.answered {
        return (report, Reconciliation::default());
    }
    let mut reconciliation = reconcile(&ReconcileInput {
        report: &report,
        active: input.active,
        resolved: input.resolved,
        registered: &BTreeSet::new(),
        checks: &[EnabledCheck::ResourceStatus, EnabledCheck::CloudwatchAlarms],
        prefix: input.prefix,
        critical: input.critical,
        open_after: input.open_after,
        resolve_after: input.resolve_after,
        now: input.now,
    });
    for change in &mut reconciliation.changes {
        suggest(input.report, &mut change.after);
        if let Some(open) = reconciliation.open.get_mut(&change.after.id) {
            open.suggested_actions
                .clone_from(&change.after.suggested_actions);
        }
    }
    (report, reconciliation)
}

/// Whether something that an observation does not name may only not have been looked at.
pub(super) fn sees_little(report: &DomainReport) -> bool {
    report.status == Status::Unknown || report.services.iter().any(|s| s.status == Status::Unknown)
}

/// The actions of an issue: ours around those of the monitor.
fn suggest(report: &DomainReport, issue: &mut Issue) {
    let told = report.issues.iter().find(|told| {
        told.check.as_str() == issue.check
            && issue_arn(&report.domain, told).as_ref() == Some(&issue.resource.arn)
    });
    // What is over keeps what was known of it.
    if told.is_none() && issue.healthy_streak > 0 {
        return;
    }
    let (id, domain, environment) = (&issue.id, &issue.domain, &issue.environment);
    let mut all = vec![Untrusted::from(format!("fractary issues show {id}"))];
    all.extend(
        told.into_iter()
            .flat_map(|told| told.suggested_actions.clone()),
    );
    all.push(Untrusted::from(format!(
        "fractary monitor validate {domain} --env {environment}"
    )));
    all.push(Untrusted::from(format!(
        "fractary issues resolve {id} --reason \"…\""
    )));
    issue.suggested_actions = all;
}

fn health_report(input: &SettleInput<'_>) -> HealthReport {
    let report = input.report;
    let mut checks = named(report);
    if input.answered {
        checks.extend(unnamed(input, &checks));
    }
    HealthReport {
        version: "1.0.0".to_owned(),
        kind: "health-check".to_owned(),
        run_id: input.run_id.clone(),
        environment: report.environment.clone(),
        domain: report.domain.clone(),
        generated_at: report.generated_at,
        window: Window {
            start: report.generated_at,
            end: report.generated_at,
            period_seconds: 60,
        },
        overall_health: report.status,
        resources: counts(report),
        checks,
        issues: Vec::new(),
        metrics_summary: BTreeMap::new(),
        recommendations: Vec::new(),
        api: Receipt {
            duration_ms: report.duration_ms,
            ..Receipt::default()
        },
        partial: sees_little(report),
        errors: Vec::new(),
        coverage: Coverage {
            resources_percent: 100.0,
            facts_percent: 100.0,
        },
    }
}

/// Services by status.
pub(crate) fn counts(report: &DomainReport) -> ResourceCounts {
    let of = |status| {
        let count = report.services.iter().filter(|s| s.status == status);
        u32::try_from(count.count()).unwrap_or(u32::MAX)
    };
    ResourceCounts {
        total: u32::try_from(report.services.len()).unwrap_or(u32::MAX),
        healthy: of(Status::Healthy),
        degraded: of(Status::Degraded),
        unhealthy: of(Status::Unhealthy),
        unknown: of(Status::Unknown),
    }
}

/// What the observation names: its services, and what its issues are about.
fn named(report: &DomainReport) -> Vec<ResourceHealth> {
    let mut out = Vec::new();
    for service in &report.services {
        if let Some(arn) = service_arn(&report.domain, service) {
            let about = about(arn, service.name.clone(), "service", None);
            out.push(resource(about, service.status));
        }
    }
    for (arn, check, found) in problems(report) {
        let about = match found {
            Found::Issue(issue) => {
                let told = &issue.resource;
                let kind = told.kind.as_ref().map_or("resource", |kind| kind.as_str());
                let region = told.region.as_ref().map(Untrusted::raw);
                about(arn.clone(), told.name.clone(), kind, region)
            }
            Found::Service(service) => about(arn.clone(), service.name.clone(), "service", None),
            Found::Domain(report) => {
                about(arn.clone(), report.domain.as_str().into(), "domain", None)
            }
        };
        let mut one = resource(about, found.status());
        let seen = report.seen.get(&seen_key(&arn, &check)).copied();
        one.slis = match found {
            Found::Issue(issue) => indicator(issue).into_iter().collect(),
            Found::Service(_) | Found::Domain(_) => Vec::new(),
        };
        one.problems.push(problem(check, found, seen.unwrap_or(1)));
        out.push(one);
    }
    out
}

/// Resources of open issues that the observation does not name: well, unless that may only
/// mean that nobody looked.
fn unnamed(input: &SettleInput<'_>, named: &[ResourceHealth]) -> Vec<ResourceHealth> {
    let report = input.report;
    let here = input
        .active
        .values()
        .filter(|i| i.domain == report.domain && i.environment == report.environment);
    let mut out: Vec<ResourceHealth> = Vec::new();
    for issue in here {
        let told = &issue.resource;
        let known = |r: &ResourceHealth| r.resource.arn == told.arn;
        let service = report.services.iter().find(|s| s.name == told.name);
        // A service that was not judged says nothing of what is named like it, whatever the
        // id; neither does a resource that is named for another problem.
        let unknown = match service {
            Some(service) => service.status == Status::Unknown,
            None => sees_little(report) && !named.iter().any(known),
        };
        if out.iter().any(known) || (named.iter().any(known) && !unknown) {
            continue;
        }
        let region = Some(told.region.as_str());
        let about = about(told.arn.clone(), told.name.clone(), &told.kind, region);
        let status = if unknown {
            Status::Unknown
        } else {
            Status::Healthy
        };
        out.push(resource(about, status));
    }
    out
}

fn about(arn: Arn, name: Untrusted, kind: &str, region: Option<&str>) -> ResourceRef {
    ResourceRef {
        name,
        kind: kind.to_owned(),
        arn,
        // Elsewhere than at AWS regions have other names; they stand in the symptoms.
        region: region
            .and_then(|region| Region::new(region).ok())
            .unwrap_or_else(global),
        console_url: None,
    }
}

fn global() -> Region {
    Region::new("global").expect("the word that regions have for this")
}

/// A resource without problems. Where it is judged, every check on it that shows no problem
/// is well, which is what `idle` says.
fn resource(about: ResourceRef, status: Status) -> ResourceHealth {
    ResourceHealth {
        resource: about,
        status,
        state: Untrusted::from(status.word()),
        idle: status != Status::Unknown,
        slis: Vec::new(),
        alarms: Vec::new(),
        reasons: Vec::new(),
        problems: Vec::new(),
        unjudged: Vec::new(),
        held: BTreeMap::new(),
        last_data_at: None,
        issue_id: None,
    }
}

fn problem(check: String, found: Found<'_>, seen: u32) -> Problem {
    let status = found.status();
    let (title, symptoms) = match found {
        Found::Issue(issue) => (issue.title.clone(), symptoms(issue)),
        Found::Service(service) => {
            let detail = service.detail.as_ref();
            let title = detail.map_or_else(
                || format!("the service is {status}"),
                |detail| format!("{status}: {}", detail.raw()),
            );
            let url = service.url.iter().map(look_at);
            (Untrusted::from(title), url.collect())
        }
        Found::Domain(report) => {
            let reason = report.reason.as_ref();
            let title = reason.map_or_else(
                || format!("the domain is {status}"),
                |reason| format!("{status}: {}", reason.raw()),
            );
            (Untrusted::from(title), Vec::new())
        }
    };
    let issue = match found {
        Found::Issue(issue) => Some(issue),
        Found::Service(_) | Found::Domain(_) => None,
    };
    Problem {
        check,
        status,
        severity: issue.and_then(|issue| issue.severity),
        burn: None,
        slo_breach: issue.is_some_and(|issue| issue.slo_breach),
        alarm_only: false,
        title,
        symptoms,
        seen,
    }
}

fn symptoms(issue: &DomainIssue) -> Vec<Untrusted> {
    let mut out = issue.symptoms.clone();
    if let Some(region) = &issue.resource.region
        && Region::new(region.raw()).is_err()
    {
        out.push(Untrusted::from(format!("in {}", region.raw())));
    }
    out.extend(issue.resource.url.iter().map(look_at));
    out
}

fn look_at(url: &Untrusted) -> Untrusted {
    // Quoted like a word of a command, so that nothing hidden comes with it.
    let shown = shell_word(url.raw()).unwrap_or_else(|| url.clone());
    Untrusted::from(format!("see {}", shown.raw()))
}

/// The numbers behind an issue, so that its impact has them.
fn indicator(issue: &DomainIssue) -> Option<SliResult> {
    let impact: &Impact = issue.impact.as_ref()?;
    let sli = issue.check.to_string();
    Some(SliResult {
        title: sli.clone(),
        sli,
        budget: None,
        value: impact.slo_current,
        target: impact.slo_target?,
        unhealthy_at: None,
        unit: impact.unit.clone().unwrap_or_else(|| "count".to_owned()),
        better: Better::Lower,
        verdict: if issue_status(issue) == Status::Unhealthy {
            Verdict::Critical
        } else {
            Verdict::Breach
        },
        slo_breach: issue.slo_breach,
        total: impact.requests_total,
        bad: impact.requests_failed,
        estimated: false,
    })
}
