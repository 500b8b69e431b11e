//! The report as a whole.

use super::world::{World, judge_snapshot, snapshot};
use crate::model::fact::{Fact, GapId};
use crate::model::snapshot::{AlarmState, Condition};
use crate::model::status::Status;

fn other() -> World {
    let mut world = World::new("sqs", "role");
    world.observed.resource.kind = None;
    world.observed.resource.resource_type = "aws_iam_role".to_owned();
    world
}

fn small_world() -> crate::model::snapshot::Snapshot {
    let mut snapshot = snapshot(vec![
        World::new("lambda", "orders-api")
            .with("invocations=1000 errors=32 duration_p95_ms=180")
            .alarm("orders errors", "Errors", AlarmState::Alarm),
        World::new("rds", "orders")
            .with("cpu_percent=20 connections=98 max_connections=100 max_connections_estimated=1"),
        World::new("ecs", "web").with("running=2 desired=3 cpu_percent=20 memory_percent=20"),
        World::new("s3", "uploads").gone(),
        World::new("lambda", "worker"),
        World::new("apigateway", "public")
            .with("requests=500 latency_p95_ms=90")
            .state("available", Condition::Good, ""),
        World::new("dynamodb", "carts").unreadable_metrics(1),
        other(),
    ]);
    let alarm = World::new("sqs", "x").alarm("billing", "EstimatedCharges", AlarmState::Alarm);
    if let Fact::Known(alarms) = alarm.observed.alarms {
        snapshot.unmatched_alarms = alarms;
    }
    snapshot
}

#[test]
fn a_small_world() {
    let report = judge_snapshot(&small_world(), "", None);
    let json = serde_json::to_string_pretty(&report).expect("a report");
    insta::assert_snapshot!(json);
    let again: crate::model::report::HealthReport =
        serde_json::from_str(&json).expect("what was written can be read");
    assert_eq!(again, report);
}

#[test]
fn nothing_watched_is_unknown() {
    for (worlds, expected) in [
        (vec![], "The registry is empty"),
        (vec![other()], "1 resource is recorded but not watched"),
    ] {
        let mut snapshot = snapshot(worlds);
        snapshot.gaps.clear();
        let report = judge_snapshot(&snapshot, "", None);
        assert_eq!(report.overall_health, Status::Unknown);
        assert_eq!(report.resources.total, 0);
        assert!(!report.partial);
        let text = report.recommendations[0].text.raw();
        assert!(text.starts_with(expected), "{text}");
    }
}

/// What is denied has two ways out: the whole policy, and a grant of what one resource lacks.
#[test]
fn what_a_permission_would_make_known_may_be_granted() {
    let commands = |worlds: Vec<World>| -> Vec<String> {
        let report = judge_snapshot(&snapshot(worlds), "", None);
        let all = report.recommendations.into_iter();
        all.filter_map(|one| Some(one.command?.raw().to_owned()))
            .collect()
    };
    let grant = "fractary permissions grant --env prod --from unknown:orders-api";
    let policy = "fractary iam-policy health";
    let found = commands(vec![World::new("lambda", "orders-api").unreadable_state(0)]);
    assert_eq!(found[..2], [policy, grant], "{found:?}");
    // Throttled calls lack no permission.
    let found = commands(vec![World::new("lambda", "mail").unreadable_metrics(1)]);
    assert!(!found.iter().any(|one| one.contains("grant")), "{found:?}");
}

#[test]
fn the_worst_resource_decides() {
    let healthy = || World::new("lambda", "a").with("invocations=100");
    let unknown = || World::new("lambda", "b").unreadable_alarms(2);
    let degraded = || World::new("lambda", "c").with("invocations=100 errors=2");
    let unhealthy = || World::new("lambda", "d").gone();
    for (worlds, expected) in [
        (vec![healthy(), healthy()], Status::Healthy),
        (vec![healthy(), unknown()], Status::Unknown),
        (vec![unknown(), unknown()], Status::Unknown),
        (vec![unknown(), degraded(), healthy()], Status::Degraded),
        (vec![unknown(), unhealthy(), degraded()], Status::Unhealthy),
    ] {
        assert_eq!(
            judge_snapshot(&snapshot(worlds), "", None).overall_health,
            expected
        );
    }
}

#[test]
fn coverage_counts_what_was_asked() {
    let seen = || World::new("lambda", "a").with("invocations=100");
    let mut half = World::new("lambda", "b");
    half.observed.state = Fact::Unreadable(GapId(0));
    let report = judge_snapshot(&snapshot(vec![seen(), half]), "", None);
    assert_eq!(report.coverage.resources_percent, 50.0);
    // 2 × (state, 5 facts, 7 metrics, alarms), less one state, rounded down.
    assert_eq!(report.coverage.facts_percent, 96.4);
    let all = judge_snapshot(&snapshot(vec![seen()]), "", None);
    assert_eq!(all.coverage.facts_percent, 100.0);
    let nothing = judge_snapshot(&snapshot(vec![]), "", None);
    assert_eq!(nothing.coverage.facts_percent, 0.0);
}

#[test]
fn a_sum_of_nothing_is_not_zero() {
    let unknown = World::new("lambda", "a").unreadable_metrics(1);
    let report = judge_snapshot(&snapshot(vec![unknown]), "", None);
    assert!(!report.metrics_summary.contains_key("requests_total"));
    let idle = World::new("lambda", "a");
    let report = judge_snapshot(&snapshot(vec![idle]), "", None);
    assert_eq!(report.metrics_summary.get("requests_total"), Some(&0.0));
}
