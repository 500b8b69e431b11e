//! Made-up shops with known faults.

use super::{BlameVerdict, Graph, Measure, Metrics, Symptom, rank};

const PERIODS: usize = 5;

/// A shop: `front` calls `orders` and `search`, `orders` calls `database` and `queue`.
fn graph() -> Graph {
    let calls = [
        ("front", "orders"),
        ("front", "search"),
        ("orders", "database"),
        ("orders", "queue"),
    ];
    graph_of(
        &["front", "orders", "search", "database", "queue", "batch"],
        &calls,
    )
}

fn graph_of(nodes: &[&str], calls: &[(&str, &str)]) -> Graph {
    Graph {
        nodes: nodes.iter().map(|&node| node.to_owned()).collect(),
        calls: calls
            .iter()
            .map(|&(a, b)| (a.to_owned(), b.to_owned()))
            .collect(),
    }
}

/// Latency and requests of a node; `extra` seconds from the third period on.
fn add(metrics: &mut Metrics, node: &str, usual: f64, requests: f64, extra: f64) {
    let periods = metrics.times.len();
    let wave = |n: usize| usual * (1.0 + 0.01 * (n % 3) as f64);
    let value = |n: usize| Some(wave(n) + if n + 3 >= periods { extra } else { 0.0 });
    metrics.series.insert(
        (node.to_owned(), Measure::Latency),
        (0..periods).map(value).collect(),
    );
    metrics.series.insert(
        (node.to_owned(), Measure::Requests),
        vec![Some(requests); periods],
    );
}

fn shop(periods: usize, faults: &[(&str, f64)]) -> Metrics {
    let times = (0..periods).map(|n| n as f64 * 300.0).collect();
    let mut metrics = Metrics {
        times,
        ..Metrics::default()
    };
    for (node, usual, requests) in [
        ("front", 0.4, 1_000.0),
        ("orders", 0.2, 600.0),
        ("search", 0.1, 900.0),
        ("database", 0.05, 1_200.0),
        ("queue", 0.01, 300.0),
        ("batch", 0.3, 50.0),
    ] {
        let extra = faults
            .iter()
            .find(|(name, _)| *name == node)
            .map_or(0.0, |(_, extra)| *extra);
        add(&mut metrics, node, usual, requests, extra);
    }
    metrics
}

fn symptom() -> Symptom {
    Symptom {
        node: "front".to_owned(),
        measure: Measure::Latency,
        at: 2.0 * 300.0 + 10.0,
    }
}

fn judge(faults: &[(&str, f64)]) -> BlameVerdict {
    rank(
        &shop(PERIODS, faults),
        Some(&shop(60, &[])),
        &graph(),
        &symptom(),
    )
}

#[test]
fn blame_flows_to_where_it_is_not_explained_further() {
    // 0.5 s at each of 1,200 calls of the database: 1 s for each of 600 orders, 0.6 s at the front.
    let verdict = judge(&[("front", 0.6), ("orders", 1.0), ("database", 0.5)]);
    assert!(verdict.wrong);
    assert_eq!(verdict.suspects[0].node, "database");
    assert_eq!(verdict.suspects[0].path, ["front", "orders", "database"]);
}

#[test]
fn a_fault_of_its_own_stays_where_it_is() {
    let verdict = judge(&[("front", 0.6), ("orders", 1.0)]);
    assert_eq!(verdict.suspects[0].node, "orders");
}

#[test]
fn what_is_unusual_without_a_path_is_no_suspect() {
    let verdict = judge(&[("front", 0.6), ("orders", 1.0), ("batch", 900.0)]);
    assert_eq!(verdict.suspects[0].node, "orders");
    assert!(
        verdict
            .suspects
            .iter()
            .all(|suspect| suspect.node != "batch")
    );
    assert_eq!(verdict.also_unusual[0].node, "batch");
}

#[test]
fn nothing_wrong_is_an_answer() {
    let verdict = judge(&[]);
    assert!(!verdict.wrong && verdict.suspects.is_empty());
    // A fault that the symptom does not feel is named, and not blamed.
    let verdict = judge(&[("queue", 0.5)]);
    assert!(!verdict.wrong && verdict.suspects.is_empty(), "{verdict:?}");
}

#[test]
fn a_dependency_that_appears_with_the_fault_is_its_callers_change() {
    let mut graph = graph();
    graph.nodes.push("new".to_owned());
    graph.calls.push(("orders".to_owned(), "new".to_owned()));
    let mut now = shop(PERIODS, &[("front", 0.6), ("orders", 1.0)]);
    add(&mut now, "new", 1.0, 600.0, 0.0);
    let mut normal = shop(60, &[]);
    add(&mut normal, "new", 1.0, 0.0, 0.0);
    let verdict = rank(&now, Some(&normal), &graph, &symptom());
    assert_eq!(verdict.suspects[0].node, "orders");
    assert_eq!(verdict.appeared, ["new"]);
}

#[test]
fn a_cycle_ends_and_blame_adds_up() {
    let calls = [
        ("front", "orders"),
        ("orders", "front"),
        ("orders", "database"),
        ("database", "orders"),
    ];
    let graph = graph_of(&["front", "orders", "database"], &calls);
    let now = shop(
        PERIODS,
        &[("front", 0.6), ("orders", 1.0), ("database", 0.5)],
    );
    let verdict = rank(&now, Some(&shop(60, &[])), &graph, &symptom());
    let sum: f64 = verdict.suspects.iter().map(|suspect| suspect.blame).sum();
    assert!((sum - 1.0).abs() < 0.01, "{sum}");
}

