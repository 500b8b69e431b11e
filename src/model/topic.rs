//! A topic of Amazon SNS.

use crate::model::ids::{Arn, Region};

/// Characters of a topic's name, by the documentation of `CreateTopic`.
const MOST_NAME: usize = 256;
/// How the name of a topic ends that keeps messages in order and drops duplicates.
const FIFO: &str = ".fifo";

/// A topic, by its ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its ARN.
    pub arn: Arn,
    /// The region that it is in, and that it is published to in.
    pub region: Region,
}

/// Text that is not the ARN of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the ARN of a topic: expected `arn:aws:sns:<region>:<account>:<name>`")]
pub struct NotATopic;

impl Topic {
    /// The topic with this ARN.
    ///
    /// # Errors
    /// Where it is not the ARN of a topic.
    pub fn new(arn: &str) -> Result<Self, NotATopic> {
        let arn = Arn::new(arn).map_err(|_| NotATopic)?;
        let region = Region::new(arn.region()).map_err(|_| NotATopic)?;
        let name = arn.resource();
        let name = name.strip_suffix(FIFO).unwrap_or(name);
        let is_name = (1..=MOST_NAME).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let is_topic = arn.partition().starts_with("aws")
            && arn.service() == "sns"
            && region.as_str() != "global"
            && arn.account().len() == 12
            && is_name;
        is_topic.then_some(Self { arn, region }).ok_or(NotATopic)
    }

    /// Whether it keeps messages in order and drops duplicates.
    pub fn is_fifo(&self) -> bool {
        self.arn.resource().ends_with(FIFO)
    }
}

#[cfg(test)]
mod tests {
    use super::Topic;

    #[test]
    fn topics_are_told_from_other_arns() {
        let topic = Topic::new("arn:aws:sns:eu-central-1:123456789012:alerts").expect("a topic");
        assert_eq!(topic.region.as_str(), "eu-central-1");
        assert!(!topic.is_fifo());
        let fifo = "arn:aws-us-gov:sns:us-gov-west-1:123456789012:team_a-1.fifo";
        assert!(Topic::new(fifo).expect("a topic").is_fifo());
        for bad in [
            "",
            "alerts",
            "arn:aws:sqs:eu-central-1:123456789012:alerts",
            "arn:aws:sns::123456789012:alerts",
            "arn:aws:sns:global:123456789012:alerts",
            "arn:aws:sns:eu-central-1::alerts",
            "arn:aws:sns:eu-central-1:123456789012:",
            "arn:aws:sns:eu-central-1:123456789012:.fifo",
            "arn:aws:sns:eu-central-1:123456789012:a.b",
            // A subscription of a topic.
            "arn:aws:sns:eu-central-1:123456789012:alerts:8a21d249-4329-4871-acc6-7be709c6ea7f",
            "arn:fractary:sns:eu-central-1:123456789012:alerts",
        ] {
            assert!(Topic::new(bad).is_err(), "{bad}");
        }
    }
}
