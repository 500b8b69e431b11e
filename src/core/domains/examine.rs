//! An observation of a domain as an examination: what is wrong, and what was looked at.

use std::collections::BTreeMap;

use super::{DomainProblem, problems, seen_key, service_subject};
use crate::core::health::severity_of_status;
use crate::model::domain_health::{DomainIssue, DomainReport};
use crate::model::finding::{Checks, CleanReason, Examination, Finding};
use crate::model::ids::{IssueId, Region, SourceName};
use crate::model::issue::{Impact, Issue};
use crate::model::report::ResourceCounts;
use crate::model::status::Status;
use crate::model::subject::{Subject, SubjectRef};
use crate::text::Untrusted;
use crate::text::phrases::shell_word;

/// Says what an observation found, and what of its domain it covers. `open` are all open
/// issues: of what it does not name, only these matter. `critical` says whether problems in this
/// environment is CRITICAL.
pub fn examine(
    report: &DomainReport,
    open: &BTreeMap<IssueId, Issue>,
    critical: bool,
) -> Examination {
    let (domain, environment) = (report.domain.clone(), report.environment.clone());
    let mut out = Examination::new(SourceName::observer(), domain, environment);
    for service in &report.services {
        if let Some(subject) = service_subject(&report.domain, service) {
            cover(&mut out, &subject, service.status);
        }
    }
    for (subject, check, problem) in problems(report) {
        cover(&mut out, &subject, problem.status());
        if problem.status().is_bad() {
            let finding = finding(report, subject, check, problem, critical);
            out.findings.push(finding);
        }
    }
    cover_unnamed(report, open, &mut out);
    out
}

/// Whether something that an observation does not name may only not have been looked at.
pub(super) fn sees_little(report: &DomainReport) -> bool {
    report.status == Status::Unknown || report.services.iter().any(|s| s.status == Status::Unknown)
}

/// Notes that a subject was judged: every check on it that is not found wrong is well.
fn cover(out: &mut Examination, subject: &Subject, status: Status) {
    if status == Status::Unknown {
        out.mark_unknown(subject, Checks::All);
    } else {
        out.mark_clean(subject, Checks::All, CleanReason::Healthy);
    }
}

/// Subjects of open issues that the observation does not name are well, unless that may only
/// mean that nothing was checked.
fn cover_unnamed(report: &DomainReport, open: &BTreeMap<IssueId, Issue>, out: &mut Examination) {
    let here = open
        .values()
        .filter(|i| i.domain == report.domain && i.environment == report.environment);
    let named = |out: &Examination, subject: &Subject| {
        let clean = out.clean.iter().map(|one| &one.subject);
        let unknown = out.unknown.iter().map(|one| &one.subject);
        clean.chain(unknown).any(|known| known == subject)
    };
    for issue in here {
        let subject = &issue.resource.subject;
        let mut services = report.services.iter();
        // A service that was not judged says nothing of what is named like it, whatever the
        // id; neither does a subject that is named for another problem.
        match services.find(|service| service.name == issue.resource.name) {
            Some(service) if service.status == Status::Unknown => {
                out.mark_unknown(subject, Checks::All)
            }
            None if sees_little(report) && !named(out, subject) => {
                out.mark_unknown(subject, Checks::All)
            }
            _ if named(out, subject) => {}
            _ => out.mark_clean(subject, Checks::All, CleanReason::Healthy),
        }
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

fn finding(
    report: &DomainReport,
    subject: Subject,
    check: String,
    problem: DomainProblem<'_>,
    critical: bool,
) -> Finding {
    let status = problem.status();
    let seen = report.seen.get(&seen_key(&subject, &check)).copied();
    let (title, evidence) = words(problem);
    let issue = match problem {
        DomainProblem::Issue(issue) => Some(issue),
        DomainProblem::Service(_) | DomainProblem::Domain(_) => None,
    };
    let said = issue.and_then(|issue| issue.severity);
    let told = issue.into_iter().flat_map(|issue| &issue.suggested_actions);
    let mut recommendation: Vec<Untrusted> = told.cloned().collect();
    recommendation.push(Untrusted::from(format!(
        "fractary monitor validate {} --env {}",
        report.domain, report.environment
    )));
    Finding {
        about: about(subject, problem),
        severity: said.unwrap_or_else(|| severity_of_status(status, critical)),
        title,
        evidence,
        recommendation,
        impact: issue.and_then(|i| impact(i, &check)).unwrap_or_default(),
        slo_breach: issue.is_some_and(|issue| issue.slo_breach),
        seen: seen.unwrap_or(1),
        check,
    }
}

fn about(subject: Subject, problem: DomainProblem<'_>) -> SubjectRef {
    let (name, kind, region) = match problem {
        DomainProblem::Issue(issue) => {
            let told = &issue.resource;
            let kind = told.kind.as_ref().map_or("resource", |kind| kind.as_str());
            (told.name.clone(), kind, told.region.as_ref())
        }
        DomainProblem::Service(service) => (service.name.clone(), "service", None),
        DomainProblem::Domain(report) => (report.domain.as_str().into(), "domain", None),
    };
    SubjectRef {
        subject,
        name,
        kind: kind.to_owned(),
        // Elsewhere than at AWS regions have other names; they stand in the symptoms.
        region: region
            .and_then(|region| Region::new(region.raw()).ok())
            .unwrap_or_else(|| Region::new("global").expect("the word that regions have for this")),
    }
}

/// Title and symptoms.
fn words(problem: DomainProblem<'_>) -> (Untrusted, Vec<Untrusted>) {
    let status = problem.status();
    let titled = |detail: Option<&Untrusted>, what: &str| {
        Untrusted::from(match detail {
            Some(detail) => format!("{status}: {}", detail.raw()),
            None => format!("the {what} is {status}"),
        })
    };
    match problem {
        DomainProblem::Issue(issue) => (issue.title.clone(), symptoms(issue)),
        DomainProblem::Service(service) => {
            let url = service.url.iter().map(look_at);
            (titled(service.detail.as_ref(), "service"), url.collect())
        }
        DomainProblem::Domain(report) => (titled(report.reason.as_ref(), "domain"), Vec::new()),
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

/// The numbers behind an issue. Without a target they say nothing.
fn impact(issue: &DomainIssue, check: &str) -> Option<Impact> {
    let said: &Impact = issue.impact.as_ref()?;
    Some(Impact {
        requests_total: said.requests_total,
        requests_failed: said.requests_failed,
        slo_metric: Some(check.to_owned()),
        slo_target: Some(said.slo_target?),
        slo_current: said.slo_current,
        unit: Some(said.unit.clone().unwrap_or_else(|| "count".to_owned())),
    })
}
