//! Figures of DORA against tables that were computed by hand.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use super::delivery::{
    CommitRange, DeliveryInput, DeployedCommit, ProductionIncident, report, steps,
};
use crate::model::delivery::{DeliveryReport, DeliveryValue};
use crate::model::deployments::Deployment;
use crate::model::ids::{EnvironmentName, IssueId};

const HOUR: i64 = 3_600;

/// So many hours before the end of the window.
fn ago(hours: i64) -> Timestamp {
    let now: Timestamp = "2026-12-01T00:00:00Z".parse().expect("a time");
    Timestamp::from_second(now.as_second() - hours * HOUR).expect("a time")
}

/// Hours before the end, commit and status of deployments.
fn deployments(lines: &[(i64, &str, &str)]) -> Vec<Deployment> {
    let each = lines
        .iter()
        .enumerate()
        .map(|(index, (hours, commit, status))| {
            let commit = (!commit.is_empty()).then_some(commit);
            let document = json!({
                "id": format!("d{}", index + 1), "environment": "prod", "deployed_at": ago(*hours),
                "commit": commit, "status": status,
            });
            serde_json::from_value(document).expect("a deployment")
        });
    each.collect()
}

fn commit(id: &str, hours: i64, subject: &str) -> DeployedCommit {
    DeployedCommit {
        id: id.to_owned(),
        authored_at: ago(hours + 10).as_second(),
        committed_at: ago(hours).as_second(),
        subject: subject.to_owned(),
        parents: 1,
        on_trunk: true,
    }
}

fn incident(id: &str, detected: i64, restored: Option<i64>) -> ProductionIncident {
    ProductionIncident {
        id: IssueId::new(format!("infra-{id}")).expect("an id"),
        resource: "arn:aws:lambda:eu-west-1:123456789012:function:api".to_owned(),
        detected_at: ago(detected),
        restored_at: restored.map(ago),
    }
}

fn figures(
    deployments: &[Deployment],
    ranges: &[(&str, &str, CommitRange)],
    incidents: &[ProductionIncident],
) -> DeliveryReport {
    let environment = EnvironmentName::new("prod").expect("a name");
    let steps = steps(deployments, &environment);
    let ranges: BTreeMap<(String, String), CommitRange> = ranges
        .iter()
        .map(|(from, to, range)| (((*from).to_owned(), (*to).to_owned()), range.clone()))
        .collect();
    report(&DeliveryInput {
        now: ago(0),
        steps: &steps,
        ranges: &ranges,
        incidents,
    })
}

fn undefined(value: &DeliveryValue) -> &str {
    assert_eq!(value.value, None);
    value.undefined_because.as_ref().expect("a reason").raw()
}

#[test]
fn the_first_deployment_ever_has_no_lead_time() {
    let of = figures(&deployments(&[(72, "a1", "success")]), &[], &[]);
    assert_eq!(of.start, ago(72), "the window starts with it");
    assert_eq!(of.deployments, 1);
    // One in three days.
    assert_eq!(of.deployments_per_week.value, Some(2.33333333));
    assert!(
        undefined(&of.lead_time_hours).contains("no deployment of this window brought commits")
    );
    assert_eq!(of.change_failure_rate_percent.value, Some(0.0));
    assert_eq!(of.rework_rate_percent.value, Some(0.0));
    assert!(undefined(&of.recovery_time_hours).contains("no incident"));
    assert_eq!(
        of.notes[0].raw(),
        "d1: the first deployment: no commits can be told from the past"
    );
    // On the day of it nothing is a rate.
    let of = figures(&deployments(&[(3, "a1", "success")]), &[], &[]);
    assert!(undefined(&of.deployments_per_week).contains("less than a day"));
    assert!(undefined(&of.change_failure_rate_percent).contains("older than a day"));
}

#[test]
fn each_commit_counts_with_the_deployment_that_brought_it_first() {
    let all = deployments(&[
        (20 * 24, "a1", "success"),
        (10 * 24, "b2", "success"),
        // A re-run of one commit, and one that failed, are no deployments.
        (10 * 24 - 1, "b2", "success"),
        (9 * 24, "c3", "failed"),
        (5 * 24, "c3", "success"),
    ]);
    let ranges = [
        (
            "a1",
            "b2",
            CommitRange::Commits(vec![
                commit("b1", 10 * 24 + 4, "one"),
                commit("b2", 10 * 24 + 2, "two"),
            ]),
        ),
        (
            "b2",
            "c3",
            CommitRange::Commits(vec![commit("c3", 5 * 24 + 12, "three")]),
        ),
    ];
    let of = figures(&all, &ranges, &[]);
    assert_eq!((of.deployments, of.commits), (3, 3));
    // 4, 2 and 12 hours; written ten hours earlier.
    assert_eq!(of.lead_time_hours.value, Some(4.0));
    assert_eq!(of.lead_time_from_author_hours.value, Some(14.0));
    assert!(!of.lead_time_from_merge);
    // Three on three days, in 20 days.
    assert_eq!(of.deployments_per_week.value, Some(1.05));
    assert_eq!(of.deployment_days_per_week.value, Some(1.05));
}

