use proptest::prelude::*;

use super::*;
use crate::core::policy::PolicyDocument;
use crate::model::denied_grant::DeniedGrantReport;

const USER: &str =
    "User: arn:aws:sts::111122223333:assumed-role/deploy/ci is not authorized to perform: ";

fn scope(prefix: Option<&str>) -> ProposalScope {
    ProposalScope {
        prefix: prefix.map(str::to_owned),
        ..ProposalScope::default()
    }
}

fn report(text: &str, scope: &ProposalScope) -> DeniedGrantReport {
    let all: Vec<_> = denials(text).into_iter().map(explain).collect();
    propose(&all, scope)
}

/// What is granted, or why nothing is.
fn answer(text: &str, scope: &ProposalScope) -> String {
    let report = report(text, scope);
    let granted = report.grants.iter().flat_map(|grant| {
        let all = grant.proposal.policy["Statement"]
            .as_array()
            .expect("statements");
        all.iter().map(|one| {
            let condition = one
                .get("Condition")
                .map(|it| format!(" if {it}"))
                .unwrap_or_default();
            format!("{} on {}{condition}", one["Action"], one["Resource"])
        })
    });
    let refused = report
        .refused
        .iter()
        .map(|one| format!("no: {}", one.because.raw()));
    granted.chain(refused).collect::<Vec<_>>().join("\n")
}

fn denied(action: &str, resource: &str) -> String {
    format!(
        "{USER}{action} on resource: {resource} because no identity-based policy allows the {action} action"
    )
}

const GRANTED: &[(&str, &str, Option<&str>, &str)] = &[
    (
        "sqs:receivemessage",
        "arn:aws:sqs:eu-west-1:111122223333:orders",
        None,
        r#"["sqs:ReceiveMessage"] on ["arn:aws:sqs:eu-west-1:111122223333:orders"]"#,
    ),
    (
        "sqs:CreateQueue",
        "arn:aws:sqs:eu-west-1:111122223333:shop-test-a",
        Some("shop-test-"),
        r#"["sqs:CreateQueue"] on ["arn:aws:sqs:eu-west-1:111122223333:shop-test-*"]"#,
    ),
    (
        "s3:GetObject",
        "arn:aws:s3:::shop-test-x/a b.png",
        None,
        r#"["s3:GetObject"] on ["arn:aws:s3:::shop-test-x/a b.png"]"#,
    ),
    // A listing asks for everything of its type: a narrower statement would never fit.
    (
        "rds:DescribeDBInstances",
        "arn:aws:rds:eu-west-1:111122223333:db:*",
        Some("shop-"),
        r#"["rds:DescribeDBInstances"] on ["*"] if {"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}"#,
    ),
    // Forms of names.
    (
        "iam:GetRole",
        "role app",
        None,
        r#"["iam:GetRole"] on ["arn:aws:iam::111122223333:role/app"]"#,
    ),
    (
        "iam:GetRole",
        "arn:aws:iam::111122223333:role//app",
        None,
        r#"["iam:GetRole"] on ["arn:aws:iam::111122223333:role/app"]"#,
    ),
    (
        "sqs:CreateQueue",
        "arn:aws:sqs:eu-west-1:***:a",
        None,
        r#"["sqs:CreateQueue"] on ["arn:aws:sqs:eu-west-1:111122223333:a"]"#,
    ),
    (
        "sqs:CreateQueue",
        "arn:aws-us-gov:sqs:us-gov-west-1:111122223333:a",
        None,
        r#"["sqs:CreateQueue"] on ["arn:aws-us-gov:sqs:us-gov-west-1:111122223333:a"]"#,
    ),
    // Not for the asking.
    (
        "iam:PutRolePolicy",
        "role app",
        None,
        "no: it changes what others may do or cannot be undone: grant it by hand, if at all",
    ),
    (
        "kms:ScheduleKeyDeletion",
        "arn:aws:kms:eu-west-1:111122223333:key/1",
        None,
        "no: it changes what others may do or cannot be undone: grant it by hand, if at all",
    ),
    (
        "sqs:CreateQueue",
        "*",
        None,
        "no: it was denied on `*` although it can be narrowed: find out what it was called for",
    ),
    (
        "sqs:CreateQueue",
        "arn:aws:sqs:*:111122223333:a",
        None,
        "no: what it was denied on is a pattern of any type or account",
    ),
    (
        "sqs:CreateQueue",
        "orders",
        None,
        "no: what it was denied on is no ARN",
    ),
    (
        "iam:PassRole",
        "arn:aws:iam::111122223333:role/app",
        None,
        "no: the message does not say which service the role is passed to, and it is granted for one only",
    ),
    (
        "logs:DescribeLogGroups",
        "*",
        None,
        "no: the action can only be allowed on `*`, and in which region is not known: add `--region`",
    ),
    (
        "moon:Land",
        "arn:aws:moon:eu-west-1:111122223333:a",
        None,
        "no: the action is not in the reference, so what it can be narrowed to is not known",
    ),
];

