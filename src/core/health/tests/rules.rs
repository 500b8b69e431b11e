//! The rules of status, one table each.

use super::world::{World, at, describe, judge, judge_snapshot, judge_with, snapshot};
use crate::model::fact::{Fact, FactName, GapId};
use crate::model::report::{HealthReport, ResourceHealth};
use crate::model::snapshot::{AlarmState, Condition, Series};
use crate::model::status::{Status, Verdict};

const BUSY: &str = "invocations=1000 duration_p95_ms=100";

fn lambda() -> World {
    World::new("lambda", "api").with(BUSY)
}

fn first(report: HealthReport) -> ResourceHealth {
    report.checks.into_iter().next().expect("one resource")
}

/// Judges after a report that judged `before`.
fn judge_after(before: World, world: World) -> ResourceHealth {
    let previous = judge_snapshot(&snapshot(vec![before]), "", None);
    first(judge_snapshot(&snapshot(vec![world]), "", Some(&previous)))
}

#[test]
fn states_of_resources() {
    let mut out = String::new();
    for (word, condition, reason) in [
        ("Active", Condition::Good, ""),
        (
            "Pending",
            Condition::Changing,
            "The function is being created",
        ),
        ("Failed", Condition::Broken, "InvalidRuntime"),
        ("Active, last update failed", Condition::Impaired, ""),
    ] {
        let health = judge(lambda().state(word, condition, reason));
        out.push_str(&format!("{word}: {}\n", describe(&health)));
    }
    out.push_str(&format!("gone: {}\n", describe(&judge(lambda().gone()))));
    insta::assert_snapshot!(out);
}

/// Of many functions a few are asked in each run. One that was not is not called good.
#[test]
fn a_state_that_was_not_asked_for_proves_nothing() {
    let not_asked = || lambda().state("not queried in this run", Condition::Unchecked, "");
    let fresh = judge(not_asked());
    assert_eq!(fresh.status, Status::Healthy, "its metrics are well");
    assert_eq!(fresh.unjudged, ["resource_state"]);
    assert_eq!(fresh.state.raw(), "not queried in this run");
    assert_eq!(fresh.state_seen_at, None);
    // One that nobody calls shows nothing by its metrics either.
    let idle = || {
        let idle = World::new("lambda", "orders").with("");
        idle.state("not queried in this run", Condition::Unchecked, "")
    };
    let never = judge(idle());
    assert_eq!((never.status, never.idle), (Status::Unknown, false));
    // What was found well before says how it was then, and for how long.
    let well = World::new("lambda", "orders").with("");
    let first = judge_snapshot(&snapshot(vec![well]), "", None);
    let second = judge_snapshot(&snapshot(vec![idle()]), "", Some(&first));
    let third = judge_snapshot(&snapshot(vec![idle()]), "", Some(&second));
    for report in [&second, &third] {
        let seen = &report.checks[0];
        assert_eq!((seen.status, seen.idle), (Status::Healthy, true));
        assert_eq!(seen.state, first.checks[0].state);
        assert_eq!(seen.state_seen_at, Some(first.window.end));
        assert!(seen.reasons[0].raw().contains("not queried in this run"));
    }
    // One that was never seen does not come to be so by waiting.
    let never = judge_snapshot(&snapshot(vec![idle()]), "", None);
    let still = judge_snapshot(&snapshot(vec![idle()]), "", Some(&never));
    assert_eq!(still.checks[0].status, Status::Unknown);
    let failed = lambda().state("update failed", Condition::Impaired, "no addresses");
    let after = judge_after(failed, not_asked());
    assert_eq!(after.status, Status::Unknown);
    assert_eq!(after.held.get("resource_state"), Some(&1));
}

