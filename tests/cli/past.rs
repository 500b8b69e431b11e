//! History and resolved issues: read by what needs them, and by `check`.

use std::fs;

use crate::alert_scene::{RULES, Scene};
use crate::demo::{END, Played};

const HISTORY: &str = ".fractary/plugins/helm-cloud/monitoring/prod/monitoring-history.json";
/// An hour and more after [`END`]: a run has to commit that it is still there.
const LATER: &str = "2026-11-02T10:40:00Z";

/// A demo whose history and resolved issue are broken, and committed so.
fn broken() -> (Played, [String; 2]) {
    let played = Played::new();
    let resolved = played.git(&["ls-files", ".fractary/plugins/helm/issues/resolved"]);
    let issue = resolved.lines().next().expect("the story has one");
    let paths = [HISTORY.to_owned(), issue.to_owned()];
    for path in &paths {
        let path = played.repository().join(path);
        let text = fs::read_to_string(&path).expect("it is there");
        let text = text.replacen("\"version\": \"1.0.0\"", "\"version\": 1", 1);
        fs::write(path, text).expect("it can be written");
    }
    played.git(&["commit", "--quiet", "--all", "--message", "Break the past"]);
    (played, paths)
}

#[test]
fn a_run_that_finds_nothing_new_does_without_it() {
    let (played, paths) = broken();
    let head = played.git(&["rev-parse", "HEAD"]);
    let quiet = played.fractary(END, &["run"]).run().exits(1);
    assert!(quiet.stdout.contains("UNHEALTHY"), "{}", quiet.stdout);
    assert_eq!(played.git(&["rev-parse", "HEAD"]), head);
    for command in [&["check"][..], &["issues"], &["dashboard", "--stored"]] {
        let told = played.fractary(END, command).run().exits(2);
        let told = format!("{}{}", told.stdout, told.stderr);
        for path in &paths {
            assert!(told.contains(path), "{command:?}\n{told}");
        }
    }
}

#[test]
fn a_run_that_has_to_write_it_stops_before_anything_is_changed() {
    let (played, paths) = broken();
    let head = played.git(&["rev-parse", "HEAD"]);
    let stopped = played
        .fractary(LATER, &["run"])
        .env("GITHUB_ACTIONS", "true")
        .run()
        .exits(2);
    for path in &paths {
        assert!(stopped.stderr.contains(path), "{}", stopped.stderr);
        let annotation = format!("::error file={path},line=2");
        let told = format!("{}{}", stopped.stdout, stopped.stderr);
        assert!(told.contains(&annotation), "{told}");
    }
    let hint = "nothing was changed; `fractary check` shows this again";
    assert!(stopped.stderr.contains(hint), "{}", stopped.stderr);
    assert_eq!(played.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(played.git(&["status", "--porcelain"]), "");
}

#[test]
fn faults_of_the_present_come_with_those_of_the_past() {
    let (played, paths) = broken();
    let registry = ".fractary/plugins/faber-cloud/deployments/prod/registry.json";
    fs::write(played.repository().join(registry), "{").expect("it can be written");
    let stopped = played.fractary(END, &["run"]).run().exits(2);
    for path in paths.iter().map(String::as_str).chain([registry]) {
        assert!(stopped.stderr.contains(path), "{}", stopped.stderr);
    }
    let hint = "nothing was queried and nothing was changed";
    assert!(stopped.stderr.contains(hint), "{}", stopped.stderr);
}

#[test]
fn nothing_is_sent_that_could_not_be_recorded() {
    let rules = RULES.replace("throttle = \"10m\"", "throttle = \"1m\"");
    let scene = Scene::new(&rules);
    scene.run(12);
    scene.hook.taken();
    // A minute later it is told again what lasts, and nothing else has changed.
    scene.run(13);
    assert!(!scene.hook.taken().is_empty());
    let subject = scene.played.git(&["log", "-1", "--format=%s"]);
    assert!(subject.starts_with("fractary(alerts)"), "{subject}");
    fs::write(scene.played.repository().join(HISTORY), "{").expect("it can be written");
    let arguments = ["run", "--alerts", "always", "--timeout", "1s"];
    let stopped = scene.fractary("2026-11-02T09:14:30Z", &arguments).run();
    let stopped = stopped.exits(2);
    assert!(stopped.stderr.contains(HISTORY), "{}", stopped.stderr);
    assert_eq!(scene.hook.taken(), [""; 0]);
}

#[test]
fn a_run_that_is_set_to_the_past_does_not_replace_what_was_seen_since() {
    let played = Played::new();
    let before = played.git(&["rev-parse", "HEAD"]);
    let early = "2026-11-02T09:02:00Z";
    let refused = played.fractary(early, &["run"]).run().exits(2);
    let said = &refused.stderr;
    assert!(said.contains("has an observation of"), "{said}");
    assert_eq!(played.git(&["rev-parse", "HEAD"]), before);
    // Looking is no harm.
    let looked = played.fractary(early, &["health"]).run();
    let said = &looked.stderr;
    assert!(!said.contains("has an observation of"), "{said}");
}

/// 26,000 days after [`END`].
const FAR: &str = "2099-11-02T10:40:00Z";

#[test]
fn a_clock_far_ahead_removes_nothing() {
    let played = Played::new();
    let head = played.git(&["rev-parse", "HEAD"]);
    for command in [
        &["run"][..],
        &["health", "--commit"],
        &["health", "--write"],
    ] {
        let refused = played.fractary(FAR, command).run().exits(2);
        assert!(refused.stderr.contains("days later"), "{}", refused.stderr);
    }
    let refused = played.fractary(FAR, &["run"]).run();
    insta::assert_snapshot!(refused.stderr);
    assert_eq!(played.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(played.git(&["status", "--porcelain"]), "");
    // Looking changes nothing.
    played.fractary(FAR, &["run", "--dry-run"]).run().exits(3);
}
