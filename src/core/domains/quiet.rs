//! Whether an observation of a domain is worth a commit: by the rules of the cloud's.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::issues::{ChangeKind, IssueChange};
use crate::core::quiet::Reason;
use crate::model::domain_health::DomainReport;
use crate::model::status::Status;

/// What [`worth_committing`] decides from.
#[derive(Debug, Clone, Copy)]
pub struct DomainQuiet<'a> {
    /// The newest observation in the repository.
    pub previous: Option<&'a DomainReport>,
    /// The observation of this run.
    pub new: &'a DomainReport,
    /// What this run does to issues.
    pub changes: &'a [IssueChange],
    /// Consecutive bad runs before an issue is opened.
    pub open_after: u32,
    /// A quiet domain commits once in this many seconds.
    pub heartbeat_seconds: u64,
    /// The time of this run.
    pub now: Timestamp,
}

/// Why an observation is worth a commit; `None` for a quiet one.
pub fn worth_committing(input: &DomainQuiet<'_>) -> Option<Reason> {
    let Some(old) = input.previous else {
        return Some(Reason::First);
    };
    let new = input.new;
    let pending = |report| pending(report, input.open_after);
    let passed = input.now.as_second() - old.generated_at.as_second();
    let moved = |change: &IssueChange| change.kind != ChangeKind::Touched;
    if input.changes.iter().any(moved) {
        Some(Reason::Issues)
    } else if statuses(old) != statuses(new) {
        Some(Reason::Status)
    } else if pending(old) != pending(new) {
        Some(Reason::Pending)
    } else if passed.unsigned_abs() >= input.heartbeat_seconds {
        Some(Reason::Heartbeat)
    } else {
        None
    }
}

fn statuses(report: &DomainReport) -> (Status, BTreeMap<&str, Status>) {
    let each = report.services.iter().map(|s| (s.name.raw(), s.status));
    (report.status, each.collect())
}

fn pending(report: &DomainReport, open_after: u32) -> BTreeMap<&str, u32> {
    let each = report.seen.iter().map(|(key, seen)| (key.as_str(), *seen));
    each.filter(|(_, seen)| *seen < open_after).collect()
}