#[test]
fn what_is_unreadable_is_named() {
    let mut out = String::new();
    let cases = [
        ("state", lambda().unreadable_state(0)),
        ("metrics", lambda().unreadable_metrics(1)),
        ("alarms", lambda().unreadable_alarms(2)),
        (
            "everything",
            lambda()
                .unreadable_state(0)
                .unreadable_metrics(1)
                .unreadable_alarms(2),
        ),
        (
            "state unreadable, but errors seen",
            lambda().with("errors=20").unreadable_state(0),
        ),
        (
            "metrics unreadable, but broken",
            lambda()
                .state("Failed", Condition::Broken, "")
                .unreadable_metrics(1),
        ),
        ("a gap that is not there", lambda().unreadable_alarms(99)),
    ];
    for (case, world) in cases {
        out.push_str(&format!("{case}: {}\n", describe(&judge(world))));
    }
    let mut database = World::new("rds", "orders").with("cpu_percent=20 connections=10");
    let limit = FactName::parse("max_connections").expect("a name");
    let facts = &mut database.observed.facts;
    facts.insert(limit, Fact::Unreadable(GapId(3)));
    out.push_str(&format!("one fact: {}\n", describe(&judge(database))));
    insta::assert_snapshot!(out);
}

#[test]
fn failures_that_nobody_counted_are_not_idleness() {
    // Errors without a single request: odd, and no reason to call it idle.
    for (kind, numbers) in [
        ("lambda", "errors=5"),
        ("alb", "balancer_errors=40"),
        ("apigatewayv2", "execution_errors=3"),
    ] {
        let health = judge(World::new(kind, "it").with(numbers));
        assert_eq!(health.status, Status::Unknown, "{}", describe(&health));
        assert!(!health.idle);
    }
}

#[test]
fn what_only_metrics_show_to_exist_says_when_it_fell_silent() {
    // An endpoint that lacks the status call: only metrics show that it is there.
    let queue = || World::new("sqs", "jobs").state("not checked", Condition::NotOffered, "");
    let busy = || queue().with("sent=10 oldest_message_seconds=5");
    let last = |health: &ResourceHealth| health.last_data_at;
    assert_eq!(last(&judge(queue())), None);
    assert_eq!(last(&judge(busy())), Some(at("10:05:00")));
    // What has a status call needs no such proof.
    assert_eq!(last(&judge(lambda())), None);
    let silent = judge_after(busy(), queue());
    assert_eq!((silent.status, silent.idle), (Status::Healthy, true));
    assert_eq!(last(&silent), Some(at("10:05:00")));
    assert_eq!(silent.reasons[0].raw(), "state not checked");
    let reason = silent.reasons[1].raw();
    assert_eq!(
        reason,
        "idle: no data points since 2026-11-21 10:05 UTC; whether it still exists is not checked"
    );
    // A kind whose status call is switched off is no better off.
    let off = "[monitoring]\nenabled_checks = [\"cloudwatch_metrics\"]";
    let health = judge_with(World::new("lambda", "api"), off);
    let reason = health.reasons[0].raw();
    assert!(
        reason.contains("whether it exists is not checked"),
        "{reason}"
    );
    // After a day of silence somebody should look.
    let mut before = judge_snapshot(&snapshot(vec![busy()]), "", None);
    let advice = |before: &HealthReport| {
        let mut seen = snapshot(vec![queue()]);
        seen.gaps.clear();
        let report = judge_snapshot(&seen, "", Some(before));
        report
            .recommendations
            .first()
            .map(|r| r.text.raw().to_owned())
    };
    assert_eq!(advice(&before), None);
    before.checks[0].last_data_at = Some("2026-11-20T10:06:00Z".parse().expect("a time"));
    let text = advice(&before).expect("advice");
    assert!(text.starts_with("see whether jobs still exists"), "{text}");
}

#[test]
fn alarms_that_were_read_ring_though_the_list_broke_off() {
    let ringing = || lambda().alarm("slow", "Duration", AlarmState::Alarm);
    let health = judge(ringing().unreadable_alarms(2));
    assert_eq!(health.status, Status::Degraded, "{}", describe(&health));
    assert_eq!(health.unjudged, ["alarm/*"]);
    assert!(health.held.is_empty());
    let again = judge_after(ringing(), ringing().unreadable_alarms(2));
    assert_eq!(again.problems[0].seen, 2);
    assert!(again.held.is_empty(), "it was seen");
    let quiet = lambda().alarm("slow", "Duration", AlarmState::Ok);
    assert_eq!(judge(quiet.unreadable_alarms(2)).status, Status::Unknown);
}

