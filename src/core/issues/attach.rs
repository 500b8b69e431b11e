//! Puts the ids of issues into the report that found them.

use std::collections::{BTreeMap, VecDeque};

use super::reconcile::{ChangeKind, Reconciliation, most_urgent};
use crate::model::ids::{Arn, IssueId};
use crate::model::issue::Issue;
use crate::model::report::{HealthReport, Recommendation};
use crate::text::Untrusted;
use crate::text::phrases::counted;

/// Fills `issue_id` of every resource that has an open issue (the most urgent of them), and
/// of every line of `issues` whose problem has one. Problems that are not open yet
/// (`open_after`) stay without.
pub fn attach_ids(mut report: HealthReport, reconciliation: &Reconciliation) -> HealthReport {
    let mut by_resource: BTreeMap<&Arn, Vec<&Issue>> = BTreeMap::new();
    for issue in reconciliation
        .open
        .values()
        .filter(|i| i.source.is_observer())
    {
        if let Some(arn) = issue.resource.subject.arn() {
            by_resource.entry(arn).or_default().push(issue);
        }
    }
    // Lines carry a name and no ARN; two resources may share a name. Their problems are
    // distinguished by title, and those that read the same get their ids in turn.
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

/// Puts what to do about the problems in front of the other recommendations: record new
/// ones where this run does not record them itself, else begin with the most urgent issue.
pub fn follow_up(
    mut report: HealthReport,
    reconciliation: &Reconciliation,
    recorded: bool,
) -> HealthReport {
    let environment = &report.environment;
    let new = [ChangeKind::Opened, ChangeKind::Reopened].map(|kind| reconciliation.count(kind));
    let new: u32 = new.iter().sum();
    let open = reconciliation.open.values();
    let (text, command) = if new > 0 && !recorded {
        let what = if new == 1 {
            "as an issue, and follow it"
        } else {
            "as issues, and follow them"
        };
        (
            format!("Record {} {what}", counted(u64::from(new), "new problem")),
            format!("fractary run --env {environment}"),
        )
    } else if let Some(first) = open.min_by(|a, b| most_urgent(a, b)) {
        (
            format!(
                "Begin with {} {}: {}",
                first.severity,
                first.resource.name.raw(),
                first.title.raw()
            ),
            format!("fractary issues show {}", first.id),
        )
    } else {
        return report;
    };
    let item = Recommendation {
        text: Untrusted::from(text),
        command: Some(Untrusted::from(command)),
    };
    report.recommendations.insert(0, item);
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::issue_fixtures::{World, function, minute, problem, report};
    use crate::model::status::Status;

    #[test]
    fn ids_are_put_into_the_report() {
        let mut world = World::new();
        let mut pending = problem("resource_state", Status::Degraded, "updating for long");
        pending.seen = 1;
        let two = function(
            "api",
            vec![
                problem("alarm/a", Status::Degraded, "alarm a"),
                problem("error_rate_percent", Status::Unhealthy, "error rate"),
            ],
        );
        // A namesake with the same problem, and one whose problem is still pending.
        let mut namesake = function(
            "api-2",
            vec![problem(
                "error_rate_percent",
                Status::Unhealthy,
                "error rate",
            )],
        );
        namesake.resource.name = "api".into();
        let mut late = function("late", vec![pending]);
        world.open_after = 2;
        let mut checks = vec![two, namesake];
        for p in checks.iter_mut().flat_map(|c| &mut c.problems) {
            p.seen = 2;
        }
        late.problems[0].seen = 1;
        checks.push(late);
        let seen = report("prod", minute(0), checks);
        let decided = world.run(&seen);
        let attached = attach_ids(seen, &decided);
        let mut lines: Vec<&IssueId> = attached
            .issues
            .iter()
            .filter_map(|l| l.issue_id.as_ref())
            .collect();
        assert_eq!(attached.issues.len(), 4);
        lines.sort();
        lines.dedup();
        assert_eq!(lines.len(), 3, "three lines with three different ids");
        let first = attached.checks[0].issue_id.as_ref().expect("an id");
        assert_eq!(
            world.active[first].check, "error_rate_percent",
            "the more urgent of two"
        );
        assert_eq!(attached.checks[2].issue_id, None);
    }

    #[test]
    fn new_problems_are_to_be_recorded_once() {
        let mut world = World::new();
        let bad = || {
            let problem = problem("error_rate_percent", Status::Unhealthy, "error rate");
            report("prod", minute(0), vec![function("api", vec![problem])])
        };
        let opened = world.run(&bad());
        let again = world.run(&bad());
        let well = World::new().run(&report("prod", minute(0), Vec::new()));
        let first = |decided: &Reconciliation, recorded| {
            let seen = follow_up(bad(), decided, recorded);
            let first = seen.recommendations.first().cloned();
            first.map(|item| item.command.expect("a command").raw().to_owned())
        };
        let show = first(&again, false).expect("there is an issue");
        assert!(show.starts_with("fractary issues show infra-"), "{show}");
        assert_eq!(
            first(&opened, false).as_deref(),
            Some("fractary run --env prod")
        );
        assert_eq!(first(&opened, true), Some(show));
        assert_eq!(first(&well, false), None);
    }
}
