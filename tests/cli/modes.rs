//! Landing, formats, files: every command in every mode.

use std::fs;

use crate::demo::{END, Played};
use crate::support::fractary::Fractary;
use crate::support::repo::Repo;
use crate::your_work::earlier;

/// Nobody listens there: what asks is UNKNOWN, what must not ask is not.
const NOWHERE: &str = "http://127.0.0.1:9";

#[test]
fn json_is_one_document_in_every_mode() {
    let played = earlier();
    let state = played.recording().with_file_name("orders.tfstate");
    let state = state.to_str().expect("a temporary path is UTF-8");
    let listed = played
        .fractary(END, &["issues", "--format", "json"])
        .run()
        .json();
    let id = listed[0]["id"]
        .as_str()
        .expect("an issue is open")
        .to_owned();
    let commands: [(&[&str], i32); 8] = [
        (&["run"], 1),
        (&["health"], 1),
        (&["dashboard"], 0),
        (&["issues", "note", &id, "a note"], 0),
        (&["issues", "assign", &id, "sam"], 0),
        (&["adopt", state, "--quiet"], 0),
        (&["init", "--env", "stage"], 0),
        (&["init"], 0),
    ];
    let head = played.git(&["rev-parse", "HEAD"]);
    for landing in ["--dry-run", "--write", "--no-commit", "--commit"] {
        for (arguments, code) in commands {
            let outcome = played
                .fractary(END, arguments)
                .args(["--format", "json", landing])
                .run()
                .exits(code);
            let answer = outcome.json();
            assert!(
                answer.is_object() || answer.is_array(),
                "{arguments:?} {landing}"
            );
            if landing != "--commit" {
                assert_eq!(played.git(&["rev-parse", "HEAD"]), head, "{arguments:?}");
            }
            if landing == "--dry-run" {
                assert_eq!(played.git(&["status", "--porcelain"]), "", "{arguments:?}");
            }
            // Each begins with the same: what was written is no edit to be respected.
            played.git(&["reset", "--quiet", "--hard", head.trim()]);
            played.git(&["clean", "--quiet", "-fd"]);
        }
    }
}

#[test]
fn the_dashboard_lands_like_everything_else() {
    let played = Played::new();
    let later = "2026-11-02T10:00:00Z";
    let dry = played
        .fractary(later, &["dashboard", "--dry-run"])
        .run()
        .exits(0);
    assert!(dry.stdout.starts_with("--- a/.fractary/"), "{}", dry.stdout);
    played
        .fractary(later, &["dashboard", "--commit"])
        .run()
        .exits(0);
    assert_eq!(
        played.git(&["log", "-1", "--format=%B"]).trim(),
        "fractary(dashboard): render\n\nFractary-Command: dashboard"
    );
    assert_eq!(played.git(&["status", "--porcelain"]), "");
}

#[test]
fn an_answer_goes_into_a_file_or_nothing_happens() {
    let played = earlier();
    let folder = played.recording().with_file_name("new");
    let file = folder.join("deep/report.json");
    let path = file.to_str().expect("a temporary path is UTF-8");
    let outcome = played
        .fractary(END, &["health", "--format", "json", "--output", path])
        .run()
        .exits(1);
    assert_eq!(outcome.stdout, "");
    let text = fs::read_to_string(&file).expect("it is written");
    let json: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(json["environment"], "prod");
    let head = played.git(&["rev-parse", "HEAD"]);
    let below_a_file = file.join("x");
    for bad in [folder.as_path(), below_a_file.as_path()] {
        let bad = bad.to_str().expect("a temporary path is UTF-8");
        let outcome = played
            .fractary(END, &["run", "--output", bad])
            .run()
            .exits(2);
        assert!(
            outcome.stderr.contains("could not write"),
            "{}",
            outcome.stderr
        );
        assert_eq!(played.git(&["rev-parse", "HEAD"]), head);
    }
}

#[test]
fn a_recording_never_takes_the_place_of_another_file() {
    let repo = Repo::new(&[("notes.txt", "mine\n")]);
    Fractary::in_repo(&repo)
        .args(["init", "--env", "test,prod"])
        .run()
        .exits(0);
    let run = |file: &str| {
        Fractary::in_repo(&repo)
            .endpoint(NOWHERE)
            .args([
                "health",
                "--env",
                "test,prod",
                "--timeout",
                "2s",
                "--record",
                file,
            ])
            .run()
    };
    let refused = run("notes.txt").exits(2);
    assert!(
        refused.stderr.contains("notes.txt: not a recording"),
        "{}",
        refused.stderr
    );
    assert_eq!(repo.read("notes.txt"), "mine\n");
    run(".").exits(2);
    // Two environments in one run, twice: one recording of both.
    run("world.json").exits(3);
    run("world.json").exits(3);
    let world: serde_json::Value =
        serde_json::from_str(&repo.read("world.json")).expect("it is JSON");
    let text = world.to_string();
    assert!(
        text.contains("\"test\"") && text.contains("\"prod\""),
        "{text}"
    );
    for bad in ["notes.txt", ".", "missing.json"] {
        Fractary::in_repo(&repo)
            .args(["health", "--replay", bad])
            .run()
            .exits(2);
    }
}

#[test]
fn debug_logs_hold_no_secrets() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    Fractary::in_repo(&repo).args(["init"]).run().exits(0);
    let (key, token) = (
        "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzzzz",
        "FwoGZXIvYXdzEJr0SECRET",
    );
    let outcome = Fractary::in_repo(&repo)
        .endpoint(NOWHERE)
        .env("AWS_SECRET_ACCESS_KEY", key)
        .env("AWS_SESSION_TOKEN", token)
        .args(["health", "-vv", "--timeout", "2s"])
        .run()
        .exits(3);
    assert!(outcome.stderr.contains("DEBUG"), "{}", outcome.stderr);
    for secret in [key, token, "Signature="] {
        assert!(!outcome.stderr.contains(secret), "{}", outcome.stderr);
    }
}

#[test]
fn an_environment_is_added_to_those_there_are() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    Fractary::in_repo(&repo)
        .args(["init", "--env", "prod"])
        .run()
        .exits(0);
    // Without a name it is about what is there, not about `test`.
    Fractary::in_repo(&repo).args(["init"]).run().exits(0);
    assert_eq!(repo.log().len(), 2);
    let before = repo.read(".fractary/shared/environments.json");
    let outcome = Fractary::in_repo(&repo)
        .args(["init", "--env", "stage"])
        .run()
        .exits(0);
    assert!(
        outcome.stdout.contains("(stage added)"),
        "{}",
        outcome.stdout
    );
    assert!(
        outcome.stdout.contains("does not list stage"),
        "{}",
        outcome.stdout
    );
    let after = repo.read(".fractary/shared/environments.json");
    assert!(
        after.contains("\"stage\"") && after.contains("\"prod\""),
        "{after}"
    );
    let kept = before
        .lines()
        .filter(|line| after.lines().any(|other| other == *line));
    assert_eq!(kept.count(), before.lines().count());
    Fractary::in_repo(&repo)
        .args(["check", "--strict"])
        .run()
        .exits(0);
}