#[test]
fn an_alarm_stays_evidence_while_its_problem_cannot_be_judged() {
    let database = || {
        World::new("rds", "orders")
            .with("cpu_percent=20 connections=98 max_connections=100")
            .alarm("connections", "DatabaseConnections", AlarmState::Alarm)
    };
    let blind = || database().unreadable_state(0);
    let health = judge_after(database(), blind());
    assert_eq!(health.problems, [], "{}", describe(&health));
    assert_eq!(health.status, Status::Degraded, "the alarm is in ALARM");
    assert_eq!(health.held.get("connections_percent"), Some(&1));
    let said = |health: &ResourceHealth| {
        let mut reasons = health.reasons.iter();
        reasons.any(|reason| reason.raw().starts_with("alarm connections is in ALARM"))
    };
    assert!(said(&health));
    // Blind from the start, or not an issue yet: the alarm speaks for itself.
    let alone = |health: ResourceHealth| {
        assert_eq!(health.problems[0].check, "alarm/connections");
        assert_eq!(health.problems.len(), 1);
    };
    alone(judge(blind()));
    alone(judge_after(database().unreadable_metrics(1), blind()));
    let patient = "[monitoring]\nopen_after = 2";
    let previous = judge_snapshot(&snapshot(vec![database()]), patient, None);
    let next = judge_snapshot(&snapshot(vec![blind()]), patient, Some(&previous));
    alone(first(next));
}

#[test]
fn alarms() {
    use AlarmState::{Alarm, InsufficientData, Ok};
    let mut out = String::new();
    let cases = [
        ("quiet", lambda().alarm("errors", "Errors", Ok)),
        (
            "no data",
            lambda().alarm("errors", "Errors", InsufficientData),
        ),
        ("ringing alone", lambda().alarm("errors", "Errors", Alarm)),
        (
            "ringing for what is in breach",
            lambda().with("errors=20").alarm("errors", "Errors", Alarm),
        ),
        (
            "ringing for something else",
            lambda().with("errors=20").alarm("slow", "Duration", Alarm),
        ),
        ("composite", lambda().alarm("<b>all</b>", "", Alarm)),
    ];
    for (case, world) in cases {
        let health = judge(world);
        let only: Vec<bool> = health.problems.iter().map(|p| p.alarm_only).collect();
        let shown = health.alarms.len();
        out.push_str(&format!(
            "{case}: {}\n    alarm_only {only:?}, {shown} shown\n",
            describe(&health)
        ));
    }
    insta::assert_snapshot!(out);
}

/// Target tracking keeps one alarm in ALARM for as long as there is little to do.
#[test]
fn an_alarm_that_only_scales_is_no_problem() {
    const POLICY: &str = "arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:0f1e:resource/ecs/service/main/web:policyName/cpu";
    const GROUP: &str = "arn:aws-cn:autoscaling:cn-north-1:123456789012:scalingPolicy:77:autoScalingGroupName/web:policyName/out";
    const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:scalingPolicy";
    const STOP: &str = "arn:aws:automate:eu-west-1:ec2:stop";
    let cases: [(&[&str], Status); 7] = [
        (&[], Status::Degraded),
        (&[POLICY], Status::Healthy),
        (&[POLICY, GROUP], Status::Healthy),
        (&[POLICY, TOPIC], Status::Degraded),
        (&[TOPIC], Status::Degraded),
        (&[STOP], Status::Degraded),
        (
            &["arn:aws:autoscaling:eu-west-1:123456789012:launchConfiguration:x"],
            Status::Degraded,
        ),
    ];
    for (actions, expected) in cases {
        let world = |state| {
            lambda()
                .alarm("AlarmLow", "Errors", state)
                .sets_off(actions)
        };
        let health = judge(world(AlarmState::Alarm));
        assert_eq!(health.status, expected, "{actions:?}");
        let is_shown = expected == Status::Degraded;
        assert_eq!(health.alarms.len(), usize::from(is_shown), "{actions:?}");
        let health = judge(world(AlarmState::InsufficientData));
        assert_eq!(health.status, Status::Healthy, "{actions:?}");
    }
}

