//! Whether a change has helped: a comparison with samples, over periods that began after it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::model::ids::Arn;
use crate::model::remediation::{HealthReading, RemediationOutcome, VerificationRecord};
use crate::model::report::{HealthReport, ResourceHealth};
use crate::model::status::{Status, Verdict};
use crate::text::Untrusted;
use crate::text::{numbers, phrases, times};

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
    let waited = report.generated_at.as_second() - input.applied_at.as_second();
    let waited = u64::try_from(waited).unwrap_or_default();
    let (outcome, reason) = match unclear(input, report, check) {
        Some(why) => (RemediationOutcome::Unverified, why),
        None => verdict(check, waited),
    };
    let slo_met = match outcome {
        RemediationOutcome::Success => Some(true),
        RemediationOutcome::Failed => Some(false),
        _ => None,
    };
    Some(HelpVerdict {
        outcome,
        reason: Untrusted::new(reason),
        verification: VerificationRecord {
            before: input.before.clone(),
            after: Some(reading(report, input.arn)),
            slo_met,
            waited_seconds: waited,
        },
    })
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
            "too few requests to judge its {}: {seen}",
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
    if check.status != Status::Healthy {
        let why = format!("{} after {minutes}", missed(check));
        return (RemediationOutcome::Failed, why);
    }
    let samples = requests(check);
    let samples = samples.map_or_else(String::new, |it| {
        format!(", {} requests", numbers::number(it))
    });
    (
        RemediationOutcome::Success,
        format!("healthy after {minutes}{samples}"),
    )
}

/// The worst indicator in a phrase: `error rate still 50 % (SLO 1 %)`.
fn missed(check: &ResourceHealth) -> String {
    let bad = |sli: &&crate::model::report::SliResult| {
        matches!(sli.verdict, Verdict::Breach | Verdict::Critical)
    };
    let mut all: Vec<_> = check.slis.iter().filter(bad).collect();
    all.sort_by_key(|sli| sli.verdict != Verdict::Critical);
    match all.first() {
        Some(sli) => format!(
            "{} still {} (SLO {})",
            sli.title,
            numbers::beside(sli.value.unwrap_or_default(), sli.target, &sli.unit),
            numbers::quantity(sli.target, &sli.unit)
        ),
        None => format!("still {}", check.status),
    }
}
