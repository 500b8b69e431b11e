//! Reads the logs of a span: its events, or the patterns of it and of the span before.

use jiff::Timestamp;

use super::groups::{FoundGroup, FoundGroups, GroupPlace};
use super::pages::{Bounds, PageReader};
use super::report::report;
use super::session::{LogRequest, LogSession};
use crate::app::App;
use crate::app::observe::connect::Connection;
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::cloud::question::{MetricOfSpan, MetricsQuestion, UtilisationReading};
use crate::core::investigate::logs::{SpanPart, Unwanted, headline, lag, lines_of};
use crate::core::investigate::patterns::{Headers, Miner, Span, Tuning};
use crate::error::CommandError;
use crate::model::log_events::{LogCoverage, LogEvent, LogLine, LogLines, LogSilence};
use crate::model::log_report::{LogReport, LogSource};
use crate::text::Untrusted;
use crate::text::redact::redact;

/// Seconds of a period of the metric that says how much a group took in, and the longest span
/// that is asked for in such.
const PERIOD: u32 = 300;
const LONG_PERIOD: u32 = 3_600;
const LONG: i64 = 2 * 86_400;
/// Milliseconds behind the slowest events in which more may arrive.
const ARRIVING: u64 = 60_000;
/// The lines from which headers are inferred.
const HEADER_LINES: usize = 20_000;

/// Everything of one span.
struct SpanRead {
    lines: Vec<LogLine>,
    coverage: LogCoverage,
}

/// Reads the events of a span.
pub(crate) fn events(
    app: &App,
    workspace: &Workspace,
    request: &LogRequest,
) -> Result<LogLines, CommandError> {
    let session = LogSession::open(app, workspace, request)?;
    let read = async {
        let connection = session.connect(app).await?;
        let found = session.find(&connection).await;
        let whole = (request.start, request.end);
        let read = read_span(&found, whole, app.clock.now(), request.bounds(app)).await;
        connection.finish(app)?;
        refuse_missing(request, &read.coverage)?;
        Ok(read)
    };
    let read = wait::wait_for(app, "reading logs", read)?;
    Ok(choose(read, request))
}

/// Reads the patterns of a span, and compares them with those of the span of the same length
/// before it.
pub(crate) fn patterns(
    app: &App,
    workspace: &Workspace,
    request: &LogRequest,
) -> Result<LogReport, CommandError> {
    let session = LogSession::open(app, workspace, request)?;
    let read = async {
        let connection = session.connect(app).await?;
        let report = patterns_of(app, &session, &connection, request).await;
        connection.finish(app)?;
        if let Some(coverage) = &report.coverage {
            refuse_missing(request, coverage)?;
        }
        Ok(report)
    };
    wait::wait_for(app, "reading logs", read)
}

/// The same over a connection that is open.
pub(crate) async fn patterns_of(
    app: &App,
    session: &LogSession<'_>,
    connection: &Connection,
    request: &LogRequest,
) -> LogReport {
    let found = session.find(connection).await;
    let (bounds, now) = (request.bounds(app), app.clock.now());
    let length = request.end.as_second() - request.start.as_second();
    let start = request.start.as_second() - length;
    let earlier = Timestamp::from_second(start).unwrap_or(Timestamp::MIN);
    let paid = connection.cloud.receipt().estimated_cost_usd;
    let before = read_span(&found, (earlier, request.start), now, bounds).await;
    // Both spans are paid from one purse.
    let spent = connection.cloud.receipt().estimated_cost_usd - paid;
    let rest = Bounds {
        dollars: (bounds.dollars - spent).max(0.0),
        ..bounds
    };
    let this = read_span(&found, (request.start, request.end), now, rest).await;
    mine(before, this, request)
}

/// A group that was typed and does not exist is a mistake, and no group without events.
fn refuse_missing(request: &LogRequest, coverage: &LogCoverage) -> Result<(), CommandError> {
    if request.groups.is_empty() {
        return Ok(());
    }
    let missing = coverage
        .groups
        .iter()
        .find_map(|one| match one.silence.as_ref()? {
            LogSilence::NoSuchGroup(near) => Some((one, near)),
            _ => None,
        });
    let Some((one, near)) = missing else {
        return Ok(());
    };
    let error = CommandError::usage(format!("there is no log group {}", one.group.terminal()));
    let names: Vec<String> = near.iter().map(Untrusted::terminal).collect();
    Err(match names.is_empty() {
        true => error.hint("`--group '/aws/lambda/*'` reads all whose names begin so"),
        false => error.hint(format!("nearest: {}", names.join(", "))),
    })
}

fn choose(read: SpanRead, request: &LogRequest) -> LogLines {
    let (mut filtered_out, mut without_level) = (0, 0);
    let mut lines = read.lines;
    lines.retain(|line| match request.choice.refuses(line) {
        None => true,
        Some(Unwanted::Filtered) => {
            filtered_out += 1;
            false
        }
        Some(Unwanted::WithoutLevel) => {
            without_level += 1;
            false
        }
    });
    LogLines {
        lines,
        filtered_out,
        without_level,
        coverage: read.coverage,
    }
}

