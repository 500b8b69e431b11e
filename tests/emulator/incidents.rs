//! `investigate` on the emulator: what is read of AWS, and what comes out.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::Outcome;
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::world;

/// When it is asked.
pub(crate) const NOW: &str = "2026-03-01T15:02:00Z";
/// When the symptom begins.
pub(crate) const BEGAN: &str = "2026-03-01T14:15:00Z";

pub(crate) fn minute(minutes: i64) -> Timestamp {
    let began: Timestamp = BEGAN.parse().expect("a time");
    began + SignedDuration::from_mins(minutes)
}

/// A value every five minutes, from a day before the symptom; `value` is asked by minutes.
pub(crate) fn metric(
    (namespace, name, unit): (&str, &str, &str),
    dimensions: &Value,
    value: impl Fn(i64) -> f64,
) -> Value {
    let minutes = (-26 * 60..45).step_by(5);
    let points = minutes.map(|minutes| json!([minute(minutes + 2).to_string(), value(minutes)]));
    json!({
        "do": "metric", "namespace": namespace, "name": name, "dimensions": dimensions,
        "unit": unit, "points": points.collect::<Value>(),
    })
}

/// Errors of a function, of a thousand calls in five minutes.
pub(crate) fn function_metrics(name: &str, errors: impl Fn(i64) -> f64) -> Vec<Value> {
    let dimensions = json!({ "FunctionName": name });
    let of = |name, unit| ("AWS/Lambda", name, unit);
    vec![
        metric(of("Invocations", "Count"), &dimensions, |_| 1_000.0),
        metric(of("Errors", "Count"), &dimensions, errors),
        metric(of("Throttles", "Count"), &dimensions, |_| 0.0),
        metric(of("Duration", "Milliseconds"), &dimensions, |_| 90.0),
        metric(of("ConcurrentExecutions", "Count"), &dimensions, |_| 4.0),
    ]
}

pub(crate) fn database_metrics(name: &str, connections: impl Fn(i64) -> f64) -> Vec<Value> {
    let dimensions = json!({ "DBInstanceIdentifier": name });
    let of = |name, unit| ("AWS/RDS", name, unit);
    vec![
        metric(of("DatabaseConnections", "Count"), &dimensions, connections),
        metric(of("CPUUtilization", "Percent"), &dimensions, |_| 35.0),
        metric(of("FreeableMemory", "Bytes"), &dimensions, |_| 5e8),
        metric(of("FreeStorageSpace", "Bytes"), &dimensions, |_| 1.5e10),
        metric(of("ReadLatency", "Seconds"), &dimensions, |_| 0.002),
        metric(of("WriteLatency", "Seconds"), &dimensions, |_| 0.003),
    ]
}

/// Lines of a function: minutes and text.
pub(crate) fn log_lines(name: &str, lines: &[(i64, String)]) -> Vec<Value> {
    let group = format!("/aws/lambda/{name}");
    let call = |operation: &str, arguments: Value| json!({ "do": "call", "service": "logs", "operation": operation, "arguments": arguments });
    let mut sorted: Vec<(i64, &str)> = lines
        .iter()
        .map(|(at, text)| (*at, text.as_str()))
        .collect();
    sorted.sort_unstable();
    let events = sorted.iter().enumerate().map(|(index, (at, text))| {
        let at = minute(*at).as_millisecond() + index as i64;
        json!({ "timestamp": at, "message": text })
    });
    let mut steps = vec![
        call("create_log_group", json!({ "logGroupName": group })),
        call(
            "create_log_stream",
            json!({ "logGroupName": group, "logStreamName": "1" }),
        ),
    ];
    let events: Vec<Value> = events.collect();
    // AWS takes a day of events at once, and 10,000 of them.
    steps.extend(events.chunks(1_000).map(|events| {
        let some = json!({ "logGroupName": group, "logStreamName": "1", "logEvents": events });
        call("put_log_events", some)
    }));
    steps
}

