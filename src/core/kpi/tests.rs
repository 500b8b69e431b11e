//! The report as a whole: scores, what is missing, why a score differs, what is kept.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use super::history;
use super::report::{KpiInput, definitions};
use super::{Measurement, figures};
use crate::model::ids::EnvironmentName;
use crate::model::kpi::{CloudwatchSource, CostSource, HealthSource, Kpi, Kpis};
use crate::model::kpi_history::{KpiCollection, KpiHistory};
use crate::model::kpi_report::{KpiAlertKind, KpiReport, KpiStatus, KpiTrend};
use crate::model::snapshot::Series;
use crate::model::status::Severity;
use crate::text::Untrusted;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn now() -> Timestamp {
    at("2026-12-01T12:00:00Z")
}

fn environment() -> EnvironmentName {
    EnvironmentName::new("prod").expect("a name")
}

/// Name, better, target and priority of key figures; all have a source.
fn kpis(lines: &[(&str, &str, f64, u8)]) -> Vec<Kpi> {
    let each = lines.iter().map(|(name, better, target, priority)| {
        json!({
            "name": name, "category": "backend", "unit": "percent", "better": better,
            "target": target, "priority": priority, "source": { "delivery": "lead_time_hours" },
        })
    });
    let document = json!({ "kpi": each.collect::<Vec<_>>() });
    let kpis: Kpis = serde_json::from_value(document).expect("kpis.toml");
    kpis.kpis
}

fn values(pairs: &[(&str, f64)]) -> BTreeMap<String, f64> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), *value))
        .collect()
}

struct Scene {
    kpis: Vec<Kpi>,
    history: Option<KpiHistory>,
}

impl Scene {
    fn new(lines: &[(&str, &str, f64, u8)]) -> Self {
        Self {
            kpis: kpis(lines),
            history: None,
        }
    }

    /// Records that these were the values so many minutes ago.
    fn record(&mut self, minutes: i64, pairs: &[(&str, f64)]) {
        let at = Timestamp::from_second(now().as_second() - minutes * 60).expect("a time");
        self.with(at, pairs, |input| {
            history::with(
                input.history,
                input.environment,
                definitions(input.kpis),
                input.collection(),
            )
        })
        .clone_into_history(self);
    }

    fn with<T>(
        &self,
        at: Timestamp,
        pairs: &[(&str, f64)],
        then: impl FnOnce(&KpiInput<'_>) -> T,
    ) -> Kept<T> {
        let known = values(pairs);
        let measured: BTreeMap<String, Measurement> = self
            .kpis
            .iter()
            .map(|kpi| {
                let value = known.get(&kpi.name).copied();
                let missing =
                    || Untrusted::from("permission `cloudwatch:GetMetricData` is missing");
                (kpi.name.clone(), value.ok_or_else(missing))
            })
            .collect();
        let environment = environment();
        Kept(then(&KpiInput {
            environment: &environment,
            at,
            kpis: &self.kpis,
            measured: &measured,
            sources: &BTreeMap::new(),
            history: self.history.as_ref(),
            delivery: None,
        }))
    }

    fn report(&self, pairs: &[(&str, f64)]) -> KpiReport {
        self.with(now(), pairs, |input| input.report()).0
    }
}

struct Kept<T>(T);

impl Kept<KpiHistory> {
    fn clone_into_history(self, scene: &mut Scene) {
        scene.history = Some(self.0);
    }
}

#[test]
fn half_of_the_weight_unmeasured_is_an_unreliable_score_and_no_emergency() {
    let scene = Scene::new(&[("a", "lower", 10.0, 1), ("b", "lower", 10.0, 1)]);
    let report = scene.report(&[("a", 10.0)]);
    assert_eq!(report.score.value, Some(100.0));
    assert_eq!(
        (report.score.coverage_percent, report.score.reliable),
        (50.0, false)
    );
    assert_eq!(report.status, KpiStatus::Unknown);
    let alerts: Vec<KpiAlertKind> = report.alerts.iter().map(|one| one.kind).collect();
    assert_eq!(alerts, [KpiAlertKind::UnreliableScore]);
    assert_eq!(
        report.alerts[0].message.raw(),
        "score 100 unreliable (50 % coverage)"
    );
    let b = report.kpis.last().expect("two");
    assert_eq!(
        (b.value, b.score, b.points_lost, b.score_if_met),
        (None, None, 0.0, None)
    );
    assert!(b.reason.is_some() && b.trend == KpiTrend::Unknown);
    // A bad score that little is known of is not called low either.
    let bad = scene.report(&[("a", 100.0)]);
    assert_eq!(
        bad.alerts[0].message.raw(),
        "score 10 unreliable (50 % coverage)"
    );
    assert!(
        bad.alerts
            .iter()
            .all(|one| one.kind != KpiAlertKind::LowScore)
    );
    // Of nothing there is no score.
    let nothing = scene.report(&[]);
    assert_eq!(
        (nothing.score.value, nothing.status),
        (None, KpiStatus::Unknown)
    );
}

#[test]
fn points_lost_and_if_only_it_met_its_target_add_up() {
    let scene = Scene::new(&[
        ("cache_hit", "higher", 90.0, 1),
        ("latency", "lower", 200.0, 2),
        ("cost", "lower", 40.0, 3),
    ]);
    let report = scene.report(&[("cache_hit", 45.0), ("latency", 250.0), ("cost", 20.0)]);
    // (3 · 50 + 2 · 80 + 1 · 100) / 6
    let score = report.score.value.expect("all is measured");
    assert!((score - 410.0 / 6.0).abs() < 1e-6, "{score}");
    let names: Vec<&str> = report.kpis.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["cache_hit", "latency", "cost"]);
    let lost: f64 = report.kpis.iter().map(|row| row.points_lost).sum();
    assert!((lost - (100.0 - score)).abs() < 1e-6);
    for row in &report.kpis {
        let met = row.score_if_met.expect("all is measured");
        assert!(
            (met - (score + row.points_lost)).abs() < 1e-6,
            "{}",
            row.name
        );
    }
    let backend = report.categories.values().next().expect("one category");
    assert!((backend.met_percent.expect("measured") - 100.0 / 3.0).abs() < 1e-6);
    assert_eq!(report.status, KpiStatus::Degraded);
    let missed = report
        .alerts
        .iter()
        .filter(|one| one.kind == KpiAlertKind::TargetMiss);
    let severities: Vec<Severity> = missed.map(|one| one.severity).collect();
    assert_eq!(severities, [Severity::High, Severity::Medium]);
}

