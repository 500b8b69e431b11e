//! When alarms changed their state, through `DescribeAlarmHistory`.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{AlarmHistoryItem, HistoryItemType};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use serde_json::Value;

use crate::cloud::aws::alarms;
use crate::cloud::aws::client::Aws;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::pages::all_pages;
use crate::cloud::question::ChangesQuestion;
use crate::model::investigation::{ChangeRecord, ChangeSource};
use crate::text::Untrusted;

const DESCRIBE_ALARM_HISTORY: &str = "cloudwatch:DescribeAlarmHistory";
/// Most entries on a page.
const PAGE: i32 = 100;

/// Reads the transitions of the alarms that watch these resources. Returns them with the moment up
/// to which they are complete.
pub(super) async fn read(
    aws: &Aws,
    ask: &ChangesQuestion,
) -> Result<(Vec<ChangeRecord>, Timestamp), Failure> {
    let deadline = aws.deadline_from_now();
    let watching = alarms::observe(aws, &ask.resources, deadline).await;
    let mut owners: BTreeMap<String, Vec<Untrusted>> = BTreeMap::new();
    for (resource, seen) in ask.resources.iter().zip(watching.by_resource) {
        if let Some(failure) = seen.failure {
            return Err(failure);
        }
        for alarm in seen.alarms {
            let arns = owners.entry(alarm.name.raw().to_owned()).or_default();
            arns.push(Untrusted::from(resource.arn.as_str()));
        }
    }
    let region = aws.in_region(&ask.region, deadline);
    let client = region.cloudwatch();
    let items = all_pages(DESCRIBE_ALARM_HISTORY, async |token| {
        let send = client
            .describe_alarm_history()
            .history_item_type(HistoryItemType::StateUpdate)
            .start_date(DateTime::from_secs(ask.start.as_second()))
            .end_date(DateTime::from_secs(ask.end.as_second()))
            .max_records(PAGE)
            .set_next_token(token)
            .send();
        let page = region.call(DESCRIBE_ALARM_HISTORY, send).await?;
        Ok((
            page.alarm_history_items.unwrap_or_default(),
            page.next_token,
        ))
    });
    let changes = items.await?.into_iter().filter_map(|item| {
        let arns = owners.get(item.alarm_name()?)?;
        let change = change(&item, arns)?;
        (change.at >= ask.start && change.at < ask.end).then_some(change)
    });
    Ok((changes.collect(), ask.end))
}

fn change(item: &AlarmHistoryItem, arns: &[Untrusted]) -> Option<ChangeRecord> {
    let name = item.alarm_name()?;
    let at = item.timestamp()?;
    let data: Value = item
        .history_data()
        .and_then(|data| serde_json::from_str(data).ok())
        .unwrap_or_default();
    let state = |when: &str| data.get(when)?.get("stateValue")?.as_str();
    let summary = match (state("oldState"), state("newState")) {
        (Some(old), Some(new)) => format!("alarm {name} went from {old} to {new}"),
        (None, Some(new)) => format!("alarm {name} went to {new}"),
        _ => format!(
            "alarm {name}: {}",
            item.history_summary().unwrap_or("changed its state")
        ),
    };
    Some(ChangeRecord {
        at: Timestamp::from_second(at.secs()).ok()?,
        source: ChangeSource::Alarm,
        summary: Untrusted::new(summary),
        resources: arns.to_vec(),
        actor: None,
        reference: Untrusted::new(format!("{name} {}", at.as_nanos())),
        includes: 0,
    })
}
