//! Whether resolved issues matter to a report. Reading them is dear after some months, and most
//! runs find nothing new.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::ids::IssueId;
use crate::model::issue::Issue;
use crate::model::report::HealthReport;

/// Whether [`reconcile`](super::reconcile()) could decide otherwise if it knew the resolved
/// issues: something is wrong that no open issue is about, or an issue lies among the open ones
/// and among the resolved ones.
pub fn needs_resolved(
    report: &HealthReport,
    active: &BTreeMap<IssueId, Issue>,
    resolved_ids: &BTreeSet<IssueId>,
    open_after: u32,
) -> bool {
    if active.keys().any(|id| resolved_ids.contains(id)) {
        return true;
    }
    let known: BTreeSet<_> = active
        .values()
        .filter(|issue| issue.environment == report.environment && issue.domain == report.domain)
        .map(|issue| (&issue.resource.arn, issue.check.as_str()))
        .collect();
    report.checks.iter().any(|resource| {
        let mut opening = resource
            .problems
            .iter()
            .filter(|problem| problem.status.is_bad() && problem.seen >= open_after.max(1));
        opening.any(|problem| !known.contains(&(&resource.resource.arn, problem.check.as_str())))
    })
}
