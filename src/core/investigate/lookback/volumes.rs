//! Requests, latency and success of resources, for following the blame down the calls.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::investigate::cause::{Graph, Measure, Metrics, Symptom, rank};
use crate::core::investigate::dependencies::InvestigationScope;
use crate::core::investigate::figures::Figures;
use crate::core::investigate::lookback::symptom::SymptomFound;
use crate::core::investigate::signatures::SceneReading;

/// Metrics that count the requests of a resource; the first that there is counts.
const REQUESTS: [&str; 3] = ["invocations", "requests", "read_iops"];
/// Metrics that say how long a request takes, with what makes seconds of them.
const LATENCIES: [(&str, f64); 7] = [
    ("duration_p50_ms", 0.001),
    ("latency_p95_ms", 0.001),
    ("integration_latency_p95_ms", 0.001),
    ("response_p95_seconds", 1.0),
    ("read_latency_seconds", 1.0),
    ("query_latency_ms", 0.001),
    ("get_latency_ms", 0.001),
];
/// Metrics that count requests that failed; together they are what was lost.
const FAILED: [&str; 5] = [
    "errors",
    "throttles",
    "server_errors",
    "target_errors",
    "balancer_errors",
];

type VolumeRows = BTreeMap<Timestamp, f64>;

/// Returns the share of the symptom that rests on each resource, by its place.
pub(super) fn blame(
    figures: &[Figures],
    scope: &InvestigationScope,
    symptom: &SymptomFound,
) -> BTreeMap<usize, f64> {
    if !symptom.is_wrong {
        return BTreeMap::new();
    }
    let (now, before) = (collect(figures, true), collect(figures, false));
    let graph = Graph {
        nodes: (0..figures.len()).map(|place| place.to_string()).collect(),
        calls: scope
            .calls
            .iter()
            .map(|(caller, callee)| (caller.to_string(), callee.to_string()))
            .collect(),
    };
    let symptom = Symptom {
        node: "0".to_owned(),
        measure: symptom.measure(),
        at: symptom.began.as_second() as f64,
    };
    let verdict = rank(&now, Some(&before), &graph, &symptom);
    if !verdict.wrong {
        return BTreeMap::new();
    }
    let shares = verdict.suspects.iter().filter_map(|suspect| {
        let place = suspect.node.parse().ok()?;
        Some((place, suspect.blame))
    });
    shares.collect()
}

fn collect(figures: &[Figures], now: bool) -> Metrics {
    let mut series: BTreeMap<(String, Measure), VolumeRows> = BTreeMap::new();
    for (place, of) in figures.iter().enumerate() {
        let rows = |id: &str| rows(of, id, now);
        let node = place.to_string();
        let requests = REQUESTS.iter().find_map(|id| rows(id));
        let latency = LATENCIES.iter().find_map(|(id, seconds)| {
            let rows = rows(id)?;
            Some(
                rows.into_iter()
                    .map(|(at, value)| (at, value * seconds))
                    .collect(),
            )
        });
        let mut lost: Option<VolumeRows> = None;
        for failed in FAILED.iter().filter_map(|id| rows(id)) {
            let lost = lost.get_or_insert_default();
            for (at, value) in failed {
                *lost.entry(at).or_default() += value;
            }
        }
        if let (Some(requests), Some(lost)) = (&requests, &lost) {
            let success = requests.iter().filter(|(_, count)| **count > 0.0);
            let success = success.map(|(at, count)| {
                let lost = lost.get(at).copied().unwrap_or(0.0);
                (*at, (100.0 * (1.0 - lost / count)).clamp(0.0, 100.0))
            });
            series.insert((node.clone(), Measure::Availability), success.collect());
        }
        if let Some(latency) = latency {
            series.insert((node.clone(), Measure::Latency), latency);
        }
        if let Some(requests) = requests {
            series.insert((node, Measure::Requests), requests);
        }
    }
    let mut times: Vec<Timestamp> = series
        .values()
        .flat_map(|rows| rows.keys().copied())
        .collect();
    times.sort_unstable();
    times.dedup();
    Metrics {
        series: series
            .into_iter()
            .map(|(key, rows)| (key, times.iter().map(|at| rows.get(at).copied()).collect()))
            .collect(),
        times: times.iter().map(|at| at.as_second() as f64).collect(),
    }
}

