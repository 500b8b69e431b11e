//! A cycle: collect, choose, agree, send. What is learned from it is the business of `judge`.

use std::io::IsTerminal;

use jiff::Timestamp;

use crate::app::App;
use crate::app::apply::remediate::Application;
use crate::app::apply::remediate::record::new_id;
use crate::app::apply::remediate::together::{AppliedTogether, apply_together};
use crate::app::decide::kpis::CollectedKpis;
use crate::app::kpi;
use crate::app::optimize::playbooks::{self, PlaybookCases};
use crate::app::optimize::{CycleRequest, judge, record};
use crate::app::remediate::safety::TrustedSafety;
use crate::app::remediate::{consent, show};
use crate::app::workspace::Workspace;
use crate::app::workspace::{landing, load};
use crate::core::optimize::analyze::{AnalysisDepth, analyze};
use crate::core::optimize::choose::{ChoiceInput, PlaybookChoice};
use crate::core::optimize::cycles;
use crate::core::optimize::learn::learned;
use crate::error::CommandError;
use crate::model::ids::EnvironmentName;
use crate::model::kpi::Kpis;
use crate::model::kpi_report::KpiReport;
use crate::model::optimization::{
    CycleOccasion, CycleOutcome, CyclePhase, CycleReport, OptimizationCycle, TaskVerdict,
};
use crate::model::optimize::Bottleneck;
use crate::model::remediation::{ConsentRecord, ConsentWay};
use crate::text::numbers::number;

/// Judges what earlier cycles did, where enough was measured since; else begins the next.
pub(super) fn in_environment(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    request: &CycleRequest,
) -> Result<CycleReport, CommandError> {
    if app.global.dry_run {
        return begin(app, workspace, name, request);
    }
    let workspace = close_dead(app, workspace, name)?;
    if request.emergency.is_some() {
        return begin(app, workspace, name, request);
    }
    let (workspace, judged) = judge::judge_waiting(app, workspace, name, request)?;
    if judged.is_some() {
        return Ok(record::report(
            app,
            &workspace,
            name,
            CyclePhase::Judged,
            judged,
        ));
    }
    match request.judges_only {
        true => Ok(watching(app, &workspace, name)),
        false => begin(app, workspace, name, request),
    }
}

/// Ends cycles whose run was killed before everything was sent. What the log of remediations knows to
/// have been made is watched like everything else.
fn close_dead(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
) -> Result<Workspace, CommandError> {
    let now = app.clock.now();
    let all = record::history(&workspace, name).into_iter();
    let mut dead: Vec<OptimizationCycle> = all
        .flat_map(|one| &one.cycles)
        .filter(|cycle| cycles::is_dead(cycle, now))
        .cloned()
        .collect();
    if dead.is_empty() {
        return Ok(workspace);
    }
    interrupt(app, workspace, name, &mut dead)
}

fn interrupt(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    cycles: &mut [OptimizationCycle],
) -> Result<Workspace, CommandError> {
    let done = workspace.remediations().read(name)?;
    for cycle in cycles.iter_mut() {
        for one in &done {
            let first = &one.first;
            if first.consent.reference.as_deref() == Some(cycle.id.as_str()) {
                cycle.found(&first.action, &first.arn, &one.id, one.last.applied_at);
            }
        }
        cycle.interrupt(app.clock.now());
    }
    record::land(app, workspace, name, cycles, "interrupted")
}

fn open_cycle(workspace: &Workspace, name: &EnvironmentName) -> Option<OptimizationCycle> {
    let mut all = record::history(workspace, name)?.cycles.iter().rev();
    all.find(|cycle| cycle.is_open()).cloned()
}

fn watching(app: &App, workspace: &Workspace, name: &EnvironmentName) -> CycleReport {
    let cycle = open_cycle(workspace, name);
    record::report(app, workspace, name, CyclePhase::Watching, cycle)
}

