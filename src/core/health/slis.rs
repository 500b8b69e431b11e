//! Judges the service level indicators of one resource.

use crate::catalog::kinds::compile::SliPrograms;
use crate::catalog::kinds::kind::{Kind, SliDefinition};
use crate::core::formula::{self, FormulaResult, UnknownReason};
use crate::model::report::{Better, SliResult};
use crate::model::status::Verdict;
use crate::text::numbers::rounded;

use super::readings::Readings;
use crate::core::targets::{HealthSettings, Limits, limits};

/// Share of a target past which it is at risk.
const AT_RISK_SHARE: f64 = 0.8;

/// One indicator, judged.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Judged {
    /// It has a verdict.
    Known(SliResult),
    /// It is not known, and this is why. The result shows the target.
    Unknown(SliResult, UnknownReason),
    /// It is not collected here.
    NotCollected(String),
}

impl Judged {
    /// Its id.
    pub(super) fn sli(&self) -> &str {
        match self {
            Self::Known(result) | Self::Unknown(result, _) => &result.sli,
            Self::NotCollected(sli) => sli,
        }
    }

    /// Its name for people.
    pub(super) fn title(&self) -> &str {
        match self {
            Self::Known(result) | Self::Unknown(result, _) => &result.title,
            Self::NotCollected(sli) => sli,
        }
    }
}

/// Which span decides about an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpanChoice {
    /// The whole window.
    Whole,
    /// Its newest part.
    Newest,
    /// Its newest part: a problem that was reported before is over.
    Recovered,
}

/// What the report before said of an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reported {
    /// Nothing bad.
    No,
    /// That it missed its target.
    Missed,
    /// That it was as bad as it is over the whole window, or worse.
    AsBad,
}

/// Chooses between verdicts over the whole window and over its newest part: the worse of
/// both, except that trouble which a report already told of is as bad as it is now.
pub(super) fn choose(
    whole: &Judged,
    newest: &Judged,
    reported: impl Fn(&SliResult) -> Reported,
) -> SpanChoice {
    let (old, new) = match (whole, newest) {
        (Judged::Known(old), Judged::Known(new)) => (old, new),
        // It must have data points, and has had none for a while.
        (Judged::Known(old), Judged::Unknown(_, UnknownReason::NoData(_))) if !old.slo_breach => {
            return SpanChoice::Newest;
        }
        _ => return SpanChoice::Whole,
    };
    let too_few_and_bad = new.verdict == Verdict::TooFewSamples && new.misses_target();
    let milder = old.slo_breach && new.verdict < old.verdict && !too_few_and_bad;
    let reported = match milder {
        true => reported(old),
        false => Reported::No,
    };
    let worse = new.verdict > old.verdict && new.verdict >= Verdict::AtRisk;
    if reported >= Reported::Missed && !new.slo_breach {
        SpanChoice::Recovered
    } else if reported == Reported::AsBad || worse {
        SpanChoice::Newest
    } else {
        SpanChoice::Whole
    }
}

/// Judges every indicator that has a target, in the order of the kind.
pub(super) fn judge(
    kind: &Kind,
    programs: &[SliPrograms],
    readings: &Readings<'_>,
    resource: &crate::model::resource::Resource,
    settings: &HealthSettings,
) -> Vec<Judged> {
    let values: Vec<SliValues> = programs
        .iter()
        .map(|program| SliValues::new(program, readings))
        .collect();
    // Throttled or misrouted calls are not in the measure of work, and are work all the same.
    let some = |outcome: &Option<FormulaResult>| matches!(outcome, Some(FormulaResult::Value(n)) if *n > 0.0);
    let counted = values.iter().any(|v| some(&v.total) || some(&v.bad));
    let idle = readings.no_work() && !counted;
    kind.slis
        .iter()
        .zip(programs)
        .zip(values)
        .filter_map(|((sli, program), values)| {
            let limits = limits(settings, kind, resource, sli)?;
            let mut result = blank(sli, limits);
            result.estimated = readings.estimated(program.value.names());
            Some(judge_one(result, values, idle, settings.min_samples))
        })
        .collect()
}

/// The three expressions of an indicator, evaluated.
struct SliValues {
    value: FormulaResult,
    total: Option<FormulaResult>,
    bad: Option<FormulaResult>,
}

impl SliValues {
    fn new(program: &SliPrograms, readings: &Readings<'_>) -> Self {
        let evaluate = |expression| formula::evaluate(expression, |name| readings.input(name));
        Self {
            value: evaluate(&program.value),
            total: program.total.as_ref().map(evaluate),
            bad: program.bad.as_ref().map(evaluate),
        }
    }

    /// The first reason why any part is unknown; calls that failed come first.
    fn unknown(&self) -> Option<UnknownReason> {
        let parts = [Some(&self.value), self.total.as_ref(), self.bad.as_ref()];
        parts
            .into_iter()
            .flatten()
            .filter_map(|outcome| match outcome {
                FormulaResult::Unknown(why) => Some(why),
                _ => None,
            })
            .min()
            .cloned()
    }
}