#[test]
fn a_grant_names_what_was_denied() {
    for &(action, resource, prefix, want) in GRANTED {
        let found = answer(&denied(action, resource), &scope(prefix));
        assert_eq!(found, want, "{action} on {resource}");
    }
}

#[test]
fn what_a_grant_cannot_help_with_is_refused() {
    let deny = format!(
        "{USER}sqs:CreateQueue on resource: arn:aws:sqs:eu-west-1:111122223333:a with an explicit deny in a service control policy"
    );
    assert!(answer(&deny, &scope(None)).starts_with("no: a grant does not help. "));
    let boundary = format!(
        "{USER}sqs:CreateQueue on resource: arn:aws:sqs:eu-west-1:111122223333:a because no permissions boundary allows the sqs:CreateQueue action"
    );
    assert!(answer(&boundary, &scope(None)).starts_with("no: a grant does not help. "));
    let leaked = format!(
        "{USER}iam:GetRole on resource: role app with an explicit deny in an identity-based policy: arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
    );
    assert!(answer(&leaked, &scope(None)).starts_with("no: a grant does not help. "));
    let plain =
        "An error occurred (AccessDenied) when calling the ListObjectsV2 operation: Access Denied";
    assert!(
        answer(plain, &scope(None)).starts_with("no: "),
        "{}",
        answer(plain, &scope(None))
    );
    assert_eq!(answer("all is well", &scope(None)), "");
}

#[test]
fn all_denials_of_one_apply_are_one_grant_that_ends() {
    let queue = "arn:aws:sqs:eu-west-1:111122223333:shop-test-a";
    let text: Vec<String> = [
        "sqs:CreateQueue",
        "sqs:TagQueue",
        "sqs:GetQueueAttributes",
        "sqs:DeleteQueue",
        "sqs:ListQueueTags",
    ]
    .iter()
    .map(|action| denied(action, queue))
    .collect();
    let until = "2026-11-30T16:00:00Z".parse().expect("a time");
    let scope = ProposalScope {
        until: Some(until),
        pattern: None,
        ..ProposalScope::default()
    };
    let found = report(&text.join("\n"), &scope);
    assert_eq!((found.grants.len(), found.refused.len()), (1, 0));
    let statements = found.grants[0].proposal.policy["Statement"]
        .as_array()
        .expect("statements");
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["Action"].as_array().map(Vec::len), Some(5));
    assert_eq!(
        statements[0]["Condition"],
        serde_json::json!({ "DateLessThan": { "aws:CurrentTime": "2026-11-30T16:00:00Z" } })
    );
    assert_eq!(
        found.grants[0].principal.as_ref().map(|one| one.raw()),
        Some("arn:aws:iam::111122223333:role/deploy")
    );
}

proptest! {
    /// Whatever a message says, nothing is granted on `*` that can be narrowed, and nothing that
    /// was not asked for.
    #[test]
    fn a_text_never_makes_a_grant_wide(
        action in prop_oneof!["(sqs|s3|iam|rds|ec2|lambda|kms|sts):[A-Za-z*?]{1,14}", Just("*".to_owned()), Just("s3:*".to_owned()), Just("sqs:SendMessage".to_owned()), Just("rds:DescribeDBInstances".to_owned())],
        resource in prop_oneof!["[ -~]{0,40}", "arn:aws:(sqs|s3|iam|rds):[a-z0-9*?-]{0,9}:[0-9*]{0,12}:[!-~]{0,20}", Just("*".to_owned()), Just("arn:aws:sqs:*:*:*".to_owned())],
        named in any::<bool>(),
    ) {
        let scope = ProposalScope {
            region: Some("eu-west-1".to_owned()),
            ..scope(named.then_some("shop-test-"))
        };
        let text = denied(&action, &resource);
        for grant in report(&text, &scope).grants {
            let policy = PolicyDocument::parse(&grant.proposal.policy.to_string()).expect("IAM's grammar");
            for statement in &policy.statements {
                for action in &statement.actions.patterns {
                    prop_assert!(!action.contains(['*', '?']), "{action}");
                    prop_assert!(text.to_lowercase().contains(&action.to_lowercase()), "{action}");
                    for resource in &statement.resources.as_ref().expect("resources").patterns {
                        prop_assert!(resource != "*" || takes_resources(action) == Some(false), "{action} {resource}");
                        prop_assert!(resource == "*" || resource.splitn(6, ':').take(5).all(|part| !part.contains('*')), "{resource}");
                    }
                }
            }
        }
    }
}
