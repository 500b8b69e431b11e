//! The main job, end to end: a broken world, a hand-written repository, real git.

use crate::support::emulator;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;
use crate::world::{self, LATER, NOW};

const HELM: &str = ".fractary/plugins/helm";
const MONITORING: &str = ".fractary/plugins/helm-cloud/monitoring/test";

#[test]
fn a_broken_world_makes_one_commit_and_a_mended_one_resolves_its_issues() {
    let emulator = emulator::ministack();
    let repo = world::repository(&world::seed_resources(&emulator));
    world::seed_metrics(&emulator, [6, 0, 0]);
    world::seed_alarm(&emulator, "ALARM", "Threshold Crossed: 6 datapoints");

    // The first run sees it, and says so with its exit code.
    let first = world::fractary(&repo, &emulator.url(), NOW, &["run", "--env", "test"])
        .run()
        .exits(1);
    assert!(first.stdout.contains("UNHEALTHY"), "{}", first.stdout);
    assert_eq!(repo.log().len(), 2, "exactly one commit: {:?}", repo.log());
    assert!(
        repo.log()[0].starts_with("fractary(health): test UNHEALTHY"),
        "{:?}",
        repo.log()
    );
    assert_eq!(repo.status(), "");
    repo.fsck();
    assert_eq!(
        repo.files(MONITORING).len(),
        4,
        "{:?}",
        repo.files(MONITORING)
    );
    for path in [
        format!("{MONITORING}/latest.json"),
        format!("{MONITORING}/monitoring-history.json"),
        format!("{MONITORING}/slo-budgets.json"),
        format!("{MONITORING}/2026/03/01/120200Z-health-check.json"),
        format!("{HELM}/DASHBOARD.md"),
        ".fractary/plugins/faber-cloud/deployments/test/DEPLOYED.md".to_owned(),
    ] {
        assert!(repo.has(&path), "{path} is missing");
    }
    let open = repo.files(&format!("{HELM}/issues/active"));
    let text: String = open.iter().map(|path| repo.read(path)).collect();
    assert!(
        text.contains(world::GONE),
        "the bucket that is gone: {text}"
    );
    assert!(
        text.contains("error_rate_percent"),
        "the API's errors: {text}"
    );
    assert!(
        text.contains("\"severity\": \"HIGH\""),
        "UNHEALTHY outside of prod is HIGH: {text}"
    );

    // Right after, nothing has changed, so there is nothing to commit.
    world::fractary(&repo, &emulator.url(), NOW, &["run", "--env", "test"])
        .run()
        .exits(1);
    assert_eq!(repo.log().len(), 2, "{:?}", repo.log());
    assert_eq!(repo.status(), "");

    // Mended: one healthy run is not enough, two are.
    emulator.seed(&[serde_json::json!({ "do": "bucket", "name": world::GONE })]);
    world::seed_alarm(&emulator, "OK", "fine again");
    world::fractary(&repo, &emulator.url(), LATER[0], &["run", "--env", "test"])
        .run()
        .exits(0);
    assert_eq!(
        repo.files(&format!("{HELM}/issues/active")),
        open,
        "still watched"
    );
    let last = world::fractary(&repo, &emulator.url(), LATER[1], &["run", "--env", "test"])
        .run()
        .exits(0);
    assert!(last.stdout.contains("HEALTHY"), "{}", last.stdout);
    assert_eq!(
        repo.files(&format!("{HELM}/issues/active")),
        Vec::<String>::new()
    );
    assert_eq!(
        repo.files(&format!("{HELM}/issues/resolved")).len(),
        open.len()
    );
    assert_eq!(repo.status(), "");
    repo.fsck();
    world::fractary(&repo, &emulator.url(), LATER[1], &["check"])
        .run()
        .exits(0);
}

#[test]
fn json_is_all_there_is_on_standard_output() {
    let emulator = emulator::ministack();
    let repo = world::repository(&world::seed_resources(&emulator));
    world::seed_metrics(&emulator, [0, 0, 0]);
    let outcome = world::fractary(
        &repo,
        &emulator.url(),
        NOW,
        &["health", "--env", "test", "--format", "json"],
    )
    .run()
    .exits(1);
    let report = outcome.json();
    assert_eq!(report["kind"], "health-check");
    assert_eq!(report["resources"]["total"], 7);
    assert_eq!(report["resources"]["unhealthy"], 1);
    assert_eq!(report["resources"]["healthy"], 6, "{:#}", report["checks"]);
    assert_eq!(repo.log().len(), 1, "looking never writes");
    assert_eq!(repo.status(), "", "looking never writes");
}

#[test]
fn only_what_may_be_sent_is_sent_and_the_receipt_says_it() {
    let emulator = emulator::ministack();
    let repo = world::repository(&world::seed_resources(&emulator));
    world::seed_metrics(&emulator, [0, 0, 0]);
    let proxy = Proxy::start(emulator.address());
    let outcome = world::fractary(&repo, &proxy.url(), NOW, &["health", "--format", "json"])
        .run()
        .exits(1);
    let receipt: std::collections::BTreeMap<String, u64> =
        serde_json::from_value(outcome.json()["api"]["by_operation"].clone())
            .expect("counts by operation");
    assert_eq!(
        receipt,
        proxy.counts(),
        "the receipt is what the server saw"
    );
    let policy = world::fractary(&repo, &proxy.url(), NOW, &["iam-policy", "health"])
        .run()
        .exits(0);
    let policy = policy.json().to_string();
    for action in [
        "lambda:ListFunctions",
        "cloudwatch:GetMetricData",
        "cloudwatch:DescribeAlarms",
        "rds:DescribeDBInstances",
    ] {
        assert!(policy.contains(action), "{action} is missing: {policy}");
    }
}

