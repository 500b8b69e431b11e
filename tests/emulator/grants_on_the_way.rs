//! What a deployment meets on its way, with a real Terraform against an emulator that enforces
//! policies: denials that no preflight foresees, resources that are made and not finished, an IAM
//! that is slow, and identities that are not ours to change.

use serde_json::{Value, json};

use super::grants::{DEPLOYER, MAIN, Scene, policy, put_policy};
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::Outcome;
use crate::support::proxy::Proxy;
use crate::world::call;

const ACCOUNT: &str = "000000000000";
const FIX: [&str; 4] = ["infra", "deploy", "--fix-permissions", "--yes"];
const REGISTRY: &str = ".fractary/plugins/faber-cloud/deployments/test/registry.json";

/// The head of every configuration here, and one queue.
const QUEUE: &str = r#"
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 3.39"
    }
  }
}
provider "aws" { region = "eu-central-1" }
variable "environment" { type = string }
resource "aws_sqs_queue" "jobs" { name = "acme-orders-${var.environment}-jobs" }
"#;

/// A type that the catalogue knows nothing of, and that needs three calls.
const STREAM: &str = r#"
resource "aws_cloudwatch_log_group" "g" { name = "/acme/acme-orders-${var.environment}" }
resource "aws_cloudwatch_log_stream" "s" {
  name           = "acme-orders-${var.environment}-audit"
  log_group_name = aws_cloudwatch_log_group.g.name
}
"#;

const SHARED_TOPIC: &str = r#"
data "aws_sns_topic" "shared" { name = "acme-orders-test-shared" }
output "shared" { value = data.aws_sns_topic.shared.arn }
"#;

/// Makes something as the key that may do everything, in the region of the environment.
fn seed_here(scene: &Scene, steps: &[Value]) {
    let keys = json!({ "AccessKeyId": "test", "SecretAccessKey": "test" });
    let done = scene.emulator.try_seed_as(&keys, steps);
    done.unwrap_or_else(|refusal| panic!("seeding failed: {}", refusal.message));
}

fn deployer() -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{DEPLOYER}")
}

fn granted(scene: &Scene) -> Vec<Value> {
    let all = scene.audit().into_iter();
    all.filter(|one| one["status"] == "granted").collect()
}

fn actions(entry: &Value) -> Vec<&str> {
    let all = entry["action"].as_array().expect("actions").iter();
    all.filter_map(Value::as_str).collect()
}

/// No step of any deployment takes something away.
fn nothing_was_destroyed(scene: &Scene) {
    let deployments = scene.repo.read(".fractary/registry/deployments.json");
    let deployments: Value = serde_json::from_str(&deployments).expect("JSON");
    for step in deployments["deployments"].as_array().expect("a list") {
        for planned in step["record"]["planned"].as_array().into_iter().flatten() {
            let action = planned["action"].as_str().unwrap_or_default();
            assert!(!["replace", "delete"].contains(&action), "{planned}");
        }
    }
}

fn has_converged(scene: &Scene) {
    let again: Outcome = scene.run(&FIX).exits(0);
    let nothing = "Plan: 0 to add, 0 to change, 0 to destroy.";
    assert!(again.stderr.contains(nothing), "{}", again.stderr);
}

#[test]
fn surprises_take_rounds_and_what_was_made_is_kept() {
    let Some(scene) = Scene::with_terraform(&format!("{QUEUE}{STREAM}")) else {
        return;
    };
    let deployed = scene.run(&FIX).exits(0);
    let grants = granted(&scene);
    // One ahead, and the calls of the type that nobody knows.
    assert_eq!(grants[0]["reason"], "a deployment needs it");
    assert!((2..=4).contains(&grants.len()), "{grants:#?}");
    let surprises: Vec<&str> = grants[1..].iter().flat_map(actions).collect();
    assert!(surprises.contains(&"logs:CreateLogStream"), "{surprises:?}");
    assert!(
        surprises.contains(&"logs:DescribeLogStreams"),
        "{surprises:?}"
    );
    for entry in &grants[1..] {
        let reason = entry["reason"].as_str().expect("a text");
        assert!(
            reason.starts_with("a deployment was denied it, in round "),
            "{reason}"
        );
        for resource in entry["resource"].as_array().expect("a list") {
            let resource = resource.as_str().expect("a text");
            assert!(resource.contains("acme-orders-test"), "{resource}");
        }
    }
    // It was made before it could be read, so Terraform would have made it again.
    assert!(
        deployed.stderr.contains("kept aws_cloudwatch_log_stream.s"),
        "{}",
        deployed.stderr
    );
    nothing_was_destroyed(&scene);
    has_converged(&scene);
    let registry = scene.repo.read(REGISTRY);
    assert!(registry.contains("aws_cloudwatch_log_stream"), "{registry}");
    scene.run(&["check"]).exits(0);
}

