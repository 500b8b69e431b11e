//! What was not seen is UNKNOWN, names the call, and is never healthy.

use serde_json::Value;

use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::Outcome;
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::world::{self, NOW};

/// A world in which everything is well.
fn healthy_world() -> (Emulator, Repo) {
    let emulator = emulator::ministack();
    let made = world::seed_resources(&emulator);
    emulator.seed(&[serde_json::json!({ "do": "bucket", "name": world::GONE })]);
    world::seed_metrics(&emulator, [0, 0, 0]);
    (emulator, world::repository(&made))
}

fn health(repo: &Repo, endpoint: &str) -> Outcome {
    world::fractary(
        repo,
        endpoint,
        NOW,
        &[
            "health",
            "--env",
            "test",
            "--format",
            "json",
            "--timeout",
            "20s",
        ],
    )
    .run()
}

/// Names of the resources with a status.
fn named(report: &Value, status: &str) -> Vec<String> {
    let checks = report["checks"].as_array().expect("a report has checks");
    let with = checks.iter().filter(|check| check["status"] == status);
    with.map(|check| {
        check["resource"]["name"]
            .as_str()
            .expect("a name")
            .to_owned()
    })
    .collect()
}

fn gaps(report: &Value) -> Vec<(String, String)> {
    let errors = report["errors"].as_array().expect("a report has errors");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors
        .iter()
        .map(|gap| (text(&gap["operation"]), text(&gap["cause"])))
        .collect()
}

const ALL: [&str; 7] = [
    "orders-api",
    "orders-worker",
    "orders-db",
    "orders-web",
    "orders-uploads",
    "orders-receipts",
    "orders",
];

#[test]
fn without_faults_all_is_well() {
    let (emulator, repo) = healthy_world();
    let report = health(&repo, &emulator.url()).exits(0).json();
    assert_eq!(named(&report, "HEALTHY"), ALL);
    assert_eq!(report["partial"], false);
}

#[test]
fn one_denied_status_call_hides_exactly_its_resources() {
    let (emulator, repo) = healthy_world();
    let proxy = Proxy::start(emulator.address());
    let cases: [(&str, &[&str], &str); 5] = [
        (
            "lambda:ListFunctions",
            &["orders-api", "orders-worker"],
            "lambda:ListFunctions",
        ),
        (
            "rds:DescribeDBInstances",
            &["orders-db"],
            "rds:DescribeDBInstances",
        ),
        (
            "ecs:DescribeServices",
            &["orders-web"],
            "ecs:DescribeServices",
        ),
        (
            "s3:HeadBucket",
            &["orders-uploads", "orders-receipts"],
            "s3:ListBucket",
        ),
        ("apigateway:GetRestApis", &["orders"], "apigateway:GET"),
    ];
    for (operation, hidden, permission) in cases {
        proxy.set_rules([Rule::on(operation, Fault::Deny)]);
        let report = health(&repo, &proxy.url()).exits(3).json();
        assert_eq!(named(&report, "UNKNOWN"), hidden, "{operation}");
        assert_eq!(
            named(&report, "HEALTHY").len(),
            ALL.len() - hidden.len(),
            "{operation}"
        );
        assert_eq!(report["overall_health"], "UNKNOWN");
        let gap = &report["errors"][0];
        assert_eq!(gap["operation"], operation);
        assert_eq!(gap["cause"], "denied");
        assert_eq!(gap["missing_permission"], permission, "{gap}");
    }
}

#[test]
fn denied_metrics_hide_what_is_judged_by_metrics() {
    let (emulator, repo) = healthy_world();
    let proxy = Proxy::start(emulator.address());
    proxy.set_rules([Rule::on("cloudwatch:GetMetricData", Fault::Deny)]);
    let report = health(&repo, &proxy.url()).exits(3).json();
    assert_eq!(named(&report, "HEALTHY"), Vec::<String>::new());
    assert_eq!(named(&report, "UNKNOWN"), ALL);
    assert_eq!(
        report["errors"][0]["missing_permission"],
        "cloudwatch:GetMetricData"
    );
}

#[test]
fn what_is_worse_than_unknown_is_still_said() {
    let (emulator, repo) = healthy_world();
    emulator.seed(&[serde_json::json!({ "do": "call", "service": "s3", "operation": "delete_bucket", "arguments": { "Bucket": world::GONE } })]);
    let proxy = Proxy::start(emulator.address());
    proxy.set_rules([Rule::on("cloudwatch:*", Fault::Deny)]);
    let report = health(&repo, &proxy.url()).exits(1).json();
    assert_eq!(named(&report, "UNHEALTHY"), [world::GONE]);
    assert_eq!(named(&report, "HEALTHY"), Vec::<String>::new());
}

#[test]
fn a_throttled_service_is_unknown_and_the_others_are_not() {
    let (emulator, repo) = healthy_world();
    let proxy = Proxy::start(emulator.address());
    proxy.set_rules([Rule::on("rds:*", Fault::Throttle)]);
    let report = health(&repo, &proxy.url()).exits(3).json();
    assert_eq!(named(&report, "UNKNOWN"), ["orders-db"]);
    assert!(
        gaps(&report)
            .iter()
            .all(|gap| gap == &("rds:DescribeDBInstances".to_owned(), "throttled".to_owned())),
        "{:?}",
        gaps(&report)
    );
    assert!(
        report["api"]["retries"].as_u64() >= Some(1),
        "it was tried again: {}",
        report["api"]
    );
    // As often as `AWS_MAX_ATTEMPTS` says, as with every other AWS tool; what is no number is refused.
    let attempts = |value: &str| {
        let arguments = ["health", "--env", "test", "--format", "json"];
        let command = world::fractary(&repo, &proxy.url(), NOW, &arguments);
        command.env("AWS_MAX_ATTEMPTS", value).run()
    };
    let report = attempts("1").exits(3).json();
    assert_eq!(report["api"]["retries"].as_u64().unwrap_or(0), 0);
    let refused = attempts("many").exits(2);
    assert!(
        refused.stderr.contains("AWS_MAX_ATTEMPTS is `many`"),
        "{}",
        refused.stderr
    );
    // Once is no trouble at all: the next try succeeds.
    proxy.set_rules([Rule::on("rds:DescribeDBInstances", Fault::Throttle).first(1)]);
    let report = health(&repo, &proxy.url()).exits(0).json();
    assert_eq!(named(&report, "UNKNOWN"), Vec::<String>::new());
}

