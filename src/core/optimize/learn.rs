//! What actions have done to key figures so far, computed from the cycles that were kept.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::optimization::{LearnedEffect, OptimizationHistory, TaskVerdict};
use crate::text::numbers::rounded;

/// What an effect of a week ago weighs, of one of now.
const DECAY_A_WEEK: f64 = 0.95;
/// How many effects of 0 are added to what was seen: the less was seen, the more they count.
const PRIOR: f64 = 2.0;
/// Attempts from which on an action is proven, and the share of them that must have improved.
const PROVEN_ATTEMPTS: u32 = 5;
const PROVEN_SHARE: f64 = 0.7;
/// One effect counts for no more than this, in percent: a figure that began near 0 would drown all
/// others.
const LARGEST: f64 = 100.0;
const WEEK: f64 = 7.0 * 86_400.0;

#[derive(Default)]
struct EffectTally {
    attempts: u32,
    improved: u32,
    regressed: u32,
    weight: f64,
    sum: f64,
    effects: Vec<f64>,
    last: Option<Timestamp>,
}

/// Returns what was learned, by action and key figure: what is expected to do most first. A task
/// that is inconclusive is an attempt without an effect.
pub fn learned(history: Option<&OptimizationHistory>, now: Timestamp) -> Vec<LearnedEffect> {
    let mut tallies: BTreeMap<(&str, &str), EffectTally> = BTreeMap::new();
    let cycles = history.into_iter().flat_map(|one| &one.cycles);
    for task in cycles.flat_map(|cycle| &cycle.tasks) {
        let is_judged = matches!(
            task.verdict,
            TaskVerdict::Improved | TaskVerdict::Regressed | TaskVerdict::Inconclusive
        );
        let Some(at) = task.applied_at.filter(|_| is_judged) else {
            continue;
        };
        let weeks = (now.as_second() - at.as_second()).max(0) as f64 / WEEK;
        for (kpi, effect) in &task.effects {
            let counts = task.verdict != TaskVerdict::Inconclusive;
            let change = effect.change_percent.filter(|_| counts).unwrap_or(0.0);
            let tally = tallies.entry((&task.action, kpi)).or_default();
            tally.add(task.verdict, change.clamp(-LARGEST, LARGEST), weeks, at);
        }
    }
    let mut all: Vec<LearnedEffect> = tallies
        .into_iter()
        .filter_map(|((action, kpi), tally)| tally.learned(action, kpi))
        .collect();
    all.sort_by(|one, other| {
        let by_effect = other.expected_percent.total_cmp(&one.expected_percent);
        by_effect.then_with(|| (&one.action, &one.kpi).cmp(&(&other.action, &other.kpi)))
    });
    all
}

impl EffectTally {
    fn add(&mut self, verdict: TaskVerdict, change: f64, weeks: f64, at: Timestamp) {
        let weight = DECAY_A_WEEK.powf(weeks);
        self.attempts += 1;
        self.improved += u32::from(verdict == TaskVerdict::Improved);
        self.regressed += u32::from(verdict == TaskVerdict::Regressed);
        self.weight += weight;
        self.sum += weight * change;
        self.effects.push(change);
        self.last = self.last.max(Some(at));
    }

    fn learned(self, action: &str, kpi: &str) -> Option<LearnedEffect> {
        let share = f64::from(self.improved) / f64::from(self.attempts.max(1));
        Some(LearnedEffect {
            action: action.to_owned(),
            kpi: kpi.to_owned(),
            attempts: self.attempts,
            improved: self.improved,
            regressed: self.regressed,
            mean_percent: rounded(self.sum / self.weight),
            spread_percent: spread(&self.effects).map(rounded),
            expected_percent: rounded(self.sum / (self.weight + PRIOR)),
            proven: self.attempts >= PROVEN_ATTEMPTS && share >= PROVEN_SHARE,
            last_used: self.last?,
        })
    }
}

/// The standard deviation of a sample.
fn spread(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt())
}

/// The change that is expected of an action, in percent; 0 where it was never tried.
pub fn expected(learned: &[LearnedEffect], action: &str, kpi: &str) -> f64 {
    let known = learned
        .iter()
        .find(|one| one.action == action && one.kpi == kpi);
    known.map_or(0.0, |one| one.expected_percent)
}