#[test]
fn a_slow_iam_is_waited_for_and_not_granted_again() {
    let Some(scene) = Scene::with_terraform(QUEUE) else {
        return;
    };
    let proxy = Proxy::start(scene.emulator.address());
    proxy.set_rules([Rule::on("sqs:CreateQueue", Fault::DenyTo(deployer())).first(1)]);
    scene.send_terraform_to(&proxy.url());
    scene.repo.commit_all("Deploy through a proxy");
    scene.run(&FIX).exits(0);
    let grants = granted(&scene);
    assert_eq!(grants.len(), 1, "{grants:#?}");
    assert_eq!(proxy.counts()["sqs:CreateQueue"], 2);
    nothing_was_destroyed(&scene);
    has_converged(&scene);
}

#[test]
fn what_planning_is_denied_is_granted_and_planned_again() {
    let Some(scene) = Scene::with_terraform(&format!("{QUEUE}{SHARED_TOPIC}")) else {
        return;
    };
    let topic = json!({ "Name": "acme-orders-test-shared" });
    seed_here(&scene, &[call("sns", "create_topic", topic)]);
    scene.run(&FIX).exits(0);
    let grants = granted(&scene);
    assert!(
        grants.iter().any(|one| actions(one) == ["sns:ListTopics"]),
        "{grants:#?}"
    );
    has_converged(&scene);
}

#[test]
fn an_identity_of_terraform_is_changed_in_its_configuration() {
    let Some(scene) = Scene::with_terraform(QUEUE) else {
        return;
    };
    let registry = json!({
        "version": "1.0.0", "environment": "test", "last_deployed": "2026-01-05T10:00:00Z",
        "resources": [{
            "type": "aws_iam_user", "terraform_address": "aws_iam_user.deploy", "aws_id": DEPLOYER,
            "arn": deployer(), "console_url": "https://console.aws.amazon.com/", "created": "2026-01-05T10:00:00Z",
        }],
    });
    scene.repo.write(&[(REGISTRY, &format!("{registry:#}\n"))]);
    scene
        .repo
        .commit_all("Terraform has the identity that deploys");
    let refused = scene.run(&FIX).exits(4);
    let block = "resource \"aws_iam_user_policy\" \"deploy_more\" {";
    for said in [
        "aws_iam_user.deploy",
        block,
        "sqs:CreateQueue",
        "user = aws_iam_user.deploy.name",
    ] {
        assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
    }
    let grant = [
        "permissions",
        "grant",
        "--action",
        "sqs:CreateQueue",
        "--yes",
    ];
    let refused = scene.run(&grant).exits(1);
    assert!(refused.stdout.contains(block), "{}", refused.stdout);
    let proposed = [&grant[..4], &["--propose"]].concat();
    let refused = scene.run(&proposed).exits(4);
    let why = "Terraform has the identity, as aws_iam_user.deploy";
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
    assert!(
        !scene
            .repo
            .path()
            .join(".fractary/plugins/faber-cloud/deployments/iam-audit.json")
            .exists()
    );
    assert!(scene.make_queue("acme-orders-test-jobs").is_err());
}

#[test]
fn rounds_end_where_aws_goes_on_denying() {
    let Some(scene) = Scene::with_terraform(QUEUE) else {
        return;
    };
    let proxy = Proxy::start(scene.emulator.address());
    // A service control policy that the words of AWS do not name.
    proxy.set_rules([Rule::on(
        "sqs:CreateQueue",
        Fault::DenyTo(format!(
            "arn:aws:iam::{ACCOUNT}:user/acme-orders-test-worker"
        )),
    )]);
    scene.send_terraform_to(&proxy.url());
    scene.repo.commit_all("Deploy through a proxy");
    let refused = scene.run(&FIX).exits(4);
    assert!(
        refused.stderr.contains("denied to another identity"),
        "{}",
        refused.stderr
    );
    assert_eq!(granted(&scene).len(), 1);
}

