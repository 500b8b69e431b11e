//! Success beside its targets: what the product, its users and its bill say of it, and how even the
//! work is.

use std::collections::BTreeMap;

use serde_json::json;

use super::cycles::{NOON, cycle, history};
use crate::core::optimize::metrics::metrics;
use crate::model::kpi_history::KpiHistory;
use crate::model::optimization::{OptimizationHistory, SuccessMetric, Swarm};

fn kpis(collections: &[&[(&str, f64)]]) -> KpiHistory {
    let each = collections.iter().map(|values| {
        let values: BTreeMap<&str, f64> = values.iter().copied().collect();
        json!({ "at": NOON, "coverage_percent": 100.0, "values": values })
    });
    serde_json::from_value(json!({
        "version": "1.0.0", "environment": "prod", "collections": each.collect::<Vec<_>>(),
    }))
    .expect("a history")
}

fn found(
    cycles: Option<&OptimizationHistory>,
    kpis: Option<&KpiHistory>,
) -> BTreeMap<&'static str, SuccessMetric> {
    let all = metrics(cycles, None, kpis).into_iter();
    all.map(|one| (one.name, one)).collect()
}

#[test]
fn what_cycles_cannot_tell_is_a_key_figure_or_not_measured() {
    let nothing = found(None, None);
    for (name, needs) in [
        (
            "system_availability",
            "the key figure `system_availability`",
        ),
        ("swarm_synchronization", "a metric of the agents"),
        ("coordination_overhead", "a metric of the agents"),
        ("operational_cost", "`cost = {"),
        (
            "user_engagement",
            "`messages_per_session` or `session_duration`",
        ),
    ] {
        let one = &nothing[name];
        assert_eq!((one.value, one.met), (None, None), "{name}");
        assert!(
            one.basis.starts_with("not measured: it needs") && one.basis.contains(needs),
            "{name}: {}",
            one.basis
        );
    }
    let measured = kpis(&[
        &[("messages_per_session", 10.0), ("session_duration", 600.0)],
        &[("messages_per_session", 11.0)],
        &[
            ("messages_per_session", 14.0),
            ("session_duration", 780.0),
            ("system_availability", 99.95),
            ("operational_cost", 12.5),
        ],
    ]);
    let all = found(None, Some(&measured));
    let of = |name: &str| (all[name].value, all[name].met);
    assert_eq!(of("system_availability"), (Some(99.95), Some(true)));
    assert_eq!(of("operational_cost"), (Some(12.5), Some(false)));
    // 40 % and 30 % more, in the mean.
    assert_eq!(of("user_engagement"), (Some(35.0), Some(true)));
    assert_eq!(of("swarm_synchronization"), (None, None));
}

#[test]
fn what_was_not_measured_last_is_not_known_now() {
    for collections in [
        &[&[("messages_per_session", 10.0)][..]][..],
        &[
            &[("messages_per_session", 10.0)],
            &[("messages_per_session", 12.0)],
            &[],
        ],
        &[
            &[("messages_per_session", 0.0)],
            &[("messages_per_session", 12.0)],
        ],
        &[&[], &[("messages_per_session", 12.0)]],
    ] {
        let all = found(None, Some(&kpis(collections)));
        assert_eq!(all["user_engagement"].value, None, "{collections:?}");
    }
    let old = kpis(&[&[("system_availability", 99.95)], &[]]);
    assert_eq!(found(None, Some(&old))["system_availability"].value, None);
}

#[test]
fn work_is_even_where_both_swarms_had_some() {
    let of = |swarms: &[(usize, usize)]| {
        let cycles = swarms
            .iter()
            .enumerate()
            .map(|(index, (frontend, backend))| {
                let tasks = vec![("resize", "improved", 5.0); frontend + backend];
                let mut one = cycle(&format!("o-{index}"), NOON, &tasks);
                for (at, task) in one.tasks.iter_mut().enumerate() {
                    task.swarm = match at < *frontend {
                        true => Swarm::Frontend,
                        false => Swarm::Backend,
                    };
                }
                one
            });
        let all = history(cycles.collect());
        found(Some(&all), None)["task_distribution"].value
    };
    for (swarms, wanted) in [
        (&[(2, 2)][..], Some(100.0)),
        (&[(2, 1), (1, 3)], Some(50.0)),
        // One swarm alone had something to do.
        (&[(3, 0), (0, 1)], None),
        (&[], None),
    ] {
        assert_eq!(of(swarms), wanted, "{swarms:?}");
    }
}