#[test]
fn checks_can_be_switched_off() {
    let only = |check: &str| format!("[monitoring]\nenabled_checks = [\"{check}\"]");
    let bad = || {
        lambda()
            .with("errors=500")
            .state("Failed", Condition::Broken, "")
            .alarm("errors", "Errors", AlarmState::Alarm)
    };
    for (check, expected) in [
        ("resource_status", vec!["resource_state"]),
        ("cloudwatch_metrics", vec!["error_rate_percent"]),
        ("cloudwatch_alarms", vec!["alarm/errors"]),
        ("cost_anomalies", vec![]),
    ] {
        let health = judge_with(bad(), &only(check));
        let checks: Vec<&str> = health.problems.iter().map(|p| p.check.as_str()).collect();
        assert_eq!(checks, expected, "{check}");
    }
    // With nothing on, or nothing on that this kind has, nothing is known.
    let health = judge_with(lambda(), &only("cost_anomalies"));
    assert_eq!(health.status, Status::Unknown);
    let queue = World::new("sqs", "jobs").with("sent=1");
    let queue = queue.state("not checked", Condition::NotOffered, "");
    let health = judge_with(queue, &only("resource_status"));
    assert_eq!(health.status, Status::Unknown, "{}", describe(&health));
}

#[test]
fn targets_can_be_set() {
    let status = |monitoring: &str, numbers: &str| {
        let world = World::new("lambda", "api").with(numbers);
        judge_with(world, monitoring).status
    };
    let errors = "invocations=1000 errors=20 duration_p95_ms=100";
    for (monitoring, numbers, expected) in [
        ("", errors, Status::Degraded),
        (
            "[slos.lambda]\nerror_rate_percent = 3\navailability_percent = 95",
            errors,
            Status::Healthy,
        ),
        (
            "[slos.lambda]\nerror_rate_percent = { unhealthy_at = 1.5 }",
            errors,
            Status::Unhealthy,
        ),
        (
            "[slos.resource.api]\nerror_rate_percent = 3\navailability_percent = 95",
            errors,
            Status::Healthy,
        ),
        ("[monitoring]\nmin_samples = 2000", errors, Status::Healthy),
        (
            "[monitoring]\nmin_samples = 1",
            "invocations=2 errors=1",
            Status::Unhealthy,
        ),
    ] {
        assert_eq!(status(monitoring, numbers), expected, "{monitoring}");
    }
}

#[test]
fn ratios_are_sums_over_the_window() {
    let mut world = World::new("lambda", "api");
    let series = |statistic: &str, values: [f64; 2]| {
        Fact::Known(Series {
            statistic: statistic.to_owned(),
            period_seconds: 300,
            at: vec![at("10:00:00"), at("10:05:00")],
            values: values.to_vec(),
        })
    };
    // 100 % of one call, and none of 9,999: 0.01 %, not 50 %.
    for (id, statistic, values) in [
        ("invocations", "Sum", [1.0, 9_999.0]),
        ("errors", "Sum", [1.0, 0.0]),
        ("duration_p95_ms", "p95", [9_000.0, 100.0]),
    ] {
        let series = series(statistic, values);
        world.observed.metrics.insert(id.to_owned(), series);
    }
    let health = judge(world);
    assert_eq!(health.status, Status::Healthy, "{}", describe(&health));
    assert_eq!(health.slis[0].value, Some(0.01));
    assert_eq!(health.slis[1].value, Some(100.89));
}

