//! Whether resolved issues matter to an examination. Reading them is expensive after some months,
//! and most runs find nothing new.

use std::collections::{BTreeMap, BTreeSet};

use super::reconcile::is_here;
use crate::model::finding::Examination;
use crate::model::ids::IssueId;
use crate::model::issue::Issue;

/// Whether [`reconcile`](super::reconcile()) could decide otherwise if it knew the resolved
/// issues: something is wrong that no open issue is about, or an issue lies among the open ones
/// and among the resolved ones.
pub fn needs_resolved(
    examination: &Examination,
    active: &BTreeMap<IssueId, Issue>,
    resolved_ids: &BTreeSet<IssueId>,
    open_after: u32,
) -> bool {
    if active.keys().any(|id| resolved_ids.contains(id)) {
        return true;
    }
    let known: BTreeSet<_> = active
        .values()
        .filter(|issue| is_here(issue, examination) && issue.source == examination.source)
        .map(|issue| (&issue.resource.subject, issue.check.as_str()))
        .collect();
    let mut opening = examination
        .findings
        .iter()
        .filter(|finding| finding.seen >= open_after.max(1));
    opening.any(|finding| !known.contains(&(&finding.about.subject, finding.check.as_str())))
}