#[test]
fn what_no_key_figure_can_be_is_missing() {
    let scene = Scene::new(&[("a", "lower", 10.0, 1)]);
    for (value, words) in [
        (-1.0, "below 0"),
        (f64::NAN, "finite"),
        (f64::INFINITY, "finite"),
    ] {
        let report = scene.report(&[("a", value)]);
        let row = &report.kpis[0];
        assert_eq!((row.value, row.score), (None, None), "{value}");
        let reason = row.reason.as_ref().expect("a reason");
        assert!(reason.raw().contains(words), "{}", reason.raw());
        assert_eq!(report.score.coverage_percent, 0.0);
    }
}

#[test]
fn an_edited_target_does_not_look_like_an_improvement() {
    let mut scene = Scene::new(&[("a", "lower", 100.0, 1), ("b", "lower", 100.0, 1)]);
    scene.record(5, &[("a", 200.0), ("b", 100.0)]);
    // The target is moved to where the value is.
    scene.kpis = kpis(&[("a", "lower", 200.0, 1), ("b", "lower", 100.0, 1)]);
    let report = scene.report(&[("a", 200.0), ("b", 100.0)]);
    let change = report.change.expect("there is a last one");
    assert_eq!((change.from, change.points), (75.0, 25.0));
    assert_eq!(
        (
            change.by_configuration,
            change.by_coverage,
            change.by_values
        ),
        (25.0, 0.0, 0.0)
    );
    assert_eq!(change.targets_changed, ["a"]);
}

#[test]
fn a_difference_is_split_and_adds_up() {
    let mut scene = Scene::new(&[("a", "lower", 100.0, 1), ("b", "lower", 100.0, 1)]);
    scene.record(5, &[("a", 100.0), ("b", 200.0)]);
    // `b` can no longer be measured, and `a` got worse: the score is 50, after 75.
    let report = scene.report(&[("a", 200.0)]);
    let change = report.change.expect("there is a last one");
    assert_eq!(change.points, -25.0);
    assert_eq!((change.by_coverage, change.by_values), (25.0, -50.0));
    assert_eq!(change.by_configuration, 0.0);
    // One that is new in the file is an edit.
    scene.kpis = kpis(&[
        ("a", "lower", 100.0, 1),
        ("b", "lower", 100.0, 1),
        ("c", "lower", 1.0, 1),
    ]);
    let report = scene.report(&[("a", 100.0), ("b", 200.0), ("c", 4.0)]);
    let change = report.change.expect("there is a last one");
    assert_eq!(change.targets_changed, ["c"]);
    let sum = change.by_values + change.by_coverage + change.by_configuration;
    assert!((sum - change.points).abs() < 1e-9);
}

