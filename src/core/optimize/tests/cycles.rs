//! What cycles choose, how they are judged, what is learned, and what success is counted as.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::core::optimize::choose::{
    ChoiceInput, MOST_TASKS, PlaybookCandidate, PlaybookChoice, choose,
};
use crate::core::optimize::cycles;
use crate::core::optimize::learn::{expected, learned};
use crate::core::optimize::metrics::{figure, metrics};
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::kpi::OptimizationFigure;
use crate::model::kpi_report::KpiScore;
use crate::model::optimization::{
    CycleOutcome, LearnedEffect, OptimizationCycle, OptimizationHistory, OptimizationTask,
    TaskVerdict,
};
use crate::model::optimize::Bottleneck;
use crate::model::playbook::Playbook;
use crate::model::report::Better;

pub(super) const NOON: &str = "2026-12-01T12:00:00Z";

pub(super) fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub(super) fn minutes_after_noon(minutes: i64) -> Timestamp {
    Timestamp::from_second(time(NOON).as_second() + minutes * 60).expect("a time")
}

fn bottleneck(kpi: &str, category: &str) -> Bottleneck {
    let category = serde_json::from_value(json!(category)).expect("a category");
    Bottleneck {
        kpi: kpi.to_owned(),
        category,
        severity: crate::model::optimize::BottleneckSeverity::High,
        urgency: 2,
        impact: 1.0,
        unit: "count".to_owned(),
        value: 2.0,
        target: 1.0,
        better: Better::Lower,
        score: 50.0,
        points_lost: 5.0,
        score_if_met: None,
        trend: crate::model::kpi_report::KpiTrend::Unknown,
        history: Vec::new(),
    }
}

fn playbook(name: &str, action: &str, kpis: &[&str]) -> Playbook {
    serde_json::from_value(
        json!({ "name": name, "kpis": kpis, "action": action, "resource": name }),
    )
    .expect("a playbook")
}

pub(super) fn arn(name: &str) -> Arn {
    Arn::new(format!(
        "arn:aws:lambda:eu-west-1:123456789012:function:{name}"
    ))
    .expect("an ARN")
}

/// What a choice is made from, and what stands in its way.
struct Choosing {
    bottlenecks: Vec<Bottleneck>,
    playbooks: Vec<Playbook>,
    arns: Vec<Arn>,
    learned: Vec<LearnedEffect>,
    busy: BTreeMap<String, String>,
    explore: f64,
    most_of_kind: u32,
    held: Option<(&'static str, &'static str)>,
}

impl Choosing {
    fn new(bottlenecks: &[(&str, &str)], playbooks: &[(&str, &str, &[&str])]) -> Self {
        let made = playbooks.iter();
        Self {
            bottlenecks: bottlenecks
                .iter()
                .map(|(kpi, category)| bottleneck(kpi, category))
                .collect(),
            playbooks: made
                .map(|(name, action, kpis)| playbook(name, action, kpis))
                .collect(),
            arns: playbooks.iter().map(|(name, ..)| arn(name)).collect(),
            learned: Vec::new(),
            busy: BTreeMap::new(),
            explore: 0.0,
            most_of_kind: 9,
            held: None,
        }
    }

    fn choose(&self, seed: &str) -> PlaybookChoice {
        let each = self.playbooks.iter().zip(&self.arns);
        let candidates: Vec<PlaybookCandidate<'_>> = each
            .map(|(playbook, arn)| PlaybookCandidate {
                playbook,
                action: &playbook.action,
                arn: Some(arn),
                kind: Some(("lambda", self.most_of_kind)),
                held: self
                    .held
                    .filter(|(name, _)| *name == playbook.name)
                    .map(|(_, why)| why.to_owned()),
            })
            .collect();
        choose(&ChoiceInput {
            bottlenecks: &self.bottlenecks,
            candidates: &candidates,
            learned: &self.learned,
            busy: &self.busy,
            most: MOST_TASKS,
            explore: self.explore,
            seed,
        })
    }

    fn names(&self) -> Vec<&str> {
        let chosen = self.choose("o-1").chosen.into_iter();
        chosen
            .map(|one| self.playbooks[one.index].name.as_str())
            .collect()
    }

    fn why(&self, kpi: &str) -> String {
        let left = self.choose("o-1").left.into_iter();
        let of_it = left.filter(|one| one.kpi == kpi);
        let said: Vec<String> = of_it.map(|one| one.reason.raw().to_owned()).collect();
        said.join("; ")
    }
}

