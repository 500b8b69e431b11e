//! The events of single periods.

use crate::catalog::kinds::compile::{SliPrograms, WINDOW_VARIABLES};
use crate::catalog::kinds::kind::{Kind, Metric, WhenAbsent};
use crate::core::formula::{self, FormulaResult, Input, UnknownReason};
use crate::expr::{Expression, Value};
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
    let mut names = total.names().iter().chain(bad.names());
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
    let point = |at| Point {
        kind,
        observed,
        at,
        length,
    };
    let start = window.start.as_second();
    let (total, bad) = (point(start).terms(total), point(start).terms(bad));
    (0..window.periods())
        .filter_map(|number| {
            let at = start + number * i64::from(length);
            let (total, bad) = point(at).events(&total, &bad)?;
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

/// An expression. Most are a sum of metrics, which are looked up once for all periods and need
/// no engine.
struct Terms<'a> {
    expression: &'a Expression,
    sum: Option<Vec<Term<'a>>>,
}

/// A part of a sum.
enum Term<'a> {
    /// The same in every period.
    Number(f64),
    /// The value of a period, and what a period without one counts.
    Series(&'a Series, Option<f64>),
}

impl Terms<'_> {
    fn at(&self, at: i64) -> Option<f64> {
        let values = self.sum.as_ref()?.iter().map(|term| match term {
            Term::Number(number) => Some(*number),
            Term::Series(series, missing) => value(series, at).or(*missing),
        });
        values.sum()
    }
}

/// One resource in one period.
struct Point<'a> {
    kind: &'a Kind,
    observed: &'a Observed,
    at: i64,
    length: u32,
}

impl<'a> Point<'a> {
    /// All and bad events, `None` where they are not known.
    fn events(&self, total: &Terms<'_>, bad: &Terms<'_>) -> Option<(u64, u64)> {
        let total = match self.evaluate(total) {
            FormulaResult::Value(total) => whole(total),
            _ => return None,
        };
        match self.evaluate(bad) {
            // Bad events that were not counted among all are events all the same.
            FormulaResult::Value(bad) => Some((total.max(whole(bad)), whole(bad))),
            // Of nothing, nothing is bad; a call that failed says nothing.
            FormulaResult::NoValue | FormulaResult::NotCollected if total == 0 => Some((0, 0)),
            FormulaResult::Unknown(UnknownReason::NoData(_)) if total == 0 => Some((0, 0)),
            _ => None,
        }
    }

    fn evaluate(&self, terms: &Terms<'_>) -> FormulaResult {
        match terms.at(self.at) {
            Some(sum) => FormulaResult::Value(sum),
            None => formula::evaluate(terms.expression, |name| self.input(name)),
        }
    }

    /// What an expression is made of, where it is a plain sum of what is known.
    fn terms(&self, expression: &'a Expression) -> Terms<'a> {
        let names = expression.source().split('+');
        Terms {
            expression,
            sum: names.map(|name| self.term(name.trim())).collect(),
        }
    }

    fn term(&self, name: &str) -> Option<Term<'a>> {
        let metric = self.kind.metric(name);
        let series = metric.and_then(|metric| self.observed.metrics.get(&metric.id));
        if let (Some(metric), Some(Fact::Known(series))) = (metric, series) {
            let missing = Self::missing(metric) == WhenAbsent::Zero;
            return Some(Term::Series(series, missing.then_some(0.0)));
        }
        match self.input(name) {
            Input::Number(value) => Some(Term::Number(value)),
            Input::Absent(WhenAbsent::Zero) => Some(Term::Number(0.0)),
            Input::Absent(_) | Input::Unreadable(_) | Input::Missing => None,
        }
    }

    /// What it means that a metric that has data has none in one period.
    fn missing(metric: &Metric) -> WhenAbsent {
        match metric.stat.as_str() {
            // It is collected, and counted nothing in this period.
            "Sum" | "SampleCount" => WhenAbsent::Zero,
            _ => metric.when_absent,
        }
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
            Some(Fact::Known(Value::Number(number))) if number.is_finite() => {
                Input::Number(*number)
            }
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
            None => Input::Absent(Self::missing(metric)),
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
