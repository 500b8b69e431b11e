//! From what was observed of a resource to the figures that signatures look at.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::catalog::kinds::compile::Programs;
use crate::catalog::kinds::kind::Kind;
use crate::core::health::{PeriodValues, values_by_period};
use crate::core::investigate::signatures::{Figure, SceneReading, StateFact, UsualRange};
use crate::core::targets::{HealthSettings, limits};
use crate::model::fact::{Fact, Gap, Value};
use crate::model::report::Better;
use crate::model::snapshot::{Observed, Snapshot};
use crate::model::window::Window;

/// The values from which it is known what is usual.
const LEAST_USUAL: usize = 12;
/// Variation that means nothing, as a share of the usual value.
const SHARE_OF_NOISE: f64 = 0.05;
/// Periods that may be fine in the middle of a time that is not.
const BREAK: usize = 2;

/// The target of an indicator, and which way is good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FigureTarget {
    /// The target.
    pub target: f64,
    /// Which way is good.
    pub better: Better,
}

/// Everything of one resource that was measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// Metrics and indicators by their ids.
    pub all: BTreeMap<String, SceneReading<Figure>>,
    /// Targets of indicators by their ids.
    pub targets: BTreeMap<String, FigureTarget>,
    /// The values before the span by their ids.
    pub before: BTreeMap<String, Vec<(Timestamp, f64)>>,
}

/// When an indicator missed its target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Missed {
    /// The start of the first period.
    pub began: Timestamp,
    /// The worst value.
    pub worst: f64,
    /// How many times the target that is; for indicators of which more is good, the other way.
    pub times: f64,
    /// How many spreads that is off what is usual, where that is known.
    pub deviation: Option<f64>,
}

/// Reads the figures of a resource: those of `span`, and from the time between `read_from` and
/// its start what is usual.
pub fn figures(
    (kind, programs): (&Kind, &Programs),
    observed: &Observed,
    snapshot: &Snapshot,
    settings: &HealthSettings,
) -> Figures {
    let span = snapshot.read_span();
    let values = values_by_period((kind, programs), observed, span, settings);
    let mut found = Figures::default();
    for (id, mut values) in values {
        if is_of_now(kind, programs, &id) {
            // What AWS said last is known of now alone, whatever period it is evaluated in.
            let last = values.rows.len().saturating_sub(1);
            values.rows.drain(..last);
        }
        let (title, unit) = match (kind.sli(&id), kind.metric(&id)) {
            (Some(sli), _) => (sli.title.clone(), sli.unit.clone()),
            (None, Some(metric)) => (id.replace('_', " "), metric.unit.clone()),
            (None, None) => continue,
        };
        let what = format!("{title} of {}", observed.resource.name.raw());
        let start = snapshot.window.start;
        let period_seconds = span.period_seconds;
        let Some(reading) = reading(values, snapshot, &what, start) else {
            continue;
        };
        let reading = match reading {
            SceneReading::Unreadable(why) => SceneReading::Unreadable(why),
            SceneReading::Known((before, rows)) => {
                let usual = usual(&before);
                found.before.insert(id.clone(), before);
                SceneReading::Known(Figure {
                    title,
                    unit,
                    usual,
                    rows,
                    period_seconds,
                })
            }
        };
        if let Some(sli) = kind.sli(&id)
            && let Some(limits) = limits(settings, kind, &observed.resource, sli)
        {
            let target = FigureTarget {
                target: limits.target,
                better: sli.better,
            };
            found.targets.insert(id.clone(), target);
        }
        found.all.insert(id, reading);
    }
    found
}

/// Whether an indicator is made of what the status call says, and of no metric.
fn is_of_now(kind: &Kind, programs: &Programs, id: &str) -> bool {
    let mut slis = kind.slis.iter().zip(&programs.slis);
    let Some((_, formulas)) = slis.find(|(sli, _)| sli.id == *id) else {
        return false;
    };
    let mut names = formulas.value.names().iter();
    !names.any(|name| kind.metric(name).is_some())
}

type FigureRows = Vec<(Timestamp, f64)>;

/// The figures of a resource of which nothing was read: why, in a sentence without a full stop.
pub fn unread(kind: &Kind, why: &str) -> Figures {
    let metrics = kind.metrics.iter().map(|metric| &metric.id);
    let all = metrics.chain(kind.slis.iter().map(|sli| &sli.id));
    let unreadable = |id: &String| (id.clone(), SceneReading::Unreadable(why.to_owned()));
    Figures {
        all: all.map(unreadable).collect(),
        ..Figures::default()
    }
}

/// The values before the span and in it; `None` where the metric is not collected.
fn reading(
    values: PeriodValues,
    snapshot: &Snapshot,
    what: &str,
    start: Timestamp,
) -> Option<SceneReading<(FigureRows, FigureRows)>> {
    let gap = values.gaps.first().and_then(|gap| snapshot.gap(*gap));
    let (before, rows): (FigureRows, FigureRows) =
        values.rows.into_iter().partition(|(at, _)| *at < start);
    // What it was before tells nothing of the span.
    match (rows.is_empty(), gap) {
        (false, _) => Some(SceneReading::Known((before, rows))),
        (true, Some(gap)) => Some(SceneReading::Unreadable(why(what, gap))),
        (true, None) if before.is_empty() => None,
        (true, None) => Some(SceneReading::Unreadable(format!(
            "there is no value of {what} in the span"
        ))),
    }
}

