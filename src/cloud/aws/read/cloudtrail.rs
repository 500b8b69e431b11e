//! Writes that CloudTrail recorded, through `LookupEvents`: the last 90 days of management events,
//! without a trail and without charge.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::log_sources::ask_lean;
use crate::catalog::background_writes::is_background;
use crate::cloud::aws::client::Aws;
use crate::cloud::aws::errors::Failure;
use crate::cloud::question::ChangesQuestion;
use crate::model::investigation::{ChangeRecord, ChangeSource};
use crate::model::resource::Resource;
use crate::text::Untrusted;

const LOOKUP_EVENTS: &str = "cloudtrail:LookupEvents";
/// Seconds within which CloudTrail delivers an event.
const DELIVERY: i64 = 15 * 60;

/// Reads the writes to these resources. Returns them with the moment up to which they are complete.
pub(super) async fn read(
    aws: &Aws,
    ask: &ChangesQuestion,
) -> Result<(Vec<ChangeRecord>, Timestamp), Failure> {
    let input = json!({
        "StartTime": ask.start.as_second(),
        "EndTime": ask.end.as_second(),
        "LookupAttributes": [{ "AttributeKey": "ReadOnly", "AttributeValue": "false" }],
    });
    let input = input.as_object().cloned().unwrap_or_default();
    let deadline = aws.deadline_from_now();
    let answer = ask_lean(aws, LOOKUP_EVENTS, &ask.region, input, deadline).await?;
    let events = answer.get("Events").and_then(Value::as_array);
    let events = events.map_or(&[][..], Vec::as_slice).iter();
    let changes = events
        .filter_map(|event| change(event, &ask.resources))
        .filter(|change| change.at >= ask.start && change.at < ask.end);
    let complete = ask.end.as_second() - DELIVERY;
    Ok((
        changes.collect(),
        Timestamp::from_second(complete).unwrap_or(ask.start),
    ))
}

/// A write to one of these resources that is not background noise.
fn change(event: &Value, resources: &[Resource]) -> Option<ChangeRecord> {
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let (name, source) = (text("EventName")?, text("EventSource").unwrap_or_default());
    if is_background(source, name) {
        return None;
    }
    let detail: Value = text("CloudTrailEvent")
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    if detail.get("readOnly").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let touched = touched(event, &detail, resources);
    if touched.is_empty() {
        return None;
    }
    let service = source.split('.').next().unwrap_or(source);
    let failed = detail.get("errorCode").and_then(Value::as_str);
    let failed = failed.map_or_else(String::new, |code| format!(" failed: {code}"));
    Some(ChangeRecord {
        at: time(event.get("EventTime")?)?,
        source: ChangeSource::Cloudtrail,
        summary: Untrusted::new(format!("{service} {name}{failed}")),
        resources: touched,
        actor: text("Username").map(Untrusted::from),
        reference: Untrusted::from(text("EventId")?),
        includes: 0,
    })
}

/// CloudTrail writes a number of seconds; some of its emulators a text.
fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => Timestamp::from_second(number.as_f64()? as i64).ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// ARNs of the resources that an event names: in its list of resources, or as a text of its
/// request.
fn touched(event: &Value, detail: &Value, resources: &[Resource]) -> Vec<Untrusted> {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let listed = event.get("Resources").and_then(Value::as_array);
    for one in listed.into_iter().flatten() {
        named.extend(one.get("ResourceName").and_then(Value::as_str));
    }
    if let Some(request) = detail.get("requestParameters") {
        collect_texts(request, &mut named);
    }
    let fits = |resource: &&Resource| {
        let names = [
            resource.arn.as_str(),
            resource.aws_id.raw(),
            resource.name.raw(),
        ];
        names.iter().any(|name| named.contains(name))
    };
    let arns = resources.iter().filter(fits);
    arns.map(|one| Untrusted::from(one.arn.as_str())).collect()
}

fn collect_texts<'a>(value: &'a Value, into: &mut BTreeSet<&'a str>) {
    match value {
        Value::String(text) => {
            into.insert(text);
        }
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, into)),
        Value::Object(members) => members.values().for_each(|one| collect_texts(one, into)),
        _ => {}
    }
}
