//! Audits of a whole account in moto: every fault that was planted is found, its clean twin has
//! none of them, and what may not be read is unknown.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::Fractary;
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::support::venv;

const NOW: &str = "2026-11-30T10:00:00Z";
/// The account of the emulator.
const MOTO: &str = "123456789012";
/// The account of the other one.
const MINISTACK: &str = "000000000000";

/// A check, and a part of the ARN of what it fails for.
type Planted = (String, String);

/// Seeds the world of `audit_world.py`, with faults or without; returns those that it has.
fn seed(emulator: &Emulator, mode: &str) -> Vec<Planted> {
    seed_account(emulator, mode, MOTO)
}

fn seed_account(emulator: &Emulator, mode: &str, account: &str) -> Vec<Planted> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let requirements = root.join("tests/support/requirements-moto.txt");
    let output = Command::new(venv::program(
        &venv::ensure("moto", &requirements),
        "python",
    ))
    .arg(root.join("tests/support/audit_world.py"))
    .args([&emulator.url(), mode, account])
    .output()
    .expect("Python starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    serde_json::from_slice(&output.stdout).expect("a list of pairs")
}

fn repository(account: &str) -> Repo {
    let environments = json!({
        "version": "1.0.0",
        "default": "test",
        "environments": {
            "test": {
                "name": "test",
                "requires_confirmation": false,
                "account_id": account,
                "region": "us-east-1",
            },
        },
    });
    let monitoring = "[helm-cloud]\ndomain = \"infrastructure\"\nenvironments = [\"test\"]\n";
    Repo::new(&[
        (
            ".fractary/shared/environments.json",
            &format!("{environments:#}\n"),
        ),
        (
            ".fractary/plugins/helm-cloud/config/monitoring.toml",
            monitoring,
        ),
    ])
}

/// The report of an audit through this endpoint.
fn audit(endpoint: &str, more: &[&str]) -> Value {
    audit_account(endpoint, MOTO, more)
}

fn audit_account(endpoint: &str, account: &str, more: &[&str]) -> Value {
    let repo = repository(account);
    let arguments = ["audit", "--env", "test", "--region", "us-east-1"];
    let run = Fractary::in_repo(&repo)
        .endpoint(endpoint)
        .env("AWS_MAX_ATTEMPTS", "1")
        .at(NOW)
        .args(arguments)
        .args([
            "--format",
            "json",
            "--timeout",
            "300s",
            "--fail-on",
            "never",
        ])
        .args(more)
        .run();
    assert!(!run.stdout.is_empty(), "{}", run.stderr);
    run.json()
}

/// The findings of a report: check, and ARN or name.
fn findings(report: &Value) -> BTreeSet<(String, String)> {
    let all = report["findings"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all.iter()
        .map(|one| {
            let resource = &one["resource"];
            let arn = resource.get("arn").unwrap_or(&resource["name"]);
            (text(&one["check"]), text(arn))
        })
        .collect()
}

/// Those that no finding is about.
fn missing<'a>(planted: &'a [Planted], found: &BTreeSet<(String, String)>) -> Vec<&'a Planted> {
    let is_found = |(check, part): &&Planted| {
        let mut same = found.iter().filter(|one| one.0 == *check);
        same.any(|one| one.1.contains(part.as_str()))
    };
    planted.iter().filter(|one| !is_found(one)).collect()
}

#[test]
fn planted_faults_are_found_and_none_in_the_clean_twin() {
    let emulator = emulator::moto();
    let planted = seed(&emulator, "faulty");
    assert!(planted.len() >= 60, "{}", planted.len());
    let report = audit(&emulator.url(), &[]);
    let missed = missing(&planted, &findings(&report));
    assert!(
        missed.is_empty(),
        "{missed:#?}\nunknown: {:#}",
        report["unknown"]
    );
    // The finding about a secret says of which kind it is, and never which.
    for part in ["AKIAQ3EGTZ5VJ7X2LMNO", "wJ4lrXUtn"] {
        assert!(!report.to_string().contains(part), "{part}");
    }

    emulator.reset();
    assert_eq!(seed(&emulator, "clean"), []);
    // What was planted, and nothing else that the accounts have in common.
    let found = findings(&audit(&emulator.url(), &[]));
    let missed = missing(&planted, &found);
    let invented: Vec<_> = planted
        .iter()
        .filter(|one| !missed.contains(one))
        // moto gives its default policy of TLS to listeners without TLS, too.
        .filter(|(check, _)| check != "elb-old-tls")
        .collect();
    assert!(invented.is_empty(), "{invented:#?}");
}

/// The same world in MiniStack. What was planted is found, or unknown where MiniStack does not
/// answer what would show it; it never passes.
#[test]
fn faults_in_another_emulator_are_found_or_unknown() {
    let emulator = emulator::ministack();
    let planted = seed_account(&emulator, "faulty", MINISTACK);
    assert!(planted.len() >= 60, "{}", planted.len());
    let report = audit_account(&emulator.url(), MINISTACK, &[]);
    let missed = missing(&planted, &findings(&report));
    let unknown: BTreeSet<&str> = report["unknown"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["check"].as_str())
        .collect();
    let lost: Vec<_> = missed
        .iter()
        .filter(|(check, _)| !unknown.contains(check.as_str()))
        .filter(|(check, _)| !NOT_KEPT.contains(&check.as_str()))
        .collect();
    assert!(lost.is_empty(), "{lost:#?}");
    let seen = planted.len() - missed.len();
    assert!(seen >= 60, "{seen} of {}", planted.len());
}

