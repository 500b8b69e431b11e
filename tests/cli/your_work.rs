//! A run commits its own paths and leaves your edits alone.

use std::fs;

use crate::demo::{END, Played};

/// A demo whose last run is undone, so that a run has something to commit.
pub(crate) fn earlier() -> Played {
    let played = Played::new();
    played.without_audit();
    played.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    played
}

#[test]
fn staged_and_unstaged_edits_survive_byte_for_byte() {
    let played = earlier();
    let root = played.repository();
    let write =
        |name: &str, text: &str| fs::write(root.join(name), text).expect("it can be written");
    write("both.txt", "staged\n");
    write("staged.txt", "staged\r\nwith a carriage return\n");
    played.git(&["add", "both.txt", "staged.txt"]);
    write("both.txt", "staged, then changed\n");
    write("untracked.bin", "\u{1}\u{2}");
    let before = (
        played.git(&["diff", "--cached"]),
        played.git(&["diff"]),
        played.git(&["status", "--porcelain"]),
    );
    played.fractary(END, &["run"]).run().exits(1);
    let after = (
        played.git(&["diff", "--cached"]),
        played.git(&["diff"]),
        played.git(&["status", "--porcelain"]),
    );
    assert_eq!(after, before);
    assert_eq!(
        fs::read_to_string(root.join("untracked.bin")).expect("it is there"),
        "\u{1}\u{2}"
    );
    let committed = played.git(&["show", "--name-only", "--format=", "HEAD"]);
    assert!(
        committed.lines().all(|path| path.starts_with(".fractary/")),
        "{committed}"
    );
}