/// Collects, and acts on what misses its target.
fn begin(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    request: &CycleRequest,
) -> Result<CycleReport, CommandError> {
    let collected = kpi::collect(app, &workspace, name)?;
    let figures = kpi::report(&workspace, &collected);
    let (workspace, told) = match app.global.dry_run {
        true => (workspace, "nobody was told"),
        false => keep(app, workspace, name, collected)?,
    };
    let kpis = kpi::document(&workspace)?.clone();
    let section = kpis.optimize.clone().unwrap_or_default();
    let asked = request.emergency;
    let threshold = asked.and_then(|one| one.threshold);
    let threshold = threshold.unwrap_or_else(|| section.threshold());
    let score = figures.score.value.filter(|_| figures.score.reliable);
    let Some(score) = score else {
        let shown = figures.score.value.map_or_else(
            || "unknown".to_owned(),
            |score| format!("{} unreliable", number(score)),
        );
        let note = format!(
            "score {shown} ({} % coverage): nothing is done, and people are asked to look",
            number(figures.score.coverage_percent)
        );
        let report = idle(app, workspace, name, &figures, CyclePhase::Unreliable)?;
        return Ok(record::noted(report, note));
    };
    let is_low = score < threshold;
    if asked.is_some() && !is_low {
        let note = format!("score {} is not below {}", number(score), number(threshold));
        let report = record::report(app, &workspace, name, CyclePhase::NoEmergency, None);
        return Ok(record::noted(report, note));
    }
    if !is_low && open_cycle(&workspace, name).is_some() {
        return Ok(watching(app, &workspace, name));
    }
    let occasion = match is_low {
        true => CycleOccasion::Emergency,
        false => CycleOccasion::Cycle,
    };
    Beginning {
        app,
        name,
        request,
        kpis: &kpis,
        figures: &figures,
        occasion,
        told,
    }
    .run(workspace)
}

fn keep(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    collected: CollectedKpis,
) -> Result<(Workspace, &'static str), CommandError> {
    let names = std::slice::from_ref(name);
    let (workspace, told) = kpi::keep(app, workspace, names, vec![collected])?;
    // People may not have been told, which is no reason to leave things as they are.
    let Err(error) = told else {
        return Ok((workspace, "people were told, as far as channels are set up"));
    };
    app.ui.warn(&error.in_one_line());
    Ok((workspace, "people could not be told"))
}

/// Records that there was nothing to do, so that the next run knows when it was looked.
fn idle(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    figures: &KpiReport,
    phase: CyclePhase,
) -> Result<CycleReport, CommandError> {
    let mut cycle = new_cycle(app.clock.now(), CycleOccasion::Cycle, figures);
    cycle.outcome = CycleOutcome::Idle;
    cycle.ended_at = Some(cycle.began_at);
    let workspace = land_idle(app, workspace, name, &cycle)?;
    Ok(record::report(app, &workspace, name, phase, Some(cycle)))
}

fn land_idle(
    app: &App,
    workspace: Workspace,
    name: &EnvironmentName,
    cycle: &OptimizationCycle,
) -> Result<Workspace, CommandError> {
    match app.global.dry_run {
        true => Ok(workspace),
        false => {
            let changed = std::slice::from_ref(cycle);
            record::land(app, workspace, name, changed, "looked, and did nothing")
        }
    }
}

fn new_cycle(now: Timestamp, occasion: CycleOccasion, figures: &KpiReport) -> OptimizationCycle {
    OptimizationCycle {
        id: new_id('o', now),
        occasion,
        outcome: CycleOutcome::Open,
        began_at: now,
        changed_at: now,
        dispatched_at: None,
        ended_at: None,
        detected_at: None,
        first_action_at: None,
        score_before: figures.score,
        score_after: None,
        requests_before: None,
        tasks: Vec::new(),
        left: Vec::new(),
        timeline: Vec::new(),
    }
}

/// A cycle that is about to begin.
struct Beginning<'a> {
    app: &'a App,
    name: &'a EnvironmentName,
    request: &'a CycleRequest,
    kpis: &'a Kpis,
    figures: &'a KpiReport,
    occasion: CycleOccasion,
    told: &'static str,
}

