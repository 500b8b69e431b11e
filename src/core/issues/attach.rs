//! Puts the ids of issues into the report that found them.

use std::collections::{BTreeMap, VecDeque};

use super::reconcile::{Reconciliation, most_urgent};
use crate::model::ids::{Arn, IssueId};
use crate::model::issue::Issue;
use crate::model::report::HealthReport;
use crate::text::Untrusted;

/// Fills `issue_id` of every resource that has an open issue (the most urgent of them), and
/// of every line of `issues` whose problem has one. Problems that are not open yet
/// (`open_after`) stay without.
pub fn attach_ids(mut report: HealthReport, reconciliation: &Reconciliation) -> HealthReport {
    let mut by_resource: BTreeMap<&Arn, Vec<&Issue>> = BTreeMap::new();
    for issue in reconciliation.open.values() {
        let of_resource = by_resource.entry(&issue.resource.arn).or_default();
        of_resource.push(issue);
    }
    // Lines carry a name and no ARN; two resources may share a name. Their problems are
    // told apart by title, and those that read the same get their ids in turn.
    let mut lines: BTreeMap<(Untrusted, String, Untrusted), VecDeque<Option<IssueId>>> =
        BTreeMap::new();
    for check in &mut report.checks {
        let issues = by_resource
            .get(&check.resource.arn)
            .map_or(&[][..], Vec::as_slice);
        let first = issues.iter().copied().min_by(|a, b| most_urgent(a, b));
        check.issue_id = first.map(|issue| issue.id.clone());
        for problem in &check.problems {
            let id = issues.iter().find(|issue| issue.check == problem.check);
            let line = (
                check.resource.name.clone(),
                problem.check.clone(),
                problem.title.clone(),
            );
            let ids = lines.entry(line).or_default();
            ids.push_back(id.map(|issue| issue.id.clone()));
        }
    }
    for line in &mut report.issues {
        let key = (
            line.resource.clone(),
            line.metric.clone(),
            line.issue.clone(),
        );
        line.issue_id = lines.get_mut(&key).and_then(VecDeque::pop_front).flatten();
    }
    report
}