#[test]
fn an_edit_of_a_file_that_must_be_written_stops_the_run() {
    let played = earlier();
    let path = played
        .repository()
        .join(".fractary/plugins/helm/DASHBOARD.md");
    fs::write(&path, "my own dashboard\n").expect("it can be written");
    let head = played.git(&["rev-parse", "HEAD"]);
    let outcome = played.fractary(END, &["run"]).run().exits(5);
    assert!(
        outcome.stderr.contains("DASHBOARD.md"),
        "{}",
        outcome.stderr
    );
    assert_eq!(played.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(
        fs::read_to_string(&path).expect("it is there"),
        "my own dashboard\n"
    );
}

#[test]
fn a_dry_run_shows_a_diff_that_git_can_apply_and_writes_nothing() {
    let played = earlier();
    let head = played.git(&["rev-parse", "HEAD"]);
    let diff = played
        .fractary(END, &["run", "--dry-run"])
        .run()
        .exits(1)
        .stdout;
    assert_eq!(played.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(played.git(&["status", "--porcelain"]), "");
    let patch = played.recording().with_file_name("dry.patch");
    fs::write(&patch, &diff).expect("it can be written");
    played.git(&["apply", patch.to_str().expect("a temporary path is UTF-8")]);
    let applied = played.git(&["diff"]);
    played.git(&["checkout", "--quiet", "--", "."]);
    played.git(&["clean", "--quiet", "-fd"]);
    played.fractary(END, &["run", "--write"]).run().exits(1);
    assert_eq!(
        played.git(&["diff"]),
        applied,
        "--write makes the files that --dry-run shows"
    );
    assert_eq!(played.git(&["rev-parse", "HEAD"]), head);
}

#[test]
fn two_at_once_both_land() {
    let played = earlier();
    let before: usize = played
        .git(&["rev-list", "--count", "HEAD"])
        .trim()
        .parse()
        .expect("a number");
    let ids = played
        .fractary(END, &["issues", "--format", "json"])
        .run()
        .exits(0)
        .json();
    let id = ids[0]["id"].as_str().expect("an issue is open").to_owned();
    std::thread::scope(|scope| {
        for word in ["one", "two", "three", "four"] {
            let (played, id) = (&played, &id);
            scope.spawn(move || {
                played
                    .fractary(END, &["issues", "note", id, word])
                    .run()
                    .exits(0)
            });
        }
    });
    let after: usize = played
        .git(&["rev-list", "--count", "HEAD"])
        .trim()
        .parse()
        .expect("a number");
    assert_eq!(after, before + 4);
    let issue = played
        .fractary(END, &["issues", "show", &id, "--format", "json"])
        .run()
        .exits(0)
        .json();
    let mut notes: Vec<&str> = issue["notes"]
        .as_array()
        .expect("notes")
        .iter()
        .filter_map(|note| note["text"].as_str())
        .collect();
    notes.sort_unstable();
    assert_eq!(notes, ["four", "one", "three", "two"]);
    assert_eq!(played.git(&["status", "--porcelain"]), "");
    played.git(&["fsck", "--full", "--strict", "--no-dangling"]);
}

const DEPLOYED: &str = ".fractary/plugins/faber-cloud/deployments/prod/DEPLOYED.md";
const DASHBOARD: &str = ".fractary/plugins/helm/DASHBOARD.md";

fn subject(played: &Played) -> String {
    played.git(&["log", "-1", "--format=%s"]).trim().to_owned()
}

#[test]
fn a_generated_file_that_you_removed_is_your_edit_and_no_commit() {
    let played = Played::new();
    let head = played.git(&["rev-parse", "HEAD"]);
    fs::remove_file(played.repository().join(DEPLOYED)).expect("it was there");
    let outcome = played.fractary(END, &["run"]).run().exits(1);
    assert!(
        outcome.stderr.contains("nothing changed"),
        "{}",
        outcome.stderr
    );
    assert_eq!(played.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(
        played.git(&["status", "--porcelain"]),
        format!(" D {DEPLOYED}\n")
    );
}

#[test]
fn a_registry_edited_by_hand_brings_its_page_up_to_date_in_a_quiet_run() {
    let played = Played::new();
    let page = played.repository().join(DEPLOYED);
    let mine = "# Ours\n\nAsk Sam.\n\n";
    let text = fs::read_to_string(&page).expect("it is committed");
    fs::write(&page, format!("{mine}{text}\nMore of ours.\n")).expect("it can be written");
    let path = page.with_file_name("registry.json");
    let registry = fs::read_to_string(&path).expect("it is committed");
    let edited = registry.replace("2026-11-02T08:57:00Z", "2026-11-02T08:58:00Z");
    assert_ne!(edited, registry);
    fs::write(&path, edited).expect("it can be written");
    played.git(&["commit", "--quiet", "--all", "--message", "Edit"]);
    played.fractary(END, &["check"]).run().exits(2);
    played.fractary(END, &["run"]).run().exits(1);
    assert_eq!(subject(&played), "fractary(render): prod — DEPLOYED.md");
    let changed = played.git(&["show", "--name-only", "--format=", "HEAD"]);
    assert_eq!(changed, format!("{DEPLOYED}\n"));
    let text = fs::read_to_string(&page).expect("it is committed");
    assert!(
        text.starts_with(mine) && text.ends_with("\nMore of ours.\n"),
        "{text}"
    );
    played.fractary(END, &["check"]).run().exits(0);
    assert_eq!(played.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_registry_that_you_still_edit_is_used_and_nothing_of_it_is_committed() {
    let played = earlier();
    let path = played
        .repository()
        .join(DEPLOYED)
        .with_file_name("registry.json");
    let registry = fs::read_to_string(&path).expect("it is committed");
    let edited = registry.replace("2026-11-02T08:57:00Z", "2026-11-02T08:58:00Z");
    fs::write(&path, &edited).expect("it can be written");
    played.fractary(END, &["run"]).run().exits(1);
    let changed = played.git(&["show", "--name-only", "--format=", "HEAD"]);
    assert!(!changed.contains("DEPLOYED.md"), "{changed}");
    assert!(changed.contains("latest.json"), "{changed}");
    assert_eq!(fs::read_to_string(&path).expect("it is there"), edited);
}

#[test]
fn a_dashboard_that_is_missing_comes_back_in_a_quiet_run() {
    let played = Played::new();
    played.git(&["rm", "--quiet", DASHBOARD]);
    played.git(&["commit", "--quiet", "--message", "Remove"]);
    played.fractary(END, &["run"]).run().exits(1);
    assert_eq!(subject(&played), "fractary(render): prod — DASHBOARD.md");
    let head = played.git(&["rev-parse", "HEAD"]);
    played.fractary(END, &["run"]).run().exits(1);
    assert_eq!(played.git(&["rev-parse", "HEAD"]), head);
}

#[test]
fn two_runs_at_once_make_one_commit() {
    let played = earlier();
    let count = |played: &Played| -> usize {
        let text = played.git(&["rev-list", "--count", "HEAD"]);
        text.trim().parse().expect("a number")
    };
    let before = count(&played);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| played.fractary(END, &["run"]).run().exits(1));
        }
    });
    assert_eq!(count(&played), before + 1);
    assert_eq!(played.git(&["status", "--porcelain"]), "");
}
