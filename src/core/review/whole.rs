//! What a plan says of itself: whether it is whole, and what it does besides its changes.

use std::collections::BTreeSet;

use crate::core::review::rules::{self, Findings, Said};
use crate::core::review::{Circumstances, PlanUnderReview};
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::model::review::ReviewVerdict;
use crate::model::status::Severity;
use crate::text::phrases::counted;
use crate::text::{Untrusted, escape};

/// Most drifted resources that are named.
const MOST_DRIFTED: usize = 5;

pub(super) fn unreadable(given: &PlanUnderReview<'_>, error: &str, findings: &mut Findings) {
    findings.add(
        &rules::UNREADABLE,
        Said {
            severity: Severity::Critical,
            effect: ReviewVerdict::Block,
            subject: given.directory.clone(),
            title: "the plan is unreadable, so nothing is known of what it does".to_owned(),
            evidence: vec![format!("{}: {}", given.file.raw(), escape::cut(error, 300))],
        },
    );
}

pub(super) fn examine(
    given: &PlanUnderReview<'_>,
    plan: &TerraformPlan<'_>,
    around: Circumstances<'_>,
    findings: &mut Findings,
    not_looked_at: &mut Vec<Untrusted>,
) {
    let directory = given.directory.raw();
    if plan.errored {
        failed(given, plan, findings);
    } else {
        incomplete(given, plan, around, findings);
        failed_checks(plan, findings);
    }
    if plan.complete.is_none() {
        let text =
            format!("{directory}: whether the plan is complete (Terraform says so from 1.8 on)");
        not_looked_at.push(Untrusted::new(text));
    }
    if let Some(noise) = &plan.noise {
        let title = "there were other lines around the plan; they were left out";
        let mut said = said(given, Severity::Low, ReviewVerdict::Pass, title);
        said.evidence.push(format!("the first: {noise}"));
        findings.add(&rules::NOISE, said);
    }
    unknown_actions(plan, findings);
    invocations(plan, findings);
    drift(given, plan, findings);
}

fn said(
    given: &PlanUnderReview<'_>,
    severity: Severity,
    effect: ReviewVerdict,
    title: &str,
) -> Said {
    Said {
        severity,
        effect,
        subject: given.directory.clone(),
        title: title.to_owned(),
        evidence: Vec::new(),
    }
}

fn failed(given: &PlanUnderReview<'_>, plan: &TerraformPlan<'_>, findings: &mut Findings) {
    let problems: Vec<String> = problems(plan);
    let title = match problems.first() {
        Some(first) => format!("planning failed: {first}"),
        None => "planning failed, so the plan shows only a part".to_owned(),
    };
    let mut said = said(given, Severity::Critical, ReviewVerdict::Block, &title);
    // The first is in the title.
    said.evidence = problems.into_iter().skip(1).collect();
    findings.add(&rules::FAILED, said);
}

fn problems(plan: &TerraformPlan<'_>) -> Vec<String> {
    let failed = plan
        .checks
        .iter()
        .filter(|check| check.status.raw() != "unknown");
    let problems = failed.flat_map(|check| &check.problems);
    problems.map(|text| text.raw().to_owned()).collect()
}

fn incomplete(
    given: &PlanUnderReview<'_>,
    plan: &TerraformPlan<'_>,
    around: Circumstances<'_>,
    findings: &mut Findings,
) {
    if plan.complete != Some(false) && plan.deferred.is_empty() {
        return;
    }
    let effect = match around.is_protected {
        true => ReviewVerdict::Block,
        false => ReviewVerdict::Warn,
    };
    let title = match plan.deferred.len() {
        0 => "targeted or deferred: the plan leaves out changes, and does not say how many"
            .to_owned(),
        count => format!(
            "targeted or deferred: {} not seen",
            counted(count as u64, "change")
        ),
    };
    let mut said = said(given, Severity::High, effect, &title);
    for (reason, change) in plan.deferred.iter().take(MOST_DRIFTED) {
        said.evidence
            .push(format!("{} ({})", change.address.raw(), reason.raw()));
    }
    findings.add(&rules::INCOMPLETE, said);
}

fn failed_checks(plan: &TerraformPlan<'_>, findings: &mut Findings) {
    for check in &plan.checks {
        let (severity, word) = match check.status.raw() {
            // It is evaluated again during the apply.
            "unknown" => (Severity::Low, "is not known before the apply"),
            "error" => (Severity::Medium, "could not be evaluated"),
            _ => (Severity::Medium, "does not hold"),
        };
        let effect = match severity {
            Severity::Low => ReviewVerdict::Pass,
            _ => ReviewVerdict::Warn,
        };
        findings.add(
            &rules::CHECK_FAILED,
            Said {
                severity,
                effect,
                subject: check.address.clone(),
                title: format!("{} {word}", check.address.raw()),
                evidence: check
                    .problems
                    .iter()
                    .map(|text| text.raw().to_owned())
                    .collect(),
            },
        );
    }
}

fn unknown_actions(plan: &TerraformPlan<'_>, findings: &mut Findings) {
    for change in &plan.changes {
        if let PlanAction::Other(words) = &change.action {
            findings.add(
                &rules::UNKNOWN_ACTION,
                Said {
                    severity: Severity::High,
                    effect: ReviewVerdict::Warn,
                    subject: change.address.clone(),
                    title: format!("the plan does something unknown: {}", words.raw()),
                    evidence: Vec::new(),
                },
            );
        }
    }
}

fn invocations(plan: &TerraformPlan<'_>, findings: &mut Findings) {
    for invocation in &plan.invocations {
        let trigger = invocation.trigger.as_ref();
        let by = trigger.map_or(String::new(), |by| format!(", triggered by {}", by.raw()));
        findings.add_part(
            &rules::INVOKES,
            trigger.map_or("", Untrusted::raw),
            Said {
                severity: Severity::Medium,
                effect: ReviewVerdict::Warn,
                subject: invocation.address.clone(),
                title: format!("applying invokes {}{by}", invocation.address.raw()),
                evidence: Vec::new(),
            },
        );
    }
}

/// What others changed since the last apply: where the plan changes it too, their change is lost.
fn drift(given: &PlanUnderReview<'_>, plan: &TerraformPlan<'_>, findings: &mut Findings) {
    let is_changed = |one: &&PlannedChange<'_>| {
        one.is_current() && (one.action == PlanAction::Update || one.action.destroys())
    };
    let changed: BTreeSet<&str> = plan
        .changes
        .iter()
        .filter(is_changed)
        .map(|one| one.address.raw())
        .collect();
    let drifted = plan
        .drift
        .iter()
        .filter(|one| one.action != PlanAction::NoOp && !one.is_move());
    let (undone, drifted): (Vec<&str>, Vec<&str>) = drifted
        .map(|one| one.address.raw())
        .partition(|address| changed.contains(address));
    for address in undone {
        let title = format!("{address} changed outside of Terraform, and this plan changes it too");
        let mut said = said(given, Severity::Medium, ReviewVerdict::Warn, &title);
        said.subject = Untrusted::from(address);
        findings.add(&rules::DRIFT, said);
    }
    if drifted.is_empty() {
        return;
    }
    let title = format!(
        "{} changed outside of Terraform since the last apply",
        counted(drifted.len() as u64, "resource")
    );
    let mut said = said(given, Severity::Low, ReviewVerdict::Pass, &title);
    said.evidence = drifted
        .iter()
        .take(MOST_DRIFTED)
        .map(|one| (*one).to_owned())
        .collect();
    findings.add(&rules::DRIFT, said);
}
