//! What comes of an action: refused by AWS, killed before it could say, and judged by later runs.

use serde_json::Value;

use super::{MONITORING, Scene, UPDATE};
use crate::support::fault::{Fault, Rule};
use crate::world::{self, LATER, NOW};

#[test]
fn what_aws_refuses_is_a_failure_with_its_reason() {
    let scene = Scene::function();
    scene.proxy.set_rules([Rule::on(UPDATE, Fault::Deny)]);
    scene
        .remediate(&["restart", "orders-api", "--yes"])
        .exits(1);
    assert_eq!(scene.outcomes(), ["started", "failed"]);
    let reason = scene.entries()[1]["reason"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(reason.contains(UPDATE), "{reason}");
    // The same commit has it in the log of errors.
    let log = scene.repo.read(crate::error_log::LOG);
    let log: Value = serde_json::from_str(&log).expect("the log is JSON");
    let error = &log["issues"][0]["error"];
    assert_eq!(error["category"], "permission", "{log:#}");
    assert_eq!(error["context"]["operation"], "UpdateFunctionConfiguration");
    assert_eq!(error["context"]["command"], "remediate");
    scene.is_sound();
}

/// An automatic restart that does not help is tried twice; then people have the issue.
#[test]
fn what_did_not_help_twice_is_handed_over() {
    let scene = Scene::function();
    let times: Vec<String> = (0..20)
        .map(|n| {
            format!(
                "2026-03-01T{}:{:02}:00Z",
                11 + (57 + n * 5) / 60,
                (57 + n * 5) % 60
            )
        })
        .collect();
    let calls: Vec<(&str, u32, u32)> = times.iter().map(|at| (at.as_str(), 200, 100)).collect();
    world::seed_calls(&scene.emulator, "orders-api", &calls);
    let text = scene.repo.read(MONITORING);
    let allowed = text.replace(
        "auto_remediate = []",
        "auto_remediate = [\"restart_lambda\"]",
    );
    // Every run is recorded: what did not help changes nothing, and only a record is judged.
    let heartbeat = "[git]\nheartbeat = \"5m\"\n";
    let helm = ".fractary/plugins/helm/config/helm.toml";
    scene
        .repo
        .write(&[(MONITORING, &allowed), (helm, heartbeat)]);
    scene.repo.commit_all("Allow restarts");
    let mut said = String::new();
    for at in &times[1..] {
        let run = scene.run(at, &["run"]);
        said.push_str(&run.stderr);
    }
    let words = scene.outcomes();
    let tries = words.iter().filter(|word| *word == "started").count();
    let failed = words.iter().filter(|word| *word == "failed").count();
    assert_eq!((tries, failed), (2, 2), "{words:?}\n{said}");
    let items = scene.repo.files(".fractary/plugins/helm/work-items");
    assert_eq!(items.len(), 1, "{said}");
    assert!(
        said.contains("restart_lambda did not help 2 times"),
        "{said}"
    );
    scene.is_sound();
}

#[test]
fn a_killed_run_is_closed_by_what_aws_shows() {
    for (is_sent, outcome) in [(false, "interrupted"), (true, "unverified")] {
        let scene = Scene::function();
        // Killed while AWS says nothing: before it has the request, or after it has done it.
        let stuck = match is_sent {
            false => UPDATE,
            true => "lambda:ListAliases",
        };
        let rule = Rule::on(stuck, Fault::Hang);
        let rule = if is_sent { rule.nth(2) } else { rule };
        scene.proxy.set_rules([rule]);
        let arguments = ["remediate", "restart", "orders-api", "--yes"];
        let mut child = world::fractary(&scene.repo, &scene.proxy.url(), NOW, &arguments).spawn();
        let wanted = if is_sent { 2 } else { 1 };
        while scene.proxy.counts().get(stuck).copied().unwrap_or_default() < wanted {
            std::thread::yield_now();
        }
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        scene.proxy.set_rules([]);
        assert_eq!(scene.outcomes(), ["started"], "{is_sent}");
        let sent = scene.updates();
        // Too early: the one that made the intent may still be alive.
        let early = "2026-03-01T12:03:00Z";
        scene.run(early, &["run"]);
        assert_eq!(scene.outcomes(), ["started"], "{is_sent}");
        scene.run(LATER[1], &["run"]);
        assert_eq!(scene.outcomes(), ["started", outcome], "{is_sent}");
        let reason = scene.entries()[1]["reason"].to_string();
        assert!(
            reason.contains("the run ended before it could say"),
            "{reason}"
        );
        assert_eq!(scene.updates(), sent, "nothing is sent again");
        assert_eq!(scene.variables().len(), if is_sent { 13 } else { 12 });
        scene.is_sound();
    }
}

#[test]
fn a_restart_is_judged_by_the_periods_that_began_after_it() {
    let scene = Scene::function();
    let calls = [
        ("2026-03-01T11:57:00Z", 200, 100),
        ("2026-03-01T12:02:00Z", 200, 100),
        ("2026-03-01T12:07:00Z", 200, 0),
        ("2026-03-01T12:12:00Z", 200, 0),
    ];
    world::seed_calls(&scene.emulator, "orders-api", &calls);
    scene.run(NOW, &["run"]);
    scene.apply(&["restart", "orders-api"]);
    // 12:00–12:05 is the period in which it was restarted: it says nothing.
    scene.run(LATER[0], &["run"]);
    assert_eq!(scene.outcomes(), ["started", "unverified"]);
    // Nothing had changed by then, so nothing was recorded, and this run looks at both periods.
    scene.run(LATER[1], &["run"]);
    assert_eq!(scene.outcomes(), ["started", "unverified"]);
    let judging = scene.run("2026-03-01T12:17:00Z", &["run"]);
    assert_eq!(
        scene.outcomes(),
        ["started", "unverified", "success"],
        "{}{}",
        judging.stdout,
        judging.stderr
    );
    let entry = scene.entries()[2].clone();
    assert_eq!(entry["verification"]["before"]["status"], "UNHEALTHY");
    assert_eq!(entry["verification"]["after"]["status"], "HEALTHY");
    assert_eq!(entry["verification"]["slo_met"], true);
    assert!(
        entry["time_to_resolution_seconds"].as_u64().is_some(),
        "{entry}"
    );
    scene.is_sound();
}
