//! `fractary kpi`: real monitors, real git histories, no network.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

const KPIS: &str = ".fractary/plugins/helios/config/kpis.toml";
const DEPLOYMENTS: &str = ".fractary/registry/deployments.json";
const MONITORS: &str = ".fractary/plugins/helm/registry/domain-monitors.json";
const HISTORY: &str = ".fractary/plugins/helios/kpis/prod/kpi-history.json";
const ISSUES: &str = ".fractary/plugins/helm/issues/resolved";

/// A repository with `prod`, set up as `init` does.
fn repository(kpis: &str) -> Repo {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    Fractary::in_repo(&repo)
        .args(["init", "--env", "prod"])
        .run()
        .exits(0);
    repo.write(&[(KPIS, kpis)]);
    repo.commit_all("Key figures");
    repo
}

fn kpi(repo: &Repo, at: &str, arguments: &[&str]) -> Fractary {
    Fractary::in_repo(repo)
        .at(at)
        .args(["kpi", "--env", "prod"])
        .args(arguments)
}

fn monitored(name: &str, better: &str, target: u32, priority: u8) -> String {
    format!(
        "[[kpi]]\nname = \"{name}\"\ncategory = \"frontend\"\nunit = \"milliseconds\"\nbetter = \"{better}\"\n\
         target = {target}\npriority = {priority}\nsource.monitor = {{ domain = \"app\", metric = \"{name}\" }}\n\n"
    )
}

/// A monitor of the domain `app` that prints these metrics.
fn print_metrics(repo: &Repo, metrics: &[(&str, f64)]) {
    let each = metrics
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value, "unit": "milliseconds" }));
    let health =
        json!({ "version": "1.0.0", "status": "HEALTHY", "metrics": each.collect::<Vec<_>>() });
    let program = format!("#!/bin/sh\ncat <<'END'\n{health}\nEND\n");
    let monitors = json!({ "version": "1.0.0", "monitors": [{
        "domain": "app", "plugin": "acme", "status": "active",
        "commands": { "health": { "exec": ["./app-health"], "timeout": "60s" } },
    }] });
    repo.write(&[("app-health", &program), (MONITORS, &monitors.to_string())]);
    let path = repo.path().join("app-health");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    repo.commit_all("A monitor");
}

#[test]
fn key_figures_are_scored_kept_and_compared() {
    let file = monitored("chat_response_time", "lower", 500, 1)
        + &monitored("ui_interaction_lag", "lower", 100, 2)
        + &monitored("message_render_time", "lower", 50, 3)
        + "[[kpi]]\nname = \"user_retention_24h\"\ncategory = \"business\"\nunit = \"percent\"\nbetter = \"higher\"\ntarget = 50\npriority = 1\n";
    let repo = repository(&file);
    print_metrics(
        &repo,
        &[
            ("chat_response_time", 800.0),
            ("ui_interaction_lag", 90.0),
            ("message_render_time", 50.0),
        ],
    );
    let first = kpi(
        &repo,
        "2026-12-01T12:00:00Z",
        &["--commit", "--format", "json"],
    )
    .run()
    .exits(0)
    .json();
    // (3 · 62.5 + 2 · 100 + 1 · 100) / 6
    assert_eq!(
        first["score"],
        json!({ "value": 81.25, "coverage_percent": 100.0, "reliable": true })
    );
    assert_eq!(
        (&first["kind"], &first["status"], &first["off"]),
        (
            &json!("kpi"),
            &json!("healthy"),
            &json!(["user_retention_24h"])
        )
    );
    let row = &first["kpis"][0];
    assert_eq!(
        (&row["name"], &row["points_lost"], &row["score_if_met"]),
        (&json!("chat_response_time"), &json!(18.75), &json!(100.0))
    );
    assert_eq!(
        (&row["weight"], &row["trend"], &row["reason"]),
        (&json!(3.0), &json!("unknown"), &Value::Null)
    );
    assert_eq!(first["change"], Value::Null);
    assert_eq!(
        repo.log()[0],
        "fractary(kpi): prod healthy — 3 of 3 key figures measured"
    );
    assert_eq!(repo.status(), "");
    // Worse by 60 % of the target, one gone, and a target edited.
    print_metrics(
        &repo,
        &[
            ("chat_response_time", 1100.0),
            ("message_render_time", 50.0),
        ],
    );
    repo.write(&[(
        KPIS,
        &file.replace("target = 50\npriority = 3", "target = 40\npriority = 3"),
    )]);
    repo.commit_all("Ask for more");
    let show = |format: &str| {
        let said = kpi(&repo, "2026-12-01T12:05:00Z", &["--format", format]).run();
        said.exits(3).stdout
    };
    insta::assert_snapshot!("kpi_text", show("text"));
    insta::assert_snapshot!("kpi_markdown", show("markdown"));
    let second: Value = serde_json::from_str(&show("json")).expect("JSON");
    assert_eq!(second["score"]["reliable"], false);
    assert_eq!(
        second["change"]["targets_changed"],
        json!(["message_render_time"])
    );
    let board = Fractary::in_repo(&repo)
        .at("2026-12-01T12:10:00Z")
        .args(["dashboard"])
        .run();
    let said = "prod · score 81.2, healthy";
    assert!(board.stdout.contains(said), "{}", board.stdout);
    for (format, said) in [
        ("html", "<h2 id=\"kpis\">Key figures</h2>"),
        ("markdown", "- **prod**: score 81.2, healthy"),
        ("json", "\"collected_at\": \"2026-12-01T12:00:00Z\""),
    ] {
        let page = Fractary::in_repo(&repo)
            .at("2026-12-01T12:10:00Z")
            .args(["dashboard", "--format", format])
            .run();
        assert!(page.stdout.contains(said), "{format}: {}", page.stdout);
    }
    // What misses its target is an issue of the commit that saw it.
    let issues = repo.files(".fractary/plugins/helm/issues/active");
    let issues: Vec<String> = issues.iter().map(|path| repo.read(path)).collect();
    assert_eq!(issues.len(), 1);
    let issue: Value = serde_json::from_str(&issues[0]).expect("JSON");
    assert_eq!(
        (&issue["check"], &issue["severity"], &issue["source"]),
        (
            &json!("kpi_target/chat_response_time"),
            &json!("HIGH"),
            &json!("kpi")
        )
    );
    let status = Fractary::in_repo(&repo)
        .at("2026-12-01T12:10:00Z")
        .args(["status"])
        .run();
    assert!(
        status.stdout.contains("key figures of prod: score 81.2"),
        "{}",
        status.stdout
    );
    // Looking has written nothing.
    let history: Value = serde_json::from_str(&repo.read(HISTORY)).expect("JSON");
    assert_eq!(history["collections"].as_array().expect("a list").len(), 1);
    Fractary::in_repo(&repo).args(["check"]).run().exits(0);
}

