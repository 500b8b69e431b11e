//! Bottlenecks, risks, and what can be foreseen.

mod cycles;
mod judging;
mod success;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use super::analyze::{AnalysisDepth, analyze, kendall, unknown_focus};
use super::roadmap::plan;
use crate::core::kpi::Measurement;
use crate::core::kpi::report::{KpiInput, definitions};
use crate::model::ids::EnvironmentName;
use crate::model::kpi::Kpis;
use crate::model::kpi_history::{KpiCollection, KpiHistory};
use crate::model::kpi_report::KpiReport;
use crate::model::optimize::{BottleneckSeverity, PlanScenario};
use crate::text::Untrusted;

const HOUR: i64 = 3_600;

fn now() -> Timestamp {
    "2026-12-01T12:00:00Z".parse().expect("a time")
}

fn after(hours: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + hours * HOUR).expect("a time")
}

/// A key figure: name, category, better, target, priority, and its values of every `step` hours,
/// the last of them now; NaN is what was not measured.
type Line<'a> = (&'a str, &'a str, &'a str, f64, u8, &'a [f64]);

fn report(step: i64, lines: &[Line<'_>]) -> KpiReport {
    let each = lines
        .iter()
        .map(|(name, category, better, target, priority, _)| {
            json!({ "name": name, "category": category, "unit": "count", "better": better,
            "target": target, "priority": priority, "source": { "delivery": "lead_time_hours" } })
        });
    let document = json!({ "kpi": each.collect::<Vec<_>>() });
    let kpis: Kpis = serde_json::from_value(document).expect("kpis.toml");
    let count = lines.iter().map(|line| line.5.len()).max().unwrap_or(0);
    let at = |index: usize| after(-((count - 1 - index) as i64) * step);
    let value = |line: &Line<'_>, index: usize| {
        let skipped = count - line.5.len();
        let value = index
            .checked_sub(skipped)
            .and_then(|index| line.5.get(index));
        value.copied().filter(|value| !value.is_nan())
    };
    let collections = (0..count - 1).map(|index| KpiCollection {
        at: at(index),
        score: None,
        coverage_percent: 100.0,
        values: lines
            .iter()
            .filter_map(|line| Some((line.0.to_owned(), value(line, index)?)))
            .collect(),
    });
    let environment = EnvironmentName::new("prod").expect("a name");
    let history = KpiHistory {
        version: "1.0.0".to_owned(),
        environment: environment.clone(),
        definitions: definitions(&kpis.kpis),
        collections: collections.collect(),
    };
    let measured: BTreeMap<String, Measurement> = lines
        .iter()
        .map(|line| {
            let value = value(line, count - 1);
            let missing = || Untrusted::from("denied");
            (line.0.to_owned(), value.ok_or_else(missing))
        })
        .collect();
    let input = KpiInput {
        environment: &environment,
        at: now(),
        kpis: &kpis.kpis,
        measured: &measured,
        sources: &BTreeMap::new(),
        history: Some(&history),
        delivery: None,
    };
    input.report()
}

fn scene() -> KpiReport {
    report(
        1,
        &[
            (
                "lag",
                "frontend",
                "lower",
                100.0,
                2,
                &[110.0, 120.0, 130.0, 140.0, 150.0, 160.0],
            ),
            ("hits", "backend", "higher", 90.0, 1, &[60.0; 6]),
            (
                "latency",
                "backend",
                "lower",
                200.0,
                1,
                &[100.0, 110.0, 120.0, 130.0, 140.0, 150.0],
            ),
            ("reports", "backend", "lower", 5.0, 3, &[10.0; 6]),
            ("roi", "business", "higher", 200.0, 3, &[f64::NAN; 6]),
            (
                "optimizations_per_hour",
                "agent",
                "higher",
                10.0,
                1,
                &[0.0; 6],
            ),
        ],
    )
}

