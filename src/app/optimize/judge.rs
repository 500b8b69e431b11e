//! What of earlier cycles can be judged now: verified, undone where it made things worse, learned.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::App;
use crate::app::apply::remediate::record as remediation_record;
use crate::app::apply::remediate::together::apply_together;
use crate::app::apply::remediate::{Application, NotApplied};
use crate::app::kpi;
use crate::app::optimize::{CycleRequest, playbooks, record};
use crate::app::remediate::context;
use crate::app::remediate::prepare::{self, ActionRequest};
use crate::app::remediate::safety;
use crate::app::workspace::Workspace;
use crate::core::optimize::judge::{JudgeInput, ResourceChange};
use crate::core::remediate::history::Remediation;
use crate::core::remediate::permit::Forbidden;
use crate::core::remediate::plan::{PlanOutcome, ReadyPlan};
use crate::error::CommandError;
use crate::model::ids::EnvironmentName;
use crate::model::kpi_report::KpiScore;
use crate::model::optimization::{OptimizationCycle, OptimizationTask, TaskVerdict};
use crate::model::remediation::{ConsentRecord, ConsentWay, RemediationEntry, RemediationOutcome};
use crate::text::Untrusted;

/// Judges what can be judged. Returns the newest cycle whose first look it was, where it was one: a
/// second look at what was inconclusive is no reason not to begin the next.
pub(super) fn judge_waiting(
    app: &App,
    mut workspace: Workspace,
    name: &EnvironmentName,
    request: &CycleRequest,
) -> Result<(Workspace, Option<OptimizationCycle>), CommandError> {
    let mut changed = judged(app, &workspace, name)?;
    if changed.is_empty() {
        return Ok((workspace, None));
    }
    // The score that they are left with, before anything is undone.
    let collected = kpi::collect(app, &workspace, name)?;
    let score = kpi::report(&workspace, &collected).score;
    let (next, told) = kpi::keep(app, workspace, std::slice::from_ref(name), vec![collected])?;
    workspace = next;
    if let Err(error) = told {
        app.ui.warn(&error.in_one_line());
    }
    workspace = undo_all(app, workspace, name, request, &mut changed)?;
    workspace = close_all(app, workspace, name, &changed)?;
    let now = app.clock.now();
    let looked_at: Vec<String> = changed
        .iter()
        .filter(|cycle| cycle.is_open())
        .map(|cycle| cycle.id.clone())
        .collect();
    finish(&mut changed, score, now);
    workspace = record::land(app, workspace, name, &changed, &subject(&changed))?;
    changed.retain(|cycle| looked_at.contains(&cycle.id));
    Ok((workspace, changed.pop()))
}

fn finish(changed: &mut [OptimizationCycle], score: KpiScore, now: Timestamp) {
    for cycle in changed {
        let was_open = cycle.is_open();
        cycle.end(score, now);
        if was_open && !cycle.is_open() {
            cycle.note(now, cycle.outcome.words());
        }
    }
}

fn subject(changed: &[OptimizationCycle]) -> String {
    let tasks = || changed.iter().flat_map(|cycle| &cycle.tasks);
    let of = |verdict: TaskVerdict| tasks().filter(|task| task.verdict == verdict).count();
    format!(
        "evaluated — {} improved, {} made worse, {} inconclusive",
        of(TaskVerdict::Improved),
        of(TaskVerdict::Regressed),
        of(TaskVerdict::Inconclusive)
    )
}

