//! The checks of the audit over what a plan makes: only what this change introduces counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::checks::Check;
use crate::catalog::configuration::Shapes;
use crate::core::audit::{Evaluation, Judgement, evaluate};
use crate::core::known::Obstacle;
use crate::core::review::Circumstances;
use crate::core::review::configured::Configured;
use crate::core::review::evaluated::{address, input};
use crate::core::review::exposure::UndecidedChecks;
use crate::core::review::facts::{self, SideMoment};
use crate::core::review::group_rules::parent_types;
use crate::core::review::planned::{Side, known_as};
use crate::core::review::rules::{self, Findings, Said, finding_id};
use crate::model::audit::CheckVerdict;
use crate::model::ids::Region;
use crate::model::inventory::address_steps;
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::model::review::{ReviewFinding, ReviewSection, ReviewVerdict};
use crate::model::status::Severity;
use crate::text::phrases::counted;
use crate::text::{Untrusted, escape};

/// More resources are not checked in one plan, so that a review ends.
const MOST_CHECKED: usize = 3_000;
/// Most that is named of what could not be decided.
const MOST_NAMED: usize = 5;

/// A failure of a check: the check, the address and the place in the resource.
type Failed = (String, String, String);

pub(super) fn examine(
    plan: &TerraformPlan<'_>,
    configured: &Configured<'_>,
    around: Circumstances<'_>,
    findings: &mut Findings,
    not_looked_at: &mut Vec<Untrusted>,
) {
    if around.checks.is_empty() {
        return;
    }
    let touched = touched(plan);
    let shapes = Shapes::built_in();
    let all = plan.changes.iter().filter(|one| {
        touched.contains(one.address.raw())
            && shapes.get(known_as(one.resource_type.raw())).is_some()
    });
    let count = all.count();
    cut_short(count, findings);
    let chosen: BTreeSet<&str> = touched.into_iter().take(MOST_CHECKED).collect();
    let is_wanted = |change: &PlannedChange<'_>| chosen.contains(change.address.raw());
    let region = around.environment.and_then(|one| one.region.clone());
    let global = || Region::new("global").expect("a constant");
    let region = region.unwrap_or_else(global);
    let at = SideMoment {
        region: &region,
        now: around.surroundings.now,
    };
    let before = facts::configuration(plan, configured, Side::Before, at, &is_wanted);
    let known = failures(&evaluate(&input(around, &before), around.checks));
    drop(before);
    let after = facts::configuration(plan, configured, Side::After, at, &is_wanted);
    let evaluation = evaluate(&input(around, &after), around.checks);
    let mut unknown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut still = BTreeSet::new();
    let mut undecided = UndecidedChecks::default();
    for judgement in &evaluation.judgements {
        match judgement.verdict {
            CheckVerdict::Fail => fail(judgement, &known, &mut still, findings),
            CheckVerdict::Unknown => {
                undecided.add(judgement, &after);
                if depends_on_plan(judgement) {
                    let names = unknown.entry(judgement.check.id.clone()).or_default();
                    names.insert(address(judgement));
                }
            }
            CheckVerdict::Pass | CheckVerdict::NotApplicable => {}
        }
    }
    drop(evaluation);
    let stays: BTreeSet<&str> = after
        .resources
        .iter()
        .filter_map(|one| one.address.as_ref().map(Untrusted::raw))
        .collect();
    fixed(&known, &still, &stays, findings);
    let before = || facts::configuration(plan, configured, Side::Before, at, &is_wanted);
    undecided.examine(after, before, around, findings);
    not_looked_at.extend(unknown.into_iter().map(known_later));
}

/// Says for which resources a check is not decided.
fn known_later((check, addresses): (String, BTreeSet<String>)) -> Untrusted {
    let named: Vec<String> = addresses.iter().take(MOST_NAMED).cloned().collect();
    Untrusted::new(format!(
        "{check}: known only after the apply for {} ({})",
        addresses.len(),
        named.join(", ")
    ))
}

/// Says which resources are beyond what is checked.
fn cut_short(count: usize, findings: &mut Findings) {
    if count <= MOST_CHECKED {
        return;
    }
    let said = Said {
        severity: Severity::Medium,
        effect: ReviewVerdict::Warn,
        subject: Untrusted::from("checks"),
        title: format!("only the first {MOST_CHECKED} of {count} changed resources were checked"),
        evidence: Vec::new(),
    };
    findings.add(&rules::NOT_CHECKED, said);
}