async fn read_span(
    found: &[(GroupPlace<'_>, FoundGroups)],
    (start, end): (Timestamp, Timestamp),
    now: Timestamp,
    mut bounds: Bounds,
) -> SpanRead {
    let part = SpanPart {
        start: start.as_millisecond(),
        end: end.as_millisecond(),
    };
    let mut coverage = LogCoverage {
        start,
        end,
        groups: Vec::new(),
        elsewhere: Vec::new(),
        last_event_at: None,
        lag_p50_ms: None,
        lag_p95_ms: None,
        still_arriving_seconds: 0,
    };
    let mut events: Vec<(String, LogEvent)> = Vec::new();
    for (place, found) in found {
        let expected = expected_bytes(*place, &found.groups, start, end).await;
        let reader = PageReader::new(*place, part, now, bounds);
        let read = reader.read(&found.groups, &expected).await;
        bounds = bounds.without(&read);
        events.extend(read.events);
        coverage.groups.extend(read.coverage);
        coverage.elsewhere.extend(found.elsewhere.clone());
    }
    let last = events.iter().map(|(_, event)| event.time).max();
    coverage.last_event_at = last.and_then(|at| Timestamp::from_millisecond(at).ok());
    let delay = |event: &LogEvent| Some(event.received?.saturating_sub(event.time).max(0) as u64);
    let mut delays: Vec<u64> = events
        .iter()
        .filter_map(|(_, event)| delay(event))
        .collect();
    if let Some(lag) = lag(&mut delays) {
        coverage.lag_p50_ms = Some(lag.p50);
        coverage.lag_p95_ms = Some(lag.p95);
        let settled = now.as_millisecond() - (lag.p95 + ARRIVING) as i64;
        let open = (end.as_millisecond().min(now.as_millisecond()) - settled).max(0);
        coverage.still_arriving_seconds = (open / 1_000) as u64;
    }
    SpanRead {
        lines: lines_of(events),
        coverage,
    }
}

/// How many bytes each group took in. Unknown where the metric is not there or may not be read:
/// that is no gap of the logs.
async fn expected_bytes(
    place: GroupPlace<'_>,
    groups: &[FoundGroup],
    start: Timestamp,
    end: Timestamp,
) -> Vec<Option<u64>> {
    let existing = groups.iter().filter(|group| group.group.is_ok());
    let period = match end.as_second() - start.as_second() > LONG {
        true => LONG_PERIOD,
        false => PERIOD,
    };
    let metrics: Vec<MetricOfSpan> = existing
        .map(|group| MetricOfSpan {
            region: place.region.clone(),
            namespace: "AWS/Logs".to_owned(),
            metric: "IncomingBytes".to_owned(),
            dimensions: vec![("LogGroupName".to_owned(), group.name.clone())],
            statistic: "Sum".to_owned(),
            period_seconds: period,
        })
        .collect();
    if metrics.is_empty() {
        return vec![None; groups.len()];
    }
    let question = MetricsQuestion {
        environment: place.environment.clone(),
        start,
        end,
        metrics,
    };
    let readings = place.cloud.metrics(&question).await.unwrap_or_default();
    let mut readings = readings.into_iter();
    let each = groups.iter().map(|group| {
        group.group.as_ref().ok()?;
        match readings.next()? {
            UtilisationReading::Points(series) => Some(series.values.iter().sum::<f64>() as u64),
            UtilisationReading::NoPoints | UtilisationReading::Unreadable(_) => None,
        }
    });
    each.collect()
}

/// Groups the lines of both spans into patterns. Where the span before was not read in full,
/// nothing is compared: what is missing in it would look new.
fn mine(before: SpanRead, this: SpanRead, request: &LogRequest) -> LogReport {
    let compared = before.coverage.is_complete();
    let wanted = |lines: Vec<LogLine>| -> Vec<(String, i64)> {
        let wanted = lines
            .iter()
            .filter(|line| request.choice.refuses(line).is_none());
        let line = |line: &LogLine| {
            // Before anything is cut or split: half a secret is not recognised as one.
            let clean = redact(line.message.raw());
            (headline(&clean), line.at.as_millisecond())
        };
        wanted.map(line).collect()
    };
    let earlier = if compared {
        wanted(before.lines)
    } else {
        Vec::new()
    };
    let lines = wanted(this.lines);
    let sample = earlier.iter().chain(&lines).take(HEADER_LINES);
    let mut miner = Miner::new(Headers::infer(sample.map(|(line, _)| line.as_bytes())));
    for (line, time) in &earlier {
        miner.add(line.as_bytes(), Some(*time), Span::Before);
    }
    for (line, time) in &lines {
        miner.add(line.as_bytes(), Some(*time), Span::Now);
    }
    let sources = [(&before.coverage, true), (&this.coverage, false)];
    let sources = sources
        .into_iter()
        .filter(|(_, is_before)| compared || !is_before)
        .flat_map(|(coverage, baseline)| {
            coverage.groups.iter().map(move |group| LogSource {
                name: group.group.clone(),
                lines: group.events,
                bytes: group.bytes,
                baseline,
            })
        });
    let mined = miner.finish(&Tuning::default());
    let report = report(&mined, sources.collect(), compared);
    LogReport {
        coverage: Some(this.coverage),
        baseline_coverage: Some(before.coverage),
        ..report
    }
}