/// The cycles of which a task can be judged now, with what it is judged to be.
fn judged(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
) -> Result<Vec<OptimizationCycle>, CommandError> {
    let recorded = record::history(workspace, name);
    let all = recorded.into_iter().flat_map(|one| &one.cycles);
    let watched: Vec<&OptimizationCycle> = all
        .filter(|cycle| cycle.tasks.iter().any(OptimizationTask::is_watched))
        .collect();
    let Some(since) = watched.iter().map(|cycle| cycle.began_at).min() else {
        return Ok(Vec::new());
    };
    let now = app.clock.now();
    let samples = kpi::samples(app, workspace, name, since)?;
    let tasks = watched.iter().flat_map(|cycle| &cycle.tasks);
    let bound: Vec<&str> = tasks
        .flat_map(|task| task.effects.keys().map(String::as_str))
        .collect();
    let deployments = workspace.state.deployments.as_ref();
    let deployed: Vec<Timestamp> = deployments
        .into_iter()
        .flat_map(|document| &document.value.deployments)
        .filter(|one| one.environment == *name)
        .map(|one| one.deployed_at)
        .collect();
    let requests = requests(workspace, name);
    let done = workspace.remediations().read(name)?;
    let changes: Vec<ResourceChange<'_>> = done.iter().filter_map(change_of).collect();
    let undone: BTreeMap<&str, &str> = done.iter().filter_map(undone_by).collect();
    let mut changed = Vec::new();
    for cycle in watched {
        let input = JudgeInput {
            began_at: cycle.began_at,
            samples: &samples,
            bound: &bound,
            deployed: &deployed,
            changes: &changes,
            requests: cycle.requests_before.zip(requests),
            now,
        };
        changed.extend(cycle.judged_by(&input, &undone));
    }
    Ok(changed)
}

/// A remediation that was sent, as a change.
fn change_of(one: &Remediation) -> Option<ResourceChange<'_>> {
    let is_sent = !matches!(
        one.outcome(),
        RemediationOutcome::Refused | RemediationOutcome::Interrupted
    );
    is_sent.then_some(ResourceChange {
        id: &one.id,
        arn: &one.first.arn,
        at: one.started_at,
    })
}

/// What was undone, and by what.
fn undone_by(one: &Remediation) -> Option<(&str, &str)> {
    let is_undone = one.outcome() == RemediationOutcome::Undone;
    let reason = one.last.reason.as_ref().map_or("undone", |why| why.raw());
    is_undone.then_some((one.id.as_str(), reason))
}

/// Requests of the newest health report, where it counts any.
pub(super) fn requests(workspace: &Workspace, name: &EnvironmentName) -> Option<f64> {
    let report = workspace.records().latest(name)?;
    report.metrics_summary.get("requests_total").copied()
}

/// Undoes what made things worse, where its undo is allowed; else says how.
fn undo_all(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    request: &CycleRequest,
    changed: &mut [OptimizationCycle],
) -> Result<Workspace, CommandError> {
    let mut places = Vec::new();
    let mut applications = Vec::new();
    for (cycle_index, cycle) in changed.iter_mut().enumerate() {
        for index in 0..cycle.tasks.len() {
            let task = cycle.tasks[index].clone();
            if task.verdict != TaskVerdict::Regressed || task.undone_by.is_some() {
                continue;
            }
            match undo(app, &workspace, name, request, &task) {
                Ok(Some(application)) => {
                    places.push((cycle_index, index));
                    applications.push(application);
                }
                Ok(None) => {}
                Err(why) => offer(cycle, index, &why, app.clock.now()),
            }
        }
    }
    if applications.is_empty() {
        return Ok(workspace);
    }
    let (workspace, results) = apply_together(app, workspace, &applications)?;
    for ((cycle_index, index), result) in places.into_iter().zip(results) {
        let cycle = &mut changed[cycle_index];
        let now = app.clock.now();
        match result {
            Ok(applied) if applied.applied_at.is_some() => {
                let playbook = cycle.tasks[index].playbook.clone();
                cycle.tasks[index].undone_by = Some(applied.id.clone());
                cycle.note(now, format!("{playbook} undone by {}", applied.id));
            }
            Ok(applied) => offer(cycle, index, applied.reason.raw(), now),
            Err(why) => offer(cycle, index, &NotApplied::words(&why), now),
        }
    }
    Ok(workspace)
}

/// Says that something is to be undone by hand.
fn offer(cycle: &mut OptimizationCycle, index: usize, why: &str, now: Timestamp) {
    let task = &cycle.tasks[index];
    let id = task.remediation.as_deref().unwrap_or_default();
    let said = format!(
        "{} is not undone: {why}; fractary remediate --undo {id}",
        task.playbook
    );
    cycle.note(now, said);
}

