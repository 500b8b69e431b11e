//! Whether a change has helped: a comparison with samples, over periods that began after it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::history::{self, Remediation};
use crate::catalog::actions::Actions;
use crate::model::ids::Arn;
use crate::model::remediation::{HealthReading, RemediationOutcome, VerificationRecord};
use crate::model::report::{HealthReport, ResourceHealth};
use crate::model::status::{Status, Verdict};
use crate::text::Untrusted;
use crate::text::{numbers, phrases, times};

/// Seconds before periods count, for an action that is not known any more.
const SETTLES: u32 = 60;
/// How long a change is judged after it was made.
const JUDGED: SignedDuration = SignedDuration::from_hours(24);
/// Fewer requests than this share of those before: the fault may have gone with its users.
const FEWER: f64 = 0.5;

/// What is judged.
#[derive(Debug, Clone)]
pub struct VerifyInput<'a> {
    /// The resource.
    pub arn: &'a Arn,
    /// When AWS had made the change.
    pub applied_at: Timestamp,
    /// Seconds after it before periods count.
    pub settle_seconds: u32,
    /// What was seen before.
    pub before: &'a HealthReading,
    /// When something was deployed since.
    pub deployed: &'a [Timestamp],
    /// The id of another action that changed the resource too, since what was seen before.
    pub joint: Option<&'a str>,
}

/// What it comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct HelpVerdict {
    /// The outcome.
    pub outcome: RemediationOutcome,
    /// Why, in one sentence.
    pub reason: Untrusted,
    /// What was seen.
    pub verification: VerificationRecord,
}

/// Returns the health of a resource, as a log keeps it.
pub fn reading(report: &HealthReport, arn: &Arn) -> HealthReading {
    let found = report.checks.iter().find(|one| one.resource.arn == *arn);
    let Some(check) = found else {
        return HealthReading {
            status: Status::Unknown.to_string(),
            ..HealthReading::default()
        };
    };
    let slis = check.slis.iter();
    let values: BTreeMap<String, f64> = slis
        .filter_map(|sli| Some((sli.sli.clone(), numbers::rounded(sli.value?))))
        .chain(requests(check).map(|total| ("requests".to_owned(), total)))
        .collect();
    HealthReading {
        status: check.status.to_string(),
        window_start: Some(report.window.start),
        values,
        reasons: check.reasons.iter().take(3).cloned().collect(),
    }
}

/// Requests in the window, where an indicator counts them.
fn requests(check: &ResourceHealth) -> Option<f64> {
    let totals = check.slis.iter().filter_map(|sli| sli.total);
    totals.reduce(f64::max)
}

/// Seconds after a change before periods count, by its action.
fn settle_seconds(one: &Remediation) -> u32 {
    let action = Actions::built_in().get(&one.first.action);
    action.map_or(SETTLES, |action| action.settle_seconds)
}

/// Whether a report may say something of it: it waits to be judged, or has helped, which a day has to
/// prove.
pub fn may_be_news(one: &Remediation, now: Timestamp) -> bool {
    // A report of the day may be read a while later.
    let is_recent = |at: Timestamp| now.duration_since(at) <= JUDGED + JUDGED;
    let helped = one.outcome() == RemediationOutcome::Success;
    history::is_waiting(one) || (helped && one.last.applied_at.is_some_and(is_recent))
}

/// Says what a report adds to what is known of a remediation, beside everything that was done:
/// whether it helped, that nobody will know, or that the problem has come back. `None` where it adds
/// nothing.
pub fn news(
    one: &Remediation,
    report: &HealthReport,
    deployed: &[Timestamp],
    done: &[Remediation],
) -> Option<HelpVerdict> {
    let nothing = VerificationRecord::default();
    let applied_at = one.last.applied_at?;
    let mut others = done.iter();
    let joint = others.find(|other| is_joint(one, applied_at, other, report.window.end));
    let input = VerifyInput {
        arn: &one.first.arn,
        joint: joint.map(|other| other.id.as_str()),
        applied_at,
        settle_seconds: settle_seconds(one),
        before: &one.first.verification.as_ref().unwrap_or(&nothing).before,
        deployed,
    };
    if history::is_waiting(one) {
        let judged = judge(&input, report);
        let clear = judged.filter(|it| it.outcome != RemediationOutcome::Unverified);
        return clear.or_else(|| given_up(&input, report));
    }
    match one.outcome() {
        RemediationOutcome::Success => recurrence(&input, one, report),
        _ => None,
    }
}

