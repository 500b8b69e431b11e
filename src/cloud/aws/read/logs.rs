//! Events of a log group: a page of `FilterLogEvents`, or a query of Logs Insights.

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;

use super::insights;
use crate::cloud::aws::client::{Aws, RegionClient};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::pages::next_page;
use crate::cloud::question::{Answer, LogsQuestion};
use crate::model::fact::GapCause;
use crate::model::log_events::{LogEvent, LogEventPage, LogWay};
use crate::text::Untrusted;

const FILTER_LOG_EVENTS: &str = "logs:FilterLogEvents";

/// Asks for one page.
pub(crate) async fn read(aws: &Aws, ask: &LogsQuestion) -> Answer {
    let region = aws.in_region(&ask.region, aws.deadline_from_now());
    let page = match ask.way {
        LogWay::Filter => filter(&region, ask).await,
        LogWay::Insights => insights::query(aws, &region, ask).await,
    };
    match page {
        Ok(mut page) => {
            // Both take ends that belong to the span, and Insights whole seconds only.
            page.events
                .retain(|event| event.time >= ask.start && event.time < ask.end);
            Answer::Logs(page)
        }
        Err(failure) => {
            Answer::Gap(failure.into_gap(format!("events of the log group {}", ask.group)))
        }
    }
}

/// One page. It may be empty and not be the last: only the lack of a token ends the list.
async fn filter(region: &RegionClient<'_>, ask: &LogsQuestion) -> Result<LogEventPage, Failure> {
    let client = region.cloudwatchlogs();
    let send = client
        .filter_log_events()
        .log_group_name(&ask.group)
        .start_time(ask.start)
        .end_time(ask.end - 1)
        .set_next_token(ask.page.clone())
        .send();
    let page = region.call(FILTER_LOG_EVENTS, send).await?;
    let events = page.events().iter().map(event);
    Ok(LogEventPage {
        events: events.collect::<Result<_, _>>()?,
        next: next_page(FILTER_LOG_EVENTS, ask.page.as_ref(), page.next_token)?,
        matched: None,
        scanned_bytes: None,
    })
}

fn event(event: &FilteredLogEvent) -> Result<LogEvent, Failure> {
    let lacks = |what: &str| {
        let message = format!("an event without {what}");
        Failure::ours(FILTER_LOG_EVENTS, GapCause::Garbled, message)
    };
    Ok(LogEvent {
        time: event.timestamp().ok_or_else(|| lacks("a time"))?,
        received: event.ingestion_time(),
        stream: Untrusted::from(event.log_stream_name().unwrap_or_default()),
        id: event.event_id().ok_or_else(|| lacks("an id"))?.to_owned(),
        message: Untrusted::from(event.message().unwrap_or_default()),
    })
}
