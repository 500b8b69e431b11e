//! The history of cycles, and how a cycle goes on.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::optimize::judge::{self, JudgeInput, TaskJudgement};
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::kpi_report::KpiScore;
use crate::model::optimization::{
    CycleEvent, CycleOccasion, CycleOutcome, OptimizationCycle, OptimizationHistory,
    OptimizationTask, TaskVerdict,
};
use crate::text::Untrusted;

const KEPT_SECONDS: i64 = 180 * 86_400;
const MOST_CYCLES: usize = 500;
/// Looks that a task gets before it is left as it is.
pub const MOST_LOOKS: u32 = 2;
/// Seconds after which a run that has not said that everything was sent is taken to be dead.
const DEAD_AFTER: i64 = 3_600;

/// Returns the history with a cycle: in place of the one of its id, or after all others. Cycles
/// without a task make room for the next.
pub fn with(
    history: Option<&OptimizationHistory>,
    environment: &EnvironmentName,
    cycle: OptimizationCycle,
) -> OptimizationHistory {
    let mut cycles = history.map_or_else(Vec::new, |one| one.cycles.clone());
    let now = cycle.changed_at;
    match cycles.iter().position(|one| one.id == cycle.id) {
        Some(at) => cycles[at] = cycle,
        None => {
            cycles.retain(|one| !one.tasks.is_empty() || one.is_open());
            cycles.push(cycle);
        }
    }
    cycles.sort_by(|one, other| (one.began_at, &one.id).cmp(&(other.began_at, &other.id)));
    cycles.retain(|one| now.as_second() - one.began_at.as_second() <= KEPT_SECONDS);
    let surplus = cycles.len().saturating_sub(MOST_CYCLES);
    cycles.drain(..surplus);
    OptimizationHistory {
        version: "1.0.0".to_owned(),
        environment: environment.clone(),
        cycles,
    }
}

impl OptimizationTask {
    /// Whether it was made and is still watched: nothing is known yet, or too little for the first
    /// time.
    pub fn is_watched(&self) -> bool {
        let is_open = match self.verdict {
            TaskVerdict::Waiting => true,
            TaskVerdict::Inconclusive => self.looks < MOST_LOOKS,
            TaskVerdict::Planned
            | TaskVerdict::NotApplied
            | TaskVerdict::Improved
            | TaskVerdict::Regressed => false,
        };
        is_open && self.applied_at.is_some()
    }
}

/// Key figures that a task is watched by, with its playbook.
pub fn busy(history: Option<&OptimizationHistory>) -> BTreeMap<String, String> {
    let cycles = history.into_iter().flat_map(|one| &one.cycles);
    let tasks = cycles.flat_map(|cycle| &cycle.tasks);
    let watched = tasks.filter(|task| task.is_watched());
    watched
        .flat_map(|task| {
            let names = task.effects.keys();
            names.map(|name| (name.clone(), task.playbook.clone()))
        })
        .collect()
}

/// Whether the run of a cycle is over without having said so.
pub fn is_dead(cycle: &OptimizationCycle, now: Timestamp) -> bool {
    let age = now.as_second() - cycle.changed_at.as_second();
    cycle.is_open() && cycle.dispatched_at.is_none() && age >= DEAD_AFTER
}

impl OptimizationCycle {
    /// Adds to what happened.
    pub fn note(&mut self, at: Timestamp, text: impl Into<String>) {
        self.timeline.push(CycleEvent {
            at,
            text: Untrusted::new(text.into()),
        });
    }

    /// Judges what can be judged of it; `None` where that is nothing. `undone` has the ids of what was
    /// undone meanwhile, with by what.
    pub fn judged_by(&self, input: &JudgeInput<'_>, undone: &BTreeMap<&str, &str>) -> Option<Self> {
        let mut after = self.clone();
        for (index, task) in self.tasks.iter().enumerate() {
            let by = task.remediation.as_deref().and_then(|id| undone.get(id));
            match by {
                _ if !task.is_watched() => {}
                Some(by) => after.withdraw(index, by, input.now),
                None if !judge::is_ripe(task, input) => {}
                None => {
                    if let Some(judgement) = judge::judge(task, input) {
                        after.take(index, judgement, input.now);
                    }
                }
            }
        }
        (after != *self).then_some(after)
    }

    /// Says what a task was judged to be.
    fn take(&mut self, index: usize, judgement: TaskJudgement, now: Timestamp) {
        let Some(task) = self.tasks.get_mut(index) else {
            return;
        };
        task.verdict = judgement.verdict;
        task.reason = Some(judgement.reason.clone());
        task.effects = judgement.effects;
        task.looks += 1;
        let said = format!(
            "{} {}: {}",
            task.playbook,
            judgement.verdict.words(),
            judgement.reason.raw()
        );
        self.note(now, said);
    }

    /// Says that a task was undone before it was judged: nothing is learned from it.
    fn withdraw(&mut self, index: usize, by: &str, now: Timestamp) {
        let Some(task) = self.tasks.get_mut(index) else {
            return;
        };
        task.verdict = TaskVerdict::Inconclusive;
        task.looks = MOST_LOOKS;
        task.effects.clear();
        let said = format!("{by} before it was judged");
        task.reason = Some(Untrusted::from(said.as_str()));
        let said = format!("{}: {said}", task.playbook);
        self.note(now, said);
    }

    /// Ends it, where nothing of it waits for its first look.
    pub fn end(&mut self, score: KpiScore, now: Timestamp) {
        self.changed_at = now;
        let waits = |verdict| matches!(verdict, TaskVerdict::Waiting | TaskVerdict::Planned);
        if !self.is_open() || self.tasks.iter().any(|task| waits(task.verdict)) {
            return;
        }
        self.outcome = match self.occasion {
            CycleOccasion::Cycle => CycleOutcome::Completed,
            CycleOccasion::Emergency => CycleOutcome::EmergencyHandled,
        };
        self.ended_at = Some(now);
        self.score_after = Some(score);
    }

    /// Says what became of a task whose run was killed.
    pub fn found(&mut self, action: &str, arn: &Arn, id: &str, applied_at: Option<Timestamp>) {
        let is_it = |task: &&mut OptimizationTask| {
            task.verdict == TaskVerdict::Planned && task.action == action && task.arn == *arn
        };
        let Some(task) = self.tasks.iter_mut().find(is_it) else {
            return;
        };
        task.remediation = Some(id.to_owned());
        task.applied_at = applied_at;
        if applied_at.is_some() {
            task.verdict = TaskVerdict::Waiting;
        }
    }

    /// Ends it where its run was killed: what was sent is in the log of remediations.
    pub fn interrupt(&mut self, now: Timestamp) {
        self.outcome = CycleOutcome::Interrupted;
        self.changed_at = now;
        self.ended_at = Some(now);
        for task in &mut self.tasks {
            if task.verdict == TaskVerdict::Planned {
                task.verdict = TaskVerdict::NotApplied;
                task.reason = Some(Untrusted::from(
                    "the run ended before it said what became of it: `fractary remediate --history` knows",
                ));
            }
        }
        self.note(now, "the run ended before everything was sent");
    }
}