#[test]
fn the_swarms_take_turns_and_four_are_the_most() {
    let all = ["a", "b", "c", "d", "e"];
    let choosing = Choosing::new(
        &[
            ("a", "frontend"),
            ("b", "business"),
            ("c", "frontend"),
            ("d", "backend"),
            ("e", "agent"),
        ],
        &all.map(|name| {
            (
                name,
                "restart",
                std::slice::from_ref(all.iter().find(|one| **one == name).expect("it")),
            )
        }),
    );
    assert_eq!(choosing.names(), ["a", "d", "b", "e"]);
    assert_eq!(
        choosing.why("c"),
        "4 tasks are under way; the next cycle comes to it"
    );
}

#[test]
fn two_playbooks_never_work_on_one_key_figure_or_one_resource_at_once() {
    // E5: they follow one another, so that no effect has two causes.
    let choosing = Choosing::new(
        &[("a", "frontend"), ("b", "frontend"), ("c", "backend")],
        &[
            ("one", "restart", &["a", "c"]),
            ("two", "scale", &["b", "c"]),
            ("three", "scale", &["c"]),
        ],
    );
    assert_eq!(choosing.names(), ["one"]);
    assert_eq!(
        choosing.why("b"),
        "one works on c, so this one waits for it"
    );
    assert_eq!(choosing.why("c"), "one works on it");
    let mut choosing = Choosing::new(
        &[
            ("a", "frontend"),
            ("b", "backend"),
            ("c", "backend"),
            ("d", "backend"),
        ],
        &[("one", "restart", &["a"]), ("two", "scale", &["b"])],
    );
    choosing.arns[1] = choosing.arns[0].clone();
    choosing.busy.insert("c".to_owned(), "other".to_owned());
    assert_eq!(choosing.names(), ["one"]);
    assert_eq!(choosing.why("b"), "another task changes the same resource");
    assert_eq!(choosing.why("c"), "other works on it");
    assert_eq!(choosing.why("d"), "no playbook of kpis.toml is for it");
    // And no more of a kind than may be.
    choosing.arns[1] = arn("two");
    choosing.most_of_kind = 1;
    assert!(choosing.why("b").starts_with("1 of the kind lambda"));
    choosing.most_of_kind = 2;
    choosing.held = Some(("two", "frozen"));
    assert_eq!(choosing.why("b"), "frozen");
}

fn known(action: &str, expected_percent: f64) -> LearnedEffect {
    LearnedEffect {
        action: action.to_owned(),
        kpi: "a".to_owned(),
        attempts: 1,
        improved: 1,
        regressed: 0,
        mean_percent: expected_percent,
        spread_percent: None,
        expected_percent,
        proven: false,
        last_used: time(NOON),
    }
}

#[test]
fn what_was_learned_ranks_and_what_made_it_worse_is_not_tried() {
    let mut choosing = Choosing::new(
        &[("a", "frontend")],
        &[
            ("first", "scale", &["a"]),
            ("second", "restart", &["a"]),
            ("third", "resize", &["a"]),
        ],
    );
    assert_eq!(
        choosing.names(),
        ["first"],
        "nothing is known: the order of the file"
    );
    choosing.learned = vec![known("resize", 12.0)];
    assert_eq!(choosing.names(), ["third"]);
    choosing.learned = vec![known("scale", -4.0)];
    assert_eq!(choosing.names(), ["second"]);
    assert_eq!(
        choosing.why("a"),
        "so far scale made it worse: -4 % are to be expected"
    );
    choosing.learned = ["scale", "restart", "resize"]
        .map(|action| known(action, -1.0))
        .to_vec();
    assert_eq!(choosing.names(), [""; 0]);
}

#[test]
fn exploring_follows_from_the_cycle_alone_and_is_as_rare_as_it_is_set() {
    let mut choosing = Choosing::new(
        &[("a", "frontend")],
        &[("first", "scale", &["a"]), ("second", "restart", &["a"])],
    );
    choosing.explore = 0.1;
    let explored = |choosing: &Choosing| {
        let seeds = (0..1000).map(|number| format!("o-{number}"));
        seeds
            .filter(|seed| choosing.choose(seed).chosen[0].explored)
            .count()
    };
    let count = explored(&choosing);
    assert!((60..140).contains(&count), "{count}");
    assert_eq!(
        count,
        explored(&choosing),
        "the same seeds, the same choices"
    );
    choosing.explore = 0.0;
    assert_eq!(explored(&choosing), 0);
}

/// A task on some key figures, applied at noon.
pub(super) fn task(kpis: &[&str]) -> OptimizationTask {
    let effects: serde_json::Map<String, Value> = kpis
        .iter()
        .map(|name| ((*name).to_owned(), json!({})))
        .collect();
    serde_json::from_value(json!({
        "playbook": "memory", "action": "resize", "resource": "api", "arn": arn("api"),
        "swarm": "backend", "kpi": kpis[0], "effects": effects, "remediation": "r-1",
        "applied_at": NOON, "settle_seconds": 60, "verdict": "waiting",
    }))
    .expect("a task")
}

