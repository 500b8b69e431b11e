//! The numbers of one resource: metrics brought down to one value each, and facts.

use jiff::Timestamp;

use crate::catalog::kinds::compile::{Programs, WINDOW_VARIABLES};
use crate::catalog::kinds::kind::{Count, Kind, Metric, WhenAbsent};
use crate::core::formula::Input;
use crate::expr::{Expression, Value};
use crate::model::fact::{Fact, GapId};
use crate::model::monitoring::EnabledCheck;
use crate::model::snapshot::{Observed, Series};
use crate::model::window::Window;

use super::states;
use crate::core::targets::HealthSettings;

/// What is known of every name that the expressions of a kind may use.
#[derive(Clone)]
pub(super) struct Readings<'a> {
    kind: &'a Kind,
    programs: &'a Programs,
    observed: &'a Observed,
    window: Window,
    metrics: Vec<Input>,
    metrics_on: bool,
    status_on: bool,
}

impl<'a> Readings<'a> {
    pub(super) fn new(
        (kind, programs): (&'a Kind, &'a Programs),
        observed: &'a Observed,
        window: Window,
        settings: &HealthSettings,
    ) -> Self {
        let metrics_on = settings.enabled(EnabledCheck::CloudwatchMetrics);
        let status_on = settings.enabled(EnabledCheck::ResourceStatus);
        let is_measured =
            !status_on || states::look_up(kind, programs, observed, window).is_measured();
        let metrics = kind
            .metrics
            .iter()
            .zip(&programs.metrics)
            .map(|(metric, exists)| {
                if !metrics_on {
                    return Input::Absent(WhenAbsent::Skip);
                }
                match read_metric(kind, metric, observed, window.start) {
                    Input::Absent(WhenAbsent::Unknown) if !is_measured => {
                        Input::Absent(WhenAbsent::Skip)
                    }
                    Input::Absent(absent) if status_on => {
                        lacking(absent, exists.as_ref(), observed)
                    }
                    read => read,
                }
            })
            .collect();
        Self {
            kind,
            programs,
            observed,
            window,
            metrics,
            metrics_on,
            status_on,
        }
    }

    /// The same over the newest part of the window that is as long as the shortest window,
    /// where this window is longer.
    pub(super) fn newest(&self, settings: &HealthSettings) -> Option<Self> {
        let period = i64::from(self.window.period_seconds.max(1));
        let periods = (settings.least_seconds.max(period) + period - 1) / period;
        let start = self.window.end.as_second().saturating_sub(periods * period);
        let start = Timestamp::from_second(start).ok()?;
        let window = Window {
            start,
            ..self.window
        };
        (start > self.window.start)
            .then(|| Self::new((self.kind, self.programs), self.observed, window, settings))
    }

    /// The span.
    pub(super) fn window(&self) -> Window {
        self.window
    }

    /// The end of the newest period with a data point.
    pub(super) fn last_data_at(&self) -> Option<Timestamp> {
        let series = self.observed.metrics.values().filter_map(Fact::known);
        let ends = series.filter_map(|series| {
            let start = series.at.last()?.as_second();
            Timestamp::from_second(start.saturating_add(i64::from(series.period_seconds))).ok()
        });
        ends.max()
    }

    /// What is known of a name.
    pub(super) fn input(&self, name: &str) -> Input {
        let metrics = self.kind.metrics.iter().zip(&self.metrics);
        for (metric, all) in metrics {
            match metric.count(name) {
                None => {}
                Some(Count::Value) => return *all,
                Some(count) => return self.count(metric, *all, count),
            }
        }
        if name == WINDOW_VARIABLES[0] {
            return Input::Number(self.window.seconds() as f64 / 60.0);
        }
        if name == WINDOW_VARIABLES[1] {
            return Input::Number(self.window.seconds() as f64);
        }
        self.fact(name)
    }

