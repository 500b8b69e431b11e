//! Alarms that belong to no resource.

use std::collections::BTreeSet;

use super::super::environment_alarms;
use super::super::unattached::belongs_to_none;
use super::world::{World, catalog, judge_snapshot, snapshot};
use crate::model::fact::Fact;
use crate::model::ids::EnvironmentName;
use crate::model::report::{HealthReport, ResourceHealth};
use crate::model::snapshot::{Alarm, AlarmState, Snapshot};
use crate::model::status::Status;
use crate::text::Untrusted;

fn alarm(name: &str, state: AlarmState) -> Alarm {
    let world = World::new("sqs", "x").alarm(name, "", state);
    let Fact::Known(mut alarms) = world.observed.alarms else {
        panic!("the alarm is known");
    };
    alarms.pop().expect("one alarm")
}

/// A healthy function, and these alarms beside it.
fn with(alarms: Vec<Alarm>) -> Snapshot {
    let mut snapshot = snapshot(vec![
        World::new("lambda", "worker").with("invocations=100 errors=0"),
    ]);
    snapshot.gaps.clear();
    snapshot.identity = Fact::Absent;
    snapshot.unmatched_alarms = alarms;
    snapshot
}

fn entry(report: &HealthReport) -> Option<&ResourceHealth> {
    report
        .checks
        .iter()
        .find(|check| check.resource.kind == "alarm")
}

#[test]
fn what_names_no_single_resource_is_the_environments_own() {
    let with = |namespace: &str, metric: &str, dimensions: &[&str]| {
        let mut alarm = alarm("a", AlarmState::Alarm);
        alarm.namespace = Untrusted::from(namespace);
        alarm.metric = Untrusted::from(metric);
        let each = dimensions.iter().map(|name| ((*name).into(), "x".into()));
        alarm.dimensions = each.collect();
        belongs_to_none(&alarm, catalog())
    };
    for (what, namespace, metric, dimensions, expected) in [
        ("composite", "", "", &[][..], true),
        ("all functions", "AWS/Lambda", "Errors", &[], true),
        ("log filter", "Shop/Logs", "Panics", &[], true),
        ("own metric", "Shop", "Orders", &["Shop"], true),
        (
            "cluster",
            "AWS/ECS",
            "CPUUtilization",
            &["ClusterName"],
            true,
        ),
        (
            "service",
            "AWS/ECS",
            "CPUUtilization",
            &["ClusterName", "ServiceName"],
            false,
        ),
        ("function", "AWS/Lambda", "Errors", &["FunctionName"], false),
        (
            "topic",
            "AWS/SNS",
            "NumberOfNotificationsFailed",
            &["TopicName"],
            false,
        ),
    ] {
        assert_eq!(with(namespace, metric, dimensions), expected, "{what}");
    }
}

#[test]
fn alarms_named_after_another_environment_are_its_own() {
    let names: Vec<EnvironmentName> = ["prod", "test"]
        .map(|name| EnvironmentName::new(name).expect("a name"))
        .into();
    // The environment of the snapshot is prod.
    for (name, expected) in [
        ("prod-checkout-down", true),
        ("Checkout down", true),
        ("latest-checkout", true),
        ("test-checkout-down", false),
        ("TEST/checkout", false),
        ("prod-and-test", true),
    ] {
        let snapshot = with(vec![alarm(name, AlarmState::Alarm)]);
        let own = environment_alarms(&snapshot, catalog(), &BTreeSet::new(), &names);
        assert_eq!(own.is_some_and(|own| own.len() == 1), expected, "{name}");
    }
}

#[test]
fn one_in_alarm_degrades_and_is_followed_to_its_end() {
    let quiet = judge_snapshot(&with(Vec::new()), "", None);
    assert_eq!(
        (quiet.overall_health, entry(&quiet)),
        (Status::Healthy, None)
    );

    let first = judge_snapshot(
        &with(vec![alarm("all-down", AlarmState::Alarm)]),
        "",
        Some(&quiet),
    );
    assert_eq!(first.overall_health, Status::Degraded);
    let seen = entry(&first).expect("an entry");
    assert_eq!(seen.problems[0].check, "alarm/all-down");
    assert_eq!(
        (seen.problems[0].seen, seen.problems[0].alarm_only),
        (1, true)
    );
    assert_eq!(first.issues.len(), 1);

    let again = judge_snapshot(
        &with(vec![alarm("all-down", AlarmState::Alarm)]),
        "",
        Some(&first),
    );
    assert_eq!(entry(&again).expect("an entry").problems[0].seen, 2);

    // Nobody knows while alarms cannot be listed, or have no data.
    let mut blind = with(Vec::new());
    blind.gaps = super::world::gaps();
    for unknown in [
        blind,
        with(vec![alarm("all-down", AlarmState::InsufficientData)]),
    ] {
        let report = judge_snapshot(&unknown, "", Some(&again));
        let seen = entry(&report).expect("its issue is open");
        assert_eq!(
            (seen.status, seen.held["alarm/all-down"]),
            (Status::Unknown, 2)
        );
    }

    let over = judge_snapshot(&with(Vec::new()), "", Some(&again));
    let seen = entry(&over).expect("its issue is open");
    assert_eq!((seen.status, seen.problems.len()), (Status::Healthy, 0));

    let off = "[monitoring]\nenabled_checks = [\"resource_status\", \"cloudwatch_metrics\"]";
    let off = judge_snapshot(&with(vec![alarm("all-down", AlarmState::Alarm)]), off, None);
    assert_eq!(entry(&off), None);
}
