//! How well optimisation itself works, against the targets that it was meant to reach.

use jiff::Timestamp;

use crate::core::kpi::Measurement;
use crate::core::optimize::aims::{Basis, MetricAim, aim};
use crate::core::optimize::outside;
use crate::model::kpi::OptimizationFigure;
use crate::model::kpi_history::KpiHistory;
use crate::model::kpi_report::KpiScore;
use crate::model::optimization::{
    CycleOccasion, CycleOutcome, OptimizationCycle, OptimizationHistory, OptimizationTask,
    SuccessMetric, Swarm, TaskVerdict,
};
use crate::model::report::Better;
use crate::text::Untrusted;
use crate::text::phrases::counted_as;

const DAY: i64 = 86_400;
const HOURS: f64 = 24.0;

const COMPLETION: MetricAim = aim(
    "cycle_completion_rate",
    "cycles that came to their end",
    "percent",
    Better::Higher,
    95.0,
);
const RESPONSE: MetricAim = aim(
    "emergency_response_time",
    "slowest emergency, from the low score to the first action",
    "seconds",
    Better::Lower,
    60.0,
);
const SUCCESS: MetricAim = aim(
    "optimization_success_rate",
    "optimisations that improved what they were for",
    "percent",
    Better::Higher,
    90.0,
);
const CONCURRENT: MetricAim = aim(
    "concurrent_optimization_efficiency",
    "optimisations sent beside others that AWS has made",
    "percent",
    Better::Higher,
    90.0,
);
const GAIN: MetricAim = aim(
    "health_score_improvement",
    "what a cycle adds to the score, in the mean",
    "points",
    Better::Higher,
    15.0,
);
const EFFECT: MetricAim = aim(
    "performance_improvement",
    "what an optimisation that helped improves, in the mean",
    "percent",
    Better::Higher,
    40.0,
);
const CONFLICTS: MetricAim = aim(
    "optimization_conflicts",
    "optimisations that were refused because of others",
    "percent",
    Better::Lower,
    1.0,
);
const EVEN: MetricAim = aim(
    "task_distribution",
    "cycles whose swarms had as many tasks, or one more",
    "percent",
    Better::Higher,
    100.0,
);
const SCORE: MetricAim = aim(
    "overall_health_score",
    "the score now",
    "points",
    Better::Higher,
    85.0,
);

/// A noun, for one and for many.
type Noun = (&'static str, &'static str);

fn none_yet(what: Noun) -> String {
    format!("no {} yet", what.0)
}

fn count(of: usize, what: Noun) -> String {
    counted_as(of as u64, what.0, what.1)
}

fn share(part: usize, of: usize, what: Noun) -> Basis {
    match of {
        0 => Err(none_yet(what)),
        _ => Ok((
            100.0 * part as f64 / of as f64,
            format!("{part} of {}", count(of, what)),
        )),
    }
}

fn mean(values: &[f64], what: Noun) -> Basis {
    match values.len() {
        0 => Err(none_yet(what)),
        all => Ok((values.iter().sum::<f64>() / all as f64, count(all, what))),
    }
}

/// Computes all of them; what there is no data for is undefined, and never 0.
pub fn metrics(
    history: Option<&OptimizationHistory>,
    score: Option<&KpiScore>,
    kpis: Option<&KpiHistory>,
) -> Vec<SuccessMetric> {
    let cycles: Vec<&OptimizationCycle> = history
        .into_iter()
        .flat_map(|one| &one.cycles)
        .filter(|cycle| !cycle.tasks.is_empty())
        .collect();
    let tasks = || cycles.iter().flat_map(|cycle| &cycle.tasks);
    let mut all = vec![
        COMPLETION.metric(completion(&cycles)),
        RESPONSE.metric(response(&cycles)),
        SUCCESS.metric(success(tasks())),
        CONCURRENT.metric(concurrent(&cycles)),
        GAIN.metric(gain(&cycles)),
        EFFECT.metric(effect(tasks())),
        CONFLICTS.metric(conflicts(tasks())),
        EVEN.metric(even(&cycles)),
        SCORE.metric(current(score)),
    ];
    all.extend(outside::metrics(kpis));
    all
}

/// Returns a figure for a key figure of kpis.toml.
pub fn figure(
    history: Option<&OptimizationHistory>,
    figure: OptimizationFigure,
    now: Timestamp,
) -> Measurement {
    let cycles: Vec<&OptimizationCycle> = history
        .into_iter()
        .flat_map(|one| &one.cycles)
        .filter(|cycle| !cycle.tasks.is_empty())
        .collect();
    let tasks = || cycles.iter().flat_map(|cycle| &cycle.tasks);
    let basis = match figure {
        OptimizationFigure::CycleCompletionPercent => completion(&cycles),
        OptimizationFigure::SuccessPercent => success(tasks()),
        OptimizationFigure::ConcurrentEfficiencyPercent => concurrent(&cycles),
        OptimizationFigure::EmergencyResponseSeconds => response(&cycles),
        OptimizationFigure::ScoreGainPoints => gain(&cycles),
        OptimizationFigure::OptimizationsPerHour => {
            let day = |at: &Timestamp| now.as_second() - at.as_second() < DAY;
            let made = tasks().filter_map(|task| task.applied_at).filter(day);
            Ok((made.count() as f64 / HOURS, String::new()))
        }
    };
    match basis {
        Ok((value, _)) => Ok(value),
        Err(why) => Err(Untrusted::new(why)),
    }
}

