//! From what was read to the value of a key figure.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::kpi::Measurement;
use crate::expr::{Fact, Value};
use crate::model::cost::CostMetric;
use crate::model::kpi::{CloudwatchSource, CostFigure, CostSource, HealthSource};
use crate::model::report::{HealthReport, ResourceHealth, SliResult};
use crate::model::snapshot::Series;
use crate::model::spending::SpendingDocument;
use crate::model::status::Status;
use crate::text::Untrusted;

/// Days that a bill may be old: AWS closes a day up to two days later.
const BILL_SECONDS: i64 = 2 * 86_400;
/// Days of the figures of the bill.
const WEEK: usize = 7;
const MONTH: usize = 30;

fn missing<T>(why: impl Into<String>) -> Result<T, Untrusted> {
    Err(Untrusted::new(why.into()))
}

/// The value of metrics: that of the newest whole period in which all have one. `read` has the
/// points of each metric, `None` where CloudWatch has none, or why they could not be read. `now` is
/// when CloudWatch has filled the periods before it.
pub fn of_metrics(
    source: &CloudwatchSource,
    read: &BTreeMap<String, Result<Option<Series>, String>>,
    now: Timestamp,
) -> Measurement {
    let formula = match source.compile() {
        Ok(formula) => formula,
        Err(fault) => return missing(format!("the formula is not valid: {fault}")),
    };
    let points = points_of(source, read)?;
    let period = i64::from(source.period_seconds());
    let times = whole_periods(source, &points, now);
    let Some(newest) = times.last() else {
        return missing("CloudWatch has no data points in this span");
    };
    let oldest = now.as_second() - 3 * period;
    let mut why = None;
    for at in times.iter().rev().filter(|at| **at > oldest) {
        let value = formula.evaluate(|name| value_at(source, &points, name, *at));
        match value {
            Ok(Value::Number(value)) if value.is_finite() => return Ok(value),
            _ => why = why.or(Some(*at)),
        }
    }
    match why {
        Some(at) => missing(format!(
            "the formula has no value: a metric has none, or something is divided by 0, in the period from {}",
            time(at)
        )),
        None => missing(format!(
            "stale: the newest data point is of {}, more than two periods of {} s ago",
            time(*newest),
            period
        )),
    }
}

/// Every value that metrics had: start and end of its period in seconds, oldest first. Periods in
/// which the formula has none are left out.
pub fn each_of_metrics(
    source: &CloudwatchSource,
    read: &BTreeMap<String, Result<Option<Series>, String>>,
    now: Timestamp,
) -> Vec<(i64, i64, f64)> {
    let (Ok(formula), Ok(points)) = (source.compile(), points_of(source, read)) else {
        return Vec::new();
    };
    let period = i64::from(source.period_seconds());
    let value = |at: i64| {
        let value = formula.evaluate(|name| value_at(source, &points, name, at));
        match value {
            Ok(Value::Number(value)) if value.is_finite() && value >= 0.0 => Some(value),
            _ => None,
        }
    };
    let times = whole_periods(source, &points, now).into_iter();
    times
        .filter_map(|at| Some((at, at + period, value(at)?)))
        .collect()
}

/// What a name of the formula is in the period that starts at a time.
fn value_at(source: &CloudwatchSource, points: &Points<'_>, name: &str, at: i64) -> Option<Fact> {
    let value = points.get(name)?.get(&at).copied();
    let zero = source.metrics.get(name)?.absent_is_zero.then_some(0.0);
    Some(value.or(zero).map_or(Fact::Absent, Fact::from))
}

/// The points of each metric by the start of their period.
type Points<'a> = BTreeMap<&'a str, BTreeMap<i64, f64>>;

fn points_of<'a>(
    source: &'a CloudwatchSource,
    read: &BTreeMap<String, Result<Option<Series>, String>>,
) -> Result<Points<'a>, Untrusted> {
    let mut points = Points::new();
    for (name, metric) in &source.metrics {
        match read.get(name) {
            None => return missing(format!("{} was not read", metric.metric)),
            Some(Err(why)) => return missing(why.clone()),
            Some(Ok(series)) => {
                let of_it = series.as_ref().map_or_else(BTreeMap::new, |series| {
                    let at = series.at.iter().map(|at| at.as_second());
                    at.zip(series.values.iter().copied()).collect()
                });
                points.insert(name, of_it);
            }
        }
    }
    Ok(points)
}

/// The starts of periods that are over and of which something is known, in order.
fn whole_periods(source: &CloudwatchSource, points: &Points<'_>, now: Timestamp) -> Vec<i64> {
    let period = i64::from(source.period_seconds());
    let mut times: Vec<i64> = points.values().flat_map(BTreeMap::keys).copied().collect();
    if source.metrics.values().any(|metric| metric.absent_is_zero) {
        // Nothing happened in a period that CloudWatch has nothing of.
        times.push((now.as_second() - period).div_euclid(period) * period);
    }
    times.retain(|at| at + period <= now.as_second());
    times.sort_unstable();
    times.dedup();
    times
}

