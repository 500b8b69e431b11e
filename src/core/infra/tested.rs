//! What a test of infrastructure comes to: before a deployment what the plan says, afterwards
//! whether what is there exists, answers and has its alarms.

use std::collections::BTreeSet;

use crate::model::deployments::PlannedStep;
use crate::model::design::{CodeOutcome, CodeStep};
use crate::model::report::HealthReport;
use crate::model::review::{Review, ReviewFinding, ReviewSection, ReviewVerdict};
use crate::model::status::{Severity, Status};
use crate::text::Untrusted;
use crate::text::numbers;
use crate::text::phrases::counted;

/// How a review words what a plan cannot know.
const LATER: &str = "known only after the apply";
/// Most lines of one step.
const MOST: usize = 12;

/// What is known after a deployment.
#[derive(Debug)]
pub struct DeployedFacts<'a> {
    /// The addresses in the state. Each was read again for the plan.
    pub addresses: &'a BTreeSet<Untrusted>,
    /// What the plan would do: an address of the state that it would create is gone.
    pub steps: &'a [PlannedStep],
    /// Health, as far as it is watched.
    pub health: &'a [&'a HealthReport],
    /// The alarms that the deployed designs have, by address.
    pub alarms: &'a BTreeSet<String>,
}

/// Tests what is planned.
pub fn before(review: &Review, is_accepted: &dyn Fn(&ReviewFinding) -> bool) -> Vec<CodeStep> {
    let summary = review.plans.iter().map(|one| one.summary.clone());
    let errored = review.plans.iter().any(|one| one.errored || !one.readable);
    let outcome = if errored {
        CodeOutcome::Failed
    } else {
        CodeOutcome::Passed
    };
    vec![
        CodeStep::new("plan", outcome, summary.collect()),
        security(review, is_accepted),
        cost(review),
    ]
}

fn security(review: &Review, is_accepted: &dyn Fn(&ReviewFinding) -> bool) -> CodeStep {
    let found = review
        .findings
        .iter()
        .filter(|one| one.section == ReviewSection::Security);
    let (accepted, open): (Vec<&ReviewFinding>, Vec<_>) = found.partition(|one| is_accepted(one));
    let fails =
        |one: &&ReviewFinding| one.effect == ReviewVerdict::Block || one.severity >= Severity::High;
    // What no plan can know is tested by an audit of what is deployed.
    let is_later = |one: &Untrusted| one.raw().contains(LATER);
    let outcome = match (
        open.iter().any(fails),
        review.not_looked_at.iter().all(is_later),
    ) {
        (true, _) => CodeOutcome::Failed,
        (false, true) => CodeOutcome::Passed,
        (false, false) => CodeOutcome::NotRun,
    };
    let words =
        |one: &&ReviewFinding| format!("{} [{}, {}]", one.title.raw(), one.severity, one.rule);
    let mut details = cut(open.iter().map(words).collect());
    if !accepted.is_empty() {
        let findings = counted(accepted.len() as u64, "finding");
        details.push(format!("{findings} that the designs accept"));
    }
    details.extend(review.not_looked_at.iter().map(|one| one.raw().to_owned()));
    CodeStep::new("security of what is planned", outcome, details)
}

fn cost(review: &Review) -> CodeStep {
    const NAME: &str = "cost of what is planned";
    let costs: Vec<_> = review
        .plans
        .iter()
        .filter_map(|one| one.cost.as_ref())
        .collect();
    if costs.is_empty() {
        return CodeStep::new(
            NAME,
            CodeOutcome::NotRun,
            vec!["it is not known".to_owned()],
        );
    }
    let mut details = Vec::new();
    for cost in costs {
        let (after, more) = (cost.after, cost.difference.likely);
        let than_now = match more < 0.0 {
            true => format!("{} less than now", numbers::usd(-more)),
            false => format!("{} more than now", numbers::usd(more)),
        };
        let unpriced = cost.not_priced.len() + cost.more_not_priced;
        details.push(match cost.prices_from.is_none() && unpriced > 0 {
            true => "unknown: nothing in it has a price".to_owned(),
            false => format!(
                "{} a month, likely; from {} to {}; {than_now}",
                numbers::usd(after.likely),
                numbers::usd(after.low),
                numbers::usd(after.high),
            ),
        });
        if unpriced > 0 {
            details.push(format!(
                "{} without a price, in no sum",
                counted(unpriced as u64, "part")
            ));
        }
    }
    CodeStep::new(NAME, CodeOutcome::Passed, details)
}

/// Tests what is deployed.
pub fn after(facts: &DeployedFacts<'_>) -> Vec<CodeStep> {
    vec![exists(facts), answers(facts.health), alarms(facts)]
}

fn gone<'a>(facts: &'a DeployedFacts<'_>) -> impl Iterator<Item = &'a Untrusted> {
    let created = facts.steps.iter().filter(|one| one.action == "create");
    created
        .map(|one| &one.address)
        .filter(|address| facts.addresses.contains(*address))
}

