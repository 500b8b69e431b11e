//! `fractary permissions preflight`: what a plan needs, held against policies of files.

use serde_json::{Value, json};

use crate::support::fractary::{Fractary, Outcome};
use crate::support::repo::Repo;

const CLOCK: &str = "2026-11-30T12:00:00Z";

const ENVIRONMENTS: &str = r#"{
  "version": "1.0.0",
  "default": "test",
  "environments": {
    "test": { "name": "test", "requires_confirmation": false, "account_id": "111122223333", "region": "eu-central-1" },
    "bare": { "name": "bare", "requires_confirmation": false }
  }
}
"#;

const DEVOPS: &str = r#"{
  "version": "1.0.0",
  "project": { "name": "shop" },
  "resource_naming": { "pattern": "{project}-{environment}-{resource}" }
}
"#;

fn created(address: &str, after: &Value) -> Value {
    let (of, name) = address.split_once('.').expect("a type and a name");
    json!({
        "address": address, "mode": "managed", "type": of, "name": name,
        "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": {} },
    })
}

fn plan() -> String {
    let queue = created(
        "aws_sqs_queue.orders",
        &json!({ "name": "shop-test-orders", "tags_all": { "team": "a" } }),
    );
    let logs = created(
        "aws_cloudwatch_log_group.api",
        &json!({ "name": "/aws/lambda/shop-test-api" }),
    );
    plan_of(&[queue, logs])
}

fn plan_of(changes: &[Value]) -> String {
    json!({
        "format_version": "1.2", "terraform_version": "1.15.5", "complete": true,
        "planned_values": {}, "resource_changes": changes,
    })
    .to_string()
}

