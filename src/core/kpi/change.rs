//! Why a score differs from the last one: the key figures moved, others could be measured, or
//! kpis.toml was edited. An edited target must never look like an improvement.

use std::collections::BTreeMap;

use crate::core::kpi::score::Total;
use crate::model::kpi_history::{KpiDefinition, KpiHistory};
use crate::model::kpi_report::ScoreChange;

/// Splits the difference. `None` where either score is unknown.
pub fn since(
    last: &KpiHistory,
    definitions: &BTreeMap<String, KpiDefinition>,
    values: &BTreeMap<String, f64>,
) -> Option<ScoreChange> {
    let collection = last.collections.last()?;
    let before = &collection.values;
    let from = Total::of_values(&last.definitions, before).value?;
    let to = Total::of_values(definitions, values).value?;
    // The old values, by what is measured now; then of what could be measured now.
    let edited = Total::of_values(definitions, before).value.unwrap_or(from);
    let seen: BTreeMap<String, f64> = values
        .iter()
        .map(|(name, value)| (name.clone(), *before.get(name).unwrap_or(value)))
        .collect();
    let covered = Total::of_values(definitions, &seen).value.unwrap_or(edited);
    Some(ScoreChange {
        since: collection.at,
        from,
        points: to - from,
        by_values: to - covered,
        by_coverage: covered - edited,
        by_configuration: edited - from,
        targets_changed: edited_names(&last.definitions, definitions),
    })
}

fn edited_names(
    old: &BTreeMap<String, KpiDefinition>,
    new: &BTreeMap<String, KpiDefinition>,
) -> Vec<String> {
    let differs = |name: &&String| old.get(*name) != new.get(*name);
    let mut names: Vec<String> = old
        .keys()
        .chain(new.keys())
        .filter(differs)
        .cloned()
        .collect();
    names.sort();
    names.dedup();
    names
}
