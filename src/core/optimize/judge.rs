//! Whether a task helped: what its own key figures measured before and since, against their noise,
//! and against what happened to all others.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::kpi::trend::median;
use crate::model::ids::Arn;
use crate::model::optimization::{KpiEffect, OptimizationTask, TaskVerdict};
use crate::model::report::Better;
use crate::text::Untrusted;
use crate::text::numbers::number;
use crate::text::phrases::counted;
use crate::text::times;

/// Measurements before and since that it takes.
pub const FEWEST_POINTS: usize = 5;
/// A change counts from this share of what was, in percent, and from so many times the noise.
const LEAST_PERCENT: f64 = 5.0;
const NOISE_TIMES: f64 = 2.0;
/// Seconds after which a task is judged by what there is.
const LONGEST: i64 = 86_400;
/// Requests below this share of those before, or above its inverse: other users, not better service.
const OTHER_TRAFFIC: f64 = 0.5;

/// The measurements of a key figure.
#[derive(Debug, Clone, PartialEq)]
pub struct KpiSamples {
    /// Which way is good.
    pub better: Better,
    /// Its target.
    pub target: f64,
    /// Start and end of what was measured in seconds, and the value, oldest first.
    pub points: Vec<(i64, i64, f64)>,
}

/// What tasks are judged by.
#[derive(Debug, Clone)]
pub struct JudgeInput<'a> {
    /// When the tasks began to be sent.
    pub began_at: Timestamp,
    /// Measurements by key figure; those without any are missing.
    pub samples: &'a BTreeMap<String, KpiSamples>,
    /// Key figures that a task works on, of this cycle or another.
    pub bound: &'a [&'a str],
    /// When something was deployed.
    pub deployed: &'a [Timestamp],
    /// What was changed by actions: their ids, on which resource, and when.
    pub changes: &'a [ResourceChange<'a>],
    /// Requests before and now, where they are counted.
    pub requests: Option<(f64, f64)>,
    /// Now.
    pub now: Timestamp,
}

/// A change of a resource by an action.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResourceChange<'a> {
    /// Its id in the log.
    pub id: &'a str,
    /// The resource.
    pub arn: &'a Arn,
    /// When it began.
    pub at: Timestamp,
}

/// What a task is judged to be.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskJudgement {
    /// The verdict.
    pub verdict: TaskVerdict,
    /// Why.
    pub reason: Untrusted,
    /// By key figure.
    pub effects: BTreeMap<String, KpiEffect>,
}

/// The first second that counts after a task; `None` where it was never made.
fn settled(task: &OptimizationTask) -> Option<i64> {
    let applied = task.applied_at?.as_second();
    Some(applied + i64::from(task.settle_seconds))
}

/// Whether enough was measured since, or it is too late to wait for more. A second look takes as many
/// measurements again.
pub fn is_ripe(task: &OptimizationTask, input: &JudgeInput<'_>) -> bool {
    let Some(from) = settled(task) else {
        return false;
    };
    if input.now.as_second() - from >= LONGEST {
        return true;
    }
    let needed = FEWEST_POINTS * (task.looks as usize + 1);
    let mut names = task.effects.keys();
    names.all(|name| since(input, name, from).len() >= needed)
}

fn since(input: &JudgeInput<'_>, kpi: &str, from: i64) -> Vec<f64> {
    let samples = input.samples.get(kpi).map(|one| one.points.as_slice());
    let points = samples.unwrap_or_default().iter();
    points
        .filter(|one| one.0 >= from)
        .map(|one| one.2)
        .collect()
}

/// What was measured before anything was sent.
fn before(input: &JudgeInput<'_>, kpi: &str) -> Vec<f64> {
    let began = input.began_at.as_second();
    let samples = input.samples.get(kpi).map(|one| one.points.as_slice());
    let points = samples.unwrap_or_default().iter();
    points
        .filter(|one| one.1 <= began)
        .map(|one| one.2)
        .collect()
}

/// How a key figure changed, where that can be said.
struct KpiChange {
    effect: KpiEffect,
    direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Better,
    Worse,
    Neither,
    Unknown,
}

fn change(input: &JudgeInput<'_>, kpi: &str, from: i64) -> KpiChange {
    let (was, is) = (before(input, kpi), since(input, kpi, from));
    let mut effect = KpiEffect {
        points: is.len(),
        before: median(was.clone()),
        after: median(is.clone()),
        ..KpiEffect::default()
    };
    let unknown = |effect| KpiChange {
        effect,
        direction: Direction::Unknown,
    };
    let (Some(samples), Some(old), Some(new)) =
        (input.samples.get(kpi), effect.before, effect.after)
    else {
        return unknown(effect);
    };
    let noise = median(was.iter().map(|value| (value - old).abs()).collect()).unwrap_or(0.0);
    effect.noise = Some(noise);
    // What was 0 is no measure of a change: the target is, or else what it became.
    let sizes = [old.abs(), samples.target.abs(), new.abs()];
    let scale = sizes.into_iter().find(|size| *size > 0.0).unwrap_or(1.0);
    let gain = match samples.better {
        Better::Lower => old - new,
        Better::Higher => new - old,
    };
    let percent = 100.0 * gain / scale;
    effect.change_percent = Some(crate::text::numbers::rounded(percent));
    if was.len() < FEWEST_POINTS || is.len() < FEWEST_POINTS {
        return unknown(effect);
    }
    let counts = percent.abs() > LEAST_PERCENT && gain.abs() > NOISE_TIMES * noise;
    let direction = match (counts, gain > 0.0) {
        (false, _) => Direction::Neither,
        (true, true) => Direction::Better,
        (true, false) => Direction::Worse,
    };
    KpiChange { effect, direction }
}

