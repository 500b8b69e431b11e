//! The score of the key figures of each environment.

use crate::core::kpi::report;
use crate::core::kpi::score::{Total, is_met};
use crate::model::dashboard::{CycleRow, KpiScoreRow};
use crate::model::ids::EnvironmentName;
use crate::model::kpi_history::KpiHistory;
use crate::model::optimization::{OptimizationHistory, TaskVerdict};

use super::{DashboardInput, count};

/// Scores that the picture is made of.
const SCORES: usize = 30;

/// One row for each environment that keeps key figures.
pub(super) fn rows(input: &DashboardInput<'_>) -> Vec<KpiScoreRow> {
    let names = input.environments.iter();
    let shown = names.filter(|name| input.shows(input.own_domain, name));
    shown
        .filter_map(|name| {
            let cycle = input.optimizations.get(name).and_then(last_cycle);
            row(name, input.kpis.get(name)?, cycle)
        })
        .collect()
}

/// The last cycle that did something.
fn last_cycle(history: &OptimizationHistory) -> Option<CycleRow> {
    let mut all = history.cycles.iter().rev();
    let cycle = all.find(|cycle| !cycle.tasks.is_empty())?;
    let of = |verdict: TaskVerdict| {
        let tasks = cycle.tasks.iter();
        count(tasks.filter(|task| task.verdict == verdict).count())
    };
    let undone = cycle.tasks.iter().filter(|task| task.undone_by.is_some());
    Some(CycleRow {
        began_at: cycle.began_at,
        outcome: cycle.outcome,
        improved: of(TaskVerdict::Improved),
        made_worse: of(TaskVerdict::Regressed),
        undone: count(undone.count()),
        inconclusive: of(TaskVerdict::Inconclusive),
        watched: of(TaskVerdict::Waiting),
    })
}

fn row(
    name: &EnvironmentName,
    history: &KpiHistory,
    last_cycle: Option<CycleRow>,
) -> Option<KpiScoreRow> {
    let last = history.collections.last()?;
    let total = Total::of_values(&history.definitions, &last.values);
    let measured = last.values.iter().filter_map(|(name, value)| {
        let definition = history.definitions.get(name)?;
        Some(is_met(*value, definition.target, definition.better))
    });
    let measured: Vec<bool> = measured.collect();
    let from = history.collections.len().saturating_sub(SCORES);
    Some(KpiScoreRow {
        environment: name.clone(),
        collected_at: last.at,
        status: report::status(&total),
        score: last.score,
        coverage_percent: last.coverage_percent,
        measured: count(measured.len()),
        missed: count(measured.iter().filter(|met| !**met).count()),
        scores: history.collections[from..]
            .iter()
            .map(|one| one.score)
            .collect(),
        last_cycle,
    })
}