/// What MiniStack takes and does not give back, so that no audit could see it.
const NOT_KEPT: [&str; 1] = ["ebs-snapshot-public"];

#[test]
fn what_may_not_be_read_is_unknown_and_names_the_permission() {
    let emulator = emulator::moto();
    let planted = seed(&emulator, "faulty");
    let proxy = Proxy::start(emulator.address());
    // One of every protocol, lists and further calls: what is denied, which check needs it, and
    // the permission.
    let cases = [
        (
            "s3:GetBucketPolicy",
            "s3-bucket-tls-only",
            "s3:GetBucketPolicy",
        ),
        (
            "s3:GetBucketVersioning",
            "s3-bucket-versioning",
            "s3:GetBucketVersioning",
        ),
        (
            "ec2:DescribeVolumes",
            "ebs-volume-unencrypted",
            "ec2:DescribeVolumes",
        ),
        (
            "ec2:DescribeFlowLogs",
            "vpc-flow-logs",
            "ec2:DescribeFlowLogs",
        ),
        (
            "rds:DescribeDBInstances",
            "rds-instance-multi-az",
            "rds:DescribeDBInstances",
        ),
        (
            "kms:GetKeyRotationStatus",
            "kms-rotation",
            "kms:GetKeyRotationStatus",
        ),
        (
            "sqs:GetQueueAttributes",
            "sqs-unencrypted",
            "sqs:GetQueueAttributes",
        ),
        (
            "sns:GetTopicAttributes",
            "sns-unencrypted",
            "sns:GetTopicAttributes",
        ),
        (
            "dynamodb:DescribeContinuousBackups",
            "dynamodb-recovery",
            "dynamodb:DescribeContinuousBackups",
        ),
        (
            "logs:DescribeLogGroups",
            "logs-retention",
            "logs:DescribeLogGroups",
        ),
        (
            "lambda:ListFunctions",
            "lambda-tracing",
            "lambda:ListFunctions",
        ),
    ];
    for (denied, check, permission) in cases {
        assert!(planted.iter().any(|(one, _)| one == check), "{check}");
        proxy.set_rules([Rule::on(denied, Fault::Deny)]);
        let report = audit(&proxy.url(), &["--check", check]);
        assert_eq!(report["findings"], json!([]), "{denied}");
        let unknown = report["unknown"].as_array().map_or(&[][..], Vec::as_slice);
        let named = unknown
            .iter()
            .any(|one| one["check"] == check && one["because"].to_string().contains(permission));
        assert!(named, "{denied}: {:#}", report["unknown"]);
        assert_ne!(report["summary"]["overall_status"], "pass", "{denied}");
    }
}

/// Verdicts that pass.
fn passes(report: &Value) -> u64 {
    report["summary"]["verdicts"]["pass"].as_u64().unwrap_or(0)
}

/// Every operation that an audit sends fails once, in turns in each of the ways in which AWS
/// fails. What it would have said is unknown then: nothing passes that did not, and nothing is
/// found that was not there. `cloud::aws::configuration::walk` has every pair of operation and
/// failure without a network.
#[test]
fn no_operation_that_fails_turns_into_a_pass() {
    const WAYS: [Fault; 5] = [
        Fault::Deny,
        Fault::Throttle,
        Fault::ServerError,
        Fault::Garbage,
        Fault::Close,
    ];
    let emulator = emulator::moto();
    seed(&emulator, "faulty");
    let proxy = Proxy::start(emulator.address());
    // Nobody changes the world, and moto takes longer to say the same again than to be asked.
    proxy.remember();
    let whole = audit(&proxy.url(), &[]);
    let found = findings(&whole);
    let sent: Vec<String> = proxy.counts().keys().cloned().collect();
    assert!(sent.len() > 80, "{sent:?}");
    let mut wrong = Vec::new();
    // An audit of the whole account each: `FRACTARY_TEST_ALL=1` looks at all of them. What a check
    // makes of each fact that is hidden is tested in `core::audit`.
    #[expect(clippy::disallowed_methods, reason = "a switch of the test itself")]
    let is_whole = std::env::var_os("FRACTARY_TEST_ALL").is_some();
    let step = if is_whole { 1 } else { 12 };
    for (index, operation) in sent.iter().enumerate().step_by(step) {
        if operation == "sts:GetCallerIdentity" {
            continue;
        }
        let way = WAYS[index % WAYS.len()].clone();
        let what = format!("{operation} {way:?}");
        proxy.set_rules([Rule::on(operation, way)]);
        let report = audit(&proxy.url(), &[]);
        let invented: Vec<_> = findings(&report).difference(&found).cloned().collect();
        let is_said = report["partial"] == true && report["summary"]["overall_status"] != "pass";
        if passes(&report) > passes(&whole) || !invented.is_empty() || !is_said {
            let (now, before) = (passes(&report), passes(&whole));
            wrong.push(format!(
                "{what}: {now} passes, {before} before, {invented:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
