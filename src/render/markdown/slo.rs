//! Service level objectives as a table.

use crate::model::slo_report::{SloList, SloRow};
use crate::render::words;
use crate::text::escape;
use crate::text::numbers;

/// A list.
pub fn slos(list: &SloList) -> String {
    let mut out = String::from("# Service levels\n\n");
    for name in &list.never_observed {
        out.push_str(&format!(
            "{name} was never observed: `fractary run --env {name}`\n\n"
        ));
    }
    if list.slos.is_empty() {
        out.push_str("No service levels.\n");
        return out;
    }
    out.push_str("| Environment | Resource | Service level | Now | Target | Budget left | Burn rate | Lasts |\n");
    out.push_str("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |\n");
    for row in &list.slos {
        out.push_str(&table_row(row));
    }
    out
}

fn table_row(row: &SloRow) -> String {
    let level = &row.level;
    let unit = |value: f64| match level.unit.as_str() {
        "ratio" => numbers::short_quantity(value * 100.0, "percent"),
        unit => numbers::short_quantity(value, unit),
    };
    let budget = level.budget.as_ref();
    let percent = |value: f64| numbers::short_quantity(value, "percent");
    let burn = budget.and_then(|b| b.burn_rate);
    let lasts = match budget.and_then(|b| b.exhausted_in_seconds) {
        Some(0) => "gone".to_owned(),
        Some(seconds) => words::lasting(seconds),
        None => String::new(),
    };
    let alert = budget.and_then(|b| b.alert);
    format!(
        "| {} | {} | {} | {} | {} | {} | {}{} | {lasts} |\n",
        row.environment,
        row.resource.name.markdown(),
        escape::markdown(&level.title),
        level.value.map(unit).unwrap_or_default(),
        unit(level.target),
        budget
            .and_then(|b| b.remaining_percent)
            .map(percent)
            .unwrap_or_default(),
        burn.map(|rate| format!("{}×", numbers::number(rate)))
            .unwrap_or_default(),
        alert
            .map(|severity| format!(" **{severity}**"))
            .unwrap_or_default(),
    )
}