    /// The number, where it is known.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        match self.input(name) {
            Input::Number(value) => Some(value),
            Input::Absent(WhenAbsent::Zero) => Some(0.0),
            Input::Absent(_) | Input::Unreadable(_) | Input::Missing => None,
        }
    }

    /// How many parts of a metric have data, or are above zero. Where there is no value of all of
    /// them, there is no number of them either.
    fn count(&self, metric: &Metric, all: Input, count: Count) -> Input {
        let Input::Number(_) = all else { return all };
        let parts = self.parts(metric);
        let counted = parts.iter().filter(|(_, value)| match count {
            Count::Some => *value > 0.0,
            Count::Value | Count::Parts => true,
        });
        Input::Number(counted.count() as f64)
    }

    /// The parts of a metric that have data, with their values.
    pub(super) fn parts(&self, metric: &Metric) -> Vec<(&'a str, f64)> {
        let series = self.observed.metrics.iter();
        series
            .filter_map(|(key, fact)| {
                let part = metric.part_of(key)?;
                let value = aggregate(fact.known()?, None, self.since(metric))?;
                Some((part, value))
            })
            .collect()
    }

    fn since(&self, metric: &Metric) -> Option<Timestamp> {
        metric.period_seconds.is_none().then_some(self.window.start)
    }

    fn fact(&self, name: &str) -> Input {
        if !self.status_on {
            return Input::Absent(WhenAbsent::Skip);
        }
        match (self.observed.facts.get(name), self.observed.state.gap()) {
            (Some(Fact::Known(Value::Number(number))), _) if number.is_finite() => {
                Input::Number(*number)
            }
            (Some(Fact::Absent), _) => Input::Absent(WhenAbsent::Skip),
            (Some(Fact::Unreadable(gap)), _) => Input::Unreadable(*gap),
            (None, Some(gap)) => Input::Unreadable(gap),
            (Some(Fact::Known(_)) | None, _) => Input::Missing,
        }
    }

    /// Whether the kind's measure of work says that there was none.
    pub(super) fn no_work(&self) -> bool {
        let Some(name) = &self.kind.idle_metric else {
            return false;
        };
        match self.input(name) {
            Input::Number(value) => value == 0.0,
            // For a metric, no data points at all. A fact that is absent says nothing.
            Input::Absent(_) => self.kind.metric(name).is_some() && self.was_asked(name),
            Input::Unreadable(_) | Input::Missing => false,
        }
    }

    /// Whether metrics were asked for, and there is not one data point.
    pub(super) fn no_data(&self) -> bool {
        let absent = |input: &Input| matches!(input, Input::Absent(_));
        self.metrics_on && !self.metrics.is_empty() && self.metrics.iter().all(absent)
    }

    /// Whether a metric could not be read because of this gap.
    pub(super) fn has_metric_gap(&self, gap: GapId) -> bool {
        self.metrics.contains(&Input::Unreadable(gap))
    }

    fn was_asked(&self, metric: &str) -> bool {
        let answer = self.observed.metrics.get(metric);
        self.metrics_on && matches!(answer, Some(Fact::Known(_) | Fact::Absent))
    }

    /// Whether part of an expression over these names is an estimate.
    pub(super) fn estimated(&self, names: &[String]) -> bool {
        names.iter().any(|name| {
            let flag = self
                .observed
                .facts
                .get(format!("{name}_estimated").as_str());
            match flag.and_then(Fact::known) {
                Some(Value::Flag(flag)) => *flag,
                Some(Value::Number(number)) => *number != 0.0,
                _ => false,
            }
        })
    }
}

/// What the lack of data points means: nothing, where AWS has no such metric.
fn lacking(absent: WhenAbsent, exists: Option<&Expression>, observed: &Observed) -> Input {
    let exists = exists.map(|exists| exists.evaluate(|name| observed.facts.get(name).cloned()));
    match exists {
        None | Some(Ok(Value::Flag(true))) => Input::Absent(absent),
        Some(Ok(_)) => Input::Absent(WhenAbsent::Skip),
        Some(Err(unknown)) => match (unknown.gaps().next(), absent) {
            // Whether it must have data is not known, so neither is whether something is hidden.
            (Some(gap), WhenAbsent::Unknown) => Input::Unreadable(gap),
            _ => Input::Absent(absent),
        },
    }
}

fn read_metric(kind: &Kind, metric: &Metric, observed: &Observed, since: Timestamp) -> Input {
    if metric.part.is_some() {
        return sum_of_parts(metric, observed, since);
    }
    let series = match observed.metrics.get(&metric.id) {
        Some(Fact::Known(series)) => series,
        Some(Fact::Absent) => return Input::Absent(metric.when_absent),
        Some(Fact::Unreadable(gap)) => return Input::Unreadable(*gap),
        None => return Input::Missing,
    };
    let weights = match weight_metric(kind, metric).map(|id| observed.metrics.get(id)) {
        Some(Some(Fact::Unreadable(gap))) => return Input::Unreadable(*gap),
        Some(Some(Fact::Known(weights))) => Some(weights),
        Some(Some(Fact::Absent) | None) | None => None,
    };
    // What comes less often than the window's periods has no newer part.
    let since = metric.period_seconds.is_none().then_some(since);
    aggregate(series, weights, since).map_or(Input::Absent(metric.when_absent), Input::Number)
}

/// All parts of a metric together. One that could not be read may be the one that matters.
fn sum_of_parts(metric: &Metric, observed: &Observed, since: Timestamp) -> Input {
    let since = metric.period_seconds.is_none().then_some(since);
    let mut sum = None;
    match observed.metrics.get(&metric.id) {
        Some(Fact::Unreadable(gap)) => return Input::Unreadable(*gap),
        // Examples say what all parts come to.
        Some(Fact::Known(series)) => sum = aggregate(series, None, since),
        Some(Fact::Absent) => {}
        None => return Input::Missing,
    }
    for (key, fact) in &observed.metrics {
        match (metric.part_of(key), fact) {
            (Some(_), Fact::Unreadable(gap)) => return Input::Unreadable(*gap),
            (Some(_), Fact::Known(series)) => {
                let value = aggregate(series, None, since);
                sum = value.map(|value| value + sum.unwrap_or(0.0)).or(sum);
            }
            (Some(_), Fact::Absent) | (None, _) => {}
        }
    }
    sum.map_or(Input::Absent(metric.when_absent), Input::Number)
}

