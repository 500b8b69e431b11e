//! Whether a run is worth a commit, and the words of that commit.
//!
//! A run that saw nothing new commits nothing, so that a year of runs does not fill the
//! repository; the heartbeat proves that runs still happen.

mod message;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::core::issues::{ChangeKind, IssueChange};
use crate::model::fact::GapCause;
use crate::model::ids::Arn;
use crate::model::report::HealthReport;
use crate::model::snapshot::AlarmState;
use crate::model::status::Status;
use crate::text::Untrusted;

pub use message::{CommitWords, commit_message};

/// What [`worth_committing`] decides from.
#[derive(Debug, Clone, Copy)]
pub struct QuietInput<'a> {
    /// The newest report in the repository.
    pub previous: Option<&'a HealthReport>,
    /// The report of this run.
    pub new: &'a HealthReport,
    /// What this run does to issues.
    pub changes: &'a [IssueChange],
    /// Consecutive bad runs before an issue is opened.
    pub open_after: u32,
    /// When the last observation was committed.
    pub last_commit_at: Option<Timestamp>,
    /// A quiet environment commits once in this many seconds.
    pub heartbeat_seconds: u64,
    /// The time of this run.
    pub now: Timestamp,
}

/// Why a run is worth a commit: the first of these that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// There is no report of this environment yet.
    First,
    /// An issue opened, changed or resolved.
    Issues,
    /// Resources came or went.
    Resources,
    /// A resource changed its status.
    Status,
    /// An alarm changed its state.
    Alarms,
    /// What could not be read changed.
    Coverage,
    /// A problem that is not an issue yet was seen once more, or went away.
    Pending,
    /// The past of an error budget was read, which is not to be done twice.
    Budgets,
    /// It says whether a remediation has helped, or lets the next one say it.
    Remediation,
    /// Nothing changed, and the last commit is old enough.
    Heartbeat,
}

impl Reason {
    /// A few words for the commit message.
    pub fn words(self) -> &'static str {
        match self {
            Self::First => "first observation",
            Self::Issues => "issues changed",
            Self::Status => "status changed",
            Self::Alarms => "alarms changed",
            Self::Resources => "resources changed",
            Self::Coverage => "coverage changed",
            Self::Pending => "pending problem",
            Self::Budgets => "error budgets",
            Self::Remediation => "remediation to be evaluated",
            Self::Heartbeat => "heartbeat",
        }
    }
}

/// Why this run is worth a commit; `None` for a quiet one.
pub fn worth_committing(input: &QuietInput<'_>) -> Option<Reason> {
    let Some(old) = input.previous else {
        return Some(Reason::First);
    };
    let new = input.new;
    let pending = |report| pending(report, input.open_after);
    let checks: [(Reason, bool); 7] = [
        (
            Reason::Issues,
            input.changes.iter().any(|c| c.kind != ChangeKind::Touched),
        ),
        (Reason::Resources, resources(old) != resources(new)),
        (Reason::Status, statuses(old) != statuses(new)),
        (Reason::Alarms, alarms(old) != alarms(new)),
        (Reason::Coverage, coverage(old) != coverage(new)),
        (Reason::Pending, pending(old) != pending(new)),
        (Reason::Heartbeat, heartbeat_due(input)),
    ];
    let applies = checks.into_iter().find(|(_, applies)| *applies);
    applies.map(|(reason, _)| reason)
}

fn heartbeat_due(input: &QuietInput<'_>) -> bool {
    let Some(last) = input.last_commit_at else {
        return true;
    };
    let passed = input.now.as_second().saturating_sub(last.as_second());
    // A last commit in the future (clocks that disagree) must not silence the heartbeat
    // for longer than one beat.
    passed.unsigned_abs() >= input.heartbeat_seconds
}

fn resources(report: &HealthReport) -> BTreeSet<&Arn> {
    report.checks.iter().map(|c| &c.resource.arn).collect()
}

fn statuses(report: &HealthReport) -> (Status, BTreeMap<&Arn, Status>) {
    let each = report.checks.iter().map(|c| (&c.resource.arn, c.status));
    (report.overall_health, each.collect())
}

fn alarms(report: &HealthReport) -> BTreeSet<(&Arn, &Untrusted, AlarmState)> {
    let checks = report.checks.iter();
    checks
        .flat_map(|c| {
            let arn = &c.resource.arn;
            c.alarms.iter().map(move |a| (arn, &a.name, a.state))
        })
        .collect()
}

/// What was not seen: without the words and counts of a gap, which differ from run to run.
#[derive(PartialEq)]
struct Unseen<'a> {
    partial: bool,
    gaps: BTreeSet<(&'a str, GapCause)>,
    unjudged: BTreeSet<(&'a Arn, &'a str)>,
}

fn coverage(report: &HealthReport) -> Unseen<'_> {
    let unjudged = report.checks.iter().flat_map(|c| {
        let arn = &c.resource.arn;
        c.unjudged.iter().map(move |check| (arn, check.as_str()))
    });
    let gaps = report.errors.iter();
    Unseen {
        partial: report.partial,
        gaps: gaps.map(|g| (g.operation.as_str(), g.cause)).collect(),
        unjudged: unjudged.collect(),
    }
}

/// Problems that have not been seen often enough to be issues, with their counts: the next
/// run counts on from the committed report.
fn pending(report: &HealthReport, open_after: u32) -> BTreeMap<(&Arn, &str), u32> {
    let problems = report.checks.iter().flat_map(|c| {
        let arn = &c.resource.arn;
        c.problems
            .iter()
            .map(move |p| ((arn, p.check.as_str()), p.seen))
    });
    problems.filter(|(_, seen)| *seen < open_after).collect()
}

#[cfg(test)]
mod tests;
