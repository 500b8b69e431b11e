//! Landing cycles: their history, and their reports for people.

use crate::app::App;
use crate::app::answer::faults;
use crate::app::workspace::landing::{self, Landing, Proposal};
use crate::app::workspace::{Workspace, load, push};
use crate::core::optimize::cycles;
use crate::core::optimize::learn::learned;
use crate::core::optimize::metrics::metrics;
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::ids::EnvironmentName;
use crate::model::kpi_report::KpiScore;
use crate::model::optimization::{CyclePhase, CycleReport, OptimizationCycle, OptimizationHistory};
use crate::render::markdown;
use crate::state;
use crate::state::documents::paths;
use crate::text::Untrusted;

/// Returns what is recorded of an environment.
pub(super) fn history<'a>(
    workspace: &'a Workspace,
    name: &EnvironmentName,
) -> Option<&'a OptimizationHistory> {
    let document = workspace.records().optimizations(name);
    document.map(|document| &document.value)
}

/// Puts a report together from what is recorded.
pub(super) fn report(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    phase: CyclePhase,
    cycle: Option<OptimizationCycle>,
) -> CycleReport {
    let recorded = history(workspace, name).cloned();
    let recorded = match &cycle {
        Some(cycle) => Some(cycles::with(recorded.as_ref(), name, cycle.clone())),
        None => recorded,
    };
    of_history(app, workspace, name, phase, cycle, recorded.as_ref())
}

fn of_history(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    phase: CyclePhase,
    cycle: Option<OptimizationCycle>,
    recorded: Option<&OptimizationHistory>,
) -> CycleReport {
    let now = app.clock.now();
    let kpis = workspace.records().kpis(name).map(|one| &one.value);
    let collections = kpis.map(|one| one.collections.as_slice());
    let last = collections.and_then(|all| all.last());
    let score = last.map(|one| KpiScore {
        value: one.score,
        coverage_percent: one.coverage_percent,
        reliable: one.coverage_percent >= crate::core::kpi::score::RELIABLE_PERCENT,
    });
    CycleReport {
        version: "1.0.0",
        kind: "optimize-cycle",
        environment: name.clone(),
        generated_at: now,
        phase,
        cycle,
        learned: learned(recorded, now),
        metrics: metrics(recorded, score.as_ref(), kpis),
        scores: collections
            .unwrap_or_default()
            .iter()
            .map(|one| one.score)
            .collect(),
        notes: Vec::new(),
    }
}

/// Lands cycles in one commit, each with its report, and pushes it where commits are pushed.
pub(super) fn land(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    changed: &[OptimizationCycle],
    subject: &str,
) -> Result<Workspace, CommandError> {
    let (workspace, (), landed) = landing::decide_and_land(
        app,
        workspace,
        Landing::Commit,
        |workspace| {
            let document = workspace.records().optimizations(name);
            let before = document.map(|document| &document.value);
            let mut after = before.cloned();
            for cycle in changed {
                after = Some(cycles::with(after.as_ref(), name, cycle.clone()));
            }
            let mut transaction = Transaction::new();
            if let Some(after) = &after {
                let bytes = document.map_or_else(
                    || state::to_bytes(after),
                    |document| document.updated(after),
                );
                transaction.write(paths::optimization_history(name), bytes);
                forget(workspace, name, before, after, &mut transaction)?;
            }
            for cycle in changed.iter().filter(|cycle| !cycle.tasks.is_empty()) {
                let phase = CyclePhase::Judged;
                let cycle = Some(cycle.clone());
                let report = of_history(app, workspace, name, phase, cycle, after.as_ref());
                let page = markdown::optimization_cycle(&report, &workspace.templates);
                let page = page.map_err(faults::template)?;
                let id = report.cycle.as_ref().map_or("", |one| one.id.as_str());
                transaction.write(paths::optimization_md(name, id), page.into_bytes());
            }
            Ok(Proposal {
                transaction,
                message: format!(
                    "fractary(optimize): {name} {subject}\n\nFractary-Command: optimize\nFractary-Env: {name}\n"
                ),
                facts: (),
            })
        },
    )?;
    push::push_record(app, &workspace.repository, &landed)?;
    load::load_from(&app.ui, workspace.repository)
}

/// Removes the reports of cycles that are too old to be kept.
fn forget(
    workspace: &Workspace,
    name: &EnvironmentName,
    before: Option<&OptimizationHistory>,
    after: &OptimizationHistory,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let gone = before.into_iter().flat_map(|one| &one.cycles);
    for cycle in gone.filter(|cycle| after.cycles.iter().all(|one| one.id != cycle.id)) {
        let path = paths::optimization_md(name, &cycle.id);
        if workspace.tree().read_text(&path)?.is_some() {
            transaction.delete(path);
        }
    }
    Ok(())
}

/// Adds a note to a report.
pub(super) fn noted(mut report: CycleReport, note: impl Into<String>) -> CycleReport {
    report.notes.push(Untrusted::new(note.into()));
    report
}