#[test]
fn nothing_is_healthy_without_credentials_or_connection() {
    let (emulator, repo) = healthy_world();
    let proxy = Proxy::start(emulator.address());
    let faults = [
        (Fault::UnknownKey, "credentials"),
        (Fault::ExpiredToken, "credentials"),
        (Fault::Close, "unreachable"),
        (Fault::Html, "garbled"),
        (Fault::Garbage, "garbled"),
        (Fault::ServerError, "provider_error"),
    ];
    for (fault, cause) in faults {
        proxy.set_rules([Rule::on("*", fault.clone())]);
        let report = health(&repo, &proxy.url()).exits(3).json();
        assert_eq!(named(&report, "UNKNOWN"), ALL, "{fault:?}");
        assert_eq!(
            gaps(&report),
            [("sts:GetCallerIdentity".to_owned(), cause.to_owned())],
            "{fault:?}"
        );
    }
    let nobody = emulator::free_address();
    let report = health(&repo, &format!("http://{nobody}")).exits(3).json();
    assert_eq!(named(&report, "UNKNOWN"), ALL);
    assert_eq!(gaps(&report)[0].1, "unreachable");
}

#[test]
fn garbage_from_any_one_operation_is_never_health() {
    let (emulator, repo) = healthy_world();
    let proxy = Proxy::start(emulator.address());
    health(&repo, &proxy.url()).exits(0);
    let operations: Vec<String> = proxy.counts().into_keys().collect();
    for operation in operations {
        for fault in [
            Fault::Html,
            Fault::Garbage,
            Fault::Truncate,
            Fault::ServerError,
            Fault::Close,
        ] {
            // A HEAD reply has no body that could be garbage.
            if operation == "s3:HeadBucket"
                && matches!(fault, Fault::Html | Fault::Garbage | Fault::Truncate)
            {
                continue;
            }
            proxy.set_rules([Rule::on(&operation, fault.clone())]);
            let outcome = health(&repo, &proxy.url());
            assert_eq!(
                outcome.code, 3,
                "{operation} {fault:?}\n{}\n{}",
                outcome.stdout, outcome.stderr
            );
            let report = outcome.json();
            assert_eq!(report["partial"], true, "{operation} {fault:?}");
            assert!(
                gaps(&report).iter().any(|gap| gap.0 == operation),
                "{operation} {fault:?}: {:?}",
                gaps(&report)
            );
        }
    }
}

#[test]
fn an_answer_that_never_comes_is_waited_for_within_the_limit() {
    let (emulator, repo) = healthy_world();
    let proxy = Proxy::start(emulator.address());
    proxy.set_rules([Rule::on("lambda:*", Fault::Hang)]);
    let outcome = world::fractary(
        &repo,
        &proxy.url(),
        NOW,
        &["health", "--format", "json", "--timeout", "3s"],
    )
    .run()
    .exits(3);
    let report = outcome.json();
    assert_eq!(named(&report, "UNKNOWN"), ["orders-api", "orders-worker"]);
    assert_eq!(gaps(&report)[0].1, "timed_out", "{:?}", gaps(&report));
}

#[test]
fn the_wrong_account_stops_before_anything_else_is_asked() {
    let (emulator, repo) = healthy_world();
    let proxy = Proxy::start(emulator.address());
    let outcome = world::fractary(&repo, &proxy.url(), NOW, &["run", "--env", "prod"])
        .run()
        .exits(4);
    assert!(
        outcome.stderr.contains("999999999999") && outcome.stderr.contains("000000000000"),
        "{}",
        outcome.stderr
    );
    assert_eq!(
        proxy.counts().into_keys().collect::<Vec<_>>(),
        ["sts:GetCallerIdentity"]
    );
    assert_eq!(repo.log().len(), 1);
}

#[test]
fn an_unseen_run_keeps_open_issues_as_they_are() {
    let emulator = emulator::ministack();
    let repo = world::repository(&world::seed_resources(&emulator));
    world::seed_metrics(&emulator, [6, 0, 0]);
    let proxy = Proxy::start(emulator.address());
    world::fractary(&repo, &proxy.url(), NOW, &["run"])
        .run()
        .exits(1);
    let open = repo.files(".fractary/plugins/helm/issues/active");
    let before: Vec<String> = open.iter().map(|path| repo.read(path)).collect();
    proxy.set_rules([Rule::on("*", Fault::UnknownKey)]);
    for at in world::LATER {
        world::fractary(&repo, &proxy.url(), at, &["run"])
            .run()
            .exits(3);
    }
    assert_eq!(repo.files(".fractary/plugins/helm/issues/active"), open);
    let after: Vec<String> = open.iter().map(|path| repo.read(path)).collect();
    assert_eq!(after, before);
}
