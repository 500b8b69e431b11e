//! Audits that are kept: what is new and fixed since the one before, issues, and audits that
//! `run` makes by itself.

use fractary::model::configuration::{Configuration, Extent};
use fractary::model::fact::{Fact, FactName};
use serde_json::Value;

use crate::audit::{Scene, configuration};
use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

const FOLDER: &str = ".fractary/plugins/helm-cloud/audits/prod";
const HISTORY: &str = ".fractary/plugins/helm-cloud/audits/prod/audit-history.json";
const MONITORING: &str = ".fractary/plugins/helm-cloud/config/monitoring.toml";
const DASHBOARD: &str = ".fractary/plugins/helm/DASHBOARD.md";
const FIRST: &str = "2026-11-30T00:00:00Z";
const SECOND: &str = "2026-12-01T00:00:00Z";
const THIRD: &str = "2026-12-02T00:00:00Z";

fn json(repo: &Repo, path: &str) -> Value {
    serde_json::from_str(&repo.read(path)).expect("JSON")
}

/// The account at a time, with its queue closed, or what is known of queues hidden.
fn later(at: &str, change: impl Fn(&mut Configuration)) -> Configuration {
    let mut all = configuration();
    all.read_at = at.parse().expect("a moment");
    change(&mut all);
    all
}

fn close_queue(all: &mut Configuration) {
    let policy = FactName::parse("policy").expect("a name");
    all.resources[0].facts.insert(policy, Fact::Absent);
}

/// As where queues could not be listed.
fn hide_queue(all: &mut Configuration) {
    let denied = all.coverage[2].extent.gap().expect("topics are denied");
    all.resources.remove(0);
    all.coverage[0].extent = Extent::Unread(denied);
}

fn issues(repo: &Repo) -> Vec<(String, String)> {
    let folder = repo.path().join(".fractary/plugins/helm/issues/active");
    let files = std::fs::read_dir(folder).into_iter().flatten();
    let mut out: Vec<(String, String)> = files
        .filter_map(|entry| {
            let text = std::fs::read_to_string(entry.ok()?.path()).ok()?;
            let issue: Value = serde_json::from_str(&text).ok()?;
            let word = |key: &str| issue[key].as_str().map(str::to_owned);
            Some((word("check")?, word("severity")?))
        })
        .collect();
    out.sort();
    out
}

#[test]
fn an_audit_that_is_kept_is_what_the_next_is_compared_with() {
    let scene = Scene::new();
    let repo = &scene.repo;
    let commit = ["--commit", "--fail-on", "never"];
    let first = scene.command("audit", FIRST, &commit).run().exits(0);
    assert!(!first.stdout.contains(" · since "), "{}", first.stdout);
    let files = repo.git(&["show", "--name-only", "--format=%s", "HEAD"]);
    insta::assert_snapshot!("kept_files", files);
    insta::assert_snapshot!("kept_history", repo.read(HISTORY));
    let page = repo.read(&format!("{FOLDER}/20261130T000000Z-security-audit.md"));
    assert!(page.starts_with("# Security audit of prod"), "{page}");

    // Looking again writes nothing and finds nothing new.
    scene.record(&later(SECOND, |_| {}));
    let look = ["--fail-on", "never", "--format", "json"];
    let report = scene.command("audit", SECOND, &look).run().exits(0).json();
    assert_eq!(report["summary"]["new"], 0);
    assert_eq!(report["previous"], FIRST);
    assert_eq!(
        json(repo, HISTORY)["audits"].as_array().map(Vec::len),
        Some(1)
    );

    scene.record(&later(SECOND, close_queue));
    let second = scene.command("audit", SECOND, &commit).run().exits(0);
    assert!(second.stdout.contains("1 fixed"), "{}", second.stdout);
    insta::assert_snapshot!("fixed", second.stdout);
    let history = json(repo, HISTORY);
    assert_eq!(history["audits"][1]["fixed"], 1);
    Fractary::in_repo(repo).args(["check"]).run().exits(0);
}