pub(super) fn cycle(id: &str, began_at: &str, tasks: &[(&str, &str, f64)]) -> OptimizationCycle {
    let each = tasks.iter().map(|(action, verdict, change)| {
        let mut task = serde_json::to_value(task(&["a"])).expect("JSON");
        task["action"] = json!(action);
        task["verdict"] = json!(verdict);
        task["applied_at"] = json!(began_at);
        task["looks"] = json!(1);
        task["effects"] = json!({ "a": { "change_percent": change, "points": 6 } });
        task
    });
    serde_json::from_value(json!({
        "id": id, "occasion": "cycle", "outcome": "completed", "began_at": began_at,
        "changed_at": began_at, "dispatched_at": began_at, "ended_at": began_at,
        "score_before": { "value": 60.0, "coverage_percent": 100.0, "reliable": true },
        "score_after": { "value": 80.0, "coverage_percent": 100.0, "reliable": true },
        "tasks": each.collect::<Vec<_>>(),
    }))
    .expect("a cycle")
}

pub(super) fn history(cycles: Vec<OptimizationCycle>) -> OptimizationHistory {
    OptimizationHistory {
        version: "1.0.0".to_owned(),
        environment: EnvironmentName::new("prod").expect("a name"),
        cycles,
    }
}

#[test]
fn what_is_expected_is_drawn_towards_nothing_and_fades() {
    let close =
        |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-6, "{found} {wanted}");
    assert_eq!(learned(None, time(NOON)), []);
    assert_eq!(expected(&[], "resize", "a"), 0.0);
    let one = history(vec![cycle("o-1", NOON, &[("resize", "improved", 30.0)])]);
    let all = learned(Some(&one), time(NOON));
    close(all[0].expected_percent, 10.0);
    assert_eq!(
        (all[0].attempts, all[0].spread_percent, all[0].proven),
        (1, None, false)
    );
    // A week later it weighs 0.95 of that: 0.95 · 30 / (0.95 + 2).
    let later = learned(Some(&one), minutes_after_noon(7 * 24 * 60));
    close(later[0].expected_percent, 9.661_016_9);
    close(later[0].mean_percent, 30.0);
    // Inconclusive is an attempt without an effect; made worse is one below it.
    let tasks = [
        ("resize", "improved", 30.0),
        ("resize", "inconclusive", 30.0),
        ("scale", "regressed", -12.0),
        ("restart", "waiting", 50.0),
    ];
    let mixed = history(vec![cycle("o-1", NOON, &tasks)]);
    let all = learned(Some(&mixed), time(NOON));
    let shown: Vec<(&str, f64)> = all
        .iter()
        .map(|one| (one.action.as_str(), one.expected_percent))
        .collect();
    assert_eq!(shown, [("resize", 7.5), ("scale", -4.0)]);
    // Proven: five attempts, seven of ten improved.
    let tasks = [("resize", "improved", 10.0); 4];
    let four = history(vec![cycle("o-1", NOON, &tasks)]);
    assert!(!learned(Some(&four), time(NOON))[0].proven);
    let fifth = cycle("o-2", NOON, &[("resize", "inconclusive", 0.0)]);
    let five = cycles::with(Some(&four), &four.environment, fifth);
    assert!(learned(Some(&five), time(NOON))[0].proven);
    let sixth = cycle("o-3", NOON, &[("resize", "regressed", -9.0)]);
    let six = cycles::with(Some(&five), &five.environment, sixth);
    assert!(!learned(Some(&six), time(NOON))[0].proven, "four of six");
}