/// The metric that counts what this one is an average of.
fn weight_metric<'a>(kind: &'a Kind, metric: &'a Metric) -> Option<&'a str> {
    let of_percentile = || {
        kind.idle_metric
            .as_deref()
            .filter(|id| metric.stat.starts_with('p') && kind.metric(id).is_some())
    };
    metric.weighted_by.as_deref().or_else(of_percentile)
}

/// One number for the window, by statistic: the sum of sums, the largest of maxima, the
/// smallest of minima. An average over equally long periods is their mean, weighed by the
/// number of samples where that is known. Percentiles cannot be merged exactly; the mean
/// weighed by samples is what the samples of the periods have in common, it never exceeds the
/// worst period, and a busy period counts for more than a quiet one.
/// Points before `since` are left out.
fn aggregate(series: &Series, weights: Option<&Series>, since: Option<Timestamp>) -> Option<f64> {
    let points = || {
        series
            .at
            .iter()
            .zip(&series.values)
            .filter(|(at, value)| value.is_finite() && since.is_none_or(|since| **at >= since))
    };
    let values = || points().map(|(_, value)| *value);
    let count = values().count();
    if count == 0 {
        return None;
    }
    match series.statistic.as_str() {
        "Sum" | "SampleCount" => Some(values().sum()),
        "Maximum" => values().reduce(f64::max),
        "Minimum" => values().reduce(f64::min),
        _ => {
            let plain = || values().sum::<f64>() / count as f64;
            Some(
                weights
                    .and_then(|weights| weighted_mean(points(), weights))
                    .unwrap_or_else(plain),
            )
        }
    }
}

/// `None` where no period has a weight. Both series are in order of time.
fn weighted_mean<'a>(
    points: impl Iterator<Item = (&'a jiff::Timestamp, &'a f64)>,
    weights: &Series,
) -> Option<f64> {
    let mut sum = 0.0;
    let mut total = 0.0;
    for (at, value) in points {
        let weight = weights
            .at
            .binary_search(at)
            .ok()
            .and_then(|index| weights.values.get(index))
            .copied()
            .filter(|weight| weight.is_finite() && *weight > 0.0);
        if let Some(weight) = weight {
            sum += weight * value;
            total += weight;
        }
    }
    (total > 0.0).then(|| sum / total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn series(statistic: &str, points: &[(i64, f64)]) -> Series {
        Series {
            statistic: statistic.to_owned(),
            period_seconds: 60,
            at: points
                .iter()
                .map(|(minute, _)| Timestamp::from_second(minute * 60).expect("in range"))
                .collect(),
            values: points.iter().map(|(_, value)| *value).collect(),
        }
    }

    #[test]
    fn periods_become_one_number_by_statistic() {
        let points = [(0, 10.0), (1, 30.0), (2, 20.0)];
        for (statistic, expected) in [
            ("Sum", 60.0),
            ("SampleCount", 60.0),
            ("Maximum", 30.0),
            ("Minimum", 10.0),
            ("Average", 20.0),
            ("p95", 20.0),
        ] {
            assert_eq!(
                aggregate(&series(statistic, &points), None, None),
                Some(expected)
            );
        }
        assert_eq!(aggregate(&series("Sum", &[]), None, None), None);
        let garbled = series("Average", &[(0, f64::NAN), (1, 4.0), (2, f64::INFINITY)]);
        assert_eq!(aggregate(&garbled, None, None), Some(4.0));
    }

    #[test]
    fn means_are_weighed_by_samples() {
        let latency = series("p95", &[(0, 1_000.0), (1, 100.0), (2, 500.0)]);
        let calls = series("Sum", &[(0, 1.0), (1, 99.0)]);
        assert_eq!(aggregate(&latency, Some(&calls), None), Some(109.0));
        // A share in percent, weighed by requests, is the share of the window.
        let share = series("Average", &[(0, 50.0), (1, 0.0)]);
        let requests = series("Sum", &[(0, 2.0), (1, 98.0)]);
        assert_eq!(aggregate(&share, Some(&requests), None), Some(1.0));
        // Weights that never meet a point leave the plain mean.
        let elsewhere = series("Sum", &[(7, 5.0)]);
        assert_eq!(aggregate(&share, Some(&elsewhere), None), Some(25.0));
        // A sum is never weighed.
        assert_eq!(
            aggregate(&series("Sum", &[(0, 2.0)]), Some(&calls), None),
            Some(2.0)
        );
    }
}