fn policy(statements: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// A repository, and files beside it.
fn repository(files: &[(&str, &str)]) -> Repo {
    let repo = Repo::new(&[
        (".fractary/shared/environments.json", ENVIRONMENTS),
        (".fractary/plugins/faber-cloud/config/devops.json", DEVOPS),
    ]);
    for (name, text) in files {
        std::fs::write(repo.home().join(name), text).expect("it can be written");
    }
    repo
}

fn preflight(repo: &Repo, arguments: &[&str]) -> Fractary {
    let file = |name: &&str| repo.home().join(name);
    let start = Fractary::in_repo(repo)
        .at(CLOCK)
        .args(["permissions", "preflight"]);
    arguments
        .iter()
        .fold(start, |run, one| match one.contains('.') {
            true => run.args([file(one)]),
            false => run.args([*one]),
        })
}

const OFFLINE: [&str; 5] = [
    "--plan",
    "plan.json",
    "--offline",
    "--policy",
    "policy.json",
];

#[test]
fn what_is_missing_is_one_grant_in_every_format() {
    let held = policy(&json!([
        { "Effect": "Allow", "Action": ["sqs:GetQueueAttributes", "sqs:ListQueueTags"], "Resource": "*" },
        { "Effect": "Allow", "Action": "logs:*", "Resource": "*", "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "true" } } },
        { "Effect": "Deny", "Action": "sqs:TagQueue", "Resource": "*" },
    ]));
    let repo = repository(&[("plan.json", &plan()), ("policy.json", &held)]);
    let run = preflight(&repo, &OFFLINE).run().exits(1);
    insta::assert_snapshot!(run.stdout);
    let with = |format: &'static str| {
        preflight(&repo, &[&OFFLINE[..], &["--format", format]].concat())
            .run()
            .exits(1)
    };
    insta::assert_snapshot!(with("markdown").stdout);
    let report = with("json").json();
    let count = |name: &str| report[name].as_array().expect("a list").len();
    assert_eq!(
        count("needed"),
        count("allowed") + count("missing") + count("unknown")
    );
    insta::assert_snapshot!(serde_json::to_string_pretty(&report["grant"]).expect("JSON"));
}

#[test]
fn the_exit_code_says_how_it_stands() {
    let everything =
        policy(&json!({ "Effect": "Allow", "Action": ["sqs:*", "logs:*"], "Resource": "*" }));
    let nothing = plan_of(&[]);
    let strange = plan_of(&[created("aws_quicksight_dashboard.x", &json!({}))]);
    for (plan, code) in [(plan(), 0), (nothing, 0), (strange, 3)] {
        let repo = repository(&[("plan.json", &plan), ("policy.json", &everything)]);
        preflight(&repo, &OFFLINE).run().exits(code);
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    let good = policy(&json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }));
    let repo = repository(&[
        ("plan.json", &plan()),
        ("policy.json", &good),
        ("half.json", &plan()[..40]),
        (
            "state.json",
            r#"{"version":4,"terraform_version":"1.15.5","serial":1,"lineage":"x","outputs":{},"resources":[]}"#,
        ),
        ("odd.json", r#"{"Statement":{"Effect":"Permit"}}"#),
    ]);
    for (arguments, want) in [
        (
            vec![
                "--plan",
                "half.json",
                "--offline",
                "--policy",
                "policy.json",
            ],
            "half.json: the file is not readable at line 1",
        ),
        (
            vec![
                "--plan",
                "state.json",
                "--offline",
                "--policy",
                "policy.json",
            ],
            "no plan",
        ),
        (
            vec![
                "--plan",
                "gone.json",
                "--offline",
                "--policy",
                "policy.json",
            ],
            "could not read",
        ),
        (
            vec!["--plan", "plan.json", "--offline", "--policy", "odd.json"],
            "is no IAM policy: an `Effect` is neither Allow nor Deny",
        ),
        (vec!["--plan", "plan.json", "--offline"], "--policy"),
        (
            vec!["--plan", "plan.json", "--identity", "someone"],
            "`someone` is not the ARN of a user or role",
        ),
        (
            vec![
                "--plan",
                "plan.json",
                "--offline",
                "--policy",
                "policy.json",
                "--env",
                "bare",
            ],
            "the account_id of environment `bare` is not known",
        ),
    ] {
        let run = preflight(&repo, &arguments).run().exits(2);
        assert!(run.stderr.contains(want), "{arguments:?}: {}", run.stderr);
        assert!(run.stdout.is_empty(), "{}", run.stdout);
    }
}

const DENIED: &str = "\
╷
│ Error: creating SQS Queue (shop-test-orders): operation error SQS: CreateQueue, https response error StatusCode: 403, RequestID: 1, api error AccessDenied: User: arn:aws:sts::111122223333:assumed-role/deploy/ci is not authorized to perform: sqs:createqueue on resource: arn:aws:sqs:eu-west-1:111122223333:shop-test-orders because no identity-based policy allows the sqs:createqueue action
│
╵
User: arn:aws:sts::111122223333:assumed-role/deploy/ci is not authorized to perform: s3:CreateBucket on resource: \"arn:aws:s3:::shop-test-logs\" with an explicit deny in a service control policy: arn:aws:organizations::999988887777:policy/o-a1b2c3/service_control_policy/p-x1y2
";

fn propose(arguments: &[&str], input: &str) -> Outcome {
    let repo = Repo::new(&[]);
    Fractary::in_repo(&repo)
        .at(CLOCK)
        .args(["permissions", "propose"])
        .args(arguments)
        .input(input)
        .run()
}

/// Windows PowerShell redirects output as UTF-16, with a mark in front.
#[test]
fn what_windows_redirects_is_read() {
    let repo = repository(&[]);
    let put = |name: &str, text: &str| {
        let marked: Vec<u8> = std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        std::fs::write(repo.home().join(name), marked).expect("it can be written");
    };
    put("denied.log", DENIED);
    put("plan.json", &plan());
    let all = policy(&json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }));
    put("policy.json", &all);
    let file = repo.home().join("denied.log");
    let run = Fractary::in_repo(&repo)
        .at(CLOCK)
        .args(["permissions", "explain", "--file"])
        .args([&file])
        .run()
        .exits(0);
    assert!(run.stdout.contains("s3:CreateBucket"), "{}", run.stdout);
    preflight(&repo, &OFFLINE).run().exits(0);
}

#[test]
fn what_was_denied_becomes_one_policy() {
    let run = propose(&["--prefix", "shop-test-", "--for", "4h"], DENIED);
    insta::assert_snapshot!(run.exits(1).stdout);
    let run = propose(&["--format", "markdown"], DENIED);
    insta::assert_snapshot!(run.exits(1).stdout);
    let first = DENIED.lines().nth(1).expect("a line");
    let report = propose(&["--format", "json"], first).exits(0).json();
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).expect("JSON"));
    let run = propose(&[], "all is well").exits(1);
    assert_eq!(run.stdout, "No denial of AWS is in this text.\n");
    for wrong in [
        ["--prefix", "*"],
        ["--prefix", "a-"],
        ["--for", "soon"],
        ["--for", "0h"],
        ["--account", "x"],
    ] {
        propose(&wrong, DENIED).exits(2);
    }
}

#[test]
fn the_id_of_a_proposal_is_no_path() {
    let repo = Repo::new(&[(".fractary/shared/environments.json", ENVIRONMENTS)]);
    for id in ["../x", "a/b", "a.json"] {
        let run = Fractary::in_repo(&repo)
            .at(CLOCK)
            .args(["permissions", "grant", "--proposal", id])
            .run()
            .exits(2);
        let said = "an id has letters, digits and hyphens";
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    // That no denial is in a text is known before anybody is asked, and is no "granted already".
    let run = Fractary::in_repo(&repo)
        .at(CLOCK)
        .args(["permissions", "grant", "all is well", "--yes"])
        .run()
        .exits(2);
    let said = "nothing was granted: no denial of AWS is in this text";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}