#[test]
fn success_is_computed_and_undefined_without_data() {
    let values =
        |history: Option<&OptimizationHistory>| -> BTreeMap<&str, (Option<f64>, Option<bool>)> {
            let all = metrics(history, None, None).into_iter();
            all.map(|one| (one.name, (one.value, one.met))).collect()
        };
    for (name, value) in values(None) {
        assert_eq!(value, (None, None), "{name}");
    }
    let mut emergency = cycle(
        "o-2",
        "2026-12-01T13:00:00Z",
        &[("resize", "regressed", -9.0)],
    );
    emergency.occasion = crate::model::optimization::CycleOccasion::Emergency;
    emergency.outcome = CycleOutcome::EmergencyHandled;
    emergency.detected_at = Some(time("2026-12-01T12:58:30Z"));
    emergency.first_action_at = Some(time("2026-12-01T13:00:00Z"));
    let mut killed = cycle("o-3", "2026-12-01T14:00:00Z", &[("resize", "planned", 0.0)]);
    killed.interrupt(time("2026-12-01T16:00:00Z"));
    killed.score_after = None;
    let tasks = [
        ("resize", "improved", 40.0),
        ("scale", "improved", 60.0),
        ("restart", "inconclusive", 0.0),
    ];
    let mut first = cycle("o-1", NOON, &tasks);
    first.tasks[2].applied_at = None;
    let all = history(vec![first, emergency, killed]);
    let found = values(Some(&all));
    let wanted = [
        ("cycle_completion_rate", Some(66.666_666_7), Some(false)),
        ("emergency_response_time", Some(90.0), Some(false)),
        ("optimization_success_rate", Some(66.666_666_7), Some(false)),
        (
            "concurrent_optimization_efficiency",
            Some(66.666_666_7),
            Some(false),
        ),
        ("health_score_improvement", Some(20.0), Some(true)),
        ("performance_improvement", Some(50.0), Some(true)),
        ("optimization_conflicts", Some(0.0), Some(true)),
        ("overall_health_score", None, None),
    ];
    for (name, value, met) in wanted {
        let (found, is_met) = found[name];
        let is_close = match (found, value) {
            (Some(found), Some(value)) => (found - value).abs() < 1e-4,
            (found, value) => found == value,
        };
        assert!(is_close && is_met == met, "{name}: {found:?} {is_met:?}");
    }
    let unreliable = KpiScore {
        value: Some(90.0),
        coverage_percent: 60.0,
        reliable: false,
    };
    let score = metrics(None, Some(&unreliable), None).into_iter();
    let score = score.filter(|one| one.name == "overall_health_score");
    assert_eq!(score.map(|one| one.value).collect::<Vec<_>>(), [None]);
    // As key figures: what there is no cycle for is missing, and a count is 0.
    let of = |which| figure(None, which, time(NOON)).map_err(|why| why.raw().to_owned());
    assert_eq!(
        of(OptimizationFigure::SuccessPercent),
        Err("no evaluated optimisation yet".to_owned())
    );
    assert_eq!(of(OptimizationFigure::OptimizationsPerHour), Ok(0.0));
}

#[test]
fn a_history_is_bounded_and_a_cycle_ends_when_all_is_judged() {
    let environment = EnvironmentName::new("prod").expect("a name");
    let mut all = None;
    for number in 0..510_i64 {
        let at = minutes_after_noon(number).to_string();
        let one = cycle(
            &format!("o-{number:03}"),
            &at,
            &[("resize", "improved", 1.0)],
        );
        all = Some(cycles::with(all.as_ref(), &environment, one));
    }
    let all = all.expect("cycles");
    assert_eq!(
        (all.cycles.len(), all.cycles[0].id.as_str()),
        (500, "o-010")
    );
    // Of those that did nothing the newest stays, and what is too old goes.
    let idle = |id: &str, days: i64| {
        let mut one = cycle(id, &minutes_after_noon(days * 24 * 60).to_string(), &[]);
        one.outcome = CycleOutcome::Idle;
        one
    };
    let looked = cycles::with(Some(&all), &environment, idle("o-a", 1));
    let looked = cycles::with(Some(&looked), &environment, idle("o-b", 2));
    assert_eq!(looked.cycles.last().map(|one| one.id.as_str()), Some("o-b"));
    assert!(looked.cycles.iter().all(|one| one.id != "o-a"));
    let later = cycles::with(Some(&looked), &environment, idle("o-c", 200));
    assert_eq!(later.cycles.len(), 1);
    // Open until its last task is judged.
    let tasks = [("resize", "improved", 9.0), ("scale", "waiting", 0.0)];
    let mut open = cycle("o-x", NOON, &tasks);
    open.outcome = CycleOutcome::Open;
    let score = open.score_before;
    open.end(score, time(NOON));
    assert!(open.is_open());
    let busy = cycles::busy(Some(&history(vec![open.clone()])));
    assert_eq!(busy.get("a").map(String::as_str), Some("memory"));
    open.tasks[1].verdict = TaskVerdict::Inconclusive;
    open.end(score, time(NOON));
    assert_eq!(open.outcome, CycleOutcome::Completed);
    assert_eq!(
        cycles::busy(Some(&history(vec![open.clone()]))).len(),
        1,
        "watched once more"
    );
    open.tasks[1].looks = 2;
    assert_eq!(cycles::busy(Some(&history(vec![open]))).len(), 0);
    // A run that never said that everything was sent is dead after an hour.
    let mut silent = cycle("o-y", NOON, &[("resize", "planned", 0.0)]);
    silent.outcome = CycleOutcome::Open;
    assert!(
        !cycles::is_dead(&silent, minutes_after_noon(90)),
        "it has said so"
    );
    silent.dispatched_at = None;
    assert!(!cycles::is_dead(&silent, minutes_after_noon(59)));
    assert!(cycles::is_dead(&silent, minutes_after_noon(60)));
    silent.interrupt(minutes_after_noon(60));
    assert_eq!(
        (silent.outcome, silent.tasks[0].verdict),
        (CycleOutcome::Interrupted, TaskVerdict::NotApplied)
    );
}
