//! Publishing to topics of SNS.

use serde_json::{Value, json};

use crate::cloud::actions::PUBLISH;
use crate::cloud::aws::change::operate;
use crate::cloud::aws::client::Aws;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::lean::Members;
use crate::cloud::change::{Changed, Publication};
use crate::model::fact::GapCause;
use crate::text::Untrusted;

/// Publishes to a topic, in its region.
pub(crate) async fn apply(aws: &Aws, publication: &Publication) -> Result<Changed, Failure> {
    let topic = &publication.topic;
    let region = aws.in_region(&topic.region, aws.deadline_from_now());
    let mut input = Members::from_iter([
        ("TopicArn".to_owned(), topic.arn.as_str().into()),
        ("Subject".to_owned(), publication.subject.as_str().into()),
        ("Message".to_owned(), publication.text.as_str().into()),
    ]);
    let attributes = publication.attributes.iter();
    let attributes = attributes.map(|(name, value)| {
        json!({ "Name": name, "Value": { "DataType": "String", "StringValue": value } })
    });
    let attributes: Vec<Value> = attributes.collect();
    if !attributes.is_empty() {
        let entries = json!({ "entry": attributes });
        input.insert("MessageAttributes".to_owned(), entries);
    }
    if topic.is_fifo() {
        let (group, own) = (&publication.group, &publication.deduplication);
        input.insert("MessageGroupId".to_owned(), group.as_str().into());
        input.insert("MessageDeduplicationId".to_owned(), own.as_str().into());
    }
    let answer = operate::send(aws, region, PUBLISH, input).await?;
    let id = answer.get("MessageId").and_then(Value::as_str);
    let id = id.filter(|id| !id.is_empty());
    let message_id = id.map(Untrusted::from).ok_or_else(|| {
        // Without an id it was not accepted: a gateway between us answers like that.
        let message = "the answer names no message";
        Failure::ours(PUBLISH, GapCause::Garbled, message)
    })?;
    Ok(Changed::Published { message_id })
}
