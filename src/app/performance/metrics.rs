//! The metrics of resources, read from CloudWatch over a long span.

use std::collections::BTreeMap;

use futures_util::future::join3;
use jiff::Timestamp;

use super::series::{SeriesView, report};
use crate::app::App;
use crate::app::access::Access;
use crate::app::changes;
use crate::app::observe::connect::Connection;
use crate::app::observe::environments;
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::catalog::Kind;
use crate::catalog::kinds::kind::{Metric, WhenAbsent};
use crate::cloud::Cloud;
use crate::cloud::question::{MetricOfSpan, MetricsQuestion, UtilisationReading};
use crate::core::investigate::anomalies::{SeriesRow, WeeklyBaseline, is_too_short, scores};
use crate::core::investigate::changes::ChangeSpan;
use crate::core::investigate::timeline::{entry_of, merge};
use crate::error::CommandError;
use crate::model::environments::Environment;
use crate::model::fact::{Gap, GapCause};
use crate::model::ids::Region;
use crate::model::investigation::{ChangeSet, TimelineEntry, TimelineSource};
use crate::model::performance::{MetricPerformance, PerformanceSet};
use crate::model::resource::Resource;
use crate::model::snapshot::Series;
use crate::text::numbers::quantity;
use crate::text::{Untrusted, escape};

const DAY: i64 = 86_400;
const HOUR: u32 = 3_600;
/// Seconds of a period, and the span that is read before the one that is asked for: what was
/// usual has to be known before anything is unusual.
const PERIOD: u32 = 300;
const WARM_UP: i64 = 14 * DAY;
/// Spans from which on periods of an hour are read: CloudWatch keeps shorter ones for 63 days.
const LONG: i64 = 45 * DAY;
/// The earlier weeks that say what is usual at an hour of the week.
const WEEKS: i64 = 5 * 7 * DAY;
/// Seconds within which CloudWatch has received the values of a period.
const LATE: i64 = 300;
/// The entries of a timeline.
const MOST_ENTRIES: usize = 200;

/// What is to be read.
#[derive(Debug, Clone)]
pub(crate) struct PerformanceRequest {
    /// The resource by its name, id or ARN; all where it is not named.
    pub(crate) resource: Option<String>,
    /// A part of the id or name of metrics; all where it is not given.
    pub(crate) metric: Option<String>,
    /// The start of the span.
    pub(crate) start: Timestamp,
    /// Its end, which is not part of it.
    pub(crate) end: Timestamp,
    /// The value whose time is asked for, instead of that of the kind.
    pub(crate) limit: Option<f64>,
}

/// A metric of a resource that is to be read.
struct WantedMetric<'a> {
    resource: &'a Resource,
    kind: &'a Kind,
    metric: &'a Metric,
    /// How it is asked for, or why it cannot be.
    of: Result<MetricOfSpan, Box<Gap>>,
}

/// What was read of a metric: the rows of the span and before it, and those of earlier weeks.
type ReadMetric = Result<(Vec<SeriesRow>, Vec<SeriesRow>), Box<Gap>>;

/// What was read of a series.
type ReadSeries = Result<Option<Series>, Box<Gap>>;

/// Reads the metrics of resources.
pub(crate) fn read_metrics(
    app: &App,
    workspace: &Workspace,
    request: &PerformanceRequest,
) -> Result<PerformanceSet, CommandError> {
    let names = workspace.settings().choose(&app.global.env)?;
    let [name] = &names[..] else {
        return Err(CommandError::usage("metrics are read of one environment")
            .hint("choose it with `--env NAME`"));
    };
    let environment = workspace.settings().environment(name)?;
    let only = request.resource.as_deref();
    let resources = workspace.scope().resources(&environment, only)?;
    let wanted = wanted(workspace, &resources, request)?;
    let asked = ask(app, workspace, &environment, &resources, &wanted, request);
    let (read, changes) = wait::wait_for(app, "reading metrics", asked)?;
    let each = wanted.iter().zip(read);
    let metrics: Vec<MetricPerformance> = each
        .map(|(wanted, read)| performance(wanted, read, request))
        .collect();
    let name_of = |arn: &str| {
        let found = resources.iter().find(|one| one.arn.as_str() == arn);
        found.map(|one| one.name.raw().to_owned())
    };
    let mut entries: Vec<TimelineEntry> = metrics.iter().flat_map(entries).collect();
    entries.extend(changes.changes.iter().map(|one| entry_of(one, name_of)));
    Ok(PerformanceSet {
        version: "1.0.0".to_owned(),
        kind: "performance-set".to_owned(),
        environment: name.clone(),
        start: request.start,
        end: request.end,
        metrics,
        changes,
        timeline: merge(entries, MOST_ENTRIES),
    })
}

