//! The metrics and indicators of a resource period by period, for looking back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::catalog::kinds::compile::Programs;
use crate::catalog::kinds::kind::Kind;
use crate::core::formula::{FormulaResult, Input, UnknownReason, evaluate};
use crate::core::health::readings::Readings;
use crate::core::targets::HealthSettings;
use crate::model::fact::{Fact, GapId};
use crate::model::snapshot::{Observed, Series};
use crate::model::window::Window;

/// The values of a metric or an indicator, a row for each period that has one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PeriodValues {
    /// Starts of periods and values, the earliest first.
    pub rows: Vec<(Timestamp, f64)>,
    /// What could not be read, where that hid values.
    pub gaps: BTreeSet<GapId>,
}

/// Returns the values of every metric and indicator of a resource, by their ids, for each period
/// of a span. What is not collected for the resource has no values and no gap.
pub fn values_by_period(
    (kind, programs): (&Kind, &Programs),
    observed: &Observed,
    span: Window,
    settings: &HealthSettings,
) -> BTreeMap<String, PeriodValues> {
    let mut all: BTreeMap<String, PeriodValues> = BTreeMap::new();
    let step = i64::from(span.period_seconds.max(1));
    let mut start = span.start.as_second();
    while start < span.end.as_second() {
        let (Ok(from), Ok(to)) = (
            Timestamp::from_second(start),
            Timestamp::from_second(start.saturating_add(step)),
        ) else {
            break;
        };
        let window = Window {
            start: from,
            end: to,
            period_seconds: span.period_seconds,
        };
        let part = part_of(observed, window);
        let readings = Readings::new((kind, programs), &part, window, settings);
        for metric in &kind.metrics {
            let values = all.entry(metric.id.clone()).or_default();
            match readings.input(&metric.id) {
                Input::Unreadable(gap) => drop(values.gaps.insert(gap)),
                _ => values
                    .rows
                    .extend(readings.number(&metric.id).map(|value| (from, value))),
            }
        }
        for (sli, formulas) in kind.slis.iter().zip(&programs.slis) {
            let values = all.entry(sli.id.clone()).or_default();
            match evaluate(&formulas.value, |name| readings.input(name)) {
                FormulaResult::Value(value) => values.rows.push((from, value)),
                FormulaResult::Unknown(UnknownReason::Gap(gap)) => drop(values.gaps.insert(gap)),
                FormulaResult::Unknown(_)
                | FormulaResult::NoValue
                | FormulaResult::NotCollected => {}
            }
        }
        start = start.saturating_add(step);
    }
    all
}

/// What was observed, with the metrics of one period. Metrics that come less often are left as
/// they are: their last value holds until the next.
fn part_of(observed: &Observed, window: Window) -> Observed {
    let cut = |series: &Series| -> Fact<Series> {
        if series.period_seconds > window.period_seconds {
            return Fact::Known(series.clone());
        }
        let points = series.at.iter().zip(&series.values);
        let inside = points.filter(|(at, _)| **at >= window.start && **at < window.end);
        let (at, values): (Vec<Timestamp>, Vec<f64>) = inside.unzip();
        match at.is_empty() {
            true => Fact::Absent,
            false => Fact::Known(Series {
                at,
                values,
                statistic: series.statistic.clone(),
                period_seconds: series.period_seconds,
            }),
        }
    };
    let metrics = observed.metrics.iter().map(|(id, fact)| {
        let fact = match fact {
            Fact::Known(series) => cut(series),
            Fact::Absent => Fact::Absent,
            Fact::Unreadable(gap) => Fact::Unreadable(*gap),
        };
        (id.clone(), fact)
    });
    Observed {
        resource: observed.resource.clone(),
        state: observed.state.clone(),
        facts: observed.facts.clone(),
        metrics: metrics.collect(),
        parts: Vec::new(),
        alarms: Fact::Absent,
        some_alarms: Vec::new(),
    }
}
