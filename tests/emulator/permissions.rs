//! `fractary permissions preflight` against roles in moto.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::Fractary;
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::support::venv;

/// A role with an inline policy, a managed one and a boundary; and one with a policy of AWS.
const ROLES: &str = r#"
import boto3, json, sys
iam = boto3.client("iam", endpoint_url=sys.argv[1], region_name="us-east-1",
                   aws_access_key_id="a", aws_secret_access_key="b")
def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
def allow(*actions):
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}})
made = lambda name, of: iam.create_policy(PolicyName=name, PolicyDocument=of)["Policy"]["Arn"]
bound = made("bound", policy(allow("sqs:*")))
iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trust, PermissionsBoundary=bound)
iam.put_role_policy(RoleName="deploy", PolicyName="own", PolicyDocument=policy(allow("sqs:CreateQueue", "logs:*")))
iam.attach_role_policy(RoleName="deploy", PolicyArn=made("shared", policy(allow("sqs:GetQueueAttributes"))))
iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)
# moto has the policies of AWS only where it is told to load them all.
iam.attach_role_policy(RoleName="reader", PolicyArn=made("read", policy(allow("sqs:Get*"))))
"#;

fn seed(emulator: &Emulator) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let requirements = root.join("tests/support/requirements-moto.txt");
    let output = Command::new(venv::program(
        &venv::ensure("moto", &requirements),
        "python",
    ))
    .args(["-c", ROLES, &emulator.url()])
    .output()
    .expect("Python starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
}

fn repository() -> Repo {
    let environment = json!({ "name": "test", "requires_confirmation": false,
        "account_id": "123456789012", "region": "us-east-1" });
    let environments =
        json!({ "version": "1.0.0", "default": "test", "environments": { "test": environment } });
    let repo = Repo::new(&[(
        ".fractary/shared/environments.json",
        &format!("{environments:#}\n"),
    )]);
    let created = |of: &str, after: Value| {
        json!({ "address": format!("{of}.x"), "mode": "managed", "type": of, "name": "x",
            "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": {} } })
    };
    let plan = json!({ "format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {},
        "resource_changes": [
            created("aws_sqs_queue", json!({ "name": "orders" })),
            created("aws_cloudwatch_log_group", json!({ "name": "orders" })),
        ] });
    std::fs::write(repo.home().join("plan.json"), plan.to_string()).expect("it can be written");
    repo
}

fn preflight(endpoint: &str, repo: &Repo, role: &str) -> Fractary {
    let arn = format!("arn:aws:sts::123456789012:assumed-role/{role}/session");
    Fractary::in_repo(repo)
        .endpoint(endpoint)
        .env("AWS_MAX_ATTEMPTS", "1")
        .at("2026-11-30T10:00:00Z")
        .args([
            "permissions",
            "preflight",
            "--format",
            "json",
            "--identity",
            &arn,
            "--plan",
        ])
        .args([repo.home().join("plan.json")])
}

fn actions(report: &Value, list: &str) -> Vec<String> {
    let all = report[list].as_array().expect("a list").iter();
    all.map(|one| {
        format!(
            "{} {}",
            one["action"].as_str().unwrap_or("?"),
            one["grant_helps"]
        )
    })
    .collect()
}

#[test]
fn the_policies_of_a_role_decide() {
    let emulator = emulator::moto();
    seed(&emulator);
    let repo = repository();
    let report = preflight(&emulator.url(), &repo, "deploy")
        .run()
        .exits(1)
        .json();
    assert_eq!(
        actions(&report, "allowed"),
        ["sqs:CreateQueue false", "sqs:GetQueueAttributes false"]
    );
    let missing = actions(&report, "missing");
    assert!(
        missing.contains(&"sqs:ListQueueTags true".to_owned()),
        "{missing:?}"
    );
    // The boundary is in the way of what the role's own policy allows.
    assert!(
        missing.contains(&"logs:CreateLogGroup false".to_owned()),
        "{missing:?}"
    );
    assert_eq!(report["unknown"], json!([]));
    let granted = report["grant"]["policy"]["Statement"]
        .as_array()
        .expect("statements");
    assert!(
        granted
            .iter()
            .all(|one| one["Resource"] == json!(["arn:aws:sqs:us-east-1:123456789012:orders"])),
        "{granted:?}"
    );
    // A pattern in a policy that is attached allows what it covers.
    let report = preflight(&emulator.url(), &repo, "reader")
        .run()
        .exits(1)
        .json();
    let allowed = actions(&report, "allowed");
    assert!(
        allowed.contains(&"sqs:GetQueueAttributes false".to_owned()),
        "{allowed:?}"
    );
    let missing = actions(&report, "missing");
    assert!(
        missing.contains(&"sqs:CreateQueue true".to_owned()),
        "{missing:?}"
    );
}

#[test]
fn who_may_not_read_policies_is_told_that_nothing_is_known() {
    let emulator = emulator::moto();
    seed(&emulator);
    let repo = repository();
    let proxy = Proxy::start(emulator.address());
    proxy.set_rules([Rule::on("iam:GetAccountAuthorizationDetails", Fault::Deny)]);
    let report = preflight(&proxy.url(), &repo, "deploy")
        .run()
        .exits(3)
        .json();
    assert_eq!(
        (&report["allowed"], &report["missing"]),
        (&json!([]), &json!([]))
    );
    let text = report["unknown"][0]["because"].as_str().expect("a reason");
    assert!(
        text.contains("iam:GetAccountAuthorizationDetails"),
        "{text}"
    );
    let gone = preflight(&emulator.url(), &repo, "gone")
        .run()
        .exits(3)
        .json();
    let text = gone["unknown"][0]["because"].as_str().expect("a reason");
    assert!(text.contains("`gone` was not found"), "{text}");
}