#[test]
fn without_the_file_nothing_is_guessed() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    Fractary::in_repo(&repo)
        .args(["init", "--env", "prod"])
        .run()
        .exits(0);
    let said = kpi(&repo, "2026-12-01T12:00:00Z", &[]).run().exits(2);
    assert!(
        said.stderr.contains("fractary init --helios"),
        "{}",
        said.stderr
    );
    // The template: all there, all off, so nothing is at zero of nineteen.
    Fractary::in_repo(&repo)
        .args(["init", "--env", "prod", "--helios"])
        .run()
        .exits(0);
    Fractary::in_repo(&repo).args(["check"]).run().exits(0);
    let off = kpi(&repo, "2026-12-01T12:00:00Z", &["--format", "json"])
        .run()
        .exits(3)
        .json();
    assert_eq!(off["off"].as_array().expect("a list").len(), 19);
    assert_eq!(
        (&off["kpis"], &off["score"]["value"], &off["alerts"]),
        (&json!([]), &Value::Null, &json!([]))
    );
    assert_eq!(repo.log().len(), 3, "two of init, one of ours");
}

const DELIVERY: &str = "[[kpi]]\nname = \"lead_time\"\ncategory = \"agent\"\nunit = \"hours\"\nbetter = \"lower\"\ntarget = 24\npriority = 2\nsource.delivery = \"lead_time_hours\"\n";

/// A history of git that is made commit by commit, at given times.
struct Story {
    repo: Repo,
    deployments: Vec<Value>,
}

impl Story {
    fn new() -> Self {
        Self {
            repo: repository(DELIVERY),
            deployments: Vec::new(),
        }
    }