/// The application of an undo; `None` where there is nothing left to undo, else why it may not be.
fn undo(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    request: &CycleRequest,
    task: &OptimizationTask,
) -> Result<Option<Application>, String> {
    let said = |error: CommandError| error.in_one_line();
    let done = workspace.remediations().read(name).map_err(said)?;
    let is_it = |id: &str| task.remediation.as_deref() == Some(id);
    let one = done.iter().find(|one| is_it(&one.id));
    if one.is_some_and(|one| one.outcome() == RemediationOutcome::Undone) {
        return Ok(None);
    }
    let step = task.undo.as_ref();
    let step = step.ok_or_else(|| format!("`{}` cannot be undone", task.action))?;
    let asked = ActionRequest::recorded(&step.action, &task.arn, &step.parameters);
    let chosen = prepare::choose(workspace, name, &asked).map_err(said)?;
    let freeze = safety::freeze(workspace).map_err(said)?;
    // Nobody is asked here: what was typed was for what the cycle does.
    let way = match playbooks::way(request) {
        ConsentWay::Typed => ConsentWay::Automatic,
        other => other,
    };
    let now = app.clock.now();
    let permitted = chosen.permit(way, freeze.as_ref(), now);
    permitted.map_err(|why| why.words())?;
    // As for every task: whoever agreed to a cycle has not chosen what it undoes.
    if let Some(freeze) = freeze.filter(|freeze| freeze.counts(now)) {
        return Err(Forbidden::Frozen(freeze.reason).words());
    }
    let prepared = prepare::prepare(app, workspace, chosen, "undo").map_err(said)?;
    let ready = match &prepared.planned {
        PlanOutcome::Ready(ready) => ReadyPlan::clone(ready),
        PlanOutcome::Nothing(_) => return Ok(None),
        PlanOutcome::Impossible { because, .. } => return Err(because.raw().to_owned()),
        PlanOutcome::Unknown(_) => return Err("what it would do is not known".to_owned()),
    };
    Ok(Some(Application {
        issue: one.and_then(|one| one.first.issue_id.clone()),
        undoes: task.remediation.clone(),
        proposal: None,
        before: context::before(workspace, name, &prepared),
        consent: ConsentRecord {
            by: None,
            how: way,
            at: now,
            reference: Some("undo of a regression".to_owned()),
        },
        brakes: prepared.chosen.brakes,
        prepared,
        ready,
    }))
}

/// Says in the log of remediations what those that are waiting came to.
fn close_all(
    app: &App,
    mut workspace: Workspace,
    name: &EnvironmentName,
    changed: &[OptimizationCycle],
) -> Result<Workspace, CommandError> {
    let tasks: Vec<&OptimizationTask> = changed.iter().flat_map(|cycle| &cycle.tasks).collect();
    for task in tasks {
        let outcome = match task.verdict {
            TaskVerdict::Improved => RemediationOutcome::Success,
            TaskVerdict::Regressed if task.undone_by.is_none() => RemediationOutcome::Failed,
            _ => continue,
        };
        let done = workspace.remediations().read(name)?;
        let waits = |outcome| outcome == RemediationOutcome::Unverified;
        let one = done
            .into_iter()
            .find(|one| Some(&one.id) == task.remediation.as_ref() && waits(one.outcome()));
        let Some(one) = one else {
            continue;
        };
        let mut verification = one.last.verification.clone().unwrap_or_default();
        let waited = app.clock.now().as_second() - task.applied_at.map_or(0, |at| at.as_second());
        verification.waited_seconds = u64::try_from(waited).unwrap_or_default();
        let entry = RemediationEntry {
            of: Some(one.id.clone()),
            outcome,
            reason: task.reason.as_ref().map(|why| Untrusted::from(why.raw())),
            verification: Some(verification),
            evidence: Vec::new(),
            facts: Default::default(),
            ..one.last
        };
        workspace = remediation_record::close(app, workspace, entry)?;
    }
    Ok(workspace)
}