fn wanted<'a>(
    workspace: &'a Workspace,
    resources: &'a [Resource],
    request: &PerformanceRequest,
) -> Result<Vec<WantedMetric<'a>>, CommandError> {
    let mut all = Vec::new();
    let mut known: Vec<&str> = Vec::new();
    for resource in resources {
        let kind = resource.kind.as_ref();
        let Some(kind) = kind.and_then(|kind| workspace.catalog.kind(kind)) else {
            continue;
        };
        for metric in &kind.metrics {
            known.push(&metric.id);
            if fits(metric, request.metric.as_deref()) {
                all.push(WantedMetric {
                    resource,
                    kind,
                    metric,
                    of: metric_of(kind, metric, resource, request),
                });
            }
        }
    }
    if !all.is_empty() {
        return Ok(all);
    }
    known.sort_unstable();
    known.dedup();
    Err(match &request.metric {
        Some(metric) if !known.is_empty() => {
            let shown = escape::terminal(metric);
            CommandError::usage(format!("no metric has `{shown}` in its name"))
                .hint(format!("available metrics: {}", known.join(", ")))
        }
        _ => CommandError::usage("none of these resources has metrics that are known")
            .hint("`fractary status` shows what is registered; docs/kinds.md says which kinds have metrics"),
    })
}

/// Whether a word of a person names a metric: `latency` every duration, `p95_latency` one.
fn fits(metric: &Metric, wanted: Option<&str>) -> bool {
    let Some(wanted) = wanted else {
        return true;
    };
    let plain = |text: &str| text.to_ascii_lowercase().replace(['-', ' '], "_");
    let (id, name) = (plain(&metric.id), plain(&metric.metric));
    let words = plain(wanted);
    let same = |word: &str| match word {
        "latency" => id.contains("latency") || id.contains("duration") || id.contains("time"),
        word => id.contains(word) || name.contains(word),
    };
    id.contains(&words) || name.contains(&words.replace('_', "")) || words.split('_').all(same)
}

fn metric_of(
    kind: &Kind,
    metric: &Metric,
    resource: &Resource,
    request: &PerformanceRequest,
) -> Result<MetricOfSpan, Box<Gap>> {
    let not_asked = |message: String| {
        Box::new(Gap {
            operation: "cloudwatch:GetMetricData".to_owned(),
            subject: format!("{} of {}", metric.id, resource.name.raw()),
            cause: GapCause::NotAsked,
            code: None,
            message: Untrusted::new(message),
            missing_permission: None,
        })
    };
    if metric.part.is_some() {
        let message =
            "it has a series for each part of the resource, which only the health check sums up";
        return Err(not_asked(message.to_owned()));
    }
    let dimensions = kind
        .metric_dimensions(metric, resource)
        .map_err(|missing| not_asked(missing.to_string()))?;
    let region = kind.metrics_region.as_deref();
    let region = region.and_then(|region| Region::new(region).ok());
    let long = request.end.as_second() - request.start.as_second() > LONG;
    let period = if long { HOUR } else { PERIOD };
    Ok(MetricOfSpan {
        region: region.unwrap_or_else(|| resource.region.clone()),
        namespace: kind.namespace.clone().unwrap_or_default(),
        metric: metric.metric.clone(),
        dimensions,
        statistic: metric.stat.clone(),
        period_seconds: metric.period_seconds.unwrap_or(period).max(period),
    })
}

