//! One answer of everything that was found.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::core::review::PlanExamination;
use crate::core::review::rules;
use crate::model::ids::{CommitId, EnvironmentName};
use crate::model::review::{Review, ReviewFinding, ReviewVerdict};
use crate::text::Untrusted;

/// What a review consists of.
#[derive(Debug, Default)]
pub struct Conclusion {
    /// The environment, where one is named.
    pub environment: Option<EnvironmentName>,
    /// The newest commit of the base branch.
    pub base: Option<CommitId>,
    /// The commit under review.
    pub head: Option<CommitId>,
    /// The plans, examined.
    pub plans: Vec<PlanExamination>,
    /// What was found besides them.
    pub findings: Vec<ReviewFinding>,
    /// What was not examined, and why.
    pub not_looked_at: Vec<Untrusted>,
}

/// Makes one answer: the verdict is the strictest that any finding asks for.
pub fn conclude(given: Conclusion) -> Review {
    let mut findings = given.findings;
    let mut plans = Vec::new();
    let mut not_looked_at = given.not_looked_at;
    if given.plans.is_empty() {
        not_looked_at
            .push("what would change in AWS: no plan was given (`--plan DIR=FILE`)".into());
    }
    let is_several = given.plans.len() > 1;
    let mut taken = BTreeSet::new();
    for mut examination in given.plans {
        if is_several {
            tell_apart(&mut examination, given.environment.as_ref(), &mut taken);
        }
        plans.push(examination.plan);
        findings.extend(examination.findings);
        not_looked_at.extend(examination.not_looked_at);
    }
    findings.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    let (suppressed, mut findings): (Vec<ReviewFinding>, Vec<ReviewFinding>) = findings
        .into_iter()
        .partition(|one| one.suppressed_because.is_some());
    // Several plans may find the same of the environment.
    findings.dedup_by(|a, b| a.id == b.id && a.title == b.title && a.evidence == b.evidence);
    let verdict = findings.iter().map(|finding| finding.effect).max();
    Review {
        version: "1.0.0".to_owned(),
        kind: "review".to_owned(),
        verdict: verdict.unwrap_or(ReviewVerdict::Pass),
        environment: given.environment,
        base: given.base,
        head: given.head,
        plans,
        rules: rules::triggered(&findings),
        findings,
        suppressed,
        not_looked_at,
    }
}

/// Tells what one plan of several shows from what the others show: an address may be in each of
/// them, and is another resource then. `taken` are the ids of the plans before.
fn tell_apart(
    examination: &mut PlanExamination,
    environment: Option<&EnvironmentName>,
    taken: &mut BTreeSet<String>,
) {
    let directory = examination.plan.directory.raw().to_owned();
    let is_of_environment =
        |one: &ReviewFinding| environment.is_some_and(|name| one.subject.raw() == name.as_str());
    let mut own = Vec::new();
    for one in &mut examination.findings {
        if is_of_environment(one) {
            continue;
        }
        if one.place.is_none() {
            let text = format!("in the plan of {directory}");
            one.evidence.push(Untrusted::new(text));
        }
        while taken.contains(&one.id) {
            one.id = rules::finding_id(&one.rule, &directory, &one.id);
        }
        own.push(one.id.clone());
    }
    taken.extend(own);
}

/// Worst first: what blocks, then by severity.
fn sort_key(finding: &ReviewFinding) -> impl Ord + '_ {
    (
        Reverse(finding.effect),
        Reverse(finding.severity),
        finding.section,
        &finding.rule,
        finding.subject.raw(),
        &finding.id,
    )
}