    fn git_at(&self, at: &str, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.repo.path())
            .args(["-c", "user.name=A", "-c", "user.email=a@example.org"])
            .args(arguments)
            .env("HOME", self.repo.home())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_DATE", at)
            .env("GIT_COMMITTER_DATE", at)
            .output()
            .expect("the tests need git");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout)
            .expect("text")
            .trim()
            .to_owned()
    }

    fn commit(&self, at: &str, subject: &str) -> String {
        self.git_at(
            at,
            &["commit", "--quiet", "--allow-empty", "--message", subject],
        );
        self.git_at(at, &["rev-parse", "HEAD"])
    }

    fn deploy(&mut self, at: &str, commit: &str) {
        self.deployments.push(json!({
            "id": format!("d{}", self.deployments.len() + 1), "environment": "prod",
            "deployed_at": at, "commit": commit, "status": "success", "resources": [],
        }));
    }

    fn incident(&self, id: &str, detected: &str, resolved: &str) {
        let issue = json!({
            "version": "1.0.0", "id": id, "domain": "infrastructure", "environment": "prod",
            "severity": "HIGH", "status": "resolved", "title": "errors", "check": "error_rate_percent",
            "resource": { "arn": "arn:aws:lambda:eu-west-1:123456789012:function:api", "name": "api",
                "kind": "lambda", "region": "eu-west-1" },
            "detected_at": detected, "last_seen_at": resolved, "resolved_at": resolved,
        });
        let path = format!("{ISSUES}/{id}.json");
        self.repo.write(&[(path.as_str(), &issue.to_string())]);
    }

    fn delivery(&self, at: &str) -> Value {
        let document = json!({ "version": "1.0.0", "deployments": self.deployments });
        self.repo.write(&[(DEPLOYMENTS, &document.to_string())]);
        let said = kpi(&self.repo, at, &["--format", "json"]).run();
        let report: Value = serde_json::from_str(&said.stdout)
            .unwrap_or_else(|_| panic!("{}\n{}", said.stdout, said.stderr));
        report["delivery"].clone()
    }
}

fn value<'a>(of: &'a Value, figure: &str) -> &'a Value {
    &of[figure]["value"]
}

#[test]
fn delivery_is_what_a_real_history_says() {
    let mut story = Story::new();
    let first = story.commit("2026-11-02T08:00:00Z", "Begin");
    story.deploy("2026-11-03T00:00:00Z", &first);
    let alone = story.delivery("2026-11-06T00:00:00Z");
    assert_eq!(value(&alone, "lead_time_hours"), &Value::Null);
    assert_eq!(value(&alone, "deployments_per_week"), &json!(2.33333333));
    // A branch of two commits, merged: three commits are deployed, wherever they were made.
    story.git_at(
        "2026-11-04T00:00:00Z",
        &["checkout", "--quiet", "-b", "cart"],
    );
    story.commit("2026-11-04T00:00:00Z", "Add a cart");
    story.commit("2026-11-04T06:00:00Z", "Fill the cart");
    story.git_at("2026-11-04T06:00:00Z", &["checkout", "--quiet", "main"]);
    story.git_at(
        "2026-11-04T10:00:00Z",
        &[
            "merge",
            "--quiet",
            "--no-ff",
            "--message",
            "Merge the cart",
            "cart",
        ],
    );
    let merged = story.git_at("2026-11-04T10:00:00Z", &["rev-parse", "HEAD"]);
    story.deploy("2026-11-04T12:00:00Z", &merged);
    // 12, 6 and 2 hours.
    let of = story.delivery("2026-11-10T00:00:00Z");
    assert_eq!(
        (
            value(&of, "lead_time_hours"),
            &of["commits"],
            &of["lead_time_from_merge"]
        ),
        (&json!(6.0), &json!(3), &json!(false))
    );
    assert_eq!(
        (
            value(&of, "change_failure_rate_percent"),
            value(&of, "rework_rate_percent")
        ),
        (&json!(0.0), &json!(0.0))
    );
    assert_eq!(value(&of, "recovery_time_hours"), &Value::Null);
    // Rolled back by its short id, and forward again: no commit counts twice.
    story.deploy("2026-11-05T00:00:00Z", &first[..12]);
    story.deploy("2026-11-06T00:00:00Z", &merged);
    story.incident(
        "infra-aaaaaa",
        "2026-11-04T13:00:00Z",
        "2026-11-05T00:00:00Z",
    );
    story.incident(
        "infra-bbbbbb",
        "2026-11-04T14:00:00Z",
        "2026-11-04T15:00:00Z",
    );
    let of = story.delivery("2026-11-10T00:00:00Z");
    assert_eq!(
        (&of["deployments"], &of["rollbacks"], &of["commits"]),
        (&json!(4), &json!(1), &json!(3))
    );
    // One of four failed, whatever happened to it; one of four is a fix; 11 h and 1 h.
    assert_eq!(
        (
            value(&of, "change_failure_rate_percent"),
            value(&of, "rework_rate_percent")
        ),
        (&json!(25.0), &json!(25.0))
    );
    assert_eq!(value(&of, "recovery_time_hours"), &json!(6.0));
    // Four on four days, in seven days.
    assert_eq!(
        (
            value(&of, "deployments_per_week"),
            value(&of, "deployment_days_per_week")
        ),
        (&json!(4.0), &json!(4.0))
    );
}

