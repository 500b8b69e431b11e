//! Drift as issues: what drifted is one, and what was compared and is as it was ends one.

use crate::model::drift::{DriftReport, DriftedResource};
use crate::model::finding::{Examination, Finding};
use crate::model::ids::{DomainName, Region, SourceName};
use crate::model::issue::Impact;
use crate::model::status::Severity;
use crate::model::subject::{Subject, SubjectRef};
use crate::text::Untrusted;
use crate::text::phrases::counted;

/// The check of its issues.
const CHECK: &str = "drift";
/// Most differences that are evidence.
const MOST_EVIDENCE: usize = 10;

/// Types that decide who may do or reach something.
const GUARDING: [&str; 6] = [
    "aws_iam_",
    "aws_kms_",
    "aws_network_acl",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_security_group",
];

/// Says which drift is an issue. Where everything was compared, what has no drift has no issue
/// either; else what was not found ends nothing.
pub fn examine(report: &DriftReport, domain: &DomainName, region: Option<&Region>) -> Examination {
    let source = SourceName::new("drift").expect("a name");
    let mut out = Examination::new(source, domain.clone(), report.environment.clone());
    let global = || Region::new("global").expect("`global` is a region");
    let mut subjects = std::collections::BTreeSet::new();
    for one in &report.drifted {
        let Some(subject) = subject(one, domain) else {
            continue;
        };
        subjects.insert(subject.clone());
        let own = one
            .arn
            .as_ref()
            .and_then(|arn| Region::new(arn.region()).ok());
        out.findings.push(Finding {
            about: SubjectRef {
                subject,
                name: one.address.clone(),
                kind: one.resource_type.raw().to_owned(),
                region: own.or_else(|| region.cloned()).unwrap_or_else(global),
            },
            check: CHECK.to_owned(),
            severity: severity(one),
            title: title(one),
            evidence: evidence(one),
            recommendation: vec![
                format!(
                    "fractary infra preview --env {} (what would set it back)",
                    report.environment
                )
                .into(),
                "or take the change over into the configuration".into(),
            ],
            impact: Impact::default(),
            slo_breach: false,
            seen: 1,
        });
    }
    if report.unknown.is_empty() {
        out.inventory = Some(subjects);
    }
    out
}

fn subject(one: &DriftedResource, domain: &DomainName) -> Option<Subject> {
    match &one.arn {
        Some(arn) => Some(Subject::Resource(arn.clone())),
        None => Subject::in_domain(domain, one.address.raw()),
    }
}

fn severity(one: &DriftedResource) -> Severity {
    let kind = one.resource_type.raw();
    let guards = GUARDING.iter().any(|start| kind.starts_with(start));
    match one.gone || guards {
        true => Severity::High,
        false => Severity::Medium,
    }
}

fn title(one: &DriftedResource) -> Untrusted {
    if one.gone {
        return "deleted outside of Terraform".into();
    }
    let mut names: Vec<&str> = one.differences.iter().map(|one| one.path.raw()).collect();
    names.dedup();
    let shown: Vec<&str> = names.iter().take(3).copied().collect();
    let more = match names.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {}", counted(more as u64, "other attribute")),
    };
    Untrusted::new(format!(
        "changed outside of Terraform: {}{more}",
        shown.join(", ")
    ))
}

fn evidence(one: &DriftedResource) -> Vec<Untrusted> {
    let text = |text: &Option<Untrusted>| {
        text.as_ref()
            .map_or("nothing".to_owned(), |one| one.raw().to_owned())
    };
    let differences = one.differences.iter().take(MOST_EVIDENCE);
    differences
        .map(|one| {
            Untrusted::new(format!(
                "{}: Terraform left {}, and there is {}",
                one.path.raw(),
                text(&one.before),
                text(&one.after)
            ))
        })
        .collect()
}
