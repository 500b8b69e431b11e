//! The world that these tests watch: an orders service, seeded through boto3, and a
//! repository with nothing but hand-written state in the shapes of the documentation.

use serde_json::{Value, json};

use crate::support::emulator::Emulator;
use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

/// The clock of a run: the last full period is 11:55–12:00.
pub(crate) const NOW: &str = "2026-03-01T12:02:00Z";
/// Five and ten minutes later.
pub(crate) const LATER: [&str; 2] = ["2026-03-01T12:07:00Z", "2026-03-01T12:12:00Z"];
/// A time inside of the period that a run at each of those judges.
const INSIDE: [&str; 3] = [
    "2026-03-01T11:57:00Z",
    "2026-03-01T12:02:00Z",
    "2026-03-01T12:07:00Z",
];

/// Registered, and not there.
pub(crate) const GONE: &str = "orders-receipts";

/// A step of seeding: an operation of boto3.
pub(crate) fn call(service: &str, operation: &str, arguments: Value) -> Value {
    json!({ "do": "call", "service": service, "operation": operation, "arguments": arguments })
}

fn metric(namespace: &str, name: &str, dimensions: &Value, unit: &str, points: Value) -> Value {
    json!({ "do": "metric", "namespace": namespace, "name": name, "dimensions": dimensions, "unit": unit, "points": points })
}

fn function(name: &str, at: &str, invocations: u32, errors: u32, milliseconds: u32) -> Vec<Value> {
    let dimensions = json!({ "FunctionName": name });
    let lambda = |metric_name: &str, unit: &str, value: u32| {
        metric(
            "AWS/Lambda",
            metric_name,
            &dimensions,
            unit,
            json!([[at, value]]),
        )
    };
    vec![
        lambda("Invocations", "Count", invocations),
        lambda("Errors", "Count", errors),
        lambda("Duration", "Milliseconds", milliseconds),
        lambda("Throttles", "Count", 0),
        lambda("ConcurrentExecutions", "Count", 2),
    ]
}

/// Calls of a function: when, how many, and how many of them failed.
pub(crate) fn seed_calls(emulator: &Emulator, name: &str, calls: &[(&str, u32, u32)]) {
    let dimensions = json!({ "FunctionName": name });
    let series = |name: &str, value: fn(&(&str, u32, u32)) -> u32| {
        let points = calls.iter().map(|call| json!([call.0, value(call)]));
        metric("AWS/Lambda", name, &dimensions, "Count", points.collect())
    };
    emulator.seed(&[
        series("Invocations", |call| call.1),
        series("Errors", |call| call.2),
        series("Throttles", |_| 0),
    ]);
}

fn database(at: &str) -> Vec<Value> {
    let dimensions = json!({ "DBInstanceIdentifier": "orders-db" });
    [
        ("CPUUtilization", "Percent", 21.0),
        ("DatabaseConnections", "Count", 12.0),
        ("FreeableMemory", "Bytes", 5e8),
        ("FreeStorageSpace", "Bytes", 1.5e10),
        ("ReadLatency", "Seconds", 0.002),
        ("WriteLatency", "Seconds", 0.003),
    ]
    .iter()
    .map(|(name, unit, value)| metric("AWS/RDS", name, &dimensions, unit, json!([[at, value]])))
    .collect()
}

fn service(at: &str) -> Vec<Value> {
    let dimensions = json!({ "ClusterName": "orders", "ServiceName": "orders-web" });
    ["CPUUtilization", "MemoryUtilization"]
        .iter()
        .map(|name| metric("AWS/ECS", name, &dimensions, "Percent", json!([[at, 35.0]])))
        .collect()
}

/// What exists, whatever its health.
pub(crate) fn seed_resources(emulator: &Emulator) -> Vec<Value> {
    emulator.seed(&[
        json!({ "do": "function", "name": "orders-api", "tags": { "app": "orders" } }),
        json!({ "do": "function", "name": "orders-worker", "tags": { "app": "orders" } }),
        json!({ "do": "database", "name": "orders-db" }),
        json!({ "do": "service", "cluster": "orders", "name": "orders-web", "desired": 2 }),
        json!({ "do": "bucket", "name": "orders-uploads", "tags": { "app": "orders" } }),
        json!({ "do": "rest_api", "name": "orders", "stage": "live" }),
    ])
}

/// The metrics of the three periods; in the first, `errors` of 200 requests to the API fail.
pub(crate) fn seed_metrics(emulator: &Emulator, errors: [u32; 3]) {
    let mut steps = Vec::new();
    for (at, errors) in INSIDE.iter().zip(errors) {
        steps.extend(function("orders-api", at, 200, errors, 90));
        steps.extend(function("orders-worker", at, 60, 0, 50));
        steps.extend(database(at));
        steps.extend(service(at));
    }
    emulator.seed(&steps);
}

