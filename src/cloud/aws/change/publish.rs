//! Publishing to topics of SNS: the one thing that is ever sent to AWS that is not a question.

use aws_sdk_sns::types::MessageAttributeValue;

use crate::cloud::actions::PUBLISH;
use crate::cloud::aws::client::Aws;
use crate::cloud::aws::errors::Failure;
use crate::model::fact::{Gap, GapCause};
use crate::model::topic::Topic;
use crate::text::Untrusted;

/// What is published.
#[derive(Debug, Clone, Copy)]
pub struct Publication<'a> {
    /// The topic.
    pub topic: &'a Topic,
    /// One line of at most 100 printable ASCII characters.
    pub subject: &'a str,
    /// The text.
    pub text: &'a str,
    /// Attributes of type `String`, none of them empty.
    pub attributes: &'a [(&'static str, String)],
    /// What a FIFO topic keeps in order; other topics are not told.
    pub group: &'a str,
    /// What a FIFO topic drops duplicates by; other topics are not told.
    pub deduplication: &'a str,
}

impl Aws {
    /// Publishes to a topic, in its region. Gives back the id of the message.
    ///
    /// # Errors
    /// Where SNS did not take it. After a timeout it may have taken it nevertheless.
    pub async fn publish(&self, publication: &Publication<'_>) -> Result<Untrusted, Gap> {
        let subject = || publication.topic.arn.to_string();
        self.published(publication)
            .await
            .map_err(|failure| failure.into_gap(subject()))
    }

    async fn published(&self, publication: &Publication<'_>) -> Result<Untrusted, Failure> {
        let topic = publication.topic;
        let region = self.in_region(&topic.region, self.deadline_from_now());
        let mut request = region
            .sns()
            .publish()
            .topic_arn(topic.arn.as_str())
            .subject(publication.subject)
            .message(publication.text);
        for (name, value) in publication.attributes {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()
                .expect("it has a type, which is all that is required");
            request = request.message_attributes(*name, value);
        }
        if topic.is_fifo() {
            request = request
                .message_group_id(publication.group)
                .message_deduplication_id(publication.deduplication);
        }
        let answer = region.call(PUBLISH, request.send()).await?;
        let id = answer.message_id.filter(|id| !id.is_empty());
        id.map(Untrusted::new).ok_or_else(|| {
            // Without an id nobody has taken it: a gateway between us answers like that.
            let message = "the answer names no message";
            Failure::ours(PUBLISH, GapCause::Garbled, message)
        })
    }
}