async fn ask(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
    resources: &[Resource],
    wanted: &[WantedMetric<'_>],
    request: &PerformanceRequest,
) -> Result<(Vec<ReadMetric>, ChangeSet), CommandError> {
    let connection = connect_to(app, workspace, environment).await?;
    let (cloud, start) = (connection.cloud.as_ref(), aligned(request.start));
    let back = |seconds: i64| {
        let second = start.as_second().saturating_sub(seconds);
        Timestamp::from_second(second).unwrap_or(start)
    };
    let asked: Vec<MetricOfSpan> = wanted
        .iter()
        .filter_map(|one| one.of.as_ref().ok().cloned())
        .collect();
    let hourly: Vec<MetricOfSpan> = asked
        .iter()
        .map(|one| MetricOfSpan {
            period_seconds: one.period_seconds.max(HOUR),
            ..one.clone()
        })
        .collect();
    let question = |start, end, metrics| MetricsQuestion {
        environment: environment.name.clone(),
        start,
        end,
        metrics,
    };
    let span = ChangeSpan {
        start: request.start,
        end: request.end,
    };
    let (recent, weeks, changes) = join3(
        series(cloud, question(back(WARM_UP), request.end, asked)),
        series(cloud, question(back(WEEKS), start, hourly)),
        changes::read(cloud, workspace, &environment.name, resources, span),
    )
    .await;
    connection.finish(app)?;
    let (mut recent, mut weeks) = (recent.into_iter(), weeks.into_iter());
    // What was not received yet is neither nothing nor missing.
    let received = Timestamp::from_second(app.clock.now().as_second() - LATE);
    let end = received.map_or(request.end, |received| received.min(request.end));
    let rows = wanted.iter().map(|wanted| {
        let of = wanted.of.as_ref().map_err(Clone::clone)?;
        let missing = || Err(partial());
        let (recent, weeks) = (recent.next(), weeks.next());
        let recent = recent.unwrap_or_else(missing)?;
        // Without earlier weeks nothing is usual at an hour; that hides nothing else.
        let weeks = weeks.unwrap_or_else(missing).ok().flatten();
        let zero = wanted.metric.when_absent == WhenAbsent::Zero;
        let recent = rows(recent, of.period_seconds, end, zero);
        let weeks = rows(weeks, of.period_seconds.max(HOUR), start, zero);
        Ok((recent, weeks))
    });
    Ok((rows.collect(), changes?))
}

async fn connect_to(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
) -> Result<Connection, CommandError> {
    let (settings, catalog) = (workspace.settings(), &workspace.catalog);
    let access = Access::LookBack;
    let connected = environments::connect_checked(app, settings, catalog, environment, access);
    Ok(connected.await?.0)
}

/// The start of the hour of a time: periods begin there.
fn aligned(at: Timestamp) -> Timestamp {
    let hour = i64::from(HOUR);
    Timestamp::from_second(at.as_second().div_euclid(hour) * hour).unwrap_or(at)
}

fn partial() -> Box<Gap> {
    Box::new(Gap {
        operation: "cloudwatch:GetMetricData".to_owned(),
        subject: "metrics of resources".to_owned(),
        cause: GapCause::Partial,
        code: None,
        message: Untrusted::from("the answer holds fewer metrics than were asked for"),
        missing_permission: None,
    })
}

/// Reads metrics; each has its series, none, or the reason.
async fn series(cloud: &dyn Cloud, question: MetricsQuestion) -> Vec<ReadSeries> {
    if question.metrics.is_empty() {
        return Vec::new();
    }
    match cloud.metrics(&question).await {
        Ok(readings) => readings
            .into_iter()
            .map(|reading| match reading {
                UtilisationReading::Points(series) => Ok(Some(series)),
                UtilisationReading::NoPoints => Ok(None),
                UtilisationReading::Unreadable(gap) => Err(Box::new(gap)),
            })
            .collect(),
        Err(gap) => vec![Err(Box::new(gap)); question.metrics.len()],
    }
}

/// A row for every period from the first with a value to the end of the span. A period without
/// one is a gap, or a zero where CloudWatch writes none for a count of nothing.
fn rows(series: Option<Series>, period: u32, end: Timestamp, zero: bool) -> Vec<SeriesRow> {
    let Some(series) = series else {
        return Vec::new();
    };
    let points: BTreeMap<i64, f64> = series
        .at
        .iter()
        .map(|at| at.as_second())
        .zip(series.values.iter().copied())
        .collect();
    let period = i64::from(period.max(1));
    let (Some(first), Some(last)) = (points.keys().next(), points.keys().next_back()) else {
        return Vec::new();
    };
    // The period that is going on is not over, so that nothing is said of it.
    let until = (end.as_second() - period).max(*last);
    let mut all = Vec::new();
    let mut at = *first;
    while at <= until {
        let value = points.get(&at).copied();
        all.push(SeriesRow {
            at,
            value: value.or(zero.then_some(0.0)),
        });
        at += period;
    }
    all
}

fn performance(
    wanted: &WantedMetric<'_>,
    read: ReadMetric,
    request: &PerformanceRequest,
) -> MetricPerformance {
    let mut found = MetricPerformance {
        resource: wanted.resource.name.clone(),
        arn: wanted.resource.arn.clone(),
        metric: wanted.metric.id.clone(),
        statistic: wanted.metric.stat.clone(),
        unit: wanted.metric.unit.clone(),
        report: None,
        gap: None,
    };
    let (rows, weeks) = match read {
        Ok(read) => read,
        Err(gap) => {
            found.gap = Some(*gap);
            return found;
        }
    };
    let scores = scores(&rows);
    let start = request.start.as_second();
    let from = rows.partition_point(|row| row.at < start);
    let baseline = WeeklyBaseline::learn(&weeks);
    let kind = wanted.kind.title.as_str();
    let view = SeriesView {
        source: Untrusted::new(format!(
            "{} of {kind} {}",
            wanted.metric.id,
            wanted.resource.name.raw()
        )),
        rows: &rows[from..],
        scores: &scores[from..],
        too_short: is_too_short(&rows),
        limit: request.limit.or(wanted.metric.limit),
        baseline: (baseline.hours() > 0).then_some(&baseline),
    };
    found.report = report(&view).map(Box::new);
    found
}

/// What of a metric belongs into a timeline.
fn entries(of: &MetricPerformance) -> Vec<TimelineEntry> {
    let Some(report) = &of.report else {
        return Vec::new();
    };
    let entry = |at: Timestamp, event: String| TimelineEntry {
        at,
        until: None,
        uncertain_seconds: u64::try_from(report.period_seconds).unwrap_or(0),
        source: TimelineSource::Metric,
        resource: Some(of.resource.clone()),
        event: Untrusted::new(event),
        count: 1,
        reference: None,
    };
    let value = |value: f64| quantity(value, &of.unit);
    let anomalies = report.anomalies.iter().map(|row| {
        let text = format!("{} unusual: {}", of.metric, value(row.value));
        entry(row.at, text)
    });
    let shifts = report.shifts.iter().map(|row| {
        let (before, after) = (value(row.before), value(row.after));
        let text = format!(
            "{} went from {before} to {after} and stayed there",
            of.metric
        );
        entry(row.at, text)
    });
    anomalies.chain(shifts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_received_yet_is_no_zero() {
        let at = |second: i64| Timestamp::from_second(second).expect("in range");
        let series = Series {
            statistic: "Sum".to_owned(),
            period_seconds: 300,
            at: vec![at(0), at(600)],
            values: vec![4.0, 5.0],
        };
        let values = |end: i64, zero: bool| -> Vec<Option<f64>> {
            let rows = rows(Some(series.clone()), 300, at(end), zero);
            rows.into_iter().map(|row| row.value).collect()
        };
        assert_eq!(values(900, true), [Some(4.0), Some(0.0), Some(5.0)]);
        assert_eq!(values(900, false), [Some(4.0), None, Some(5.0)]);
        // A period after the last value is a zero when it is over, and not before.
        assert_eq!(values(1_199, true).len(), 3);
        assert_eq!(values(1_200, true).last(), Some(&Some(0.0)));
    }
}