#[test]
fn a_recording_gives_the_same_bytes_without_a_network() {
    let emulator = emulator::ministack();
    let repo = world::repository(&world::seed_resources(&emulator));
    world::seed_metrics(&emulator, [6, 0, 0]);
    let recording = repo.home().join("recording.json");
    let file = recording.to_str().expect("a temporary path is UTF-8");
    let seen = world::fractary(
        &repo,
        &emulator.url(),
        NOW,
        &["health", "--format", "json", "--record", file],
    )
    .run()
    .exits(1);
    let nowhere = "http://127.0.0.1:9";
    let again = world::fractary(
        &repo,
        nowhere,
        NOW,
        &["health", "--format", "json", "--replay", file],
    )
    .run()
    .exits(1);
    assert_eq!(again.stdout, seen.stdout);
}

#[test]
fn tags_fill_the_registry() {
    let emulator = emulator::ministack();
    world::seed_resources(&emulator);
    let repo = world::with_registry(
        &serde_json::json!({ "version": "1.0.0", "environment": "test", "resources": [] }),
    );
    world::fractary(
        &repo,
        &emulator.url(),
        NOW,
        &["adopt", "--tag", "app=orders", "--env", "test"],
    )
    .run()
    .exits(0);
    let registry = repo.read(".fractary/plugins/faber-cloud/deployments/test/registry.json");
    for name in ["orders-api", "orders-worker", "orders-uploads"] {
        assert!(registry.contains(name), "{name}: {registry}");
    }
    assert_eq!(repo.status(), "");
    assert_eq!(repo.log().len(), 2);
}

/// The tagging service, in whose answer stand a function that was deleted, a service without a
/// cluster and resources of other services, too.
#[test]
fn what_the_tagging_service_lists_is_asked_for() {
    let emulator = emulator::ministack();
    world::seed_resources(&emulator);
    let proxy = Proxy::start(emulator.address());
    let arn =
        |rest: &str| serde_json::json!({ "ResourceARN": format!("arn:aws:{rest}"), "Tags": [] });
    let listed = serde_json::json!({ "PaginationToken": "", "ResourceTagMappingList": [
        arn("lambda:us-east-1:000000000000:function:orders-api"),
        arn("lambda:us-east-1:000000000000:function:long-gone"),
        arn("ecs:us-east-1:000000000000:service/short"),
        arn("ec2:us-east-1:000000000000:instance/i-0abc"),
        arn("rds:us-east-1:000000000000:snapshot:nightly"),
        arn("rds:us-east-1:000000000000:snapshot:weekly"),
    ]});
    proxy.set_rules([Rule::on("tag:GetResources", Fault::Answer(listed))]);
    let repo = world::with_registry(
        &serde_json::json!({ "version": "1.0.0", "environment": "test", "resources": [] }),
    );
    let arguments = ["adopt", "--tag", "app=orders", "--env", "test"];
    let run = world::fractary(&repo, &proxy.url(), NOW, &arguments).run();
    insta::assert_snapshot!(run.exits(0).stdout);
}

#[test]
fn a_rest_api_is_measured_by_the_name_that_aws_has() {
    let emulator = emulator::ministack();
    let made = emulator
        .seed(&[serde_json::json!({ "do": "rest_api", "name": "orders", "stage": "live" })]);
    let id = made[0]["id"].as_str().expect("seeding answers with an id");
    let dimensions = serde_json::json!({ "ApiName": "orders", "Stage": "live" });
    let metric = |name: &str, value: u32| {
        serde_json::json!({
            "do": "metric", "namespace": "AWS/ApiGateway", "name": name, "unit": "Count",
            "dimensions": dimensions, "points": [["2026-03-01T11:57:00Z", value]],
        })
    };
    emulator.seed(&[metric("Count", 200), metric("5XXError", 10)]);
    let health = |metadata: serde_json::Value| {
        let repo = world::with_registry(&serde_json::json!({
            "version": "1.0.0",
            "environment": "test",
            "resources": [{
                "type": "aws_api_gateway_rest_api",
                "aws_id": id,
                "arn": format!("arn:aws:apigateway:us-east-1::/restapis/{id}"),
                "metadata": metadata,
            }],
        }));
        world::fractary(&repo, &emulator.url(), NOW, &["health", "--format", "json"]).run()
    };
    // The id is all that a hand-written registry has.
    let report = health(serde_json::json!({ "stage": "live" }))
        .exits(0)
        .json();
    assert_eq!(report["overall_health"], "DEGRADED", "{report:#}");
    assert_eq!(report["checks"][0]["slis"][0]["value"], 5.0, "{report:#}");
    // A name that is not the API's would measure nothing, which must not look idle.
    let renamed = serde_json::json!({ "stage": "live", "api_name": "orders-old" });
    let report = health(renamed).exits(3).json();
    assert_eq!(report["overall_health"], "UNKNOWN", "{report:#}");
    assert!(
        report["errors"].to_string().contains("adopt it again"),
        "{report:#}"
    );
}
