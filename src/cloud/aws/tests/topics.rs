//! What SNS answers to a message, and what it is sent.

use super::{AMPLE, Canned, answer, aws, run};
use crate::cloud::aws::change::AwsChanger;
use crate::cloud::aws::guard::Operations;
use crate::cloud::change::{Change, Changed, Changer, Publication};
use crate::cloud::policy;
use crate::model::fact::{Gap, GapCause};
use crate::model::topic::Topic;
use crate::text::Untrusted;

/// The main region of the environment, which no topic here is in.
const MAIN: &str = "eu-west-3";
const PLAIN: &str = "arn:aws:sns:eu-north-1:123456789012:alerts";
const FIFO: &str = "arn:aws:sns:eu-north-1:123456789012:alerts.fifo";
const TAKEN: &str = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
    <PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>";

fn publish(
    arn: &str,
    operations: Operations,
    script: impl Fn(&str) -> Canned + Send + Sync + 'static,
) -> Result<Changed, Box<Gap>> {
    let change = Change::Publish(Publication {
        topic: Topic::new(arn).expect("a topic"),
        subject: "[HIGH] orders & more".to_owned(),
        text: "text".to_owned(),
        attributes: vec![("severity", "HIGH".to_owned())],
        group: "infra-7f3a2c".to_owned(),
        deduplication: "0123abcd".to_owned(),
    });
    run(async {
        let aws = aws(MAIN, 1, AMPLE, operations, script).await;
        let changed = AwsChanger::from(aws).apply(&change).await;
        changed.map_err(Box::new)
    })
}

fn refusal(status: u16, code: &str) -> Canned {
    let body = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error>\
         <Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    );
    answer(status, "text/xml", &body)
}

#[test]
fn refusals_keep_their_cause_and_code() {
    for (status, code, cause) in [
        (403, "AuthorizationError", GapCause::Denied),
        (404, "NotFound", GapCause::ProviderError),
        (429, "Throttled", GapCause::Throttled),
        (400, "Throttling", GapCause::Throttled),
        (400, "KMSAccessDenied", GapCause::ProviderError),
        (403, "InvalidClientTokenId", GapCause::Credentials),
        (500, "InternalError", GapCause::ProviderError),
    ] {
        let outcome = publish(PLAIN, policy::publishing(), move |_| refusal(status, code));
        let gap = outcome.expect_err("a refusal");
        assert_eq!(gap.cause, cause, "{code}");
        assert_eq!(gap.code, Some(Untrusted::from(code)));
        assert_eq!(gap.subject, PLAIN);
    }
    let outcome = publish(PLAIN, policy::publishing(), |_| Canned::NoConnection);
    assert_eq!(outcome.expect_err("none").cause, GapCause::Unreachable);
    // A gateway that says that all is well has published nothing.
    let outcome = publish(PLAIN, policy::publishing(), |_| {
        answer(200, "text/xml", &TAKEN.replace("m-1", ""))
    });
    assert_eq!(outcome.expect_err("no id").cause, GapCause::Garbled);
}

#[test]
fn only_a_fifo_topic_is_told_group_and_key() {
    for (arn, is_fifo) in [(PLAIN, false), (FIFO, true)] {
        let outcome = publish(arn, policy::publishing(), move |asked| {
            assert!(asked.contains("sns.eu-north-1."), "{asked}");
            for part in [
                "Action=Publish",
                "Subject=%5BHIGH%5D%20orders%20%26%20more",
                "Message=text",
                "severity",
            ] {
                assert!(asked.contains(part), "{part}: {asked}");
            }
            for part in [
                "MessageGroupId=infra-7f3a2c",
                "MessageDeduplicationId=0123abcd",
            ] {
                assert_eq!(asked.contains(part), is_fifo, "{part}: {asked}");
            }
            answer(200, "text/xml", TAKEN)
        });
        let message_id = Untrusted::from("m-1");
        assert_eq!(outcome, Ok(Changed::Published { message_id }));
    }
}

#[test]
fn a_connection_that_observes_publishes_nothing() {
    let reading: Operations = ["lambda:ListFunctions"].into_iter().collect();
    let outcome = publish(PLAIN, reading, |asked| panic!("sent: {asked}"));
    assert_eq!(outcome.expect_err("refused").cause, GapCause::NotAsked);
}
