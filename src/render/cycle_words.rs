//! What text and Markdown say alike of optimisation cycles.

use serde::Serialize;

use crate::model::kpi_report::KpiScore;
use crate::model::optimization::{
    CycleOccasion, CyclePhase, CycleReport, KpiEffect, LearnedEffect, OptimizationCycle,
    OptimizationTask, SuccessMetric, TaskVerdict,
};
use crate::model::report::Better;
use crate::render::kpi_words;
use crate::text::numbers::{number, short_quantity};
use crate::text::phrases::counted;
use crate::text::times;

/// A report, as its sections say it.
#[derive(Debug, Serialize)]
pub(crate) struct CycleView<'a> {
    environment: &'a str,
    id: &'a str,
    /// In one line.
    pub(crate) headline: String,
    /// The scores so far.
    pub(crate) scores: &'a [Option<f64>],
    /// What was done.
    pub(crate) tasks: Vec<TaskView>,
    /// What was not, and why.
    pub(crate) left: Vec<String>,
    /// What happened, in order.
    pub(crate) timeline: Vec<String>,
    /// What was learned.
    pub(crate) learned: Vec<String>,
    /// How well optimisation works.
    pub(crate) metrics: Vec<MetricView>,
    /// What makes gains permanent.
    pub(crate) permanent: Vec<String>,
    /// What to do next.
    pub(crate) next: Vec<String>,
}

/// A task.
#[derive(Debug, Serialize)]
pub(crate) struct TaskView {
    /// Playbook, action and resource.
    pub(crate) title: String,
    /// Who did it.
    pub(crate) swarm: &'static str,
    /// What it is judged to be.
    pub(crate) verdict: String,
    /// What happened to its key figures, or why nothing can be said.
    pub(crate) effect: String,
}

/// A metric of success.
#[derive(Debug, Serialize)]
pub(crate) struct MetricView {
    /// What it is.
    pub(crate) title: &'static str,
    /// Its value, or `not measured`.
    pub(crate) value: String,
    /// Its target.
    pub(crate) target: String,
    /// `met`, `missed` or `unknown`.
    pub(crate) verdict: &'static str,
    /// What it was computed from.
    pub(crate) basis: String,
}

/// Returns what a report says.
pub(crate) fn view(report: &CycleReport) -> CycleView<'_> {
    let cycle = report.cycle.as_ref();
    CycleView {
        environment: report.environment.as_str(),
        id: cycle.map_or("", |cycle| cycle.id.as_str()),
        headline: headline(report),
        scores: &report.scores,
        tasks: cycle.map_or_else(Vec::new, |cycle| cycle.tasks.iter().map(task).collect()),
        left: cycle.map_or_else(Vec::new, left),
        timeline: cycle.map_or_else(Vec::new, timeline),
        learned: report.learned.iter().map(learned).collect(),
        metrics: report.metrics.iter().map(metric).collect(),
        permanent: cycle.map_or_else(Vec::new, permanent),
        next: next(report),
    }
}

/// `judged: 2 improved, 1 made worse, 1 inconclusive; score 61.2 → 74`.
pub(crate) fn headline(report: &CycleReport) -> String {
    let Some(cycle) = &report.cycle else {
        return match report.phase {
            CyclePhase::NoEmergency => "no emergency".to_owned(),
            _ => "nothing is being watched".to_owned(),
        };
    };
    let count = |verdict: TaskVerdict| {
        let all = cycle.tasks.iter();
        all.filter(|task| task.verdict == verdict).count()
    };
    let what = match cycle.occasion {
        CycleOccasion::Cycle => "cycle",
        CycleOccasion::Emergency => "emergency",
    };
    let score = score(&cycle.score_before);
    match report.phase {
        CyclePhase::Planned => {
            let tasks = counted(cycle.tasks.len() as u64, "task");
            format!("{what}: {tasks} would be sent; score {score}")
        }
        CyclePhase::Idle if cycle.left.is_empty() => {
            format!("steady: nothing to do; score {score}")
        }
        CyclePhase::Idle => format!("{what}: nothing can be done now; score {score}"),
        CyclePhase::Unreliable => match cycle.score_before.value {
            Some(_) => format!("nothing is done: the score {score} is unreliable"),
            None => "nothing is done: the score is unknown".to_owned(),
        },
        CyclePhase::Began | CyclePhase::Watching => format!(
            "{what}: {} of {} being watched; score {score}",
            count(TaskVerdict::Waiting),
            counted(cycle.tasks.len() as u64, "task")
        ),
        CyclePhase::Judged | CyclePhase::NoEmergency => {
            let after = cycle.score_after.as_ref();
            let after =
                after.map_or_else(String::new, |after| format!(" → {}", self::score(after)));
            format!(
                "{what} {}: {} improved, {} made worse, {} inconclusive; score {score}{after}",
                cycle.outcome.words(),
                count(TaskVerdict::Improved),
                count(TaskVerdict::Regressed),
                count(TaskVerdict::Inconclusive)
            )
        }
    }
}