#[test]
fn streaks_grow_hold_and_end() {
    let breach = || lambda().with("errors=20");
    let seen = |health: &ResourceHealth| health.problems.first().map(|p| p.seen);
    assert_eq!(seen(&judge(breach())), Some(1));
    assert_eq!(seen(&judge_after(breach(), breach())), Some(2));
    assert_eq!(seen(&judge_after(lambda(), breach())), Some(1));
    assert_eq!(seen(&judge_after(breach(), lambda())), None);

    // breach, unknown, unknown, breach: the streak goes on.
    let run = |world: World, previous: Option<&HealthReport>| {
        judge_snapshot(&snapshot(vec![world]), "", previous)
    };
    let one = run(breach(), None);
    let two = run(lambda().unreadable_metrics(1), Some(&one));
    let three = run(lambda().unreadable_metrics(1), Some(&two));
    let four = run(breach(), Some(&three));
    assert_eq!(seen(&two.checks[0]), None);
    assert_eq!(three.checks[0].held.get("error_rate_percent"), Some(&1));
    assert_eq!(seen(&four.checks[0]), Some(2));
    assert!(four.checks[0].held.is_empty());
    // breach, unknown, healthy, breach: it starts again.
    let healthy = run(lambda(), Some(&two));
    let again = run(breach(), Some(&healthy));
    assert_eq!(seen(&again.checks[0]), Some(1));

    // Alarms are held as a whole.
    let ringing = || lambda().alarm("errors", "Errors", AlarmState::Alarm);
    let one = run(ringing(), None);
    let two = run(lambda().unreadable_alarms(2), Some(&one));
    let three = run(ringing(), Some(&two));
    assert_eq!(seen(&three.checks[0]), Some(2));
}

#[test]
fn what_explains_itself_makes_one_problem_but_never_loses_one() {
    let checks = |health: ResourceHealth| {
        health
            .problems
            .into_iter()
            .map(|p| p.check)
            .collect::<Vec<_>>()
    };
    // Errors within their target, throttles within theirs, together past availability.
    let both = || {
        World::new("lambda", "api")
            .with("invocations=10000 errors=8 throttles=8 duration_p95_ms=100")
    };
    let errors = || lambda().with("errors=20");
    assert_eq!(checks(judge(both())), ["availability_percent"]);
    assert_eq!(checks(judge(errors())), ["error_rate_percent"]);
    assert_eq!(
        checks(judge_after(both(), errors())),
        ["error_rate_percent", "availability_percent"]
    );
    // The same with an alarm on a metric that comes into breach.
    let ringing = |world: World| world.alarm("errors", "Errors", AlarmState::Alarm);
    assert_eq!(checks(judge(ringing(errors()))), ["error_rate_percent"]);
    assert_eq!(
        checks(judge_after(ringing(lambda()), ringing(errors()))),
        ["error_rate_percent", "alarm/errors"]
    );
    // What is worse than its explanation is not hidden by it.
    let strict = "[slos.lambda]\navailability_percent = { unhealthy_at = 99 }";
    let health = judge_with(errors(), strict);
    assert_eq!(health.status, Status::Unhealthy);
    assert_eq!(
        checks(health),
        ["availability_percent", "error_rate_percent"]
    );
}

#[test]
fn limits_are_passed_and_not_reached() {
    let verdict = |numbers: &str| {
        let health = judge(World::new("lambda", "api").with(numbers));
        health.slis[0].verdict
    };
    for (numbers, expected) in [
        ("invocations=1000 errors=1", Verdict::AtRisk),
        ("invocations=1000 errors=1.01", Verdict::Breach),
        ("invocations=1000 errors=50", Verdict::Breach),
        ("invocations=1000 errors=50.1", Verdict::Critical),
        ("invocations=10000 errors=7.9", Verdict::Ok),
        ("invocations=10000 errors=8.1", Verdict::AtRisk),
        ("invocations=19 errors=18", Verdict::TooFewSamples),
        ("invocations=20 errors=18", Verdict::Critical),
        ("invocations=2 errors=2", Verdict::Critical),
        // One failure says that something failed, and not how the service does.
        ("invocations=1 errors=1", Verdict::Breach),
        ("invocations=1 errors=0", Verdict::TooFewSamples),
    ] {
        assert_eq!(verdict(numbers), expected, "{numbers}");
    }
}