/// Addresses of what changes, and of what its companions belong to: all of a type whose
/// companions change.
fn touched<'p>(plan: &'p TerraformPlan<'_>) -> BTreeSet<&'p str> {
    let changed = |one: &&PlannedChange<'_>| one.is_current() && one.action != PlanAction::NoOp;
    let parents: BTreeSet<&str> = plan
        .changes
        .iter()
        .filter(changed)
        .flat_map(|one| parent_types(one.resource_type.raw()))
        .collect();
    let is_touched = |one: &&PlannedChange<'_>| {
        one.is_current()
            && (one.action != PlanAction::NoOp
                || parents.contains(known_as(one.resource_type.raw())))
    };
    plan.changes
        .iter()
        .filter(is_touched)
        .map(|one| one.address.raw())
        .collect()
}

/// What fails already, by the addresses that things have afterwards.
fn failures(evaluation: &Evaluation<'_>) -> BTreeSet<Failed> {
    let mut out = BTreeSet::new();
    for judgement in &evaluation.judgements {
        for failure in &judgement.failures {
            let part = failure.key.clone().unwrap_or_default();
            out.insert((judgement.check.id.clone(), address(judgement), part));
        }
    }
    out
}

fn fail(
    judgement: &Judgement<'_>,
    known: &BTreeSet<Failed>,
    still: &mut BTreeSet<Failed>,
    findings: &mut Findings,
) {
    for failure in &judgement.failures {
        let part = failure.key.clone().unwrap_or_default();
        let failed = (judgement.check.id.clone(), address(judgement), part.clone());
        if known.contains(&failed) {
            still.insert(failed);
            continue;
        }
        let effect = match failure.severity {
            Severity::Critical | Severity::High => ReviewVerdict::Block,
            Severity::Medium => ReviewVerdict::Warn,
            Severity::Low => ReviewVerdict::Pass,
        };
        let check: &Check = judgement.check;
        findings.0.push(ReviewFinding {
            id: finding_id(&check.id, &failed.1, &part),
            section: ReviewSection::Security,
            rule: check.id.clone(),
            severity: failure.severity,
            effect,
            subject: Untrusted::new(failed.1.clone()),
            title: Untrusted::new(format!("{}: {}", failed.1, check.form.title)),
            evidence: failure.evidence.clone(),
            fix: Untrusted::new(fix(check)),
            place: None,
            new: true,
            suppressed_because: None,
        });
    }
}

/// What to write in Terraform, as code in a line.
fn fix(check: &Check) -> String {
    let words: Vec<&str> = check.form.fix.terraform.split_whitespace().collect();
    format!("`{}`", escape::cut(&words.join(" "), 160).replace('`', "'"))
}

/// Whether it is the plan that does not say: what nobody asks a plan is the audit's business.
fn depends_on_plan(judgement: &Judgement<'_>) -> bool {
    let is_severe = judgement.check.form.severity >= Severity::Medium;
    // Of what a part belongs to nothing is known, and that goes without saying.
    let address = address(judgement);
    let mut steps = address_steps(&address).into_iter().rev();
    let of = steps.nth(1).map_or("", |step| step.0);
    if known_as(of) != judgement.resource.resource_type {
        return false;
    }
    let is_of_plan = |one: &Obstacle| matches!(one, Obstacle::Gap(_));
    is_severe && judgement.obstacles.iter().any(is_of_plan)
}

/// What is destroyed or forgotten is not fixed.
fn fixed(
    known: &BTreeSet<Failed>,
    still: &BTreeSet<Failed>,
    stays: &BTreeSet<&str>,
    findings: &mut Findings,
) {
    let gone = known.difference(still);
    let fixed: Vec<&Failed> = gone.filter(|one| stays.contains(one.1.as_str())).collect();
    if fixed.is_empty() {
        return;
    }
    let evidence = fixed
        .iter()
        .take(MOST_NAMED)
        .map(|one| format!("{}: {}", one.1, one.0));
    findings.add(
        &rules::FIXED,
        Said {
            severity: Severity::Low,
            effect: ReviewVerdict::Pass,
            subject: Untrusted::from("checks"),
            title: format!(
                "this change fixes {}",
                counted(fixed.len() as u64, "finding")
            ),
            evidence: evidence.collect(),
        },
    );
}