#[test]
fn bottlenecks_are_ranked_by_urgency_impact_and_points() {
    let of = analyze(&scene(), AnalysisDepth::Standard, &[]);
    let lines: Vec<(&str, BottleneckSeverity, u8, f64)> = of
        .bottlenecks
        .iter()
        .map(|one| (one.kpi.as_str(), one.severity, one.urgency, one.impact))
        .collect();
    assert_eq!(
        lines,
        [
            // Critical, and of priority 1; then what declines and users see; then the rest.
            ("hits", BottleneckSeverity::Critical, 2, 6.0),
            ("lag", BottleneckSeverity::High, 2, 3.0),
            ("reports", BottleneckSeverity::High, 4, 1.0),
        ]
    );
    assert!(!of.steady);
    // What only counts how much is done is never worked on, and that is said.
    assert!(
        of.notes
            .iter()
            .any(|note| note.starts_with("optimizations_per_hour misses"))
    );
    // 50 away at 10 an hour.
    let risk: Vec<(&str, Option<Timestamp>)> = of
        .at_risk
        .iter()
        .map(|one| (one.kpi.as_str(), one.leaves_at))
        .collect();
    assert_eq!(risk, [("latency", Some(after(5)))]);
    assert_eq!(of.blind_spots.len(), 1);
    assert_eq!(
        (
            of.blind_spots[0].kpi.as_str(),
            of.blind_spots[0].reason.raw()
        ),
        ("roi", "denied")
    );
    // 1 of 3 + 3 + 3 + 2 + 1 + 1.
    assert!((of.blind_spots[0].coverage_percent - 100.0 / 13.0).abs() < 1e-6);
}

#[test]
fn depth_and_focus_bound_what_is_looked_at() {
    let quick = analyze(&scene(), AnalysisDepth::Quick, &[]);
    assert!(quick.at_risk.is_empty() && quick.blind_spots.is_empty());
    assert_eq!(quick.bottlenecks.len(), 3);
    let focus = ["backend".to_owned(), "lag".to_owned()];
    let of = analyze(&scene(), AnalysisDepth::Comprehensive, &focus);
    let names: Vec<&str> = of.bottlenecks.iter().map(|one| one.kpi.as_str()).collect();
    assert_eq!(names, ["hits", "lag", "reports"]);
    assert!(of.blind_spots.is_empty());
    let wrong = ["backend".to_owned(), "lagg".to_owned()];
    assert_eq!(unknown_focus(&scene(), &wrong), ["lagg"]);
}

#[test]
fn what_moves_together_is_named_with_how_often_it_was_seen() {
    let up: Vec<f64> = (0..10).map(f64::from).collect();
    let down: Vec<f64> = (0..10).map(|value| 20.0 - f64::from(value)).collect();
    let flat = [3.0; 10];
    let of = report(
        1,
        &[
            ("a", "backend", "lower", 1.0, 1, &up),
            ("b", "backend", "lower", 1.0, 1, &down),
            ("c", "backend", "lower", 1.0, 1, &flat),
        ],
    );
    let of = analyze(&of, AnalysisDepth::Comprehensive, &[]);
    assert_eq!(of.moving_together.len(), 1);
    assert_eq!(
        (of.moving_together[0].tau, of.moving_together[0].collections),
        (-1.0, 10)
    );
    assert_eq!(kendall(&[(1.0, 1.0), (1.0, 2.0)]), None);
    // Two of three pairs agree, one does not.
    let tau = kendall(&[(1.0, 1.0), (2.0, 3.0), (3.0, 2.0)]).expect("both change");
    assert!((tau - 1.0 / 3.0).abs() < 1e-9);
}