#[test]
fn what_cannot_be_read_is_neither_fixed_nor_forgotten() {
    let scene = Scene::new();
    let commit = ["--commit", "--fail-on", "never"];
    scene.command("audit", FIRST, &commit).run().exits(0);
    scene.record(&later(SECOND, hide_queue));
    let blind = scene.command("audit", SECOND, &commit).run().exits(0);
    assert!(blind.stdout.contains("0 fixed"), "{}", blind.stdout);
    assert!(blind.stdout.contains("not verified"), "{}", blind.stdout);
    scene.record(&later(THIRD, |_| {}));
    let look = ["--fail-on", "never", "--format", "json"];
    let report = scene.command("audit", THIRD, &look).run().exits(0).json();
    assert_eq!(report["summary"]["new"], 0);
    assert_eq!(report["findings"][0]["check"], "sqs-public");
    assert_eq!(report["findings"][0]["first_seen"], FIRST);
}

#[test]
fn an_audit_of_a_part_is_not_kept() {
    let scene = Scene::new();
    for part in [["--check", "sqs-public"], ["--region", "eu-west-1"]] {
        let arguments = [&part[..], &["--commit"]].concat();
        let run = scene.command("audit", FIRST, &arguments).run().exits(2);
        assert!(run.stderr.contains("is not kept"), "{}", run.stderr);
    }
    assert!(!scene.repo.has(HISTORY));
}

#[test]
fn old_audits_leave_the_tree_and_the_history_stays() {
    let scene = Scene::new();
    let commit = ["--commit", "--fail-on", "never"];
    scene.command("audit", FIRST, &commit).run().exits(0);
    let at = "2026-12-30T00:00:00Z";
    scene.record(&later(at, |_| {}));
    scene.command("audit", at, &commit).run().exits(0);
    let folder = std::fs::read_dir(scene.repo.path().join(FOLDER)).expect("a folder");
    let mut names: Vec<String> = folder
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "20261230T000000Z-security-audit.json",
            "20261230T000000Z-security-audit.md",
            "audit-history.json"
        ]
    );
    let history = json(&scene.repo, HISTORY);
    assert_eq!(history["audits"].as_array().map(Vec::len), Some(2));
}

#[test]
fn findings_become_issues_that_end_when_they_are_fixed() {
    let scene = Scene::new();
    let repo = &scene.repo;
    repo.write(&[(MONITORING, "[audit]\nissues = \"high\"\n")]);
    repo.commit_all("ask for issues");
    let commit = ["--commit", "--fail-on", "never"];
    scene.command("audit", FIRST, &commit).run().exits(0);
    let open = ("sqs-public".to_owned(), "CRITICAL".to_owned());
    assert_eq!(issues(repo), std::slice::from_ref(&open));

    // What cannot be read ends nothing.
    scene.record(&later(SECOND, hide_queue));
    scene.command("audit", SECOND, &commit).run().exits(0);
    assert_eq!(issues(repo), std::slice::from_ref(&open));

    // A level that was raised does not hide what people are working on.
    repo.write(&[(MONITORING, "[audit]\nevery = \"7d\"\n")]);
    repo.commit_all("ask for no more issues");
    scene.record(&later(SECOND, |_| {}));
    scene.command("audit", SECOND, &commit).run().exits(0);
    assert_eq!(issues(repo), [open]);

    scene.record(&later(THIRD, close_queue));
    scene.command("audit", THIRD, &commit).run().exits(0);
    assert_eq!(issues(repo), []);
    let resolved = repo.path().join(".fractary/plugins/helm/issues/resolved");
    assert_eq!(std::fs::read_dir(resolved).expect("a folder").count(), 1);
}

#[test]
fn run_audits_as_often_as_it_is_told() {
    let scene = Scene::new();
    let repo = &scene.repo;
    repo.write(&[(
        MONITORING,
        "[audit]\nevery = \"24h\"\nissues = \"critical\"\n",
    )]);
    repo.commit_all("ask for audits");
    let audits = || match repo.has(HISTORY) {
        true => json(repo, HISTORY)["audits"].as_array().map_or(0, Vec::len),
        false => 0,
    };
    let run = |at: &str| {
        let never = ["--fail-on", "never"];
        scene.command("run", at, &never).run()
    };
    let first = run(FIRST);
    assert_eq!(audits(), 1, "{}{}", first.stdout, first.stderr);
    assert_eq!(issues(repo).len(), 1);
    let page = repo.read(DASHBOARD);
    let line = page.lines().find(|line| line.contains("CRITICAL · "));
    insta::assert_snapshot!("dashboard_line", line.expect("a line about the audit"));

    run("2026-11-30T00:05:00Z");
    assert_eq!(audits(), 1);
    scene.record(&later(SECOND, close_queue));
    run(SECOND);
    assert_eq!(audits(), 2);
    assert_eq!(issues(repo), []);
}
