use serde_json::{Value, json};

use super::*;
use crate::core::policy::PolicyDocument;

pub(super) fn policy_of(statement: Value) -> (String, PolicyDocument) {
    let text = json!({ "Statement": statement }).to_string();
    (
        "p".to_owned(),
        PolicyDocument::parse(&text).expect("a policy"),
    )
}

fn verdict(statement: Value, hidden: &[&str], resource: &str) -> &'static str {
    let held = HeldPolicies {
        policies: vec![policy_of(statement)],
        boundary: None,
        hidden: hidden.iter().map(|one| (*one).to_owned()).collect(),
    };
    match held.verdict(AskedCall {
        action: "sqs:CreateQueue",
        resource,
        passed_to: Some("lambda.amazonaws.com"),
        region: Some("eu-central-1"),
    }) {
        HeldVerdict::Allowed { .. } => "allowed",
        HeldVerdict::NotAllowed => "not allowed",
        HeldVerdict::Denied { .. } => "denied",
        HeldVerdict::Unknown { .. } => "unknown",
    }
}

const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
const QUEUE: &str = "arn:aws:sqs:eu-central-1:111122223333:a";
const QUEUES: &str = "arn:aws:sqs:eu-central-1:111122223333:*";

/// Actions, resources, conditions, what `sqs:CreateQueue` is asked for, and the verdict.
const ALLOWS: &[(&str, &str, &str, &str, &str)] = &[
    ("sqs:*", "*", "{}", QUEUE, "allowed"),
    ("sqs:createqueue", QUEUE, "{}", QUEUE, "allowed"),
    ("s3:*", "*", "{}", QUEUE, "not allowed"),
    ("sqs:*", "arn:aws:sqs:*:*:b", "{}", QUEUE, "not allowed"),
    // A part of what is asked for is not all of it.
    ("sqs:*", QUEUE, "{}", QUEUES, "unknown"),
    (
        "sqs:*",
        "arn:aws:sqs:*:*:${aws:username}",
        "{}",
        QUEUE,
        "unknown",
    ),
    // The dead grant: no ARN fits a call without a resource.
    ("sqs:*", "arn:aws:sqs:*", "{}", "*", "not allowed"),
    ("sqs:*", "*", "{}", "*", "allowed"),
    (
        "sqs:*",
        "*",
        r#"{"StringEquals":{"aws:RequestedRegion":"eu-central-1"}}"#,
        QUEUE,
        "allowed",
    ),
    (
        "sqs:*",
        "*",
        r#"{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}"#,
        QUEUE,
        "not allowed",
    ),
    (
        "sqs:*",
        "*",
        r#"{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}"#,
        QUEUE,
        "allowed",
    ),
    (
        "sqs:*",
        "*",
        r#"{"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#,
        QUEUE,
        "unknown",
    ),
    (
        "sqs:*",
        "*",
        r#"{"StringNotEquals":{"aws:RequestedRegion":"eu-central-1"}}"#,
        QUEUE,
        "unknown",
    ),
];

fn allow(action: &str, resource: &str, condition: &str) -> Value {
    let condition: Value = serde_json::from_str(condition).expect("JSON");
    json!({ "Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition })
}

fn denied_on(resource: &str) -> Value {
    let all: Value = serde_json::from_str(ALL).expect("JSON");
    json!([all, { "Effect": "Deny", "Action": "sqs:*", "Resource": resource }])
}

#[test]
fn the_text_of_policies_says_what_is_allowed() {
    for &(action, resource, condition, asked, want) in ALLOWS {
        let found = verdict(allow(action, resource, condition), &[], asked);
        assert_eq!(
            found, want,
            "{action} on {resource} under {condition}: {asked}"
        );
    }
    let other = json!({ "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" });
    assert_eq!(verdict(other, &[], QUEUE), "allowed");
    let other = json!({ "Effect": "Allow", "Action": "sqs:*", "NotResource": QUEUE });
    assert_eq!(verdict(other, &[], QUEUE), "not allowed");
}

#[test]
fn a_deny_wins_wherever_it_may_reach() {
    for (on, asked, want) in [
        ("*", QUEUE, "denied"),
        ("arn:aws:sqs:*:*:b", QUEUE, "allowed"),
        (QUEUE, QUEUES, "unknown"),
    ] {
        assert_eq!(verdict(denied_on(on), &[], asked), want, "{on}: {asked}");
    }
}

#[test]
fn what_could_not_be_read_may_allow_and_may_deny() {
    for action in ["s3:*", "sqs:*"] {
        assert_eq!(verdict(allow(action, "*", "{}"), &["x"], QUEUE), "unknown");
    }
    assert_eq!(verdict(denied_on("*"), &["x"], QUEUE), "denied");
}
