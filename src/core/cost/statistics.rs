//! Statistics of a metric, and whether its points prove anything.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::catalog::opportunities::{UsageMetric, WhenNoPoints};
use crate::expr::{Fact, Value};
use crate::model::cost::CostDays;
use crate::model::snapshot::Series;

/// First hour of the night, UTC.
const EVENING: i8 = 20;
/// First hour of the day, UTC.
const MORNING: i8 = 6;
const DAY_SECONDS: i64 = 86_400;

/// What a metric says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Measured {
    /// Statistics by name.
    Statistics(Value),
    /// The metric is not collected for this resource.
    NotCollected,
    /// The points do not cover the window: a sentence.
    NotCovered(String),
}

/// Since when a resource exists.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Existence {
    /// Since then.
    Since(Timestamp),
    /// No one can know.
    Unknown,
}

/// Evaluates the points of a metric. Every period of the window counts: a metric that says what
/// happened must have a point for each, and one that is silent while nothing happens proves that
/// only for a resource that existed all the time.
pub(super) fn measure(
    metric: &UsageMetric,
    series: Option<&Series>,
    days: CostDays,
    existence: Existence,
) -> Measured {
    let (at, values) = series.map_or((&[][..], &[][..]), |it| (&it.at[..], &it.values[..]));
    let points: Vec<(Timestamp, f64)> = at.iter().copied().zip(values.iter().copied()).collect();
    let periods = expected_periods(metric, days);
    match metric.no_points {
        WhenNoPoints::Skip if points.is_empty() => Measured::NotCollected,
        WhenNoPoints::Nothing | WhenNoPoints::Skip => statistics(&points, 0, days),
        WhenNoPoints::Unknown if points.len() >= periods => statistics(&points, 0, days),
        WhenNoPoints::Unknown => Measured::NotCovered(coverage(metric, points.len(), days)),
        WhenNoPoints::Zero => match existence {
            Existence::Since(created) if created <= start_of(days) => {
                statistics(&points, periods.saturating_sub(points.len()), days)
            }
            Existence::Since(_) => {
                let length = days.len();
                Measured::NotCovered(format!("it did not exist for all of the {length} days"))
            }
            Existence::Unknown => Measured::NotCovered(format!(
                "it is not known since when it exists, so that no points of {} prove nothing",
                metric.metric
            )),
        },
    }
}

fn expected_periods(metric: &UsageMetric, days: CostDays) -> usize {
    let period = usize::try_from(metric.period_seconds.max(1)).unwrap_or(usize::MAX);
    days.len() * 86_400 / period
}

/// `CPUUtilization has points for 4.5 of 14 days`.
fn coverage(metric: &UsageMetric, points: usize, days: CostDays) -> String {
    let covered = points as f64 * f64::from(metric.period_seconds) / DAY_SECONDS as f64;
    let covered = (covered * 10.0).floor() / 10.0;
    format!(
        "{} has points for {covered} of {} days",
        metric.metric,
        days.len()
    )
}

fn start_of(days: CostDays) -> Timestamp {
    let midnight = days.start.to_zoned(TimeZone::UTC);
    midnight.map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}

fn statistics(points: &[(Timestamp, f64)], silent: usize, days: CostDays) -> Measured {
    let mut values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
    values.extend(std::iter::repeat_n(0.0, silent));
    let mut outside: Vec<f64> = points
        .iter()
        .filter(|(at, _)| is_outside_hours(*at))
        .map(|(_, value)| *value)
        .collect();
    values.sort_by(f64::total_cmp);
    outside.sort_by(f64::total_cmp);
    let sum: f64 = values.iter().sum();
    let last = match silent {
        0 => points.last().map(|(_, value)| *value),
        _ => Some(points.last().map_or(0.0, |(_, value)| *value)),
    };
    let fact = |number: Option<f64>| number.map_or(Fact::Absent, Fact::from);
    let mean = (!values.is_empty()).then(|| sum / values.len() as f64);
    Measured::Statistics(Value::map([
        ("p5", fact(percentile(&values, 5))),
        ("p95", fact(percentile(&values, 95))),
        ("min", fact(values.first().copied())),
        ("max", fact(values.last().copied())),
        ("mean", fact(mean)),
        ("sum", Fact::from(sum)),
        ("last", fact(last)),
        ("outside_p95", fact(percentile(&outside, 95))),
        ("days", Fact::from(days.len() as f64)),
    ]))
}

/// Nearest rank of sorted values. Source: Hyndman and Fan, "Sample Quantiles in Statistical
/// Packages" (1996), definition 1.
fn percentile(sorted: &[f64], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// Whether a period starts at night or on a weekend, UTC.
fn is_outside_hours(at: Timestamp) -> bool {
    let zoned = at.to_zoned(TimeZone::UTC);
    let weekend = matches!(zoned.weekday(), Weekday::Saturday | Weekday::Sunday);
    weekend || zoned.hour() >= EVENING || zoned.hour() < MORNING
}