#[test]
fn a_fast_fall_of_what_matters_most_is_critical() {
    let mut scene = Scene::new(&[("hits", "higher", 90.0, 1), ("cost", "lower", 40.0, 3)]);
    scene.record(15, &[("hits", 40.0), ("cost", 40.0)]);
    scene.record(10, &[("hits", 92.0), ("cost", 40.0)]);
    scene.record(5, &[("hits", 88.0), ("cost", 40.0)]);
    let report = scene.report(&[("hits", 73.0), ("cost", 400.0)]);
    let first = &report.alerts[0];
    assert_eq!(
        (first.kind, first.severity),
        (KpiAlertKind::RapidDegradation, Severity::Critical)
    );
    assert_eq!(
        first.message.raw(),
        "hits went from 92 % to 73 % within 2 collections"
    );
    // 18 are 20 % of 90: no more than that is not more than that, and what was three
    // collections ago does not count.
    let report = scene.report(&[("hits", 74.0), ("cost", 40.0)]);
    assert!(
        report
            .alerts
            .iter()
            .all(|one| one.kind != KpiAlertKind::RapidDegradation)
    );
}

#[test]
fn a_trend_is_that_of_what_was_recorded() {
    let mut scene = Scene::new(&[("hits", "higher", 90.0, 1)]);
    for (minutes, value) in [(25, 90.0), (20, 91.0), (15, 92.0), (10, 93.0)] {
        scene.record(minutes, &[("hits", value)]);
    }
    assert_eq!(
        scene.report(&[("hits", 95.0)]).kpis[0].trend,
        KpiTrend::Improving
    );
    // Now is part of it: what is not known now does not move.
    assert_eq!(scene.report(&[]).kpis[0].trend, KpiTrend::Unknown);
}

#[test]
fn history_keeps_less_the_older_it_is() {
    let collection = |minutes: i64| KpiCollection {
        at: Timestamp::from_second(now().as_second() + minutes * 60).expect("a time"),
        score: None,
        coverage_percent: 0.0,
        values: BTreeMap::new(),
    };
    let mut kept: Option<KpiHistory> = None;
    // A collection each five minutes for nine days.
    for index in 0..9 * 288 {
        let next = history::with(
            kept.as_ref(),
            &environment(),
            BTreeMap::new(),
            collection(index * 5),
        );
        kept = Some(next);
    }
    let kept = kept.expect("there were some");
    let times: Vec<i64> = kept
        .collections
        .iter()
        .map(|one| one.at.as_second())
        .collect();
    assert!(times.is_sorted());
    let last = *times.last().expect("some");
    let within = |from: i64, to: i64| {
        times
            .iter()
            .filter(|at| (from..to).contains(&(last - **at)))
            .count()
    };
    assert_eq!(within(0, 6 * 3_600 + 1), 73);
    let hours = within(6 * 3_600 + 1, 7 * 86_400 + 1);
    assert!((161..=163).contains(&hours), "{hours}");
    let days = within(7 * 86_400 + 1, 400 * 86_400);
    assert!((2..=3).contains(&days), "{days}");
    // The same time again replaces, and a clock that went back forgets what is to come.
    let again = history::with(
        Some(&kept),
        &environment(),
        BTreeMap::new(),
        collection(9 * 288 * 5 - 5),
    );
    assert_eq!(again.collections.len(), kept.collections.len());
}

fn metrics(formula: &str, zero: bool) -> CloudwatchSource {
    let metric = |name: &str, zero: bool| json!({ "namespace": "App", "metric": name, "statistic": "Sum", "absent_is_zero": zero });
    let source = json!({
        "formula": formula,
        "metrics": { "hits": metric("Hits", false), "misses": metric("Misses", zero) },
    });
    serde_json::from_value(source).expect("a source")
}

/// Minutes before now at which periods start, and their values.
fn series(points: &[(i64, f64)]) -> Result<Option<Series>, String> {
    let time =
        |minutes: i64| Timestamp::from_second(now().as_second() - minutes * 60).expect("a time");
    Ok(Some(Series {
        statistic: "Sum".to_owned(),
        period_seconds: 300,
        at: points.iter().map(|(minutes, _)| time(*minutes)).collect(),
        values: points.iter().map(|(_, value)| *value).collect(),
    }))
}

