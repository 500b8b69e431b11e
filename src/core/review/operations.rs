//! What runs where a plan changes something: who depends on it, what is wrong with it already, what
//! is left of its error budget, and whether anything may change now at all.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::review::Circumstances;
use crate::core::review::dependents::{DependentThing, Dependents};
use crate::core::review::rules::{self, Findings, Said};
use crate::model::helm::FreezeWindow;
use crate::model::ids::Arn;
use crate::model::issue::Issue;
use crate::model::plan::{PlanAction, PlanCounts, PlannedChange, TerraformPlan};
use crate::model::registry::{Registry, RegistryEntry};
use crate::model::report::HealthReport;
use crate::model::review::ReviewVerdict;
use crate::model::status::Severity;
use crate::text::phrases::counted;
use crate::text::{Untrusted, numbers};

/// Most names that are listed.
const MOST_NAMED: usize = 8;
/// What is left of an error budget, in percent, below which it is worth a word.
const LITTLE_LEFT: f64 = 25.0;

/// What is known of the environment from the base branch.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// What is deployed, where that is known.
    pub registry: Option<&'a Registry>,
    /// Who needs whom, where it is not in the registry.
    pub dependencies: &'a BTreeMap<String, Vec<String>>,
    /// Open issues.
    pub issues: &'a [&'a Issue],
    /// The newest health report, which has the error budgets.
    pub health: Option<&'a HealthReport>,
    /// When nothing may change.
    pub freezes: &'a [FreezeWindow],
    /// The time of the review.
    pub now: Timestamp,
}

/// Finds what a plan touches besides what it changes.
pub(super) fn examine(
    plan: &TerraformPlan<'_>,
    around: Circumstances<'_>,
    findings: &mut Findings,
) {
    let surroundings = around.surroundings;
    freezes(plan, around, findings);
    let by_address: BTreeMap<&str, &RegistryEntry> = surroundings
        .registry
        .iter()
        .flat_map(|registry| &registry.resources)
        .filter_map(|entry| Some((entry.terraform_address.as_ref()?.raw(), entry)))
        .collect();
    let is_touched = |change: &&PlannedChange<'_>| {
        change.is_current() && (change.action == PlanAction::Update || change.action.destroys())
    };
    let mut touched = plan.changes.iter().filter(is_touched).peekable();
    if touched.peek().is_none() {
        return;
    }
    let all = Dependents::new(surroundings.registry, surroundings.dependencies, plan);
    for change in touched {
        if let Some(entry) = by_address.get(before_move(change)) {
            issues(change, entry, surroundings.issues, findings);
            budgets(change, entry, surroundings.health, findings);
        }
        if change.action.destroys() {
            dependents(change, &all, surroundings.issues, findings);
        }
    }
}

/// The address that the registry knows it by.
fn before_move<'p>(change: &'p PlannedChange<'_>) -> &'p str {
    let previous = change.previous_address.as_ref();
    previous.unwrap_or(&change.address).raw()
}

fn freezes(plan: &TerraformPlan<'_>, around: Circumstances<'_>, findings: &mut Findings) {
    let Some(environment) = around.environment else {
        return;
    };
    if PlanCounts::new(plan).is_empty() {
        return;
    }
    let now = around.surroundings.now;
    let holds = |one: &&FreezeWindow| one.holds(&environment.name, now);
    for freeze in around.surroundings.freezes.iter().filter(holds) {
        let said = Said {
            severity: Severity::High,
            effect: around.of_unknown(),
            subject: Untrusted::from(environment.name.as_str()),
            title: format!(
                "{} is frozen until {}: {}",
                environment.name,
                freeze.until,
                freeze.reason.raw()
            ),
            evidence: vec![format!("since {}", freeze.from)],
        };
        findings.add_part(&rules::FREEZE, &freeze.from.to_string(), said);
    }
}

/// Open issues about a resource.
fn open<'i>(arn: &Arn, issues: &[&'i Issue]) -> Vec<&'i Issue> {
    let about = |issue: &&&Issue| issue.resource.subject.arn() == Some(arn);
    issues.iter().filter(about).copied().collect()
}

fn issues(
    change: &PlannedChange<'_>,
    entry: &RegistryEntry,
    issues: &[&Issue],
    findings: &mut Findings,
) {
    let open = open(&entry.arn, issues);
    let Some(worst) = open.iter().map(|issue| issue.severity).max() else {
        return;
    };
    let evidence = open.iter().take(MOST_NAMED);
    findings.add(
        &rules::OPEN_ISSUE,
        Said {
            severity: worst.min(Severity::High),
            effect: ReviewVerdict::Warn,
            subject: change.address.clone(),
            title: format!("{} has open issues", change.address.raw()),
            evidence: evidence
                .map(|issue| format!("{}: {}", issue.id, issue.title.raw()))
                .collect(),
        },
    );
}

/// What is left of the error budgets of a resource, by the newest health report.
fn budgets(
    change: &PlannedChange<'_>,
    entry: &RegistryEntry,
    health: Option<&HealthReport>,
    findings: &mut Findings,
) {
    let Some(health) = health else {
        return;
    };
    let checks = health
        .checks
        .iter()
        .filter(|check| check.resource.arn == entry.arn);
    let mut left: Vec<(f64, &str)> = checks
        .flat_map(|check| &check.slis)
        .filter_map(|sli| Some((sli.budget.as_ref()?.remaining_percent?, sli.title.as_str())))
        .filter(|(left, _)| *left < LITTLE_LEFT)
        .collect();
    left.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some((least, _)) = left.first() else {
        return;
    };
    let address = change.address.raw();
    let (severity, effect, title) = match *least <= 0.0 {
        true => (
            Severity::High,
            ReviewVerdict::Warn,
            format!("{address} has used up its error budget"),
        ),
        false => (
            Severity::Low,
            ReviewVerdict::Pass,
            format!("{address} has little left of its error budget"),
        ),
    };
    let evidence = left.iter().take(MOST_NAMED).map(|(left, title)| {
        let left = numbers::number(*left);
        format!("{title}: {left} % left at {}", health.generated_at)
    });
    let evidence = evidence.collect();
    findings.add(
        &rules::ERROR_BUDGET,
        Said {
            severity,
            effect,
            subject: change.address.clone(),
            title,
            evidence,
        },
    );
}

fn dependents(
    change: &PlannedChange<'_>,
    all: &Dependents<'_>,
    issues: &[&Issue],
    findings: &mut Findings,
) {
    let found = all.of(before_move(change));
    if found.is_empty() {
        return;
    }
    let count = found.len();
    let mut evidence: Vec<String> = found
        .iter()
        .take(MOST_NAMED)
        .map(|one| described(one, issues))
        .collect();
    if count > MOST_NAMED {
        evidence.push(format!("… and {} more", count - MOST_NAMED));
    }
    findings.add(
        &rules::DEPENDENTS,
        Said {
            severity: Severity::Medium,
            effect: ReviewVerdict::Warn,
            subject: change.address.clone(),
            title: format!(
                "{count} of the deployed resources need {}",
                change.address.raw()
            ),
            evidence,
        },
    );
}

fn described(one: &DependentThing<'_>, issues: &[&Issue]) -> String {
    let open = one.entry.map_or(0, |entry| open(&entry.arn, issues).len());
    match open {
        0 => one.label.clone(),
        count => format!("{} ({})", one.label, counted(count as u64, "open issue")),
    }
}