fn completion(cycles: &[&OptimizationCycle]) -> Basis {
    let ended: Vec<_> = cycles.iter().filter(|cycle| !cycle.is_open()).collect();
    let lost = ended
        .iter()
        .filter(|cycle| cycle.outcome == CycleOutcome::Interrupted)
        .count();
    share(ended.len() - lost, ended.len(), ("cycle", "cycles"))
}

fn response(cycles: &[&OptimizationCycle]) -> Basis {
    let each = cycles
        .iter()
        .filter(|cycle| cycle.occasion == CycleOccasion::Emergency)
        .filter_map(|cycle| {
            let seconds = cycle.first_action_at?.as_second() - cycle.detected_at?.as_second();
            Some(seconds.max(0) as f64)
        });
    let each: Vec<f64> = each.collect();
    let slowest = each.iter().copied().reduce(f64::max);
    let what = ("emergency", "emergencies");
    let slowest = slowest.ok_or_else(|| none_yet(what))?;
    Ok((slowest, count(each.len(), what)))
}

fn success<'a>(tasks: impl Iterator<Item = &'a OptimizationTask>) -> Basis {
    let (mut improved, mut regressed) = (0, 0);
    for task in tasks {
        improved += usize::from(task.verdict == TaskVerdict::Improved);
        regressed += usize::from(task.verdict == TaskVerdict::Regressed);
    }
    let what = ("evaluated optimisation", "evaluated optimisations");
    share(improved, improved + regressed, what)
}

fn concurrent(cycles: &[&OptimizationCycle]) -> Basis {
    let beside = cycles
        .iter()
        .filter(|cycle| cycle.tasks.len() > 1 && cycle.dispatched_at.is_some())
        .flat_map(|cycle| &cycle.tasks);
    let (mut made, mut all) = (0, 0);
    for task in beside {
        all += 1;
        made += usize::from(task.applied_at.is_some());
    }
    let what = ("optimisation beside others", "optimisations beside others");
    share(made, all, what)
}

fn gain(cycles: &[&OptimizationCycle]) -> Basis {
    let each = cycles.iter().filter_map(|cycle| {
        let after = cycle.score_after.filter(|score| score.reliable)?;
        let before = Some(cycle.score_before).filter(|score| score.reliable)?;
        Some(after.value? - before.value?)
    });
    mean(
        &each.collect::<Vec<_>>(),
        ("evaluated cycle", "evaluated cycles"),
    )
}

fn effect<'a>(tasks: impl Iterator<Item = &'a OptimizationTask>) -> Basis {
    let helped = tasks.filter(|task| task.verdict == TaskVerdict::Improved);
    let each = helped.filter_map(|task| task.effects.get(&task.kpi)?.change_percent);
    let what = ("optimisation that helped", "optimisations that helped");
    mean(&each.collect::<Vec<_>>(), what)
}

fn conflicts<'a>(tasks: impl Iterator<Item = &'a OptimizationTask>) -> Basis {
    let (mut refused, mut all) = (0, 0);
    for task in tasks {
        all += 1;
        // Refused at the gate: no remediation came of it.
        let is_refused = task.verdict == TaskVerdict::NotApplied && task.remediation.is_none();
        refused += usize::from(is_refused);
    }
    share(refused, all, ("optimisation", "optimisations"))
}

/// Swarms that both had something to do, and how evenly.
fn even(cycles: &[&OptimizationCycle]) -> Basis {
    let counts = cycles.iter().map(|cycle| {
        let of = |swarm: Swarm| {
            let tasks = cycle.tasks.iter();
            tasks.filter(|task| task.swarm == swarm).count()
        };
        (of(Swarm::Frontend), of(Swarm::Backend))
    });
    let both: Vec<(usize, usize)> = counts
        .filter(|(one, other)| *one > 0 && *other > 0)
        .collect();
    let even = both.iter().filter(|(one, other)| one.abs_diff(*other) <= 1);
    share(
        even.count(),
        both.len(),
        ("cycle of both swarms", "cycles of both swarms"),
    )
}

fn current(score: Option<&KpiScore>) -> Basis {
    let score = score.ok_or_else(|| "no key figure was collected".to_owned())?;
    match score.value.filter(|_| score.reliable) {
        Some(value) => Ok((value, "the last collection".to_owned())),
        None => Err("too little of the weight was measured".to_owned()),
    }
}