/// Why something could not be read, in a sentence without a full stop.
pub fn why(what: &str, gap: &Gap) -> String {
    format!("{what} could not be read: {}", gap.sentence())
}

/// What is usual, by the values before.
pub fn usual(before: &[(Timestamp, f64)]) -> Option<UsualRange> {
    if before.len() < LEAST_USUAL {
        return None;
    }
    let mut values: Vec<f64> = before.iter().map(|(_, value)| *value).collect();
    values.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let place = share * (values.len() - 1) as f64;
        let (low, high) = (place.floor() as usize, place.ceil() as usize);
        let part = place - place.floor();
        values[low] * (1.0 - part) + values[high.min(values.len() - 1)] * part
    };
    let median = quantile(0.5);
    let middle = (quantile(0.75) - quantile(0.25)) / 1.349;
    // Rare but regular: what one period in fifty reaches is no surprise.
    let rare = (quantile(0.98) - median).abs() / 3.0;
    let spread = middle.max(rare).max(SHARE_OF_NOISE * median.abs());
    Some(UsualRange { median, spread })
}

/// When an indicator missed its target, at last before `until`, where it did in the span.
pub fn missed(figures: &Figures, id: &str, until: Timestamp) -> Option<Missed> {
    let figure = figures.all.get(id)?.known()?;
    let goal = figures.targets.get(id)?;
    let is_missed = |value: f64| match goal.better {
        Better::Lower => value > goal.target,
        Better::Higher => value < goal.target,
    };
    let before = figures.before.get(id).into_iter().flatten();
    let rows: Vec<&(Timestamp, f64)> = before.chain(&figure.rows).collect();
    let mut began = None;
    let mut fine = 0;
    let mut last = None;
    for (at, value) in &rows {
        if *at > until {
            break;
        }
        if is_missed(*value) {
            began = began.or(Some(*at));
            last = began;
            fine = 0;
        } else {
            fine += 1;
            if fine > BREAK {
                began = None;
            }
        }
    }
    let began = last?;
    let during = rows
        .iter()
        .filter(|(at, _)| *at >= began)
        .map(|(_, value)| *value);
    let worst = during.reduce(|a, b| match goal.better {
        Better::Lower => a.max(b),
        Better::Higher => a.min(b),
    })?;
    // It was over before the span: that is another story.
    let within = figure
        .rows
        .iter()
        .any(|(at, value)| *at >= began && is_missed(*value));
    let (small, large) = match goal.better {
        Better::Lower => (goal.target, worst),
        Better::Higher => (worst, goal.target),
    };
    let deviation = figure.usual.filter(|usual| usual.spread > 0.0);
    within.then(|| Missed {
        began,
        worst,
        times: if small.abs() > 0.0 {
            large / small
        } else {
            f64::MAX
        },
        deviation: deviation.map(|usual| (worst - usual.median).abs() / usual.spread),
    })
}

/// What AWS says of a resource's state, in sentences: its word with the reason or what AWS says
/// that it means, and facts that are texts.
pub fn states(
    kind: Option<&Kind>,
    observed: &Observed,
    snapshot: &Snapshot,
) -> SceneReading<Vec<StateFact>> {
    let fact = |text: String| StateFact { text, since: None };
    let mut found = match &observed.state {
        Fact::Unreadable(gap) => {
            let what = format!("the state of {}", observed.resource.name.raw());
            let text = snapshot.gap(*gap).map(|gap| why(&what, gap));
            return SceneReading::Unreadable(text.unwrap_or(what));
        }
        Fact::Absent => vec![fact("does not exist any more".to_owned())],
        Fact::Known(state) => {
            let word = state.word.raw();
            let row = kind.and_then(Kind::states).and_then(|table| {
                table
                    .rows
                    .iter()
                    .find(|row| row.word.as_deref() == Some(word))
            });
            let reason = state.reason.as_ref().map(|reason| reason.raw().to_owned());
            let text = match reason.or_else(|| row.map(|row| row.aws.clone())) {
                Some(reason) => format!("{word}: {reason}"),
                None => word.to_owned(),
            };
            vec![fact(text)]
        }
    };
    for (name, value) in &observed.facts {
        let name = name.to_string().replace('_', " ");
        if let Fact::Known(Value::Text(text)) = value
            && !text.is_empty()
        {
            found.push(fact(format!("{name} {}", text.raw())));
        }
    }
    SceneReading::Known(found)
}

/// The span of a look back: from `start` to `end` in whole periods.
pub fn span(start: Timestamp, end: Timestamp, period_seconds: u32) -> Window {
    let step = i64::from(period_seconds.max(1));
    let floor = |at: Timestamp| {
        let second = at.as_second().div_euclid(step) * step;
        Timestamp::from_second(second).unwrap_or(at)
    };
    Window {
        start: floor(start),
        end: floor(end),
        period_seconds,
    }
}
