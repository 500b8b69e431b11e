//! The events of single periods.

use crate::catalog::check::{SliPrograms, WINDOW_VARIABLES};
use crate::catalog::expression::Expression;
use crate::catalog::kind::{Kind, Metric, WhenAbsent};
use crate::core::expr::{self, Input, Outcome};
use crate::model::fact::Fact;
use crate::model::slo_budgets::Bucket;
use crate::model::snapshot::{Observed, Series};
use crate::model::window::Window;

/// The largest number of events that is counted exactly: 2^53.
const MOST_EVENTS: f64 = 9_007_199_254_740_992.0;

/// Whether events and bad ones among them can be counted by period: an indicator that is a
/// ratio, of metrics that come in every period.
pub(super) fn countable(kind: &Kind, programs: &SliPrograms) -> bool {
    let (Some(total), Some(bad)) = (&programs.total, &programs.bad) else {
        return false;
    };
    let mut names = total.variables().iter().chain(bad.variables());
    names.all(|name| {
        kind.metric(name)
            .is_none_or(|metric| metric.period_seconds.is_none())
    })
}

/// The periods of a window that were observed: start, and what was counted.
pub(super) fn periods(
    kind: &Kind,
    programs: &SliPrograms,
    observed: &Observed,
    window: Window,
) -> Vec<(i64, Bucket)> {
    let (Some(total), Some(bad)) = (&programs.total, &programs.bad) else {
        return Vec::new();
    };
    // What is gone has no metrics, and that is no sign of health.
    if matches!(observed.state, Fact::Absent) {
        return Vec::new();
    }
    let length = window.period_seconds.max(1);
    let start = window.start.as_second();
    (0..window.periods())
        .filter_map(|number| {
            let at = start + number * i64::from(length);
            let point = Point {
                kind,
                observed,
                at,
                length,
            };
            let (total, bad) = point.events(total, bad)?;
            let bucket = Bucket {
                observed: length,
                total,
                bad,
                length,
            };
            Some((at, bucket))
        })
        .collect()
}

/// One resource in one period.
struct Point<'a> {
    kind: &'a Kind,
    observed: &'a Observed,
    at: i64,
    length: u32,
}

impl Point<'_> {
    /// All and bad events, `None` where they are not known.
    fn events(&self, total: &Expression, bad: &Expression) -> Option<(u64, u64)> {
        let total = match self.evaluate(total) {
            Outcome::Value(total) => whole(total),
            _ => return None,
        };
        match self.evaluate(bad) {
            // Bad events that nobody counted among all are events all the same.
            Outcome::Value(bad) => Some((total.max(whole(bad)), whole(bad))),
            // Of nothing, nothing is bad; a call that failed says nothing.
            Outcome::NoValue | Outcome::NotCollected if total == 0 => Some((0, 0)),
            Outcome::Unknown(expr::Unknown::NoData(_)) if total == 0 => Some((0, 0)),
            _ => None,
        }
    }

    fn evaluate(&self, expression: &Expression) -> Outcome {
        match self.sum(expression) {
            Some(sum) => Outcome::Value(sum),
            None => expr::evaluate(expression, |name| self.input(name)),
        }
    }

    /// Most expressions are a sum of metrics: those need no engine.
    fn sum(&self, expression: &Expression) -> Option<f64> {
        expression
            .source()
            .split('+')
            .map(|name| match self.input(name.trim()) {
                Input::Number(value) => Some(value),
                Input::Absent(WhenAbsent::Zero) => Some(0.0),
                Input::Absent(_) | Input::Unreadable(_) | Input::Missing => None,
            })
            .sum()
    }

    fn input(&self, name: &str) -> Input {
        if let Some(metric) = self.kind.metric(name) {
            return self.metric(metric);
        }
        if name == WINDOW_VARIABLES[0] {
            return Input::Number(f64::from(self.length) / 60.0);
        }
        if name == WINDOW_VARIABLES[1] {
            return Input::Number(f64::from(self.length));
        }
        match self.observed.facts.get(name) {
            Some(Fact::Known(value)) if value.is_finite() => Input::Number(*value),
            Some(Fact::Absent) => Input::Absent(WhenAbsent::Skip),
            Some(Fact::Unreadable(gap)) => Input::Unreadable(*gap),
            Some(Fact::Known(_)) | None => Input::Missing,
        }
    }

    fn metric(&self, metric: &Metric) -> Input {
        let series = match self.observed.metrics.get(&metric.id) {
            Some(Fact::Known(series)) => series,
            Some(Fact::Absent) => return Input::Absent(metric.when_absent),
            Some(Fact::Unreadable(gap)) => return Input::Unreadable(*gap),
            None => return Input::Missing,
        };
        match value(series, self.at) {
            Some(value) => Input::Number(value),
            // It is collected, and counted nothing in this period.
            None if matches!(metric.stat.as_str(), "Sum" | "SampleCount") => {
                Input::Absent(WhenAbsent::Zero)
            }
            None => Input::Absent(metric.when_absent),
        }
    }
}

fn value(series: &Series, at: i64) -> Option<f64> {
    let place = series.at.binary_search_by_key(&at, |at| at.as_second());
    let value = series.values.get(place.ok()?).copied()?;
    value.is_finite().then_some(value)
}

fn whole(value: f64) -> u64 {
    value.round().clamp(0.0, MOST_EVENTS) as u64
}
