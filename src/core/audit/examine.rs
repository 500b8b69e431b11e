//! An audit as an examination: which findings become issues, and which of their issues are over.

use std::collections::BTreeMap;

use crate::catalog::checks::Check;
use crate::model::audit::{AuditFinding, AuditReport, AuditedResource, FindingStatus};
use crate::model::configuration::Configuration;
use crate::model::finding::{Checks, CleanReason, Examination, Finding};
use crate::model::ids::{DomainName, IssueId, SourceName};
use crate::model::issue::{Impact, Issue};
use crate::model::status::Severity;
use crate::model::subject::{Subject, SubjectRef};
use crate::text::Untrusted;

use super::Evaluation;
use super::changes::{Fates, FindingFate, FindingPlace, identity};

/// Longest place of a finding that is part of the name of its check.
const LONGEST_KEY: usize = 80;

/// What [`examine`] decides from.
#[derive(Debug, Clone, Copy)]
pub struct AuditExamineInput<'a> {
    /// The audit.
    pub report: &'a AuditReport,
    /// The verdicts that it was made from.
    pub evaluation: &'a Evaluation<'a>,
    /// What was evaluated.
    pub configuration: &'a Configuration,
    /// The checks that were evaluated.
    pub checks: &'a [&'a Check],
    /// The domain that issues belong to.
    pub domain: &'a DomainName,
    /// The least severity that becomes an issue; `None` for none. What is an issue already
    /// stays one until it is fixed, however mild it is.
    pub level: Option<Severity>,
    /// Open issues.
    pub open: &'a BTreeMap<IssueId, Issue>,
}

/// Says which findings are issues, and what became of the issues that earlier audits opened.
/// An issue is over where its finding is fixed or suppressed; what could not be read ends
/// nothing.
pub fn examine(input: &AuditExamineInput<'_>) -> Examination {
    let environment = input.report.environment.clone();
    let source = SourceName::new("audit").expect("a name");
    let domain = input.domain.clone();
    let mut out = Examination::new(source.clone(), domain.clone(), environment.clone());
    let is_own = |issue: &&Issue| {
        let is_here = issue.domain == domain && issue.environment == environment;
        is_here && issue.source == source
    };
    let own: Vec<&Issue> = input.open.values().filter(is_own).collect();
    for one in &input.report.findings {
        let Some(about) = about(&domain, &one.resource) else {
            continue;
        };
        let check = issue_check(one);
        let mut issues = own.iter();
        let is_issue = issues.any(|it| it.resource.subject == about.subject && it.check == check);
        if one.status == FindingStatus::Suppressed {
            out.mark_clean(&about.subject, Checks::Only(check), CleanReason::Healthy);
        } else if is_issue || input.level.is_some_and(|level| one.severity >= level) {
            out.findings.push(finding(one, about, check));
        }
    }
    cover(input, &own, &mut out);
    out
}

/// What became of open issues that are not among the findings.
fn cover(input: &AuditExamineInput<'_>, own: &[&Issue], out: &mut Examination) {
    let fates = Fates::new(input.configuration, input.evaluation, input.checks);
    let identities: BTreeMap<Subject, String> = input
        .configuration
        .resources
        .iter()
        .filter_map(|one| {
            let text = identity(one);
            Some((subject(input.domain, one.arn.as_ref(), &text)?, text))
        })
        .collect();
    for issue in own {
        let (about, check) = (&issue.resource, issue.check.as_str());
        let is_found = out
            .findings
            .iter()
            .any(|one| one.about.subject == about.subject && one.check == check);
        if is_found {
            continue;
        }
        let written = about.subject.identity();
        let known = identities.get(&about.subject).map(String::as_str);
        let fate = fates.fate_of(&FindingPlace {
            check: check.split('/').next().unwrap_or(check),
            subject: known.unwrap_or(written.raw()),
            resource_type: &about.kind,
            region: &about.region,
        });
        let checks = Checks::Only(check.to_owned());
        match fate {
            FindingFate::Fixed => out.mark_clean(&about.subject, checks, CleanReason::Healthy),
            FindingFate::NotEvaluated => out.mark_unknown(&about.subject, checks),
        }
    }
}

fn finding(one: &AuditFinding, about: SubjectRef, check: String) -> Finding {
    let fix = one.remediation.command.iter();
    let fix = fix.flat_map(|text| text.raw().lines().map(Untrusted::from));
    let explain = Untrusted::from(format!("fractary audit --explain {}", one.check));
    Finding {
        about,
        check,
        severity: one.severity,
        title: Untrusted::from(one.title.as_str()),
        evidence: one.evidence.clone(),
        recommendation: [explain].into_iter().chain(fix).collect(),
        impact: Impact::default(),
        slo_breach: false,
        seen: 1,
    }
}

/// The name of the check in issues: with the place in the resource behind a slash.
fn issue_check(one: &AuditFinding) -> String {
    match &one.key {
        None => one.check.clone(),
        Some(key) => {
            let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
            let raw = key.raw();
            match raw.len() <= LONGEST_KEY && raw.chars().all(is_plain) {
                true => format!("{}/{raw}", one.check),
                // The id says the same, without what a title cannot hold.
                false => format!("{}/{}", one.check, one.id),
            }
        }
    }
}

fn about(domain: &DomainName, resource: &AuditedResource) -> Option<SubjectRef> {
    let identity = resource.identity();
    Some(SubjectRef {
        subject: subject(domain, resource.arn.as_ref(), identity.raw())?,
        name: resource.name.clone(),
        kind: resource.resource_type.clone(),
        region: resource.region.clone(),
    })
}

/// A resource, or what has no ARN as something in the domain.
fn subject(
    domain: &DomainName,
    arn: Option<&crate::model::ids::Arn>,
    identity: &str,
) -> Option<Subject> {
    match arn {
        Some(arn) => Some(Subject::Resource(arn.clone())),
        None => Subject::in_domain(domain, identity),
    }
}
