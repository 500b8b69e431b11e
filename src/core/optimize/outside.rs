//! Metrics of success that cycles themselves cannot tell: what the product, its users and its bill
//! say. Each is the newest value of a key figure of kpis.toml, or "not measured", with the source that
//! it needs.

use crate::core::optimize::aims::{MetricAim, aim};
use crate::model::kpi_history::KpiHistory;
use crate::model::optimization::SuccessMetric;
use crate::model::report::Better;
use crate::text::numbers::rounded;

/// A key figure that is a metric of success.
struct OutsideAim {
    aim: MetricAim,
    /// What would measure it.
    source: &'static str,
}

const OUTSIDE: [OutsideAim; 4] = [
    OutsideAim {
        aim: aim(
            "system_availability",
            "time in which the system worked",
            "percent",
            Better::Higher,
            99.9,
        ),
        source: "such as `health = { resource = \"…\", sli = \"availability_percent\" }`",
    },
    OutsideAim {
        aim: aim(
            "swarm_synchronization",
            "how far apart the swarms begin",
            "milliseconds",
            Better::Lower,
            10.0,
        ),
        source: "a metric of the agents that work on your product; cycles send all tasks at once, from one process",
    },
    OutsideAim {
        aim: aim(
            "coordination_overhead",
            "what coordination takes of the work",
            "percent",
            Better::Lower,
            5.0,
        ),
        source: "a metric of the agents that work on your product; tasks of a cycle do not talk to each other",
    },
    OutsideAim {
        aim: aim(
            "operational_cost",
            "what optimisation costs to run",
            "USD",
            Better::Lower,
            0.0,
        ),
        source: "such as `cost = { figure = \"last30_days\", service = \"…\" }`",
    },
];

const ENGAGEMENT: MetricAim = aim(
    "user_engagement",
    "engagement since the first collection",
    "percent",
    Better::Higher,
    25.0,
);
/// Key figures that say how much users do; more is better.
const ENGAGING: [&str; 2] = ["messages_per_session", "session_duration"];

/// Computes all of them from what was kept of the key figures.
pub(super) fn metrics(kpis: Option<&KpiHistory>) -> Vec<SuccessMetric> {
    let each = OUTSIDE.iter().map(|one| {
        let name = one.aim.name;
        let basis = newest(kpis, name).ok_or_else(|| {
            format!(
                "not measured: it needs the key figure `{name}` in kpis.toml, {}",
                one.source
            )
        });
        let basis = basis.map(|value| (value, "its key figure, at the last collection".to_owned()));
        one.aim.metric(basis)
    });
    each.chain([ENGAGEMENT.metric(engagement(kpis))]).collect()
}

fn newest(kpis: Option<&KpiHistory>, name: &str) -> Option<f64> {
    kpis?.collections.last()?.values.get(name).copied()
}

/// How much users do now, beside the first collection that is kept: the mean of what is measured.
fn engagement(kpis: Option<&KpiHistory>) -> Result<(f64, String), String> {
    let changes: Vec<(&str, f64)> = ENGAGING
        .iter()
        .filter_map(|name| Some((*name, change(kpis?, name)?)))
        .collect();
    if changes.is_empty() {
        let names = ENGAGING.join("` or `");
        return Err(format!(
            "not measured: it needs a source of `{names}` in kpis.toml, and two collections"
        ));
    }
    let mean = changes.iter().map(|one| one.1).sum::<f64>() / changes.len() as f64;
    let names: Vec<&str> = changes.iter().map(|one| one.0).collect();
    Ok((rounded(mean), names.join(", ")))
}

/// How a key figure changed from the first collection that has it to the last one, in percent.
fn change(kpis: &KpiHistory, name: &str) -> Option<f64> {
    let values = kpis.collections.iter();
    let mut values = values.filter_map(|one| one.values.get(name).copied());
    let first = values.next().filter(|first| *first > 0.0)?;
    let last = values.next_back()?;
    // What was not measured last is not known now.
    newest(Some(kpis), name)?;
    Some(100.0 * (last - first) / first)
}