fn rows(of: &Figures, id: &str, now: bool) -> Option<VolumeRows> {
    let rows = match (of.all.get(id)?, now) {
        (SceneReading::Known(figure), true) => &figure.rows,
        (SceneReading::Known(_), false) => of.before.get(id)?,
        (SceneReading::Unreadable(_), _) => return None,
    };
    (!rows.is_empty()).then(|| rows.iter().copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::investigate::signatures::Figure;
    use jiff::SignedDuration;
    use std::collections::BTreeSet;

    fn at(minutes: i64) -> Timestamp {
        let began: Timestamp = "2026-11-29T14:15:00Z".parse().expect("a time");
        began + SignedDuration::from_mins(minutes)
    }

    /// Metrics by id: the value of a day before, and that from the symptom on.
    fn figures(metrics: &[(&str, f64, f64)]) -> Figures {
        let mut of = Figures::default();
        for (id, before, now) in metrics {
            // A little noise: what never moves has no usual range.
            let value = |n: i64| before * (1.0 + 0.01 * (n % 3) as f64);
            let past = (1..288).map(|n| (at(-5 * n), value(n))).rev();
            of.before.insert((*id).to_owned(), past.collect());
            let figure = Figure {
                title: (*id).to_owned(),
                unit: String::new(),
                usual: None,
                rows: (0..8).map(|n| (at(5 * n), *now)).collect(),
                period_seconds: 300,
            };
            of.all.insert((*id).to_owned(), SceneReading::Known(figure));
        }
        of
    }

    fn symptom(indicator: &str) -> SymptomFound {
        SymptomFound {
            title: indicator.to_owned(),
            indicator: Some(indicator.to_owned()),
            missed: None,
            began: at(0),
            uncertain_seconds: 300,
            is_wrong: true,
            is_known: true,
        }
    }

    /// Throttled calls are in no count of errors.
    #[test]
    fn throttled_calls_are_lost_at_the_callee_and_not_at_its_caller() {
        let all = [
            figures(&[
                ("requests", 1_000.0, 1_000.0),
                ("server_errors", 0.0, 500.0),
            ]),
            figures(&[
                ("invocations", 1_000.0, 1_000.0),
                ("errors", 0.0, 0.0),
                ("throttles", 0.0, 500.0),
            ]),
        ];
        let scope = InvestigationScope {
            places: vec![0, 1],
            calls: BTreeSet::from([(0, 1)]),
            left_out: 0,
        };
        let shares = blame(&all, &scope, &symptom("error_rate_percent"));
        let share = |place: usize| shares.get(&place).copied().unwrap_or(0.0);
        assert!(share(1) > 0.9 && share(0) < 0.1, "{shares:?}");
    }

    #[test]
    fn seconds_and_milliseconds_are_the_same_volume() {
        let balancer = [figures(&[
            ("requests", 100.0, 100.0),
            ("response_p95_seconds", 0.9, 0.9),
        ])];
        let api = [figures(&[
            ("requests", 100.0, 100.0),
            ("latency_p95_ms", 900.0, 900.0),
        ])];
        let (balancer, api) = (collect(&balancer, true), collect(&api, true));
        let latency = |metrics: &Metrics| {
            let series = metrics.series.get(&("0".to_owned(), Measure::Latency));
            let values = series.expect("a latency").iter().flatten();
            values
                .map(|value| (value * 1e9).round())
                .collect::<Vec<f64>>()
        };
        assert_eq!(latency(&balancer), latency(&api));
        assert_eq!(latency(&api)[0], 9e8);
    }
}