fn score(score: &KpiScore) -> String {
    kpi_words::score(score.value)
}

fn task(task: &OptimizationTask) -> TaskView {
    let undone = task.undone_by.as_ref();
    let undone = undone.map_or_else(String::new, |id| format!(", undone by {id}"));
    let explored = if task.explored { ", tried out" } else { "" };
    let measured = task
        .effects
        .iter()
        .filter(|(_, one)| one.change_percent.is_some());
    let effects: Vec<String> = measured.map(|(kpi, one)| effect(kpi, one)).collect();
    let reason = task.reason.as_ref().map(|why| why.terminal());
    let conclusive = matches!(task.verdict, TaskVerdict::Improved | TaskVerdict::Regressed);
    TaskView {
        title: format!(
            "{}: {} on {}",
            task.playbook,
            task.action,
            task.resource.terminal()
        ),
        swarm: task.swarm.word(),
        verdict: format!("{}{undone}{explored}", task.verdict.words()),
        effect: match (effects.is_empty() || !conclusive, reason) {
            (true, Some(reason)) => reason,
            (true, None) => format!("for {}", task.kpi),
            (false, _) => effects.join("; "),
        },
    }
}

fn effect(kpi: &str, one: &KpiEffect) -> String {
    let shown = |value: Option<f64>| value.map_or_else(|| "unknown".to_owned(), number);
    let percent = one
        .change_percent
        .map(kpi_words::signed)
        .unwrap_or_default();
    format!(
        "{kpi} {} → {} ({percent} %)",
        shown(one.before),
        shown(one.after)
    )
}

fn left(cycle: &OptimizationCycle) -> Vec<String> {
    let each = cycle.left.iter().map(|one| {
        let playbook = one.playbook.as_ref();
        let playbook = playbook.map_or_else(String::new, |name| format!(", {name}"));
        format!("{}{playbook}: {}", one.kpi, one.reason.terminal())
    });
    each.collect()
}

fn timeline(cycle: &OptimizationCycle) -> Vec<String> {
    let each = cycle.timeline.iter();
    each.map(|one| format!("{}  {}", times::time(one.at), one.text.terminal()))
        .collect()
}

fn learned(one: &LearnedEffect) -> String {
    let spread = one.spread_percent;
    let spread = spread.map_or_else(String::new, |spread| format!(" ± {}", number(spread)));
    let proven = if one.proven { ", proven" } else { "" };
    format!(
        "{} for {}: {} % to be expected{proven} (mean {}{spread} of {}: {} improved, {} made worse)",
        one.action,
        one.kpi,
        kpi_words::signed(one.expected_percent),
        kpi_words::signed(one.mean_percent),
        counted(u64::from(one.attempts), "attempt"),
        one.improved,
        one.regressed
    )
}

fn metric(one: &SuccessMetric) -> MetricView {
    let sign = match one.better {
        Better::Lower => "≤",
        Better::Higher => "≥",
    };
    let shown = |value: f64| short_quantity(value, one.unit);
    MetricView {
        title: one.title,
        value: one.value.map_or_else(|| "not measured".to_owned(), shown),
        target: format!("{sign} {}", shown(one.target)),
        verdict: match one.met {
            Some(true) => "met",
            Some(false) => "missed",
            None => "unknown",
        },
        basis: one.basis.clone(),
    }
}

/// What the next `terraform apply` would set back, of what helped.
fn permanent(cycle: &OptimizationCycle) -> Vec<String> {
    let helped = cycle
        .tasks
        .iter()
        .filter(|task| task.verdict == TaskVerdict::Improved && task.undone_by.is_none());
    let drift = helped.filter_map(|task| task.drift.as_ref());
    drift
        .map(|drift| {
            format!(
                "{}: set {} so that it is {}",
                drift.place.address.terminal(),
                drift.place.attribute,
                drift.to.terminal()
            )
        })
        .collect()
}

fn next(report: &CycleReport) -> Vec<String> {
    let name = &report.environment;
    let mut out: Vec<String> = report.notes.iter().map(|note| note.terminal()).collect();
    let Some(cycle) = &report.cycle else {
        return out;
    };
    let again = format!("fractary optimize cycle --env {name}");
    match report.phase {
        CyclePhase::Began | CyclePhase::Watching => out.push(format!(
            "`{again}` judges the tasks once five measurements since are in"
        )),
        CyclePhase::Planned => out.push(format!("`{again}` does it")),
        CyclePhase::Judged => {
            let watched = cycle.tasks.iter();
            let watched = watched
                .filter(|task| task.verdict == TaskVerdict::Inconclusive && task.looks < 2)
                .count();
            if watched > 0 {
                let tasks = counted(watched as u64, "task");
                out.push(format!(
                    "{tasks} is left as it is, and watched one more time"
                ));
            }
            out.push(format!("`{again}` begins the next cycle"));
        }
        CyclePhase::Unreliable => {
            out.push(format!(
                "`fractary kpi --env {name}` says what could not be measured"
            ));
        }
        CyclePhase::Idle | CyclePhase::NoEmergency => {}
    }
    out
}
