//! What AWS refuses a run: recorded once, and closed when it is over.

use serde_json::Value;

use crate::support::emulator;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::world::{self, LATER, NOW};

pub(crate) const LOG: &str = ".fractary/plugins/faber-cloud/deployments/issue-log.json";

fn log(repo: &Repo) -> Value {
    serde_json::from_str(&repo.read(LOG)).expect("the log is JSON")
}

fn events(log: &Value) -> Vec<&str> {
    let entries = log["entries"].as_array().expect("entries");
    let events = entries.iter().filter_map(|entry| entry["event"].as_str());
    events.collect()
}

#[test]
fn what_a_run_is_refused_is_recorded_once_and_closed_when_it_is_over() {
    let emulator = emulator::ministack();
    let repo = world::repository(&world::seed_resources(&emulator));
    world::seed_metrics(&emulator, [0, 0, 0]);
    let proxy = Proxy::start(emulator.address());
    let run = |at: &str| world::fractary(&repo, &proxy.url(), at, &["run"]).run();
    proxy.set_rules([Rule::on("cloudwatch:GetMetricData", Fault::Deny)]);
    run(NOW);
    let first = log(&repo);
    let context = &first["issues"][0]["error"]["context"];
    assert_eq!(context["operation"], "GetMetricData", "{first:#}");
    assert_eq!(context["command"], "run");
    assert!(first["issues"][0]["open_since"].is_string());
    assert_eq!(events(&first), ["occurred"]);
    let issues = first["issues"].to_string();
    assert!(!issues.contains("000000000000"), "no account: {issues}");
    run(LATER[0]);
    assert_eq!(log(&repo), first, "it is known already");
    proxy.set_rules([]);
    run(LATER[1]);
    let over = log(&repo);
    assert_eq!(events(&over), ["occurred", "passed"]);
    assert!(over["issues"][0]["open_since"].is_null());
    assert_eq!(over["issues"][0]["solutions"], Value::Array(Vec::new()));
    world::fractary(&repo, &proxy.url(), LATER[1], &["check"])
        .run()
        .exits(0);
    assert_eq!(repo.status(), "");
}