fn time(at: i64) -> String {
    Timestamp::from_second(at).map_or_else(|_| "?".to_owned(), |at| at.to_string())
}

/// The value of a figure of the newest health report, where that is not too old.
pub fn of_health(
    source: &HealthSource,
    report: Option<&HealthReport>,
    now: Timestamp,
    stale_after_seconds: u64,
) -> Measurement {
    let Some(report) = report else {
        return missing("this environment was never observed: `fractary run` observes it");
    };
    let age = now.as_second() - report.generated_at.as_second();
    if u64::try_from(age).unwrap_or(0) > stale_after_seconds {
        return missing(format!(
            "stale: the newest health report is of {}",
            report.generated_at
        ));
    }
    match (&source.figure, &source.resource, &source.sli) {
        (Some(figure), None, None) => figure_of(figure, report),
        (None, Some(resource), Some(sli)) => sli_of(resource, sli, report),
        _ => missing("it names neither a figure, nor a resource with an sli"),
    }
}

fn figure_of(figure: &str, report: &HealthReport) -> Measurement {
    match figure {
        "healthy_percent" => {
            let counts = &report.resources;
            if counts.total == 0 {
                return missing("no resource is registered");
            }
            if counts.unknown > 0 {
                let what = format!(
                    "{} of {} resources are UNKNOWN",
                    counts.unknown, counts.total
                );
                return missing(what);
            }
            Ok(100.0 * f64::from(counts.healthy) / f64::from(counts.total))
        }
        "problems" if report.overall_health == Status::Unknown || report.partial => {
            missing("the health report is partial, so there may be more problems")
        }
        "problems" => Ok(report.issues.len() as f64),
        other if report.partial => missing(format!(
            "the health report is partial, so `{other}` may be more"
        )),
        other => match report.metrics_summary.get(other) {
            Some(value) => Ok(*value),
            None => missing(format!("the health report has no figure `{other}`")),
        },
    }
}

fn sli_of(resource: &str, sli: &str, report: &HealthReport) -> Measurement {
    let is_it = |one: &&ResourceHealth| {
        one.resource.name.raw() == resource || one.resource.arn.as_str() == resource
    };
    let mut found = report.checks.iter().filter(is_it);
    let Some(one) = found.next() else {
        return missing(format!("the health report has no resource `{resource}`"));
    };
    if found.next().is_some() {
        return missing(format!(
            "more than one resource is called `{resource}`: name its ARN"
        ));
    }
    let named = |one: &&SliResult| one.sli == sli;
    match one.slis.iter().find(named) {
        None => missing(format!("`{resource}` has no indicator `{sli}`")),
        Some(found) => match found.value {
            Some(value) => Ok(value),
            None => missing(format!("`{sli}` of `{resource}` could not be evaluated")),
        },
    }
}

/// The value of a figure of the bill.
pub fn of_cost(
    source: &CostSource,
    spending: Option<&SpendingDocument>,
    now: Timestamp,
) -> Measurement {
    let Some(spending) = spending else {
        return missing("no bill was read: `fractary audit --type cost --commit` reads it");
    };
    if now.as_second() - spending.read_at.as_second() > BILL_SECONDS {
        return missing(format!(
            "stale: the bill was read at {}: `fractary audit --type cost --commit` reads it",
            spending.read_at
        ));
    }
    let table = &spending.usage;
    let mut days: Vec<f64> = vec![0.0; table.days.len()];
    let mut found = false;
    for group in &table.groups {
        let is_it = |service: &String| group.keys.first().is_some_and(|key| key.raw() == service);
        if source.service.as_ref().is_none_or(is_it) {
            found = true;
            for (day, amount) in days.iter_mut().zip(group.amounts(CostMetric::NetAmortized)) {
                *day += amount;
            }
        }
    }
    if let Some(service) = source.service.as_ref().filter(|_| !found) {
        return missing(format!("the bill has no service `{service}`"));
    }
    let closed = days.iter().zip(&table.estimated);
    let closed: Vec<f64> = closed
        .filter(|(_, open)| !**open)
        .map(|(day, _)| *day)
        .collect();
    let wanted = match source.figure {
        CostFigure::DailyMean => WEEK,
        CostFigure::Last30Days => MONTH,
    };
    let Some(from) = closed.len().checked_sub(wanted) else {
        return missing(format!("AWS has closed {} of {wanted} days", closed.len()));
    };
    let sum: f64 = closed[from..].iter().sum();
    Ok(match source.figure {
        CostFigure::DailyMean => sum / WEEK as f64,
        CostFigure::Last30Days => sum,
    })
}