#[test]
fn squashes_rewritten_history_and_shallow_clones_are_said() {
    let mut story = Story::new();
    let first = story.commit("2026-11-02T08:00:00Z", "Begin");
    story.deploy("2026-11-03T00:00:00Z", &first);
    let squashed = story.commit("2026-11-03T20:00:00Z", "Add a cart (#7)");
    story.deploy("2026-11-04T00:00:00Z", &squashed);
    let of = story.delivery("2026-11-10T00:00:00Z");
    assert_eq!(
        (value(&of, "lead_time_hours"), &of["lead_time_from_merge"]),
        (&json!(4.0), &json!(true))
    );
    // The last commit is made anew, as after a rebase or a forced push.
    story.git_at(
        "2026-11-04T08:00:00Z",
        &[
            "commit",
            "--quiet",
            "--amend",
            "--allow-empty",
            "--message",
            "Add a cart, anew",
        ],
    );
    let rewritten = story.git_at("2026-11-04T08:00:00Z", &["rev-parse", "HEAD"]);
    story.deploy("2026-11-05T00:00:00Z", &rewritten);
    // And one that this clone never had.
    story.deploy(
        "2026-11-06T00:00:00Z",
        "1234567890123456789012345678901234567890",
    );
    let of = story.delivery("2026-11-10T00:00:00Z");
    assert_eq!((&of["deployments"], &of["commits"]), (&json!(4), &json!(1)));
    let notes = of["notes"].to_string();
    assert!(notes.contains("d3: history rewritten"), "{notes}");
    assert!(
        notes.contains("d4: no lead time: a commit that was deployed is not in this clone"),
        "{notes}"
    );
}

#[test]
fn what_is_recorded_says_what_to_work_on() {
    let file = monitored("chat_response_time", "lower", 500, 1)
        + &monitored("ui_interaction_lag", "lower", 100, 2)
        + &monitored("message_render_time", "lower", 50, 3);
    let repo = repository(&file);
    for hour in 0..6_u32 {
        let lag = 70.0 + 5.0 * f64::from(hour);
        print_metrics(
            &repo,
            &[
                ("chat_response_time", 800.0),
                ("ui_interaction_lag", lag),
                ("message_render_time", 50.0),
            ],
        );
        let at = format!("2026-12-01T0{hour}:00:00Z");
        kpi(&repo, &at, &["--commit"]).run().exits(0);
    }
    let optimize = |arguments: &[&str]| {
        Fractary::in_repo(&repo)
            .at("2026-12-01T06:00:00Z")
            .args(["optimize"])
            .args(arguments)
            .run()
    };
    print_metrics(
        &repo,
        &[
            ("chat_response_time", 800.0),
            ("ui_interaction_lag", 98.0),
            ("message_render_time", 50.0),
        ],
    );
    let analyze = ["analyze", "--depth", "comprehensive"];
    insta::assert_snapshot!("optimize_analyze", optimize(&analyze).exits(0).stdout);
    let markdown = ["analyze", "--focus", "frontend", "--format", "markdown"];
    insta::assert_snapshot!(
        "optimize_analyze_markdown",
        optimize(&markdown).exits(0).stdout
    );
    let plan = ["plan", "--horizon", "8h"];
    insta::assert_snapshot!("optimize_plan", optimize(&plan).exits(0).stdout);
    let markdown = [
        "plan",
        "--horizon",
        "8h",
        "--scenario",
        "steady,all-met",
        "--format",
        "markdown",
    ];
    insta::assert_snapshot!(
        "optimize_plan_markdown",
        optimize(&markdown).exits(0).stdout
    );
    let far = optimize(&["plan", "--format", "json"]).exits(0).json();
    assert_eq!(
        (&far["kind"], &far["work"]),
        (&json!("optimize-plan"), &json!([]))
    );
    assert_eq!(far["scenarios"][0]["score"], Value::Null);
    let wrong = optimize(&["analyze", "--focus", "front"]).exits(2);
    assert!(
        wrong.stderr.contains("categories: frontend"),
        "{}",
        wrong.stderr
    );
    optimize(&["plan", "--horizon", "0s"]).exits(2);
    // Without a playbook there is nothing that a cycle could do.
    let cycle = optimize(&["cycle", "--format", "json"]).exits(0).json();
    assert_eq!(cycle["phase"], "idle");
    assert_eq!(
        cycle["cycle"]["left"][0]["reason"],
        "no playbook of kpis.toml is for it"
    );
    let replayed = optimize(&["cycle", "--replay", "past.json"]).exits(2);
    assert!(replayed.stderr.contains("--dry-run"), "{}", replayed.stderr);
    assert_eq!(repo.status().lines().count(), 0);
}
