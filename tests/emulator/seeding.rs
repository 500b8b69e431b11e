//! Proves that what a test seeds is what a client then sees, and records what the emulator
//! gets wrong, so that nobody takes its word for it.

use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

fn call(emulator: &Emulator, service: &str, operation: &str, arguments: Value) -> Value {
    let step = json!({
        "do": "call", "service": service, "operation": operation, "arguments": arguments
    });
    emulator.seed(&[step]).remove(0)
}

#[test]
fn a_world_is_seen_as_seeded() {
    let emulator = emulator::ministack();
    let made = emulator.seed(&[
        json!({ "do": "function", "name": "orders-api", "tags": { "env": "test" } }),
        json!({ "do": "database", "name": "orders-db" }),
        json!({ "do": "service", "cluster": "shop", "name": "web", "desired": 2, "running": 1 }),
        json!({ "do": "bucket", "name": "orders-exports", "tags": { "env": "test" } }),
        json!({ "do": "rest_api", "name": "orders", "stage": "prod" }),
        json!({ "do": "http_api", "name": "hooks" }),
    ]);

    let functions = call(&emulator, "lambda", "list_functions", json!({}));
    assert_eq!(functions["Functions"][0]["FunctionArn"], made[0]["arn"]);
    assert_eq!(functions["Functions"][0]["State"], "Active");
    let databases = call(&emulator, "rds", "describe_db_instances", json!({}));
    assert_eq!(databases["DBInstances"][0]["DBInstanceArn"], made[1]["arn"]);
    let services = call(
        &emulator,
        "ecs",
        "describe_services",
        json!({ "cluster": "shop", "services": ["web", "absent"] }),
    );
    assert_eq!(services["services"][0]["serviceArn"], made[2]["arn"]);
    assert_eq!(services["services"][0]["desiredCount"], 2);
    assert_eq!(services["services"][0]["runningCount"], 1);
    assert_eq!(services["failures"][0]["reason"], "MISSING");
    call(
        &emulator,
        "s3",
        "head_bucket",
        json!({ "Bucket": "orders-exports" }),
    );
    let stage = json!({ "restApiId": made[4]["id"], "stageName": "prod" });
    assert_eq!(
        call(&emulator, "apigateway", "get_stage", stage)["stageName"],
        "prod"
    );
    let api = json!({ "ApiId": made[5]["id"] });
    let stages = call(&emulator, "apigatewayv2", "get_stages", api);
    assert_eq!(stages["Items"][0]["StageName"], "$default");
    let tagged = call(
        &emulator,
        "resourcegroupstaggingapi",
        "get_resources",
        json!({ "TagFilters": [{ "Key": "env", "Values": ["test"] }] }),
    );
    let tagged = tagged["ResourceTagMappingList"].as_array().map(Vec::len);
    assert_eq!(tagged, Some(2), "the function and the bucket");
}

#[test]
fn metrics_and_alarms_are_seen_as_seeded() {
    let emulator = emulator::ministack();
    let dimensions = json!({ "FunctionName": "orders-api" });
    emulator.seed(&[
        json!({
            "do": "metric", "namespace": "AWS/Lambda", "name": "Errors",
            "dimensions": dimensions, "unit": "Count",
            "points": [["2026-03-01T12:00:00Z", 2], ["2026-03-01T12:03:00Z", 3], ["2026-03-01T12:05:00Z", 4]],
        }),
        json!({
            "do": "metric", "namespace": "AWS/Lambda", "name": "Duration",
            "dimensions": dimensions, "unit": "Milliseconds",
            "points": [["2026-03-01T12:00:00Z", [10, 20, 30, 40, 1000]]],
        }),
        json!({
            "do": "alarm", "name": "orders-errors", "namespace": "AWS/Lambda",
            "metric": "Errors", "dimensions": dimensions, "state": "ALARM", "reason": "9 errors",
        }),
    ]);

    let query = |id: &str, name: &str, stat: &str| {
        json!({
            "Id": id,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/Lambda", "MetricName": name,
                    "Dimensions": [{ "Name": "FunctionName", "Value": "orders-api" }],
                },
                "Period": 300, "Stat": stat,
            },
        })
    };
    let data = call(
        &emulator,
        "cloudwatch",
        "get_metric_data",
        json!({
            "StartTime": "2026-03-01T12:00:00Z", "EndTime": "2026-03-01T12:10:00Z",
            "ScanBy": "TimestampAscending",
            "MetricDataQueries": [query("errors", "Errors", "Sum"), query("slow", "Duration", "p50")],
        }),
    );
    let results = &data["MetricDataResults"];
    assert_eq!(results[0]["Values"], json!([5.0, 4.0]), "{data}");
    assert_eq!(results[0]["Timestamps"][1], "2026-03-01T12:05:00Z");
    assert_eq!(results[1]["Values"], json!([30.0]), "{data}");

    let alarms = call(
        &emulator,
        "cloudwatch",
        "describe_alarms",
        json!({ "StateValue": "ALARM" }),
    );
    assert_eq!(alarms["MetricAlarms"][0]["AlarmName"], "orders-errors");
    assert_eq!(alarms["MetricAlarms"][0]["StateReason"], "9 errors");
}

