//! What runs where a plan changes something: who depends on it, and what is wrong with it
//! already.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::review::rules::{self, Findings, Said};
use crate::model::ids::Arn;
use crate::model::issue::Issue;
use crate::model::registry::{Registry, RegistryEntry};
use crate::model::review::{ReviewFinding, ReviewVerdict, ReviewedPlan};
use crate::model::status::Severity;
use crate::text::Untrusted;

/// Most names that are listed.
const MOST_NAMED: usize = 8;

/// What is known of the environment from the base branch.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// What is deployed.
    pub registry: &'a Registry,
    /// Open issues.
    pub issues: &'a [&'a Issue],
}

/// Finds what a plan touches besides what it changes.
pub fn operations(plan: &ReviewedPlan, around: Surroundings<'_>) -> Vec<ReviewFinding> {
    let mut findings = Findings::default();
    let by_address: BTreeMap<&str, &RegistryEntry> = around
        .registry
        .resources
        .iter()
        .filter_map(|entry| Some((entry.terraform_address.as_ref()?.raw(), entry)))
        .collect();
    let risky = ["update", "replace", "delete"];
    for change in plan
        .changes
        .iter()
        .filter(|one| risky.contains(&one.action.raw()))
    {
        let Some(entry) = by_address.get(change.address.raw()) else {
            continue;
        };
        issues(&change.address, entry, around.issues, &mut findings);
        if change.action.raw() != "update" {
            dependents(&change.address, entry, around.registry, &mut findings);
        }
    }
    findings.0
}

fn issues(address: &Untrusted, entry: &RegistryEntry, issues: &[&Issue], findings: &mut Findings) {
    let about = |issue: &&&Issue| issue.resource.subject.arn() == Some(&entry.arn);
    let open: Vec<&&Issue> = issues.iter().filter(about).collect();
    let Some(worst) = open.iter().map(|issue| issue.severity).max() else {
        return;
    };
    let evidence = open.iter().take(MOST_NAMED);
    findings.add(
        &rules::OPEN_ISSUE,
        Said {
            severity: worst.min(Severity::High),
            effect: ReviewVerdict::Warn,
            subject: address.clone(),
            title: format!("{} has open issues", address.raw()),
            evidence: evidence
                .map(|issue| format!("{}: {}", issue.id, issue.title.raw()))
                .collect(),
        },
    );
}

fn dependents(
    address: &Untrusted,
    entry: &RegistryEntry,
    registry: &Registry,
    findings: &mut Findings,
) {
    let mut found: BTreeSet<&Arn> = BTreeSet::new();
    let mut names = Vec::new();
    let mut waiting = vec![entry];
    while let Some(needed) = waiting.pop() {
        for other in &registry.resources {
            let needs = other.depends_on.iter().any(|name| is_named(needed, name));
            if needs && other.arn != entry.arn && found.insert(&other.arn) {
                names.push(
                    other
                        .name
                        .as_ref()
                        .unwrap_or(&other.aws_id)
                        .raw()
                        .to_owned(),
                );
                waiting.push(other);
            }
        }
    }
    if names.is_empty() {
        return;
    }
    let count = names.len();
    names.truncate(MOST_NAMED);
    findings.add(
        &rules::DEPENDENTS,
        Said {
            severity: Severity::Medium,
            effect: ReviewVerdict::Warn,
            subject: address.clone(),
            title: format!("{count} of the deployed resources need {}", address.raw()),
            evidence: names,
        },
    );
}

fn is_named(entry: &RegistryEntry, name: &str) -> bool {
    entry.arn.as_str() == name
        || entry.aws_id.raw() == name
        || entry
            .terraform_address
            .as_ref()
            .is_some_and(|address| address.raw() == name)
        || entry.name.as_ref().is_some_and(|own| own.raw() == name)
}
