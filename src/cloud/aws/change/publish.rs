//! Publishing to topics of SNS.

use aws_sdk_sns::types::MessageAttributeValue;

use crate::cloud::actions::PUBLISH;
use crate::cloud::aws::client::Aws;
use crate::cloud::aws::errors::Failure;
use crate::cloud::change::{Changed, Publication};
use crate::model::fact::GapCause;
use crate::text::Untrusted;

/// Publishes to a topic, in its region.
pub(crate) async fn apply(aws: &Aws, publication: &Publication) -> Result<Changed, Failure> {
    let topic = &publication.topic;
    let region = aws.in_region(&topic.region, aws.deadline_from_now());
    let mut request = region
        .sns()
        .publish()
        .topic_arn(topic.arn.as_str())
        .subject(&publication.subject)
        .message(&publication.text);
    for (name, value) in &publication.attributes {
        let value = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(value)
            .build()
            .expect("it has a type, which is all that is required");
        request = request.message_attributes(*name, value);
    }
    if topic.is_fifo() {
        request = request
            .message_group_id(&publication.group)
            .message_deduplication_id(&publication.deduplication);
    }
    let answer = region.call(PUBLISH, request.send()).await?;
    let id = answer.message_id.filter(|id| !id.is_empty());
    let message_id = id.map(Untrusted::new).ok_or_else(|| {
        // Without an id it was not accepted: a gateway between us answers like that.
        let message = "the answer names no message";
        Failure::ours(PUBLISH, GapCause::Garbled, message)
    })?;
    Ok(Changed::Published { message_id })
}