#[test]
fn a_rollback_is_a_deployment_and_marks_the_one_before_it() {
    let all = deployments(&[
        (10 * 24, "a1", "success"),
        (6 * 24, "b2", "success"),
        (5 * 24, "a1", "success"),
        (4 * 24, "c3", "success"),
    ]);
    let b = || commit("b2", 6 * 24 + 8, "bad");
    let ranges = [
        ("a1", "b2", CommitRange::Commits(vec![b()])),
        ("b2", "a1", CommitRange::Older),
        // What was rolled back comes again, and counts no second time.
        (
            "a1",
            "c3",
            CommitRange::Commits(vec![b(), commit("c3", 4 * 24 + 2, "good")]),
        ),
    ];
    let of = figures(&all, &ranges, &[]);
    assert_eq!((of.deployments, of.rollbacks), (4, 1));
    // 8 and 2 hours.
    assert_eq!((of.lead_time_hours.value, of.commits), (Some(5.0), 2));
    // One of four failed, one of four is a fix.
    assert_eq!(of.change_failure_rate_percent.value, Some(25.0));
    assert_eq!(of.rework_rate_percent.value, Some(25.0));
}

#[test]
fn rewritten_history_and_what_cannot_be_read_have_no_lead_times() {
    let all = deployments(&[
        (10 * 24, "a1", "success"),
        (6 * 24, "b2", "success"),
        (5 * 24, "c3", "success"),
        (4 * 24, "", "success"),
        (3 * 24, "d4", "success"),
    ]);
    let ranges = [
        ("a1", "b2", CommitRange::Rewritten),
        (
            "b2",
            "c3",
            CommitRange::Unreadable("this clone is shallow".to_owned()),
        ),
    ];
    let of = figures(&all, &ranges, &[]);
    assert_eq!((of.deployments, of.rollbacks, of.commits), (5, 0, 0));
    assert_eq!(of.lead_time_hours.value, None);
    let notes: Vec<&str> = of.notes.iter().map(|note| note.raw()).collect();
    assert!(notes[1].starts_with("d2: history rewritten"), "{notes:?}");
    assert_eq!(notes[2], "d3: no lead time: this clone is shallow");
    assert!(notes[3].starts_with("d4: no commit is recorded"));
    assert!(notes[4].starts_with("d5: no commit is recorded of it or of the one before it"));
}

#[test]
fn incidents_belong_to_the_last_deployment_before_them() {
    let mut all = deployments(&[
        (10 * 24, "a1", "success"),
        (6 * 24, "b2", "success"),
        (5 * 24, "c3", "success"),
        (12, "d4", "success"),
    ]);
    // The third touched another resource only.
    let other = json!([{ "type": "aws_lambda_function", "aws_id": "x",
        "arn": "arn:aws:lambda:eu-west-1:123456789012:function:x" }]);
    all[2].resources = serde_json::from_value(other).expect("entries");
    let incidents = [
        incident("000001", 4 * 24, Some(4 * 24 - 1)),
        incident("000002", 3 * 24, Some(3 * 24 - 3)),
        incident("000003", 2 * 24, Some(2 * 24 - 8)),
        // Before the first deployment: of none of them.
        incident("000004", 20 * 24, Some(19 * 24)),
        // Of the fourth, which is not observed for a day yet; it is not over.
        incident("000005", 6, None),
    ];
    let of = figures(&all, &[], &incidents);
    // Three incidents on the second deployment: it failed once, of three that are old enough.
    assert_eq!(of.change_failure_rate_percent.value, Some(33.3333333));
    // 1, 3 and 8 hours.
    assert_eq!(of.recovery_time_hours.value, Some(3.0));
    let open: Vec<&str> = of.open_incidents.iter().map(IssueId::as_str).collect();
    assert_eq!(open, ["infra-000005"]);
}

#[test]
fn hotfixes_and_reverts_are_rework_and_squashes_hide_the_time_of_work() {
    let all = deployments(&[
        (10 * 24, "a1", "success"),
        (6 * 24, "b2", "success"),
        (5 * 24, "c3", "success"),
    ]);
    let of = |subjects: [&str; 2]| {
        let ranges = [
            (
                "a1",
                "b2",
                CommitRange::Commits(vec![commit("b2", 6 * 24 + 1, subjects[0])]),
            ),
            (
                "b2",
                "c3",
                CommitRange::Commits(vec![commit("c3", 5 * 24 + 3, subjects[1])]),
            ),
        ];
        figures(&all, &ranges, &[])
    };
    let squashed = of(["Add carts (#12)", "Revert \"Add carts\" (#13)"]);
    assert!(squashed.lead_time_from_merge);
    assert_eq!(squashed.rework_rate_percent.value, Some(33.3333333));
    assert_eq!(squashed.change_failure_rate_percent.value, Some(33.3333333));
    let plain = of([
        "Add carts (#12)",
        "Merge pull request #14 from me/hotfix-cart",
    ]);
    assert!(!plain.lead_time_from_merge);
    assert_eq!(plain.rework_rate_percent.value, Some(33.3333333));
    assert_eq!(of(["a", "fix a typo"]).rework_rate_percent.value, Some(0.0));
    let merged = of(["a", "Merge branch 'hotfix/cart' into 'main'"]);
    assert_eq!(merged.rework_rate_percent.value, Some(33.3333333));
}

#[test]
fn a_window_without_deployments_counts_zero() {
    let of = figures(&deployments(&[(40 * 24, "a1", "success")]), &[], &[]);
    assert_eq!(of.deployments_per_week.value, Some(0.0));
    assert!(undefined(&of.lead_time_hours).contains("nothing was deployed"));
    assert!(undefined(&of.rework_rate_percent).contains("nothing was deployed"));
}