/// Everything but one permission, as a reader of an account might have it.
fn all_but(action: &str) -> String {
    policy(&[json!({ "Effect": "Allow", "NotAction": [action], "Resource": "*" })])
}

#[test]
fn what_a_resource_is_unknown_without_is_granted_to_the_one_that_reads() {
    let scene = Scene::new();
    let reader = json!({ "UserName": "acme-orders-reader" });
    let table = json!({
        "TableName": "acme-orders-test-jobs", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
    });
    // What says how the table is, and takes a resource: queues are looked for in a list.
    let denied = "dynamodb:DescribeTable";
    let made = scene.emulator.seed(&[
        call("iam", "create_user", reader.clone()),
        call("iam", "create_access_key", reader),
        put_policy("acme-orders-reader", "reads", &all_but(denied)),
    ]);
    seed_here(&scene, &[call("dynamodb", "create_table", table)]);
    // Keys of the environment come before any profile, as in every tool of AWS.
    let keys = made[1]["AccessKey"].clone();
    let as_reader = |arguments: &[&str]| -> Outcome {
        let key = |name: &str| keys[name].as_str().expect("a text").to_owned();
        scene
            .prepare(arguments)
            .env("AWS_ACCESS_KEY_ID", key("AccessKeyId"))
            .env("AWS_SECRET_ACCESS_KEY", key("SecretAccessKey"))
            .run()
    };
    let arn = format!("arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/acme-orders-test-jobs");
    let registry = json!({
        "version": "1.0.0", "environment": "test", "last_deployed": "2026-01-05T10:00:00Z",
        "resources": [{
            "type": "aws_dynamodb_table", "aws_id": "acme-orders-test-jobs", "name": "acme-orders-test-jobs",
            "arn": arn, "console_url": "https://console.aws.amazon.com/", "created": "2026-01-05T10:00:00Z",
        }],
    });
    scene.repo.write(&[(REGISTRY, &format!("{registry:#}\n"))]);
    scene.repo.commit_all("Read a table");
    let from = [
        "permissions",
        "grant",
        "--from",
        "unknown:acme-orders-test-jobs",
        "--yes",
    ];
    // Nobody has looked yet.
    let none = as_reader(&from).exits(2);
    assert!(
        none.stderr.contains("there is no report of test yet"),
        "{}",
        none.stderr
    );
    let looked = as_reader(&["health", "--env", "test", "--commit"]).exits(3);
    assert!(looked.stdout.contains(denied), "{}", looked.stdout);
    let other = ["permissions", "grant", "--from", "unknown:other", "--yes"];
    let other = as_reader(&other).exits(2);
    assert!(
        other.stderr.contains("there is no resource `other`"),
        "{}",
        other.stderr
    );
    as_reader(&from).exits(0);
    let entry = granted(&scene).remove(0);
    assert_eq!(
        entry["principal"],
        format!("arn:aws:iam::{ACCOUNT}:user/acme-orders-reader")
    );
    assert_eq!(entry["action"], json!([denied]));
    assert_eq!(entry["resource"], json!([arn]));
    assert_eq!(entry["reason"], "a resource is UNKNOWN without it");
    as_reader(&["health", "--env", "test", "--commit"]).exits(0);
    // What it was granted can be taken back, though it deploys nothing.
    let id = granted(&scene)[0]["of"].as_str().expect("an id").to_owned();
    scene.run(&["permissions", "diff"]).exits(0);
    // It is known now.
    let known = as_reader(&from).exits(2);
    assert!(known.stderr.contains("is not UNKNOWN"), "{}", known.stderr);
    scene.run(&["permissions", "revoke", &id, "--yes"]).exits(0);
    scene.run(&["permissions", "diff"]).exits(0);
    scene.run(&["check"]).exits(0);
}

#[test]
fn what_a_deployment_is_missing_is_in_the_plan_alone() {
    let Some(scene) = Scene::with_terraform(MAIN) else {
        return;
    };
    // A dry run shows the grant, and changes nothing on either side.
    let dry = scene
        .run(&["infra", "deploy", "--fix-permissions", "--dry-run"])
        .exits(0);
    assert!(dry.stderr.contains("GRANT TO"), "{}", dry.stderr);
    assert!(scene.make_queue("acme-orders-test-jobs").is_err());
    assert!(
        !scene
            .repo
            .path()
            .join(".fractary/plugins/faber-cloud/deployments/iam-audit.json")
            .exists()
    );
}