/// Whether another action has changed the resource as well between what was seen before this one and
/// the end of a report: one change, one credit.
fn is_joint(
    one: &Remediation,
    applied_at: Timestamp,
    other: &Remediation,
    until: Timestamp,
) -> bool {
    let Some(at) = other.last.applied_at else {
        return false;
    };
    if other.id == one.id || other.first.arn != one.first.arn {
        return false;
    }
    if at > applied_at {
        return at <= until;
    }
    // What was undone, and what undid it, are nothing together.
    if other.outcome() == RemediationOutcome::Undone || other.first.undoes.is_some() {
        return false;
    }
    let before = one.first.verification.as_ref();
    let before = before.and_then(|seen| seen.before.window_start);
    applied_at.duration_since(at) <= JUDGED && before.is_none_or(|start| at >= start)
}

/// Whether a report is worth keeping because the next one can then begin after the change.
/// `kept_until` is where the window of the last one that was kept ends.
pub fn is_dividing(
    one: &Remediation,
    report: &HealthReport,
    kept_until: Option<Timestamp>,
) -> bool {
    let settle = SignedDuration::from_secs(i64::from(settle_seconds(one)));
    let applied = one.last.applied_at.filter(|_| history::is_waiting(one));
    let begin = applied.and_then(|at| at.checked_add(settle).ok());
    begin.is_some_and(|begin| {
        let is_divided = kept_until.is_some_and(|end| begin <= end);
        !is_divided && report.window.start < begin && begin <= report.window.end
    })
}

/// Nothing waits for ever: a day later it stays unverified, and is judged no more.
fn given_up(input: &VerifyInput<'_>, report: &HealthReport) -> Option<HelpVerdict> {
    let end = input.applied_at.checked_add(JUDGED).ok()?;
    if report.window.end <= end {
        return None;
    }
    let check = report
        .checks
        .iter()
        .find(|one| one.resource.arn == *input.arn);
    let why = match check {
        Some(check) => unclear(input, report, check),
        None => Some("it is not in the report".to_owned()),
    };
    let why = why.unwrap_or_else(|| "no report covers a period after it alone".to_owned());
    Some(seen(
        input,
        report,
        RemediationOutcome::Unverified,
        format!("not evaluated within 24 hours: {why}"),
    ))
}

/// A problem that comes back within a day was not solved.
fn recurrence(
    input: &VerifyInput<'_>,
    one: &Remediation,
    report: &HealthReport,
) -> Option<HelpVerdict> {
    let end = input.applied_at.checked_add(JUDGED).ok()?;
    let helped = one
        .last
        .verification
        .as_ref()?
        .after
        .as_ref()?
        .window_start?;
    if report.window.start <= helped || report.window.start > end {
        return None;
    }
    let check = report
        .checks
        .iter()
        .find(|it| it.resource.arn == *input.arn)?;
    let is_same = match &one.first.issue_id {
        Some(id) => check.issue_id.as_ref() == Some(id),
        None => true,
    };
    let is_bad = matches!(check.status, Status::Degraded | Status::Unhealthy);
    if !is_bad || !is_same || unclear(input, report, check).is_some() {
        return None;
    }
    let after = times::span(i64::try_from(waited(input, report)).unwrap_or(i64::MAX));
    let why = format!("it came back after {after}: {}", missed(check, ""));
    Some(seen(input, report, RemediationOutcome::Failed, why))
}

fn waited(input: &VerifyInput<'_>, report: &HealthReport) -> u64 {
    let waited = report.generated_at.as_second() - input.applied_at.as_second();
    u64::try_from(waited).unwrap_or_default()
}