/// Requests that are served, from long before the symptom to its end.
pub(crate) fn served() -> Vec<(i64, String)> {
    let minutes = (-170..45).step_by(1);
    let line = |minutes: i64| format!("INFO served GET /orders/{} in 12 ms", 1_000 + minutes);
    minutes.map(|minutes| (minutes, line(minutes))).collect()
}

/// An API function and the database that it needs.
pub(crate) struct Shop {
    pub(crate) emulator: Emulator,
    pub(crate) repo: Repo,
}

impl Shop {
    pub(crate) fn new(
        errors: impl Fn(i64) -> f64,
        connections: impl Fn(i64) -> f64,
        more_lines: &[(i64, String)],
    ) -> Self {
        let emulator = emulator::ministack();
        let made = emulator.seed(&[
            json!({ "do": "function", "name": "api-lambda" }),
            json!({ "do": "database", "name": "database-rds" }),
        ]);
        let mut steps = function_metrics("api-lambda", errors);
        steps.extend(database_metrics("database-rds", connections));
        let mut lines = served();
        lines.extend_from_slice(more_lines);
        steps.extend(log_lines("api-lambda", &lines));
        emulator.seed(&steps);
        let entry = |kind: &str, id: &str, arn: &Value, needs: &[&str]| {
            json!({
                "type": kind, "aws_id": id, "arn": arn, "depends_on": needs,
                "created": "2026-01-05T10:00:00Z",
            })
        };
        let registry = json!({
            "version": "1.0.0",
            "environment": "test",
            "resources": [
                entry("aws_lambda_function", "api-lambda", &made[0]["arn"], &["database-rds"]),
                entry("aws_db_instance", "database-rds", &made[1]["arn"], &[]),
            ],
        });
        Self {
            emulator,
            repo: world::with_registry(&registry),
        }
    }

    fn investigate(&self, proxy: &Proxy, arguments: &[&str]) -> Outcome {
        let fixed = ["investigate", "api-lambda", "--timeout", "120s"];
        let all: Vec<&str> = fixed.iter().chain(arguments).copied().collect();
        world::fractary(&self.repo, &proxy.url(), NOW, &all).run()
    }

    fn report(&self, exits: i32) -> Value {
        let proxy = Proxy::start(self.emulator.address());
        let output = self.investigate(&proxy, &["--format", "json"]);
        output.exits(exits).json()
    }
}

pub(crate) fn causes(report: &Value) -> Vec<String> {
    let all = report["hypotheses"].as_array().expect("a list");
    let text = |one: &Value, key: &str| one[key].as_str().unwrap_or("-").to_owned();
    let said = |one| {
        let (id, resource) = (text(one, "cause_id"), text(one, "resource"));
        format!("{id} at {resource}: {}", text(one, "grade"))
    };
    all.iter().map(said).collect()
}

pub(crate) fn no_slots() -> Vec<(i64, String)> {
    let line = "ERROR OperationalError: FATAL: remaining connection slots are reserved";
    (5..45).map(|minutes| (minutes, line.to_owned())).collect()
}

/// Example 3 of the first users: errors of an API function because its database runs out of
/// connections. `db.t3.micro` has about 112.
#[test]
fn a_database_out_of_connections_is_found_behind_the_function_that_fails() {
    let errors = |minutes| if minutes >= 0 { 25.0 } else { 0.0 };
    let connections = |minutes| if minutes >= 5 { 110.0 } else { 40.0 };
    let shop = Shop::new(errors, connections, &no_slots());
    let report = shop.report(0);
    assert_eq!(
        causes(&report),
        ["db-connections-exhausted at database-rds: confirmed-cause"]
    );
    assert_eq!(report["status"], "explained");
    assert_eq!(report["symptom"]["at"], BEGAN);
    assert_eq!(
        report["suggested_actions"][0]["action"],
        "increase_rds_connections"
    );
    assert!(
        report["api"]["calls"].as_u64() < Some(60),
        "{}",
        report["api"]
    );
    let proxy = Proxy::start(shop.emulator.address());
    let text = shop.investigate(&proxy, &[]).exits(0);
    let shown = text.stdout.lines().filter(|line| !line.starts_with("inc-"));
    let shown: Vec<&str> = shown.collect();
    insta::assert_snapshot!("connections", shown.join("\n"));
}