fn exists(facts: &DeployedFacts<'_>) -> CodeStep {
    let gone: Vec<String> = gone(facts)
        .map(|one| format!("{} is gone", one.raw()))
        .collect();
    let all = facts.addresses.len();
    let (outcome, details) = match gone.is_empty() {
        true => (
            CodeOutcome::Passed,
            vec![format!("{all} of {all} in the state were read")],
        ),
        false => (CodeOutcome::Failed, cut(gone)),
    };
    CodeStep::new("what is deployed exists", outcome, details)
}

fn answers(health: &[&HealthReport]) -> CodeStep {
    let checks: Vec<_> = health.iter().flat_map(|one| &one.checks).collect();
    let count = |status: Status| checks.iter().filter(|one| one.status == status).count();
    let unknown = count(Status::Unknown);
    let bad = count(Status::Unhealthy) + count(Status::Degraded);
    let partial = health.iter().any(|one| one.partial);
    let outcome = match (bad, unknown, checks.is_empty() || partial) {
        (1.., ..) => CodeOutcome::Failed,
        (0, 0, false) => CodeOutcome::Passed,
        _ => CodeOutcome::NotRun,
    };
    let listed = checks.iter().filter(|one| one.status != Status::Healthy);
    let mut details: Vec<String> = listed
        .map(|one| {
            let why: Vec<&str> = one.reasons.iter().map(Untrusted::raw).collect();
            format!(
                "{} is {}: {}",
                one.resource.name.raw(),
                one.status.word(),
                why.join("; ")
            )
        })
        .collect();
    details = cut(details);
    details.insert(
        0,
        match checks.len() {
            0 => "nothing of it is watched, so nothing is known of its health".to_owned(),
            all => format!(
                "{} of {} healthy",
                count(Status::Healthy),
                counted(all as u64, "watched resource")
            ),
        },
    );
    CodeStep::new("what is deployed answers", outcome, details)
}

fn alarms(facts: &DeployedFacts<'_>) -> CodeStep {
    const NAME: &str = "what is deployed has its alarms";
    let gone: BTreeSet<&str> = gone(facts).map(Untrusted::raw).collect();
    let missing = |address: &&String| {
        let in_state = facts
            .addresses
            .iter()
            .any(|one| one.raw() == address.as_str());
        !in_state || gone.contains(address.as_str())
    };
    let missing: Vec<String> = facts
        .alarms
        .iter()
        .filter(missing)
        .map(|one| format!("{one} is missing"))
        .collect();
    let (outcome, details) = match (missing.is_empty(), facts.alarms.len()) {
        (true, 0) => (
            CodeOutcome::Passed,
            vec!["no design of what is deployed has any".to_owned()],
        ),
        (true, all) => (CodeOutcome::Passed, vec![format!("{all} of {all}")]),
        (false, _) => (CodeOutcome::Failed, cut(missing)),
    };
    CodeStep::new(NAME, outcome, details)
}

fn cut(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(steps: &[PlannedStep], alarms: &[&str]) -> Vec<CodeOutcome> {
        let addresses = ["aws_s3_bucket.files", "aws_cloudwatch_metric_alarm.errors"];
        let facts = DeployedFacts {
            addresses: &addresses.map(Untrusted::from).into(),
            steps,
            health: &[],
            alarms: &alarms.iter().map(|one| (*one).to_owned()).collect(),
        };
        after(&facts).into_iter().map(|one| one.outcome).collect()
    }

    fn step(action: &str, address: &str) -> PlannedStep {
        PlannedStep {
            address: address.into(),
            action: action.to_owned(),
            attributes: Vec::new(),
        }
    }

    #[test]
    fn what_is_gone_fails_and_what_is_not_watched_is_not_known() {
        use CodeOutcome::{Failed, NotRun, Passed};
        let alarm = "aws_cloudwatch_metric_alarm.errors";
        assert_eq!(outcomes(&[], &[alarm]), [Passed, NotRun, Passed]);
        let changed = step("update", "aws_s3_bucket.files");
        assert_eq!(outcomes(&[changed], &[alarm]), [Passed, NotRun, Passed]);
        // One more than there was is to be created, and not gone.
        let new = step("create", "aws_s3_bucket.more");
        assert_eq!(outcomes(&[new], &[alarm]), [Passed, NotRun, Passed]);
        let gone = step("create", "aws_s3_bucket.files");
        assert_eq!(outcomes(&[gone], &[alarm]), [Failed, NotRun, Passed]);
        let gone = step("create", alarm);
        assert_eq!(outcomes(&[gone], &[alarm]), [Failed, NotRun, Failed]);
        let other = "aws_cloudwatch_metric_alarm.other";
        assert_eq!(outcomes(&[], &[alarm, other]), [Passed, NotRun, Failed]);
    }
}
