//! Windows that are longer than one period: late runs, and runs behind quiet ones.

use crate::core::health::tests::world::{World, at, describe, judge_snapshot, snapshot};
use crate::model::fact::Fact;
use crate::model::report::{HealthReport, ResourceHealth};
use crate::model::snapshot::{Series, Snapshot};
use crate::model::status::{Status, Verdict};
use crate::model::window::Window;

const MINUTES: [&str; 6] = [
    "10:00:00", "10:05:00", "10:10:00", "10:15:00", "10:20:00", "10:25:00",
];

/// A resource with a value a period of each metric, and the window that they fill.
fn over(kind: &str, metrics: &[(&str, &[f64])]) -> Snapshot {
    let mut world = World::new(kind, "it");
    for (id, values) in metrics {
        let metric = world.kind.metric(id).expect("a metric");
        let series = Series {
            statistic: metric.stat.clone(),
            period_seconds: 300,
            at: MINUTES[..values.len()]
                .iter()
                .map(|time| at(time))
                .collect(),
            values: values.to_vec(),
        };
        world
            .observed
            .metrics
            .insert((*id).to_owned(), Fact::Known(series));
    }
    let mut snapshot = snapshot(vec![world]);
    snapshot.gaps.clear();
    snapshot.window = Window {
        start: at("10:00:00"),
        end: at("10:30:00"),
        period_seconds: 300,
    };
    snapshot
}

fn first(report: &HealthReport) -> &ResourceHealth {
    report.checks.first().expect("one resource")
}

fn cache(cpu: &[f64]) -> Snapshot {
    over("elasticache", &[("cpu_percent", cpu)])
}

fn requests(errors: [f64; 6]) -> Snapshot {
    over(
        "lambda",
        &[("invocations", &[100.0; 6]), ("errors", &errors)],
    )
}

#[test]
fn what_has_just_begun_is_not_diluted() {
    // 33 % on average over the half hour, and 95 % in its last period.
    let report = judge_snapshot(&cache(&[20.0, 20.0, 20.0, 20.0, 20.0, 95.0]), "", None);
    let health = first(&report);
    assert_eq!(health.status, Status::Degraded, "{}", describe(health));
    assert_eq!(health.slis[0].value, Some(95.0));
    let symptom = health.problems[0].symptoms[0].raw();
    assert!(symptom.contains("10:25–10:30 UTC"), "{symptom}");
    // One failure in a hundred calls of the newest period; 6 % is past the limit, 1 % is not.
    let report = judge_snapshot(&requests([0.0, 0.0, 0.0, 0.0, 0.0, 6.0]), "", None);
    assert_eq!(first(&report).status, Status::Unhealthy);
    // Sums are still those of the whole window.
    assert_eq!(report.metrics_summary["requests_total"], 600.0);
    assert_eq!(report.metrics_summary["requests_failed"], 6.0);
    // With a longer shortest window, that is what is newest.
    let calm = "[monitoring]\nwindow = \"30m\"";
    let report = judge_snapshot(&cache(&[20.0, 20.0, 20.0, 20.0, 20.0, 95.0]), calm, None);
    assert_eq!(first(&report).status, Status::Healthy);
    let calm = "[monitoring]\nwindow = \"8m\"";
    let report = judge_snapshot(&cache(&[20.0, 20.0, 20.0, 20.0, 86.0, 95.0]), calm, None);
    assert_eq!(first(&report).slis[0].value, Some(90.5));
}

#[test]
fn what_must_report_and_stopped_is_unknown() {
    let report = judge_snapshot(&cache(&[20.0, 20.0, 20.0]), "", None);
    let health = first(&report);
    assert_eq!(health.status, Status::Unknown, "{}", describe(health));
    assert_eq!(health.unjudged, ["cpu_percent"]);
    // Trouble that was seen is worse than what was not.
    let report = judge_snapshot(&cache(&[99.0, 99.0, 99.0]), "", None);
    assert_eq!(first(&report).status, Status::Degraded);
    // Work that stopped is no gap.
    let report = judge_snapshot(
        &over(
            "lambda",
            &[("invocations", &[100.0; 3]), ("errors", &[0.0; 3])],
        ),
        "",
        None,
    );
    assert_eq!(first(&report).status, Status::Healthy);
}

#[test]
fn trouble_in_a_gap_is_told_once_and_ends_when_it_is_over() {
    let storm = [0.0, 30.0, 30.0, 0.0, 0.0, 0.0];
    // A run that came late finds what happened meanwhile.
    let found = judge_snapshot(&requests(storm), "", None);
    assert_eq!(first(&found).status, Status::Unhealthy);
    // Quiet runs later the window still holds it; what is over is over.
    let after = judge_snapshot(&requests(storm), "", Some(&found));
    let health = first(&after);
    assert_eq!(health.status, Status::Healthy, "{}", describe(health));
    assert_eq!(health.slis[0].verdict, Verdict::Ok);
    let reason = health.reasons[0].raw();
    assert_eq!(
        reason,
        "error rate missed its target earlier in the window, and meets it since 10:25 UTC"
    );
    assert_eq!(after.metrics_summary["requests_failed"], 60.0);
    // Not over: it goes on, is milder now, or too little happened to tell.
    for (newest, expected) in [(30.0, Status::Unhealthy), (2.0, Status::Degraded)] {
        let goes_on = requests([0.0, 30.0, 30.0, 30.0, 30.0, newest]);
        let report = judge_snapshot(&goes_on, "", Some(&found));
        assert_eq!(first(&report).status, expected, "{newest}");
        // What no report has told of counts as a whole.
        let report = judge_snapshot(&goes_on, "", None);
        assert_eq!(first(&report).status, Status::Unhealthy, "{newest}");
    }
    let few = over(
        "lambda",
        &[
            ("invocations", &[100.0, 100.0, 100.0, 100.0, 100.0, 9.0]),
            ("errors", &[0.0, 30.0, 30.0, 30.0, 30.0, 3.0]),
        ],
    );
    let report = judge_snapshot(&few, "", Some(&found));
    assert_eq!(first(&report).status, Status::Unhealthy);
}

#[test]
fn a_span_that_nobody_looked_at_is_told() {
    let mut before = judge_snapshot(&requests([0.0; 6]), "", None);
    let told = |before: &HealthReport| {
        let report = judge_snapshot(&requests([0.0; 6]), "", Some(before));
        let texts = report
            .recommendations
            .iter()
            .map(|r| r.text.raw().to_owned());
        texts.collect::<Vec<_>>()
    };
    before.window.end = at("10:00:00");
    assert_eq!(told(&before), [""; 0]);
    before.window.end = at("08:10:00");
    assert_eq!(
        told(&before),
        [
            "nothing was observed between 2026-11-21 08:10 and 2026-11-21 10:00 UTC: check by hand, and see why no run started"
        ]
    );
}
