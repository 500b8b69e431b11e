//! What comes of an action: refused by AWS, killed before it could say, and judged by later runs.

use serde_json::{Value, json};

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
    // Nothing changes in what runs see, so that it is the restart that they record.
    scene.repo.write(&[(MONITORING, &allowed)]);
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
    scene.protect();
    scene.run(NOW, &["run"]);
    scene.typed("yes,test").exits(0);
    // 12:00–12:05 is the period in which it was restarted: it says nothing. It is recorded all the
    // same, so that the next run begins after it.
    let judge = |at: &str| scene.run(at, &["run"]);
    judge(LATER[0]);
    assert_eq!(scene.outcomes(), ["started", "unverified"]);
    let log = scene.repo.git(&["log", "--format=%s"]);
    assert!(log.contains("remediation to be evaluated"), "{log}");
    let judging = judge(LATER[1]);
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
    let took = entry["time_to_resolution_seconds"].as_u64();
    assert!(took.is_some_and(|seconds| seconds > 0), "{entry}");
    assert_eq!(entry["consent"]["how"], "typed");
    let said = "health check passed after restart_lambda of orders-api";
    assert!(judging.stderr.contains(said), "{}", judging.stderr);
    assert!(judging.stderr.contains("service operational"));
    // The issue says what was done, and so does the dashboard in every format.
    let id = entry["issue_id"].as_str().expect("its issue");
    let issue = scene.run(LATER[1], &["issues", "show", id]).exits(0);
    super::shows(&issue, "restart_lambda success");
    for format in ["text", "markdown", "html", "json"] {
        let shown = scene.run(LATER[1], &["dashboard", "--format", format]);
        let shown = shown.stdout.replace("restart_lambda", "restart lambda");
        assert!(shown.contains("restart lambda"), "{format}: {shown}");
        assert!(!shown.contains("unverified"), "{format}: {shown}");
    }
    scene.is_sound();
}

/// A run that is killed while it judges leaves what is known: the next run asks AWS, and closes it.
#[test]
fn a_run_that_is_killed_while_it_judges_is_made_up_for() {
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
    let sent = scene.updates();
    scene.run(LATER[0], &["run"]);
    let read = "cloudwatch:GetMetricData";
    scene.proxy.forget();
    scene.proxy.set_rules([Rule::on(read, Fault::Hang)]);
    let run = ["run", "--fail-on", "never"];
    let mut child = world::fractary(&scene.repo, &scene.proxy.url(), LATER[1], &run).spawn();
    while scene.proxy.counts().get(read).copied().unwrap_or_default() == 0 {
        std::thread::yield_now();
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    scene.proxy.set_rules([]);
    assert_eq!(scene.outcomes(), ["started", "unverified"]);
    scene.run("2026-03-01T12:17:00Z", &run);
    assert_eq!(scene.outcomes(), ["started", "unverified", "success"]);
    assert_eq!(scene.updates(), None, "nothing is sent again");
    assert_eq!(sent, Some(1));
    scene.is_sound();
}

/// After a reboot a database is as it was before: nobody can tell whether it was rebooted, and
/// nobody says so.
#[test]
fn what_aws_does_not_show_is_not_said_to_be_done() {
    let emulator = crate::support::emulator::ministack();
    let made = emulator.seed(&[json!({ "do": "database", "name": "orders-db" })]);
    let resource =
        json!({ "type": "aws_db_instance", "aws_id": "orders-db", "arn": made[0]["arn"] });
    let scene = Scene::new(emulator, &[resource]);
    let reboot = "rds:RebootDBInstance";
    scene.proxy.set_rules([Rule::on(reboot, Fault::Hang)]);
    let arguments = ["remediate", "reboot_rds", "orders-db", "--yes"];
    let mut child = world::fractary(&scene.repo, &scene.proxy.url(), NOW, &arguments).spawn();
    while scene
        .proxy
        .counts()
        .get(reboot)
        .copied()
        .unwrap_or_default()
        == 0
    {
        std::thread::yield_now();
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    scene.proxy.set_rules([]);
    // A reboot has half an hour.
    scene.run("2026-03-01T13:02:00Z", &["run", "--fail-on", "never"]);
    assert_eq!(scene.outcomes(), ["started", "interrupted"]);
    let reason = scene.entries()[1]["reason"].to_string();
    assert!(
        reason.contains("AWS does not show whether it was made"),
        "{reason}"
    );
    assert_eq!(
        scene.proxy.counts()[reboot],
        1,
        "it is not rebooted a second time"
    );
    scene.is_sound();
    // The same where AWS does not confirm it.
    scene.proxy.forget();
    scene.proxy.set_rules([Rule::on(reboot, Fault::Close)]);
    scene.run(
        "2026-03-01T14:02:00Z",
        &["remediate", "reboot_rds", "orders-db", "--yes"],
    );
    let entry = scene.entries().pop().expect("an entry");
    assert_eq!(entry["outcome"], "unverified", "{entry:#}");
    assert!(entry["applied_at"].is_null(), "{entry:#}");
    assert_eq!(scene.proxy.counts()[reboot], 1, "it is sent once");
}