/// The alarm on the API's errors.
pub(crate) fn seed_alarm(emulator: &Emulator, state: &str, reason: &str) {
    emulator.seed(&[json!({
        "do": "alarm", "name": "orders-api-errors", "namespace": "AWS/Lambda", "metric": "Errors",
        "dimensions": { "FunctionName": "orders-api" }, "state": state, "reason": reason,
    })]);
}

/// A hand-written repository about that world.
pub(crate) fn repository(made: &[Value]) -> Repo {
    let arn = |index: usize| {
        made[index]["arn"]
            .as_str()
            .expect("seeding answers with an ARN")
            .to_owned()
    };
    let entry = |kind: &str, id: &str, arn: &str| json!({ "type": kind, "aws_id": id, "arn": arn, "console_url": "https://console.aws.amazon.com/", "created": "2026-01-05T10:00:00Z" });
    let mut web = entry("aws_ecs_service", "orders-web", &arn(3));
    web["metadata"] = json!({ "cluster": "orders" });
    let api_id = made[5]["id"]
        .as_str()
        .expect("seeding answers with an id")
        .to_owned();
    let mut api = entry(
        "aws_api_gateway_rest_api",
        &api_id,
        &format!("arn:aws:apigateway:us-east-1::/restapis/{api_id}"),
    );
    api["name"] = json!("orders");
    api["metadata"] = json!({ "stage": "live" });
    let registry = json!({
        "version": "1.0.0",
        "environment": "test",
        "project": "orders",
        "last_deployed": "2026-01-05T10:00:00Z",
        "resources": [
            entry("aws_lambda_function", "orders-api", &arn(0)),
            entry("aws_lambda_function", "orders-worker", &arn(1)),
            entry("aws_db_instance", "orders-db", &arn(2)),
            web,
            entry("aws_s3_bucket", "orders-uploads", "arn:aws:s3:::orders-uploads"),
            entry("aws_s3_bucket", GONE, "arn:aws:s3:::orders-receipts"),
            api,
        ],
    });
    with_registry(&registry)
}

/// A repository with this registry for the environment `test`.
pub(crate) fn with_registry(registry: &Value) -> Repo {
    let text = |value: &Value| format!("{value:#}\n");
    let environments = json!({
        "version": "1.0.0",
        "default": "test",
        "environments": {
            "test": { "name": "test", "requires_confirmation": false, "account_id": "000000000000", "region": "us-east-1" },
            "prod": { "name": "prod", "requires_confirmation": true, "account_id": "999999999999", "region": "us-east-1" },
        },
    });
    let monitors = json!({
        "version": "1.0.0",
        "monitors": [{
            "domain": "infrastructure",
            "plugin": "fractary-helm-cloud",
            "manager": "ops-manager",
            "capabilities": ["health", "logs", "metrics", "remediation", "audit"],
            "environments": ["test"],
            "priority_weight": 1.0,
            "commands": { "health": "/fractary-helm-cloud:health" },
            "status": "active",
        }],
        "planned_domains": [{ "domain": "application", "plugin": "fractary-helm-app", "status": "planned" }],
    });
    let monitoring = "[helm-cloud]\ndomain = \"infrastructure\"\nenvironments = [\"test\"]\n\n\
        [monitoring]\nhealth_check_interval = \"5m\"\nenabled_checks = [\"resource_status\", \"cloudwatch_metrics\", \"cloudwatch_alarms\"]\n\n\
        [slos.lambda]\nerror_rate_percent = 0.1\np95_latency_ms = 200\navailability_percent = 99.9\n\n\
        [remediation]\nauto_remediate = []\nrequire_confirmation = [\"scale_resources\"]\nnever_auto = [\"delete_resources\", \"modify_security_groups\"]\n";
    Repo::new(&[
        ("README.md", "# Orders\n"),
        (".fractary/shared/environments.json", &text(&environments)),
        (
            ".fractary/plugins/faber-cloud/deployments/test/registry.json",
            &text(registry),
        ),
        (
            ".fractary/plugins/helm-cloud/config/monitoring.toml",
            monitoring,
        ),
        (
            ".fractary/plugins/helm/registry/domain-monitors.json",
            &text(&monitors),
        ),
    ])
}

/// `fractary ARGUMENTS` at a time, through this endpoint, with few and quick retries.
pub(crate) fn fractary(repo: &Repo, endpoint: &str, at: &str, arguments: &[&str]) -> Fractary {
    Fractary::in_repo(repo)
        .endpoint(endpoint)
        .env("AWS_MAX_ATTEMPTS", "2")
        .at(at)
        .args(arguments)
}

/// The service levels of one indicator, as the last run left them; AWS is not asked.
pub(crate) fn slos(repo: &Repo, at: &str, sli: &str) -> Value {
    let arguments = ["slo", "show", sli, "--env", "test", "--format", "json"];
    let shown = fractary(repo, "http://127.0.0.1:9", at, &arguments);
    shown.run().exits(0).json()["slos"].take()
}
