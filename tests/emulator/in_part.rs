//! Answers of several calls or pages, of which one fails: exactly what it held is unknown.

use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::world::{self, NOW};

/// Metrics that the Lambda kind asks for.
const METRICS_PER_FUNCTION: usize = 7;

fn functions(count: usize, alarms: &[Value]) -> (Emulator, Repo) {
    let emulator = emulator::ministack();
    let mut steps = vec![json!({ "do": "functions", "prefix": "many", "count": count })];
    steps.extend_from_slice(alarms);
    let made = emulator.seed(&steps);
    let arns = made[0]["arns"].as_array().expect("ARNs").iter().enumerate();
    let entries: Vec<_> = arns
        .map(|(number, arn)| json!({ "type": "aws_lambda_function", "aws_id": format!("many-{number:04}"), "arn": arn }))
        .collect();
    let registry = json!({ "version": "1.0.0", "environment": "test", "resources": entries });
    (emulator, world::with_registry(&registry))
}

fn health(repo: &Repo, proxy: &Proxy, exits: i32) -> Value {
    let arguments = ["health", "--format", "json", "--timeout", "60s"];
    world::fractary(repo, &proxy.url(), NOW, &arguments)
        .run()
        .exits(exits)
        .json()
}

/// The one resource of a run that finds it UNHEALTHY.
fn unhealthy(repo: &Repo, proxy: &Proxy) -> Value {
    let report = health(repo, proxy, 1);
    let check = report["checks"][0].clone();
    assert_eq!(check["status"], "UNHEALTHY", "{check:#}");
    check
}

#[test]
fn of_two_metric_calls_one_that_fails_hides_only_its_own() {
    const FUNCTIONS: usize = 80;
    let (emulator, repo) = functions(FUNCTIONS, &[]);
    let proxy = Proxy::start(emulator.address());
    // Once throttled is once tried again.
    proxy.set_rules([Rule::on("cloudwatch:GetMetricData", Fault::Throttle).nth(2)]);
    let report = health(&repo, &proxy, 0);
    assert_eq!(report["resources"]["healthy"], FUNCTIONS);
    assert_eq!(proxy.counts()["cloudwatch:GetMetricData"], 3);
    proxy.set_rules([Rule::on("cloudwatch:GetMetricData", Fault::Deny).nth(2)]);
    let report = health(&repo, &proxy, 3);
    // The calls go out at once, so either may be the second. One function is in both.
    let whole = 500 / METRICS_PER_FUNCTION;
    let unknown = report["resources"]["unknown"].as_u64().expect("a count");
    let possible = [FUNCTIONS - whole, whole + 1].map(|count| count as u64);
    assert!(possible.contains(&unknown), "{unknown} of {possible:?}");
    assert_eq!(report["resources"]["healthy"], FUNCTIONS as u64 - unknown);
    let subject = report["errors"][0]["subject"].as_str().expect("a subject");
    assert_eq!(subject, format!("metrics of {unknown} Lambda functions"));
}

