//! `logs` on the emulator: which group is read, and why a group gives nothing.

use serde_json::{Value, json};

use crate::incidents::{NOW, log_lines, served};
use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::Outcome;
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::world::{self, call};

/// A function that logs to its own group, unless its configuration names another.
fn watched() -> (Emulator, Repo) {
    let emulator = emulator::ministack();
    let made = emulator.seed(&[json!({ "do": "function", "name": "api" })]);
    let registry = json!({
        "version": "1.0.0", "environment": "test",
        "resources": [{
            "type": "aws_lambda_function", "aws_id": "api", "arn": made[0]["arn"],
            "created": "2026-01-05T10:00:00Z",
        }],
    });
    (emulator, world::with_registry(&registry))
}

fn logs(repo: &Repo, proxy: &Proxy, arguments: &[&str]) -> Outcome {
    let all = [&["logs", "--since", "1h", "--timeout", "60s"], arguments].concat();
    world::fractary(repo, &proxy.url(), NOW, &all).run()
}

/// What was read, as the last line of the JSON says it.
fn coverage(outcome: &Outcome) -> Value {
    let last = outcome.stdout.lines().last().expect("a line");
    serde_json::from_str(last).expect("JSON")
}

#[test]
fn the_group_of_the_configuration_is_read_and_said() {
    let (emulator, repo) = watched();
    let group = "/shared/api";
    let name = |extra: Value| {
        let mut arguments = json!({ "logGroupName": group });
        arguments
            .as_object_mut()
            .expect("an object")
            .extend(extra.as_object().cloned().unwrap_or_default());
        arguments
    };
    emulator.seed(&[
        call("logs", "create_log_group", name(json!({}))),
        call("logs", "create_log_stream", name(json!({ "logStreamName": "1" }))),
        call(
            "logs",
            "put_log_events",
            name(json!({
                "logStreamName": "1",
                "logEvents": [{ "timestamp": crate::incidents::minute(20).as_millisecond(), "message": "ERROR it is here" }],
            })),
        ),
    ]);
    let proxy = Proxy::start(emulator.address());
    // The emulator keeps no logging configuration: the answer is recorded, in AWS's form.
    proxy.set_rules([Rule::on(
        "lambda:GetFunctionConfiguration",
        Fault::Answer(json!({ "FunctionName": "api", "LoggingConfig": { "LogGroup": group } })),
    )]);
    let outcome = logs(&repo, &proxy, &["api", "--format", "json"]).exits(0);
    assert!(outcome.stdout.contains("it is here"), "{}", outcome.stdout);
    let read = coverage(&outcome).to_string();
    assert!(
        read.contains(group) && read.contains("function of api"),
        "{read}"
    );
}

#[test]
fn a_group_that_is_misspelt_is_a_mistake_and_no_empty_one() {
    let (emulator, repo) = watched();
    emulator.seed(&log_lines("api", &served()));
    let proxy = Proxy::start(emulator.address());
    let outcome = logs(&repo, &proxy, &["--group", "/aws/lamda/api"]).exits(2);
    assert!(
        outcome.stderr.contains("nearest: /aws/lambda/api"),
        "{}",
        outcome.stderr
    );
    assert!(!outcome.stdout.contains("0 events"), "{}", outcome.stdout);
}

/// The emulator creates groups at the time of the machine, which is after the span.
#[test]
fn a_group_that_was_created_later_proves_nothing_of_the_time_before() {
    let (emulator, repo) = watched();
    emulator.seed(&log_lines("api", &[]));
    let proxy = Proxy::start(emulator.address());
    let outcome = logs(&repo, &proxy, &["api"]);
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    let words: Vec<&str> = said.split_whitespace().collect();
    assert!(words.join(" ").contains("after this span"), "{said}");
}

#[test]
fn what_is_denied_is_unknown_with_its_permission() {
    let (emulator, repo) = watched();
    emulator.seed(&log_lines("api", &served()));
    let proxy = Proxy::start(emulator.address());
    proxy.set_rules([Rule::on("logs:FilterLogEvents", Fault::Deny)]);
    let outcome = logs(&repo, &proxy, &["api"]).exits(3);
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(said.contains("logs:FilterLogEvents"), "{said}");
}