#[test]
fn few_requests_say_little() {
    let mut normal = Metrics {
        times: (0..60).map(|n| f64::from(n) * 300.0).collect(),
        ..Metrics::default()
    };
    let mut now = Metrics {
        times: (0..5).map(|n| f64::from(n) * 300.0).collect(),
        ..Metrics::default()
    };
    let set = |metrics: &mut Metrics, measure, value: f64| {
        let values = vec![Some(value); metrics.times.len()];
        metrics.series.insert(("front".to_owned(), measure), values);
    };
    set(&mut normal, Measure::Availability, 100.0);
    set(&mut normal, Measure::Requests, 4.0);
    // One of five requests failed.
    set(&mut now, Measure::Availability, 80.0);
    set(&mut now, Measure::Requests, 5.0);
    let symptom = Symptom {
        measure: Measure::Availability,
        ..symptom()
    };
    let graph = graph_of(&["front"], &[]);
    let few = rank(&now, Some(&normal), &graph, &symptom);
    set(&mut now, Measure::Requests, 5_000.0);
    let many = rank(&now, Some(&normal), &graph, &symptom);
    assert!(many.wrong);
    assert!(few.symptom < many.symptom);
}

#[test]
fn a_metric_without_values_is_unknown() {
    let symptom = Symptom {
        node: "nowhere".to_owned(),
        ..symptom()
    };
    let verdict = rank(
        &shop(PERIODS, &[]),
        Some(&shop(60, &[])),
        &graph(),
        &symptom,
    );
    assert_eq!(verdict.symptom, None);
    assert!(!verdict.wrong && verdict.suspects.is_empty());
}

#[test]
fn a_symptom_that_is_better_than_usual_is_known() {
    let verdict = judge(&[("front", -0.1)]);
    assert!(!verdict.wrong, "{verdict:?}");
    assert!(verdict.symptom.is_some_and(|off| off < 0.0), "{verdict:?}");
}

#[test]
fn what_never_varied_has_a_deviation_all_the_same() {
    let of = |latency: f64| {
        let mut metrics = shop(PERIODS, &[]);
        add(&mut metrics, "front", 0.0, 1_000.0, latency);
        metrics
    };
    let mut normal = shop(60, &[]);
    add(&mut normal, "front", 0.0, 1_000.0, 0.0);
    let slow = rank(&of(0.5), Some(&normal), &graph(), &symptom());
    assert!(
        slow.wrong && slow.symptom.is_some_and(f64::is_finite),
        "{slow:?}"
    );
    let same = rank(&of(0.0), Some(&normal), &graph(), &symptom());
    assert_eq!((same.wrong, same.symptom), (false, Some(0.0)));
}

#[test]
fn what_no_one_calls_or_no_time_before_is_known_of_has_not_appeared() {
    let mut now = shop(PERIODS, &[("front", 0.6), ("orders", 1.0)]);
    add(&mut now, "idle", 1.0, 0.0, 0.0);
    let mut normal = shop(60, &[]);
    add(&mut normal, "idle", 1.0, 0.0, 0.0);
    let mut graph = graph();
    graph.nodes.push("idle".to_owned());
    let verdict = rank(&now, Some(&normal), &graph, &symptom());
    assert_eq!(verdict.appeared, [""; 0]);
    let from_the_start = Symptom {
        at: 0.0,
        ..symptom()
    };
    let verdict = rank(&now, None, &graph, &from_the_start);
    assert_eq!((verdict.appeared.len(), verdict.symptom), (0, None));
}

#[test]
fn a_normal_time_of_another_load_accuses_nobody() {
    // Twice the requests take a fifth longer, everywhere and all the time.
    let mut normal = shop(60, &[]);
    for ((_, measure), values) in &mut normal.series {
        let share = match measure {
            Measure::Requests => 0.5,
            _ => 0.8,
        };
        for value in values.iter_mut().flatten() {
            *value *= share;
        }
    }
    let quiet = rank(&shop(PERIODS, &[]), Some(&normal), &graph(), &symptom());
    assert!(!quiet.wrong, "{quiet:?}");
    let faults = [("database", 0.2), ("orders", 0.4), ("front", 0.3)];
    let slow = rank(&shop(PERIODS, &faults), Some(&normal), &graph(), &symptom());
    assert_eq!(slow.suspects[0].node, "database", "{slow:?}");
}

#[test]
fn a_graph_of_many_ways_ends_soon() {
    const LAYERS: usize = 40;
    let name = |layer: usize, side: usize| format!("n{layer}-{side}");
    let mut metrics = shop(PERIODS, &[]);
    let mut calls = vec![
        ("front".to_owned(), name(0, 0)),
        ("front".to_owned(), name(0, 1)),
    ];
    for layer in 0..LAYERS {
        for side in 0..2 {
            add(&mut metrics, &name(layer, side), 0.1, 500.0, 1.0);
            calls.extend((0..2).map(|to| (name(layer, side), name(layer + 1, to))));
        }
    }
    add(&mut metrics, "front", 0.4, 1_000.0, 1.0);
    let nodes = metrics
        .series
        .keys()
        .map(|(node, _)| node.clone())
        .collect();
    let verdict = rank(&metrics, None, &Graph { nodes, calls }, &symptom());
    let sum: f64 = verdict.suspects.iter().map(|one| one.blame).sum();
    assert!(
        verdict.wrong && (sum - 1.0).abs() < 0.01,
        "{sum} {verdict:?}"
    );
}
