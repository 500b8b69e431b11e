//! Events of a log group through Logs Insights, which reads what `FilterLogEvents` may not or
//! takes too long for. It charges for every byte that it scans.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::operation::get_query_results::GetQueryResultsOutput;
use aws_sdk_cloudwatchlogs::types::{QueryStatus, ResultField};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::cloud::aws::client::{Aws, RegionClient};
use crate::cloud::aws::errors::Failure;
use crate::cloud::question::LogsQuestion;
use crate::model::fact::GapCause;
use crate::model::log_events::{LogEvent, LogEventPage};
use crate::text::Untrusted;

const START_QUERY: &str = "logs:StartQuery";
const GET_QUERY_RESULTS: &str = "logs:GetQueryResults";

/// The most rows that a query gives.
const MOST_ROWS: i32 = 10_000;
/// What every class of group allows.
const QUERY: &str = "fields @timestamp, @ingestionTime, @logStream, @message, @ptr \
                     | sort @timestamp asc | limit 10000";
/// Pauses between looks at a query.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How often a query is started anew while others take all the slots of the account.
const STARTS: u32 = 5;

/// Asks one query and waits for its result.
pub(super) async fn query(
    aws: &Aws,
    region: &RegionClient<'_>,
    ask: &LogsQuestion,
) -> Result<LogEventPage, Failure> {
    let id = start(region, ask).await?;
    let mut pause = FIRST_PAUSE;
    loop {
        let client = region.cloudwatchlogs();
        let send = client.get_query_results().query_id(&id).send();
        let answer = region.call(GET_QUERY_RESULTS, send).await?;
        match answer.status() {
            Some(QueryStatus::Complete) => {
                let page = page(&answer)?;
                aws.guard.meter().scanned_bytes += page.scanned_bytes.unwrap_or(0);
                return Ok(page);
            }
            Some(QueryStatus::Running | QueryStatus::Scheduled) => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            other => {
                let word = other.map_or("no status", QueryStatus::as_str);
                let message = format!("the query ended as {word}");
                let cause = GapCause::ProviderError;
                return Err(Failure::ours(GET_QUERY_RESULTS, cause, message));
            }
        }
    }
}

/// Starts a query. The slots of an account are shared with its dashboards, so it may have to wait.
async fn start(region: &RegionClient<'_>, ask: &LogsQuestion) -> Result<String, Failure> {
    let (mut pause, mut starts) = (FIRST_PAUSE, 0);
    loop {
        let client = region.cloudwatchlogs();
        let send = client
            .start_query()
            .log_group_name(&ask.group)
            .start_time(ask.start.div_euclid(1_000))
            .end_time(ask.end.div_euclid(1_000) + i64::from(ask.end.rem_euclid(1_000) > 0))
            .query_string(QUERY)
            .limit(MOST_ROWS)
            .send();
        starts += 1;
        match region.call(START_QUERY, send).await {
            Ok(started) => {
                let lacks = || {
                    let message = "a query without an id";
                    Failure::ours(START_QUERY, GapCause::Garbled, message)
                };
                return started.query_id.ok_or_else(lacks);
            }
            Err(failure) if failure.cause == GapCause::Throttled && starts < STARTS => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(failure) => return Err(failure),
        }
    }
}

fn page(answer: &GetQueryResultsOutput) -> Result<LogEventPage, Failure> {
    let statistics = answer.statistics();
    let whole = |number: f64| (number >= 0.0).then_some(number as u64);
    let events = answer.results().iter().map(|row| event(row));
    Ok(LogEventPage {
        events: events.collect::<Result<_, _>>()?,
        next: None,
        matched: statistics.and_then(|all| whole(all.records_matched)),
        scanned_bytes: statistics.and_then(|all| whole(all.bytes_scanned)),
    })
}

fn event(row: &[ResultField]) -> Result<LogEvent, Failure> {
    let fields: BTreeMap<&str, &str> = row
        .iter()
        .filter_map(|field| Some((field.field()?, field.value()?)))
        .collect();
    let text = |name: &str| fields.get(name).copied().unwrap_or_default();
    let time = time(text("@timestamp")).ok_or_else(|| {
        let message = "a row without a time";
        Failure::ours(GET_QUERY_RESULTS, GapCause::Garbled, message)
    })?;
    Ok(LogEvent {
        time,
        received: self::time(text("@ingestionTime")),
        stream: Untrusted::from(text("@logStream")),
        id: text("@ptr").to_owned(),
        message: Untrusted::from(text("@message")),
    })
}

/// Milliseconds since 1970 of `2026-11-29 14:03:00.250`, or of such a number.
fn time(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(number);
    }
    let moment: DateTime = text.parse().ok()?;
    let zoned = moment.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_millisecond())
}