#[test]
fn logs_that_are_denied_are_said_and_lower_the_confidence() {
    let errors = |minutes| if minutes >= 0 { 25.0 } else { 0.0 };
    let connections = |minutes| if minutes >= 5 { 110.0 } else { 40.0 };
    let shop = Shop::new(errors, connections, &no_slots());
    let proxy = Proxy::start(shop.emulator.address());
    proxy.set_rules([Rule::on("logs:FilterLogEvents", Fault::Deny)]);
    let report = shop
        .investigate(&proxy, &["--format", "json"])
        .exits(0)
        .json();
    assert_eq!(
        causes(&report),
        [
            "db-connections-exhausted at database-rds: possible-contributor",
            // Only the logs could tell.
            "db-deadlocks at database-rds: needs-evidence",
        ]
    );
    let gap = report["gaps"].as_array().expect("a list").iter();
    let mut gap = gap.filter(|gap| gap["leg"] == "logs" && gap["what"] == "logs of api-lambda");
    let fix = gap.next().map(|gap| gap["fix"].to_string());
    assert!(
        fix.is_some_and(|fix| fix.contains("logs:FilterLogEvents")),
        "{report:#}"
    );
}

#[test]
fn a_function_out_of_memory_and_one_without_a_permission_are_told_apart() {
    let errors = |minutes| if minutes >= 0 { 25.0 } else { 0.0 };
    let killed = "RequestId: 1f Error: Runtime exited with error: signal: killed Runtime.ExitError";
    let lines: Vec<(i64, String)> = (1..40).map(|at| (at, killed.to_owned())).collect();
    let shop = Shop::new(errors, |_| 40.0, &lines);
    assert_eq!(
        causes(&shop.report(0)),
        ["lambda-out-of-memory at api-lambda: confirmed-cause"]
    );
    drop(shop);
    let denied = "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/shop/shop is \
                  not authorized to perform: dynamodb:PutItem";
    let lines: Vec<(i64, String)> = (1..40).map(|at| (at, denied.to_owned())).collect();
    let shop = Shop::new(errors, |_| 40.0, &lines);
    assert_eq!(
        causes(&shop.report(0)),
        ["permission-removed at api-lambda: confirmed-cause"]
    );
}

#[test]
fn nothing_wrong_and_nothing_that_explains_it_are_answers() {
    let shop = Shop::new(|_| 0.0, |_| 40.0, &[]);
    let report = shop.report(0);
    assert_eq!(
        (report["status"].as_str(), causes(&report).len()),
        (Some("nothing-wrong"), 0)
    );
    drop(shop);
    let errors = |minutes| if minutes >= 0 { 25.0 } else { 0.0 };
    let shop = Shop::new(errors, |_| 40.0, &[]);
    let proxy = Proxy::start(shop.emulator.address());
    let report = shop.investigate(&proxy, &["--format", "json"]).json();
    assert_eq!(report["status"], "unexplained");
    let summary = report["summary"].as_str().expect("a summary");
    assert!(
        summary.starts_with("nothing explains the error rate of api-lambda"),
        "{summary}"
    );
}

#[test]
fn a_budget_of_calls_ends_the_reading_and_is_said() {
    let errors = |minutes| if minutes >= 0 { 25.0 } else { 0.0 };
    let shop = Shop::new(errors, |_| 40.0, &no_slots());
    let proxy = Proxy::start(shop.emulator.address());
    let report = shop
        .investigate(&proxy, &["--max-calls", "1", "--format", "json"])
        .json();
    assert_eq!(proxy.counts().get("logs:FilterLogEvents"), None);
    assert_eq!(proxy.counts().get("cloudtrail:LookupEvents"), None);
    assert!(
        report["gaps"].to_string().contains("--max-calls"),
        "{}",
        report["gaps"]
    );
}