#[test]
fn a_steady_state_needs_a_reliable_score_and_nothing_that_declines() {
    let steady = |lines: &[Line<'_>]| analyze(&report(1, lines), AnalysisDepth::Quick, &[]).steady;
    let good: Line<'_> = ("a", "backend", "lower", 10.0, 1, &[9.0; 6]);
    assert!(steady(&[good]));
    assert!(!steady(&[
        good,
        (
            "b",
            "backend",
            "lower",
            100.0,
            3,
            &[10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
        )
    ]));
    assert!(!steady(&[
        good,
        ("b", "backend", "lower", 10.0, 1, &[f64::NAN; 6])
    ]));
    assert!(!steady(&[
        good,
        ("b", "backend", "lower", 10.0, 1, &[40.0; 6])
    ]));
}

#[test]
fn a_plan_looks_no_farther_than_what_was_seen_allows() {
    let of = scene();
    // Five hours were seen, so ten can be foreseen.
    let near = plan(&of, after(8), &PlanScenario::ALL);
    let names: Vec<&str> = near.work.iter().map(|one| one.kpi.as_str()).collect();
    assert_eq!(names, ["lag", "hits", "reports", "latency"]);
    // 160 and 80 more; 150 and 80 more, which leaves its target.
    assert_eq!(
        (near.work[0].projected, near.work[3].projected),
        (240.0, 230.0)
    );
    assert_eq!(near.leaving.len(), 1);
    assert_eq!(
        (near.leaving[0].kpi.as_str(), near.leaving[0].at),
        ("latency", after(5))
    );
    let unforeseen: Vec<&str> = near.unforeseen.iter().map(|one| one.kpi.as_str()).collect();
    assert_eq!(unforeseen, ["roi"]);
    let score = |scenario| {
        near.scenarios
            .iter()
            .find(|one| one.scenario == scenario)
            .and_then(|one| one.score)
            .expect("foreseen")
    };
    // (3·66.67 + 3·86.96 + 2·41.67 + 1·50 + 3·0) / 12
    let steady = (3.0 * 100.0 * 60.0 / 90.0
        + 3.0 * 100.0 * 200.0 / 230.0
        + 2.0 * 100.0 * 100.0 / 240.0
        + 50.0)
        / 12.0;
    assert!((score(PlanScenario::Steady) - steady).abs() < 1e-6);
    assert!(score(PlanScenario::Worst) <= score(PlanScenario::Steady));
    assert!(score(PlanScenario::TopThree) > score(PlanScenario::Steady));
    // All but what is only reported, which stays at 0.
    assert!((score(PlanScenario::AllMet) - 75.0).abs() < 1e-6);
    // The gain is what the scenario shows.
    let gains: f64 = near.work.iter().map(|one| one.gain).sum();
    assert!((steady + gains - 75.0).abs() < 1e-6);
    // A week ahead nothing is known from five hours.
    let far = plan(&of, after(7 * 24), &[PlanScenario::Steady]);
    assert!(far.work.is_empty() && far.leaving.is_empty());
    assert_eq!(far.unforeseen.len(), 6);
    assert_eq!(
        (far.scenarios[0].score, far.scenarios[0].reliable),
        (None, false)
    );
    let reason = far.unforeseen[0].reason.raw();
    assert!(reason.contains("were seen, and at least"), "{reason}");
}

#[test]
fn a_plan_names_the_playbooks_for_each_item_and_what_to_expect_of_them() {
    let mut of = plan(&scene(), after(8), &PlanScenario::ALL);
    let playbook = |name: &str, action: &str| -> crate::model::playbook::Playbook {
        let document =
            json!({ "name": name, "kpis": ["lag"], "action": action, "resource": "web" });
        serde_json::from_value(document).expect("a playbook")
    };
    let known = crate::model::optimization::LearnedEffect {
        action: "raise_lambda_memory".to_owned(),
        kpi: "lag".to_owned(),
        attempts: 3,
        improved: 2,
        regressed: 0,
        mean_percent: 20.0,
        spread_percent: None,
        expected_percent: 12.0,
        proven: false,
        last_used: now(),
    };
    let playbooks = [
        playbook("time", "raise_lambda_timeout"),
        playbook("memory", "raise_lambda_memory"),
    ];
    super::roadmap::add_playbooks(&mut of, &playbooks, &[known]);
    let named = |index: usize| -> Vec<(&str, f64, u32)> {
        let playbooks = of.work[index].playbooks.iter();
        playbooks
            .map(|one| (one.playbook.as_str(), one.expected_percent, one.improved))
            .collect()
    };
    assert_eq!(of.work[0].kpi, "lag");
    assert_eq!(named(0), [("memory", 12.0, 2), ("time", 0.0, 0)]);
    assert_eq!(named(1), []);
}
