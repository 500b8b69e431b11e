//! Which log groups there are, through `DescribeLogGroups`.

use aws_sdk_cloudwatchlogs::types::LogGroup as SdkLogGroup;
use aws_sdk_cloudwatchlogs::types::LogGroupClass;
use jiff::Timestamp;

use crate::cloud::aws::client::Aws;
use crate::cloud::question::{Answer, LogGroupsQuestion};
use crate::model::log_events::{LogClass, LogGroup, LogGroupPage};
use crate::text::Untrusted;

const DESCRIBE_LOG_GROUPS: &str = "logs:DescribeLogGroups";

/// Most groups on a page.
const PAGE: i32 = 50;

/// Asks for one page.
pub(crate) async fn read(aws: &Aws, ask: &LogGroupsQuestion) -> Answer {
    let region = aws.in_region(&ask.region, aws.deadline_from_now());
    let client = region.cloudwatchlogs();
    let prefix = Some(ask.prefix.clone()).filter(|prefix| !prefix.is_empty());
    let send = client
        .describe_log_groups()
        .limit(PAGE)
        .set_log_group_name_prefix(prefix)
        .set_next_token(ask.page.clone())
        .send();
    match region.call(DESCRIBE_LOG_GROUPS, send).await {
        Ok(page) => Answer::LogGroups(LogGroupPage {
            groups: page.log_groups().iter().filter_map(group).collect(),
            next: page.next_token.filter(|token| !token.is_empty()),
        }),
        Err(failure) => Answer::Gap(failure.into_gap(match ask.prefix.as_str() {
            "" => "names of log groups".to_owned(),
            prefix => format!("the log group {prefix}"),
        })),
    }
}

fn group(group: &SdkLogGroup) -> Option<LogGroup> {
    let class = match group.log_group_class() {
        // Older endpoints know one class and do not name it.
        None | Some(LogGroupClass::Standard) => LogClass::Standard,
        Some(LogGroupClass::InfrequentAccess) => LogClass::InfrequentAccess,
        Some(LogGroupClass::Delivery) => LogClass::Delivery,
        Some(_) => LogClass::Other,
    };
    let created = group.creation_time();
    let days = group.retention_in_days();
    Some(LogGroup {
        name: Untrusted::from(group.log_group_name()?),
        class,
        created_at: created.and_then(|time| Timestamp::from_millisecond(time).ok()),
        retention_days: days.and_then(|days| u32::try_from(days).ok()),
    })
}