fn seen(
    input: &VerifyInput<'_>,
    report: &HealthReport,
    outcome: RemediationOutcome,
    reason: String,
) -> HelpVerdict {
    let slo_met = match outcome {
        RemediationOutcome::Success => Some(true),
        RemediationOutcome::Failed => Some(false),
        _ => None,
    };
    HelpVerdict {
        outcome,
        reason: Untrusted::new(reason),
        verification: VerificationRecord {
            before: input.before.clone(),
            after: Some(reading(report, input.arn)),
            slo_met,
            waited_seconds: waited(input, report),
        },
    }
}

/// Judges a change by a report; `None` where the report says nothing about it yet.
pub fn judge(input: &VerifyInput<'_>, report: &HealthReport) -> Option<HelpVerdict> {
    let settle = SignedDuration::from_secs(i64::from(input.settle_seconds));
    let begin = input.applied_at.checked_add(settle).ok()?;
    let end = input.applied_at.checked_add(JUDGED).ok()?;
    // The period in which the change was made is part of neither side.
    if report.window.start < begin || report.window.start > end {
        return None;
    }
    let check = report
        .checks
        .iter()
        .find(|one| one.resource.arn == *input.arn)?;
    let (outcome, reason) = match unclear(input, report, check) {
        Some(why) => (RemediationOutcome::Unverified, why),
        None => verdict(check, waited(input, report)),
    };
    Some(seen(input, report, outcome, reason))
}

/// Why nothing can be said yet.
fn unclear(
    input: &VerifyInput<'_>,
    report: &HealthReport,
    check: &ResourceHealth,
) -> Option<String> {
    if check.status == Status::Unknown {
        let why = check.reasons.first().map(|one| format!(": {}", one.raw()));
        return Some(format!("its health is unknown{}", why.unwrap_or_default()));
    }
    let mut deployed = input.deployed.iter().copied();
    if let Some(at) = deployed.find(|at| *at > input.applied_at && *at <= report.window.end) {
        return Some(format!(
            "confounded: something was deployed at {}",
            times::time(at)
        ));
    }
    if let Some(other) = input.joint {
        return Some(format!("joint: {other} has changed the same resource too"));
    }
    if check.idle || check.slis.iter().all(|sli| sli.value.is_none()) {
        return Some("no requests since the change".to_owned());
    }
    let few = check
        .slis
        .iter()
        .find(|sli| sli.verdict == Verdict::TooFewSamples);
    if let Some(few) = few {
        let seen = numbers::number(few.total.unwrap_or_default());
        return Some(format!(
            "too few requests to evaluate its {}: {seen}",
            few.title
        ));
    }
    let (was, is) = (input.before.values.get("requests")?, requests(check)?);
    let went = check.status == Status::Healthy && is < was * FEWER;
    went.then(|| {
        let (is, was) = (numbers::number(is), numbers::number(*was));
        format!("confounded: {is} requests, and {was} before")
    })
}

/// Whether it helped, with the evidence first.
fn verdict(check: &ResourceHealth, waited: u64) -> (RemediationOutcome, String) {
    let minutes = phrases::counted(waited / 60, "minute");
    let samples = requests(check);
    let samples = samples.map_or_else(String::new, |it| {
        format!(", {} requests", numbers::number(it))
    });
    if check.status != Status::Healthy {
        let why = format!("{} after {minutes}{samples}", missed(check, "still "));
        return (RemediationOutcome::Failed, why);
    }
    (
        RemediationOutcome::Success,
        format!("healthy after {minutes}{samples}"),
    )
}

/// The worst indicator in a phrase: `error rate still 50 % (SLO 1 %)`.
fn missed(check: &ResourceHealth, still: &str) -> String {
    let bad = |sli: &&crate::model::report::SliResult| {
        matches!(sli.verdict, Verdict::Breach | Verdict::Critical)
    };
    let mut all: Vec<_> = check.slis.iter().filter(bad).collect();
    all.sort_by_key(|sli| sli.verdict != Verdict::Critical);
    match all.first() {
        Some(sli) => format!(
            "{} {still}{} (SLO {})",
            sli.title,
            numbers::beside(sli.value.unwrap_or_default(), sli.target, &sli.unit),
            numbers::quantity(sli.target, &sli.unit)
        ),
        None => format!("{still}{}", check.status),
    }
}