/// Where MiniStack is wrong, so that no test of the product leans on it. When one of these
/// fails after an update, the emulator got better: correct what is said here.
#[test]
fn what_the_emulator_gets_wrong() {
    let emulator = emulator::ministack();
    emulator.seed(&[
        json!({ "do": "functions", "prefix": "many", "count": 60 }),
        json!({ "do": "database", "name": "orders-db", "tags": { "env": "test" } }),
        json!({ "do": "rest_api", "name": "orders", "tags": { "env": "test" } }),
        json!({
            "do": "metric", "namespace": "AWS/Lambda", "name": "Errors",
            "dimensions": { "FunctionName": "many-0000" },
            "points": [["2026-03-01T12:00:00Z", 2], ["2026-03-01T12:03:00Z", 3]],
        }),
    ]);
    // AWS gives 50 functions a page, whatever is asked for.
    let page = call(
        &emulator,
        "lambda",
        "list_functions",
        json!({ "MaxItems": 10000 }),
    );
    assert_eq!(page["Functions"].as_array().map(Vec::len), Some(60));
    // AWS refuses more than 500 queries; no dimensions match only points without any; the
    // start is rounded down to the period.
    let query = |id: usize| {
        json!({
            "Id": format!("q{id}"),
            "MetricStat": {
                "Metric": { "Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": [] },
                "Period": 300, "Stat": "Sum",
            },
        })
    };
    let ask = json!({
        "StartTime": "2026-03-01T12:02:00Z", "EndTime": "2026-03-01T12:10:00Z",
        "MetricDataQueries": (0..501).map(query).collect::<Vec<_>>(),
    });
    let data = call(&emulator, "cloudwatch", "get_metric_data", ask);
    assert_eq!(
        data["MetricDataResults"].as_array().map(Vec::len),
        Some(501)
    );
    assert_eq!(data["MetricDataResults"][0]["Values"], json!([3.0]));
    // AWS lists databases and APIs by their tags, too.
    let tagged = call(
        &emulator,
        "resourcegroupstaggingapi",
        "get_resources",
        json!({ "TagFilters": [{ "Key": "env", "Values": ["test"] }] }),
    );
    assert_eq!(tagged["ResourceTagMappingList"], json!([]));
}

#[test]
fn every_test_gets_an_empty_emulator() {
    let emulator = emulator::ministack();
    emulator.seed(&[json!({ "do": "functions", "prefix": "many", "count": 60 })]);
    let page = call(
        &emulator,
        "lambda",
        "list_functions",
        json!({ "MaxItems": 50 }),
    );
    assert_eq!(page["Functions"].as_array().map(Vec::len), Some(50));
    emulator.reset();
    let none = call(&emulator, "lambda", "list_functions", json!({}));
    assert_eq!(none["Functions"], json!([]));
}

#[test]
fn a_step_that_fails_says_which_and_why() {
    let emulator = emulator::ministack();
    let steps = [
        json!({ "do": "bucket", "name": "first" }),
        json!({ "do": "call", "service": "lambda", "operation": "get_function", "arguments": { "FunctionName": "no" } }),
    ];
    let refusal = emulator.try_seed(&emulator.url(), &steps).unwrap_err();
    assert_eq!(refusal.code, "ResourceNotFoundException");
    assert!(
        refusal.message.starts_with("step 1 (call)"),
        "{}",
        refusal.message
    );
}

#[test]
fn repositories_and_runs_are_nobodys_but_ours() {
    let repo = Repo::new(&[("README.md", "hello\n"), ("a/b.txt", "b\n")]);
    assert_eq!(repo.log(), ["Begin"]);
    assert_eq!(repo.files("a"), ["a/b.txt"]);
    repo.write(&[("a/b.txt", "changed\n")]);
    assert_eq!(repo.status(), " M a/b.txt\n");
    repo.fsck();
    assert!(Repo::new(&[]).log().is_empty());
    // That the binary starts at all; what it says is its own tests' business.
    let outcome = Fractary::in_repo(&repo).args(["--version"]).run();
    assert!(outcome.code == 0 || !outcome.stderr.is_empty());
}

#[test]
fn moto_is_there_for_what_only_it_has() {
    let emulator = emulator::moto();
    let cost = json!({
        "TimePeriod": { "Start": "2026-02-01", "End": "2026-03-01" },
        "Granularity": "MONTHLY", "Metrics": ["UnblendedCost"],
    });
    let reply = call(&emulator, "ce", "get_cost_and_usage", cost);
    assert_eq!(reply["ResultsByTime"], json!([]));
}