/// Judges a task; one that was never made is not judged.
pub fn judge(task: &OptimizationTask, input: &JudgeInput<'_>) -> Option<TaskJudgement> {
    let from = settled(task)?;
    let changes: BTreeMap<&str, KpiChange> = task
        .effects
        .keys()
        .map(|name| (name.as_str(), change(input, name, from)))
        .collect();
    let is = |direction: Direction| {
        let mut all = changes.iter();
        all.find(|(_, change)| change.direction == direction)
            .map(|(name, _)| *name)
    };
    let worse = is(Direction::Worse);
    let (verdict, reason) = match (worse, is(Direction::Unknown), is(Direction::Better)) {
        (Some(kpi), ..) => (TaskVerdict::Regressed, words(kpi, &changes[kpi].effect)),
        (None, Some(kpi), _) => (
            TaskVerdict::Inconclusive,
            too_few(input, kpi, &changes[kpi].effect),
        ),
        (None, None, Some(kpi)) => (TaskVerdict::Improved, words(kpi, &changes[kpi].effect)),
        (None, None, None) => {
            let each = changes.iter().map(|(kpi, one)| words(kpi, &one.effect));
            let each: Vec<String> = each.collect();
            let said = format!("no more than its noise: {}", each.join("; "));
            (TaskVerdict::Inconclusive, said)
        }
    };
    let moved = match verdict {
        TaskVerdict::Improved => Some(Direction::Better),
        TaskVerdict::Regressed => Some(Direction::Worse),
        _ => None,
    };
    let confounded = moved.and_then(|direction| confounded(task, input, from, direction));
    let (verdict, reason) = match confounded {
        Some(why) => (TaskVerdict::Inconclusive, format!("{why}; {reason}")),
        None => (verdict, reason),
    };
    Some(TaskJudgement {
        verdict,
        reason: Untrusted::new(reason),
        effects: changes
            .into_iter()
            .map(|(name, change)| (name.to_owned(), change.effect))
            .collect(),
    })
}

fn words(kpi: &str, effect: &KpiEffect) -> String {
    let shown = |value: Option<f64>| value.map_or_else(|| "unknown".to_owned(), number);
    let percent = effect.change_percent.unwrap_or_default();
    let how = match percent < 0.0 {
        true => "worse",
        false => "better",
    };
    format!(
        "{kpi} {} → {} ({} % {how}, noise {})",
        shown(effect.before),
        shown(effect.after),
        number(percent.abs()),
        shown(effect.noise)
    )
}

fn too_few(input: &JudgeInput<'_>, kpi: &str, effect: &KpiEffect) -> String {
    let was = before(input, kpi).len();
    format!(
        "{kpi} was measured {} before and {} since, and {FEWEST_POINTS} of each are needed",
        counted(was as u64, "time"),
        counted(effect.points as u64, "time")
    )
}

/// What else may have done it.
fn confounded(
    task: &OptimizationTask,
    input: &JudgeInput<'_>,
    from: i64,
    direction: Direction,
) -> Option<String> {
    let mut deployed = input.deployed.iter();
    let began = input.began_at;
    if let Some(at) = deployed.find(|at| **at >= began && **at <= input.now) {
        return Some(format!("something was deployed at {}", times::time(*at)));
    }
    let mut changes = input.changes.iter();
    let other = changes.find(|one| {
        let is_own = task.remediation.as_deref() == Some(one.id);
        !is_own && *one.arn == task.arn && task.applied_at.is_some_and(|applied| one.at > applied)
    });
    if let Some(other) = other {
        return Some(format!("{} changed the same resource since", other.id));
    }
    let is_another = |was: f64, is: f64| is < was * OTHER_TRAFFIC || is > was / OTHER_TRAFFIC;
    let counted = input.requests.filter(|(was, _)| *was > 0.0);
    if let Some((was, is)) = counted.filter(|(was, is)| is_another(*was, *is)) {
        let (is, was) = (number(is), number(was));
        return Some(format!("traffic changed: {is} requests, and {was} before"));
    }
    let is_other = |name: &&String| {
        !input.bound.contains(&name.as_str()) && !task.effects.contains_key(name.as_str())
    };
    let others: Vec<(&str, Direction)> = input
        .samples
        .keys()
        .filter(is_other)
        .map(|name| (name.as_str(), change(input, name, from).direction))
        .filter(|(_, direction)| *direction != Direction::Unknown)
        .collect();
    let same: Vec<&str> = others
        .iter()
        .filter(|(_, other)| *other == direction)
        .map(|(name, _)| *name)
        .collect();
    (!same.is_empty() && same.len() * 2 >= others.len()).then(|| {
        format!(
            "what no playbook worked on moved the same way: {}",
            same.join(", ")
        )
    })
}
