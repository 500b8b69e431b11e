//! Permissions that plans give.

use super::*;

fn policy(statement: Value) -> String {
    json!({ "policy": json!({ "Statement": statement }).to_string() }).to_string()
}

/// What is said of a policy that is created.
fn created(kind: &str, statement: Value) -> String {
    let after = policy(statement);
    let address = format!("{kind}.p");
    let plan = of(vec![change(&address, &["create"], "null", &after)]);
    said(&review(&plan)).join("\n")
}

#[test]
fn what_opens_a_way_needs_all_of_its_actions() {
    let allow = |actions: &[&str]| json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
    for (actions, want) in [
        (&["iam:PassRole"][..], "PASS LOW iam-widened"),
        (
            &["iam:PassRole", "ec2:RunInstances"][..],
            "BLOCK HIGH iam-admin: aws_iam_policy.p opens a way to more permissions: whoever has it can pass any role to a new instance",
        ),
        (&["lambda:UpdateFunctionCode"][..], "WARN HIGH iam-admin"),
        (&["s3:*"][..], "PASS LOW iam-widened"),
    ] {
        let text = created("aws_iam_policy", allow(actions));
        assert!(text.contains(want), "{actions:?}: {text}");
    }
}

#[test]
fn a_condition_that_ties_nobody_down_leaves_it_open() {
    let open = |condition: Value| {
        json!({ "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*",
            "Condition": condition })
    };
    for (condition, want) in [
        (
            json!({ "Bool": { "aws:SecureTransport": "true" } }),
            "BLOCK CRITICAL public-policy",
        ),
        (
            json!({ "ArnEquals": { "aws:SourceArn": "arn:aws:sns:eu-west-1:222222222222:t" } }),
            "PASS LOW iam-widened",
        ),
        (
            json!({ "SomethingNew": { "aws:SourceArn": "x" } }),
            "WARN HIGH public-policy: aws_sqs_queue_policy.p may open it",
        ),
    ] {
        let text = created("aws_sqs_queue_policy", open(condition.clone()));
        assert!(text.contains(want), "{condition}: {text}");
    }
}

#[test]
fn a_policy_that_cannot_be_read_is_no_harmless_one() {
    let odd = json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Unless": "no" });
    let text = created("aws_iam_policy", odd);
    assert!(
        text.contains("WARN MEDIUM iam-unknown: the policy of aws_iam_policy.p cannot be read"),
        "{text}"
    );
}

#[test]
fn permissions_are_compared_by_what_they_allow() {
    let policy = |statement: Value| {
        json!({ "policy": json!({ "Statement": statement }).to_string() }).to_string()
    };
    let allow = |action: &str, resource: &str| json!([{ "Sid": action, "Effect": "Allow", "Action": action, "Resource": resource }]);
    for (before, after, want) in [
        (
            policy(allow("s3:getobject", "*")),
            policy(allow("s3:GetObject", "*")),
            "PASS",
        ),
        (
            policy(allow("s3:Get*", "a")),
            policy(allow("s3:*", "a")),
            "WARN HIGH iam-widened",
        ),
        (
            "null".to_owned(),
            policy(allow("s3:*", "a")),
            "PASS LOW iam-widened",
        ),
        (
            "null".to_owned(),
            policy(allow("*", "*")),
            "BLOCK CRITICAL iam-admin",
        ),
        (
            policy(allow("s3:*", "*")),
            policy(allow("iam:Put*", "*")),
            "BLOCK HIGH iam-admin",
        ),
        (
            "null".to_owned(),
            policy(
                json!([{ "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "q" }]),
            ),
            "BLOCK CRITICAL public-policy",
        ),
    ] {
        let words = if before == "null" { "create" } else { "update" };
        let plan = of(vec![change("aws_iam_policy.p", &[words], &before, &after)]);
        let text = said(&review(&plan)).join("\n");
        assert!(text.contains(want), "{after}: {text}");
    }
    let text = r#"{"policy_arn":"arn:aws:iam::aws:policy/AdministratorAccess"}"#;
    let plan = of(vec![change(
        "aws_iam_role_policy_attachment.a",
        &["create"],
        "null",
        text,
    )]);
    assert_eq!(review(&plan).verdict, ReviewVerdict::Block);
}

#[test]
fn actions_of_a_policy_that_is_not_known_yet_are_seen_in_the_configuration() {
    let configuration = json!({ "root_module": { "module_calls": { "m": { "module": { "resources": [
        { "mode": "managed", "type": "aws_iam_policy", "name": "p",
          "expressions": { "policy": { "references": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"] } } },
        { "mode": "data", "type": "aws_iam_policy_document", "name": "d", "expressions": { "statement": [
            { "actions": { "constant_value": ["iam:*"] }, "resources": { "references": ["aws_s3_bucket.b.arn"] } } ] } }
    ] } } } } })
    .to_string();
    let mut unknown = change("module.m[0].aws_iam_policy.p", &["create"], "null", "{}");
    unknown.after_unknown_json = Some(r#"{"policy":true}"#);
    let mut plan = of(vec![unknown]);
    let text = said(&review(&plan)).join("\n");
    assert!(text.contains("WARN MEDIUM iam-unknown"), "{text}");
    plan.configuration = Some(&configuration);
    let text = said(&review(&plan)).join("\n");
    assert!(
        text.contains("iam-admin") && text.contains("iam:* on (known after apply)"),
        "{text}"
    );
}

#[test]
fn what_has_no_policy_of_its_own_has_that_of_aws() {
    let written = |kind: &str, expressions: Value| {
        json!({ "root_module": { "resources": [{ "mode": "managed", "type": kind, "name": "x",
            "expressions": expressions }] } })
        .to_string()
    };
    let name = || json!({ "name": { "constant_value": "x" } });
    let policy =
        json!({ "name": { "constant_value": "x" }, "policy": { "references": ["var.p"] } });
    for (kind, action, configuration, asks) in [
        ("aws_sns_topic", "create", Some(name()), false),
        ("aws_s3_bucket", "create", Some(json!({})), false),
        // What is written is not known, nor is what nobody wrote down.
        ("aws_sns_topic", "create", Some(policy), true),
        ("aws_sns_topic", "create", None, true),
        // It may have been changed since.
        ("aws_sns_topic", "update", Some(name()), true),
        ("aws_vpc_endpoint", "create", Some(name()), true),
    ] {
        let address = format!("{kind}.x");
        let before = if action == "create" { "null" } else { "{}" };
        let mut made = change(&address, &[action], before, r#"{"name":"x"}"#);
        made.after_unknown_json = Some(r#"{"policy":true}"#);
        let mut plan = of(vec![made]);
        let text = configuration.map(|one| written(kind, one));
        plan.configuration = text.as_deref();
        let found = review(&plan);
        let has = found.findings.iter().any(|one| one.rule == "iam-unknown");
        assert_eq!(has, asks, "{kind} {action} {text:?}: {:?}", said(&found));
    }
}