impl Beginning<'_> {
    fn run(&self, workspace: Workspace) -> Result<CycleReport, CommandError> {
        let (app, name) = (self.app, self.name);
        let analysis = analyze(self.figures, AnalysisDepth::Quick, &[]);
        if analysis.steady {
            return idle(app, workspace, name, self.figures, CyclePhase::Idle);
        }
        let bottlenecks = self.aims(analysis.bottlenecks);
        let mut cycle = self.cycle(&workspace);
        let way = playbooks::way(self.request);
        let mut cases = PlaybookCases::new(app, &workspace, name, self.kpis, way)?;
        let choice = self.choose(&workspace, &mut cases, &bottlenecks, &cycle.id)?;
        let measured: Vec<&str> = self
            .figures
            .kpis
            .iter()
            .map(|row| row.name.as_str())
            .collect();
        cycle.tasks = cases.tasks(&choice, &measured);
        cycle.left.clone_from(&choice.left);
        self.show_plans(&cases, &choice);
        if app.global.dry_run {
            return Ok(record::report(
                app,
                &workspace,
                name,
                CyclePhase::Planned,
                Some(cycle),
            ));
        }
        if cycle.tasks.is_empty() {
            cycle.outcome = CycleOutcome::Idle;
            cycle.ended_at = Some(cycle.began_at);
            drop(cases);
            let workspace = land_idle(app, workspace, name, &cycle)?;
            return Ok(record::report(
                app,
                &workspace,
                name,
                CyclePhase::Idle,
                Some(cycle),
            ));
        }
        let consent = self.consent(&workspace, &cycle.id, way)?;
        let applications = cases.applications(&choice, &consent);
        drop(cases);
        self.act(workspace, cycle, &applications)
    }

    /// Lands that it has begun, sends everything, and lands what came of it.
    fn act(
        &self,
        workspace: Workspace,
        mut cycle: OptimizationCycle,
        applications: &[Application],
    ) -> Result<CycleReport, CommandError> {
        let (app, name) = (self.app, self.name);
        let said = format!("began with {} tasks", cycle.tasks.len());
        let changed = std::slice::from_ref(&cycle);
        let workspace = record::land(app, workspace, name, changed, &said)?;
        let repository = workspace.repository.clone();
        let (workspace, results) = match apply_together(app, workspace, applications) {
            Ok(applied) => applied,
            Err(error) => {
                // The next cycle need not wait for one that cannot go on.
                let after = load::load_from(&app.ui, repository);
                let ended = after.and_then(|workspace| {
                    interrupt(app, workspace, name, std::slice::from_mut(&mut cycle))
                });
                if let Err(other) = ended {
                    app.ui.warn(&other.in_one_line());
                }
                return Err(error);
            }
        };
        self.sent(&mut cycle, results);
        let changed = std::slice::from_ref(&cycle);
        let workspace = record::land(app, workspace, name, changed, &sent_words(&cycle))?;
        Ok(record::report(
            app,
            &workspace,
            name,
            CyclePhase::Began,
            Some(cycle),
        ))
    }

    /// What a cycle works on: of an emergency the worst of priority 1 alone.
    fn aims(&self, mut bottlenecks: Vec<Bottleneck>) -> Vec<Bottleneck> {
        if self.occasion == CycleOccasion::Emergency {
            let is_first = |name: &str| {
                let mut rows = self.figures.kpis.iter();
                rows.any(|row| row.name == name && row.priority == 1)
            };
            bottlenecks.retain(|one| is_first(&one.kpi));
            let most = self
                .request
                .emergency
                .map_or(super::MOST_ISSUES, |one| one.max_issues);
            bottlenecks.truncate(most);
        }
        bottlenecks
    }

    fn cycle(&self, workspace: &Workspace) -> OptimizationCycle {
        let now = self.app.clock.now();
        let mut cycle = new_cycle(now, self.occasion, self.figures);
        cycle.requests_before = judge::requests(workspace, self.name);
        if self.occasion == CycleOccasion::Emergency {
            let detected = self.detected(workspace, now);
            cycle.detected_at = Some(detected);
            let score = self.figures.score.value.map_or_else(String::new, number);
            cycle.note(detected, "the low score was first seen");
            cycle.note(now, format!("score {score}: {}", self.told));
        }
        cycle
    }

    /// When the low score was first seen, unless an emergency has answered it already.
    fn detected(&self, workspace: &Workspace, now: Timestamp) -> Timestamp {
        let mut open = workspace.issues().active();
        let is_it = |issue: &&crate::model::issue::Issue| {
            issue.environment == *self.name && issue.check == "kpi_score"
        };
        let seen = open.find(is_it).map_or(now, |issue| issue.detected_at);
        let cycles = record::history(workspace, self.name).into_iter();
        let answered = cycles
            .flat_map(|one| &one.cycles)
            .filter_map(|cycle| {
                cycle
                    .first_action_at
                    .filter(|_| cycle.detected_at.is_some())
            })
            .any(|at| at >= seen);
        match answered {
            true => now,
            false => seen.min(now),
        }
    }

    fn choose(
        &self,
        workspace: &Workspace,
        cases: &mut PlaybookCases<'_>,
        bottlenecks: &[Bottleneck],
        id: &str,
    ) -> Result<PlaybookChoice, CommandError> {
        let recorded = record::history(workspace, self.name);
        let is_protected = self.is_protected(workspace)?;
        let explore = match is_protected || self.occasion == CycleOccasion::Emergency {
            true => 0.0,
            false => self.kpis.optimize.clone().unwrap_or_default().explore(),
        };
        let most = cases.most();
        cases.choose(&ChoiceInput {
            most,
            bottlenecks,
            candidates: &[],
            learned: &learned(recorded, self.app.clock.now()),
            busy: &cycles::busy(recorded),
            explore,
            seed: id,
        })
    }

    /// Shows what would be done, to whoever is asked or looks.
    fn show_plans(&self, cases: &PlaybookCases<'_>, choice: &PlaybookChoice) {
        for (prepared, ready) in cases.plans(choice) {
            let text = show::plan_text(self.app, prepared, &ready.plan);
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            self.app.ui.lines(&lines);
        }
    }

    /// Whether every action needs consent here, by the checkout or by the default branch.
    fn is_protected(&self, workspace: &Workspace) -> Result<bool, CommandError> {
        let environment = workspace.settings().environment(self.name)?;
        Ok(TrustedSafety::read(&workspace.repository)?.protects(&environment))
    }

    fn consent(
        &self,
        workspace: &Workspace,
        id: &str,
        way: ConsentWay,
    ) -> Result<ConsentRecord, CommandError> {
        let app = self.app;
        if way == ConsentWay::Typed {
            consent::ask(app, self.name, self.is_protected(workspace)?)?;
        }
        Ok(ConsentRecord {
            by: match way.is_manual() {
                true => landing::find_person(app, workspace)?,
                false => None,
            },
            how: way,
            at: app.clock.now(),
            reference: Some(id.to_owned()),
        })
    }

    /// Says what became of each task.
    fn sent(&self, cycle: &mut OptimizationCycle, results: Vec<AppliedTogether>) {
        let now = self.app.clock.now();
        let mut said = Vec::new();
        for (task, result) in cycle.tasks.iter_mut().zip(results) {
            match result {
                Ok(applied) => {
                    task.remediation = Some(applied.id);
                    task.applied_at = applied.applied_at;
                    task.verdict = match applied.applied_at {
                        Some(_) => TaskVerdict::Waiting,
                        None => TaskVerdict::NotApplied,
                    };
                    task.reason = match applied.applied_at {
                        Some(_) => None,
                        None => Some(applied.reason),
                    };
                }
                Err(why) => {
                    task.verdict = TaskVerdict::NotApplied;
                    task.reason = Some(why.words().into());
                }
            }
            let why = task.reason.as_ref();
            let why = why.map_or_else(String::new, |why| format!(": {}", why.raw()));
            let word = match task.verdict {
                TaskVerdict::Waiting => "applied",
                other => other.words(),
            };
            said.push(format!("{} {word}{why}", task.playbook));
        }
        for text in said {
            cycle.note(now, text);
        }
        cycle.first_action_at = cycle.tasks.iter().filter_map(|task| task.applied_at).min();
        cycle.dispatched_at = Some(now);
        cycle.end(self.figures.score, now);
    }
}

fn sent_words(cycle: &OptimizationCycle) -> String {
    let made = cycle.tasks.iter().filter(|task| task.applied_at.is_some());
    format!("applied {} of {} tasks", made.count(), cycle.tasks.len())
}

/// Whether somebody is there to be asked.
pub(super) fn is_attended(app: &App) -> bool {
    std::io::stdin().is_terminal() && app.ui.surroundings().stderr_is_terminal
}