fn number(outcome: Option<&FormulaResult>) -> Option<f64> {
    match outcome {
        Some(FormulaResult::Value(value)) => Some(*value),
        _ => None,
    }
}

fn blank(sli: &SliDefinition, limits: Limits) -> SliResult {
    SliResult {
        sli: sli.id.clone(),
        title: sli.title.clone(),
        part: None,
        value: None,
        shown: None,
        target: limits.target,
        unhealthy_at: limits.unhealthy_at,
        unit: sli.unit.clone(),
        better: sli.better,
        verdict: Verdict::Idle,
        slo_breach: false,
        total: None,
        bad: None,
        estimated: false,
        budget: None,
        missed_at: None,
        burned_at: None,
    }
}

fn judge_one(mut result: SliResult, values: SliValues, idle: bool, min_samples: u64) -> Judged {
    let unknown = values.unknown();
    // "No data points" is what idleness looks like; a call that failed is not.
    if let Some(why) = unknown
        && !(idle && matches!(why, UnknownReason::NoData(_)))
    {
        result.verdict = Verdict::Unknown;
        return Judged::Unknown(result, why);
    }
    result.total = number(values.total.as_ref()).map(rounded);
    result.bad = number(values.bad.as_ref()).map(rounded);
    let value = match values.value {
        FormulaResult::Value(value) => bounded(&mut result, value),
        // Nothing to judge, and the measure of work says why.
        _ if idle => return Judged::Known(result),
        FormulaResult::NotCollected => return Judged::NotCollected(result.sli),
        // A ratio of nothing. Bad events that were not counted are not nothing.
        _ if result.total == Some(0.0) && !result.bad.is_some_and(|bad| bad > 0.0) => {
            return Judged::Known(result);
        }
        _ => {
            result.verdict = Verdict::Unknown;
            let why = UnknownReason::NoValue(result.sli.clone());
            return Judged::Unknown(result, why);
        }
    };
    result.value = Some(rounded(value));
    result.verdict = verdict(&result, value);
    if idle && matches!(result.verdict, Verdict::Ok | Verdict::AtRisk) {
        result.verdict = Verdict::Idle;
    }
    if too_few(&result, min_samples) {
        result.verdict = Verdict::TooFewSamples;
    } else if result.verdict == Verdict::Critical && is_single_event(&result) {
        result.verdict = Verdict::Breach;
    }
    result.slo_breach = matches!(result.verdict, Verdict::Breach | Verdict::Critical);
    Judged::Known(result)
}

/// Keeps a share of events between none and all of them. A service counts an event where it
/// began and its failure where it ended, so a window may hold more failures than events.
fn bounded(result: &mut SliResult, value: f64) -> f64 {
    let (Some(total), Some(bad)) = (result.total, result.bad) else {
        return value;
    };
    if total > 0.0 {
        result.bad = Some(bad.clamp(0.0, total));
    }
    match result.unit.as_str() {
        "percent" => value.clamp(0.0, 100.0),
        _ => value,
    }
}

/// Whether there are too few events for the value to count: fewer than the least number,
/// unless every one of them failed.
fn too_few(result: &SliResult, min_samples: u64) -> bool {
    let Some(total) = result.total else {
        return false;
    };
    let all_failed = total > 0.0 && result.bad.is_some_and(|bad| bad >= total);
    total < min_samples as f64 && !all_failed && result.verdict != Verdict::Idle
}

/// Whether it is made of one event, which failed.
pub(super) fn is_single_event(result: &SliResult) -> bool {
    let failed = result.bad.is_some_and(|bad| bad > 0.0);
    failed && result.total.is_some_and(|total| total <= 1.0)
}

/// The verdict on a value by its limits alone.
fn verdict(result: &SliResult, value: f64) -> Verdict {
    let past = |limit: f64| match result.better {
        Better::Lower => value > limit,
        Better::Higher => value < limit,
    };
    if past(result.target) {
        match result.unhealthy_at {
            Some(limit) if past(limit) => Verdict::Critical,
            _ => Verdict::Breach,
        }
    } else if at_risk_limit(result).is_some_and(past) {
        Verdict::AtRisk
    } else {
        Verdict::Ok
    }
}

/// Where 80 % of the target is used up. For shares of good events it is the share of bad ones
/// that counts; for other values of which more is better, a quarter above the target. A ratio
/// such as running tasks of wanted ones has no such place: less than all is already a miss.
fn at_risk_limit(result: &SliResult) -> Option<f64> {
    match result.better {
        Better::Lower => Some(result.target * AT_RISK_SHARE),
        Better::Higher if result.unit == "ratio" => None,
        Better::Higher if result.bad.is_some() => {
            Some(100.0 - (100.0 - result.target) * AT_RISK_SHARE)
        }
        Better::Higher => Some(result.target / AT_RISK_SHARE),
    }
}