#[test]
fn a_ringing_alarm_on_the_first_page_rings_when_the_second_fails() {
    let alarm = |number: u32| {
        json!({
            "do": "alarm", "name": format!("errors-{number:03}"), "namespace": "AWS/Lambda", "metric": "Errors",
            "dimensions": { "FunctionName": format!("many-{number:04}") },
            "state": if number == 0 { "ALARM" } else { "OK" }, "reason": "seeded",
        })
    };
    let alarms: Vec<Value> = (0..101).map(alarm).collect();
    let (emulator, repo) = functions(3, &alarms);
    let proxy = Proxy::start(emulator.address());
    proxy.set_rules([Rule::on("cloudwatch:DescribeAlarms", Fault::Deny).nth(2)]);
    let report = health(&repo, &proxy, 3);
    let statuses: Vec<&Value> = report["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .map(|check| &check["status"])
        .collect();
    assert_eq!(statuses, ["DEGRADED", "UNKNOWN", "UNKNOWN"]);
    assert_eq!(report["checks"][0]["alarms"][0]["name"], "errors-000");
    assert_eq!(
        report["errors"][0]["subject"],
        "alarms of 3 Lambda functions"
    );
}

/// CloudWatch knows a REST API by its name, which the registry has as the entry's own.
#[test]
fn a_rest_api_is_judged_by_the_metrics_of_its_name_and_stage() {
    let emulator = emulator::ministack();
    let made = world::seed_resources(&emulator);
    emulator.seed(&[json!({ "do": "bucket", "name": world::GONE })]);
    world::seed_metrics(&emulator, [0, 0, 0]);
    let metric = |name: &str, stage: &str, value: u32| {
        json!({
            "do": "metric", "namespace": "AWS/ApiGateway", "name": name, "unit": "Count",
            "dimensions": { "ApiName": "orders", "Stage": stage },
            "points": [["2026-03-01T11:57:00Z", value]],
        })
    };
    emulator.seed(&[
        metric("Count", "live", 200),
        metric("5XXError", "live", 20),
        metric("Count", "beta", 1_000),
    ]);
    let repo = world::repository(&made);
    let proxy = Proxy::start(emulator.address());
    let report = health(&repo, &proxy, 1);
    let api = &report["checks"][6];
    assert_eq!(api["resource"]["kind"], "apigateway");
    assert_eq!(api["status"], "UNHEALTHY");
    let rate = &api["slis"][0];
    assert_eq!(rate["sli"], "error_rate_percent");
    assert_eq!(
        (&rate["value"], &rate["total"], &rate["bad"]),
        (&json!(10.0), &json!(200.0), &json!(20.0))
    );
}

fn api_metric(name: &str, dimensions: &Value, value: u32) -> Value {
    json!({
        "do": "metric", "namespace": "AWS/ApiGateway", "name": name, "unit": "Count",
        "dimensions": dimensions, "points": [["2026-03-01T11:57:00Z", value]],
    })
}

fn api_entry(id: &str, metadata: &Value) -> Value {
    json!({
        "type": "aws_api_gateway_rest_api", "aws_id": id, "metadata": metadata,
        "arn": format!("arn:aws:apigateway:us-east-1::/restapis/{id}"),
    })
}

fn registry(entries: &[Value]) -> Repo {
    let entries = json!({ "version": "1.0.0", "environment": "test", "resources": entries });
    world::with_registry(&entries)
}

/// A registry that names one stage of an API is not blind for the others, and misses its own.
#[test]
fn an_api_is_judged_by_each_of_its_stages() {
    let emulator = emulator::ministack();
    let made = emulator
        .seed(&[json!({ "do": "rest_api", "name": "shop", "stage": "beta", "stages": ["live"] })]);
    let id = made[0]["id"].as_str().expect("an id");
    let whole = json!({ "ApiName": "shop" });
    let stage = |stage: &str| json!({ "ApiName": "shop", "Stage": stage });
    emulator.seed(&[
        api_metric("Count", &whole, 9_040),
        api_metric("5XXError", &whole, 40),
        api_metric("Count", &stage("beta"), 9_000),
        api_metric("Count", &stage("live"), 40),
        api_metric("5XXError", &stage("live"), 40),
    ]);
    let repo = registry(&[api_entry(
        id,
        &json!({ "api_name": "shop", "stage": "beta" }),
    )]);
    let proxy = Proxy::start(emulator.address());
    let check = unhealthy(&repo, &proxy);
    let rate = &check["slis"][0];
    assert_eq!(
        (&rate["value"], &rate["part"]),
        (&json!(100.0), &json!("stage live"))
    );
    let calls = proxy.counts();
    assert_eq!(calls["apigateway:GetStages"], 1);
    assert_eq!(
        calls["cloudwatch:GetMetricData"], 2,
        "one more for all parts"
    );

    // Somebody takes the stage away that the registry has.
    let both = json!({ "api_name": "shop", "stage": "live", "stages": ["beta", "live"] });
    let repo = registry(&[api_entry(id, &both)]);
    emulator.seed(&[json!({ "do": "no_stage", "api": id, "stage": "live" })]);
    let report = health(&repo, &proxy, 1);
    let check = &report["checks"][0];
    assert_eq!(check["state"], "stage is missing", "{check:#}");
    assert_eq!(check["status"], "UNHEALTHY");
}

/// CloudWatch counts REST APIs by name. Stages of other names tell two of one name apart.
#[test]
fn two_rest_apis_of_one_name_are_told_apart_or_said_to_be_one() {
    let emulator = emulator::ministack();
    let made = emulator.seed(&[
        json!({ "do": "rest_api", "name": "twin", "stage": "live" }),
        json!({ "do": "rest_api", "name": "twin", "stage": "beta" }),
        json!({ "do": "rest_api", "name": "double", "stage": "live" }),
        json!({ "do": "rest_api", "name": "double", "stage": "live" }),
    ]);
    let stage = |name: &str, stage: &str| json!({ "ApiName": name, "Stage": stage });
    let mut metrics = Vec::new();
    for (name, at, failed) in [
        ("twin", "live", 200),
        ("twin", "beta", 0),
        ("double", "live", 200),
    ] {
        metrics.push(api_metric("Count", &stage(name, at), 1_000));
        metrics.push(api_metric("5XXError", &stage(name, at), failed));
    }
    for name in ["twin", "double"] {
        metrics.push(api_metric("Count", &json!({ "ApiName": name }), 2_000));
        metrics.push(api_metric("5XXError", &json!({ "ApiName": name }), 200));
    }
    emulator.seed(&metrics);
    let entries: Vec<Value> = (0..3)
        .map(|number| api_entry(made[number]["id"].as_str().expect("an id"), &json!({})))
        .collect();
    let repo = registry(&entries);
    let proxy = Proxy::start(emulator.address());
    let report = health(&repo, &proxy, 1);
    let checks = report["checks"].as_array().expect("checks");
    let statuses: Vec<&Value> = checks.iter().map(|check| &check["status"]).collect();
    assert_eq!(
        statuses,
        ["UNHEALTHY", "HEALTHY", "UNHEALTHY"],
        "{report:#}"
    );
    let twin = &checks[0]["slis"][0];
    assert_eq!(
        (&twin["value"], &twin["total"]),
        (&json!(20.0), &json!(1000.0))
    );
    let reasons = |check: &Value| check["reasons"].to_string();
    assert!(
        !reasons(&checks[0]).contains("cannot be told"),
        "{report:#}"
    );
    // The fourth is not registered, and has the third's name and stage.
    let other = made[3]["id"].as_str().expect("an id");
    let said = format!("its metrics cannot be told from those of {other}");
    assert!(reasons(&checks[2]).contains(&said), "{report:#}");
}

#[test]
fn events_that_one_failed_call_hid_are_counted_by_the_next_run() {
    let (emulator, repo) = functions(80, &[]);
    let proxy = Proxy::start(emulator.address());
    // One function in each of the two calls.
    let ends = ["many-0000", "many-0079"];
    let seed = |at: &str, calls: u32, errors: u32| {
        for name in ends {
            world::seed_calls(&emulator, name, &[(at, calls, errors)]);
        }
    };
    let run = |at: &str, exits: i32| {
        let arguments = ["run", "--env", "test", "--timeout", "60s"];
        world::fractary(&repo, &proxy.url(), at, &arguments)
            .run()
            .exits(exits);
    };
    seed("2026-03-01T11:57:00Z", 1_000, 1);
    run(NOW, 0);
    // The next run writes the counts, and is refused one of its calls.
    seed("2026-03-01T14:32:00Z", 9_000, 0);
    proxy.set_rules([Rule::on("cloudwatch:GetMetricData", Fault::Deny).nth(2)]);
    run("2026-03-01T18:07:00Z", 3);
    proxy.set_rules([]);
    // An hour later the heartbeat commits.
    run("2026-03-01T19:12:00Z", 0);
    let slos = world::slos(&repo, NOW, "error_rate_percent");
    let of_ends = slos.as_array().expect("a list").iter();
    let of_ends = of_ends.filter(|row| ends.iter().any(|end| row["resource"]["name"] == *end));
    let used: Vec<&Value> = of_ends
        .map(|row| &row["level"]["budget"]["consumed_percent"])
        .collect();
    assert_eq!(used, [&json!(10.0), &json!(10.0)]);
}

/// A stage that is registered by itself is shown with the name of its API, which its ARN lacks.
#[test]
fn a_stage_is_shown_with_the_name_of_its_api() {
    let emulator = emulator::ministack();
    let made =
        emulator.seed(&[json!({ "do": "rest_api", "name": "Till receipts", "stage": "live" })]);
    let id = made[0]["id"].as_str().expect("an id");
    let repo = registry(&[json!({
        "type": "aws_api_gateway_stage", "aws_id": format!("ags-{id}-live"),
        "arn": format!("arn:aws:apigateway:us-east-1::/restapis/{id}/stages/live"),
    })]);
    let proxy = Proxy::start(emulator.address());
    let report = health(&repo, &proxy, 0);
    let name = &report["checks"][0]["resource"]["name"];
    assert_eq!(name, "Till receipts/live", "{report:#}");
}

fn function_metric(name: &str, region: &str, dimensions: &Value, value: u32) -> Value {
    json!({
        "do": "metric", "namespace": "AWS/Lambda", "name": name, "unit": "Count", "region": region,
        "dimensions": dimensions, "points": [["2026-03-01T11:57:00Z", value]],
    })
}

/// Replicas of a function at the edge report in the regions that they run in, under another name.
#[test]
fn a_function_at_the_edge_is_judged_where_it_runs() {
    let (emulator, repo) = functions(1, &[]);
    let replica = json!({ "FunctionName": "us-east-1.many-0000" });
    emulator.seed(&[
        function_metric("Invocations", "sa-east-1", &replica, 60),
        function_metric("Errors", "sa-east-1", &replica, 60),
    ]);
    let proxy = Proxy::start(emulator.address());
    let check = unhealthy(&repo, &proxy);
    assert_eq!(check["slis"][0]["part"], "the edge in sa-east-1");
}

/// What fails behind an alias does not hide behind the calls of another.
#[test]
fn a_function_is_judged_by_each_of_its_aliases_and_their_versions() {
    let (emulator, repo) = functions(1, &[]);
    let of = |resource: &str| json!({ "FunctionName": "many-0000", "Resource": resource });
    let behind = |version: &str| json!({ "FunctionName": "many-0000", "Resource": "many-0000:live", "ExecutedVersion": version });
    let whole = json!({ "FunctionName": "many-0000" });
    let metric = |name: &str, dimensions: &Value, value: u32| {
        function_metric(name, "us-east-1", dimensions, value)
    };
    emulator.seed(&[
        metric("Invocations", &whole, 100_000),
        metric("Errors", &whole, 50),
        metric("Invocations", &of("many-0000"), 99_000),
        metric("Invocations", &of("many-0000:live"), 1_000),
        metric("Errors", &of("many-0000:live"), 50),
        metric("Invocations", &behind("7"), 950),
        metric("Invocations", &behind("8"), 50),
        metric("Errors", &behind("8"), 50),
    ]);
    let proxy = Proxy::start(emulator.address());
    let check = unhealthy(&repo, &proxy);
    let rate = &check["slis"][0];
    assert_eq!(
        (&rate["value"], &rate["part"]),
        (&json!(100.0), &json!("version 8 of alias live"))
    );

    // Without the list of them, the totals prove nothing.
    proxy.set_rules([Rule::on("cloudwatch:ListMetrics", Fault::Deny)]);
    let report = health(&repo, &proxy, 3);
    assert_eq!(report["checks"][0]["status"], "UNKNOWN", "{report:#}");
}

/// A reserved concurrency of 0 stops a function that nothing else would show.
#[test]
fn a_function_without_concurrency_is_stopped() {
    let (emulator, repo) = functions(1, &[]);
    emulator.seed(&[json!({
        "do": "call", "service": "lambda", "operation": "put_function_concurrency",
        "arguments": { "FunctionName": "many-0000", "ReservedConcurrentExecutions": 0 },
    })]);
    let proxy = Proxy::start(emulator.address());
    let check = unhealthy(&repo, &proxy);
    assert_eq!(check["state"], "reserved concurrency is 0");
}