#[test]
fn metrics_are_those_of_the_newest_whole_period_that_has_all() {
    let formula = "100 * hits / (hits + misses)";
    let read =
        |hits, misses| BTreeMap::from([("hits".to_owned(), hits), ("misses".to_owned(), misses)]);
    let value = |source: &CloudwatchSource, hits, misses| {
        figures::of_metrics(source, &read(hits, misses), now()).map_err(|why| why.raw().to_owned())
    };
    let strict = metrics(formula, false);
    // The period that is not over does not count; the one before it does.
    let hits = || series(&[(10, 10.0), (5, 90.0), (2, 1.0)]);
    assert_eq!(
        value(&strict, hits(), series(&[(10, 90.0), (5, 10.0)])),
        Ok(90.0)
    );
    // The newest in which both have one.
    assert_eq!(value(&strict, hits(), series(&[(10, 90.0)])), Ok(10.0));
    // No misses are no misses only where that is said.
    let why = value(&strict, hits(), Ok(None)).expect_err("a metric has no point");
    assert!(why.starts_with("the formula has no value"), "{why}");
    assert_eq!(value(&metrics(formula, true), hits(), Ok(None)), Ok(100.0));
    // Older than two periods is stale.
    let why = value(&strict, series(&[(20, 1.0)]), series(&[(20, 1.0)])).expect_err("stale");
    assert!(
        why.starts_with("stale: the newest data point is of 2026-12-01T11:40:00Z"),
        "{why}"
    );
    assert_eq!(
        value(&strict, Ok(None), Ok(None)),
        Err("CloudWatch has no data points in this span".to_owned())
    );
    assert_eq!(
        value(
            &strict,
            Err("permission `cloudwatch:GetMetricData` is missing".to_owned()),
            Ok(None)
        ),
        Err("permission `cloudwatch:GetMetricData` is missing".to_owned())
    );
    // 0 / 0 is no share.
    let why = value(&strict, series(&[(5, 0.0)]), series(&[(5, 0.0)])).expect_err("0 / 0");
    assert!(why.starts_with("the formula has no value"), "{why}");
}

#[test]
fn bills_and_reports_that_are_old_or_incomplete_are_missing() {
    let source: CostSource =
        serde_json::from_value(json!({ "figure": "daily_mean" })).expect("a source");
    assert!(figures::of_cost(&source, None, now()).is_err());
    let table = |closed: usize| {
        let days = 10;
        let estimated: Vec<bool> = (0..days).map(|day| day >= closed).collect();
        let amounts: Vec<f64> = (0..days).map(|day| day as f64).collect();
        json!({
            "version": "1.0.0", "environment": "prod", "read_at": "2026-12-01T06:00:00Z",
            "days": { "start": "2026-11-21", "end": "2026-12-01" },
            "usage": {
                "days": { "start": "2026-11-21", "end": "2026-12-01" },
                "estimated": estimated, "currency": "USD",
                "groups": [{ "keys": ["AWS Lambda", "x"], "unblended": amounts.clone(),
                    "net_amortized": amounts.clone(), "usage": amounts }],
            },
            "records": { "days": { "start": "2026-11-21", "end": "2026-12-01" }, "estimated": [],
                "currency": "USD", "groups": [] },
        })
    };
    let value = |source: &CostSource, closed: usize, now: Timestamp| {
        let document = serde_json::from_value(table(closed)).expect("spending.json");
        figures::of_cost(source, Some(&document), now).map_err(|why| why.raw().to_owned())
    };
    // Days 2 to 8 of 0 to 8: the ninth and last is not closed.
    assert_eq!(value(&source, 9, now()), Ok(5.0));
    assert_eq!(
        value(&source, 6, now()),
        Err("AWS has closed 6 of 7 days".to_owned())
    );
    let later = at("2026-12-04T06:00:00Z");
    assert!(
        value(&source, 9, later)
            .expect_err("old")
            .starts_with("stale: the bill")
    );
    let other = json!({ "figure": "daily_mean", "service": "Amazon S3" });
    let other: CostSource = serde_json::from_value(other).expect("a source");
    assert_eq!(
        value(&other, 9, now()),
        Err("the bill has no service `Amazon S3`".to_owned())
    );
    let health: HealthSource =
        serde_json::from_value(json!({ "figure": "problems" })).expect("a source");
    let why = figures::of_health(&health, None, now(), 900).expect_err("no report");
    assert!(why.raw().contains("never observed"));
}

#[test]
fn a_sum_over_part_of_the_resources_is_missing() {
    let source: HealthSource =
        serde_json::from_value(json!({ "figure": "requests_total" })).expect("a source");
    let value = |report: &str| {
        let report = serde_json::from_str(report).expect("a report");
        figures::of_health(&source, Some(&report), at("2026-11-21T10:16:00Z"), 900)
    };
    let whole = include_str!("../../render/samples/health-healthy.json");
    assert_eq!(value(whole), Ok(15_357.0));
    let part = include_str!("../../render/samples/health-partial.json");
    let why = value(part).expect_err("a partial report");
    assert_eq!(
        why.raw(),
        "the health report is partial, so `requests_total` may be more"
    );
}
