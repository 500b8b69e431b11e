//! Killed at any step of a commit: the next command finds the old state or the new one.

use crate::demo::{END, Played};

/// Steps of a commit, in order, as `FRACTARY_FAULT` names them.
const STEPS: [&str; 10] = [
    "lock-taken",
    "blobs-written",
    "tree-written",
    "commit-written",
    "journal-written",
    "ref-moved",
    "file-written:0",
    "file-written:3",
    "index-written",
    "journal-removed",
];

#[test]
fn a_run_that_stops_dead_leaves_the_old_state_or_the_new() {
    let played = Played::new();
    // The demo has an author of its own, so the tree is compared, not the commit.
    let tree = |played: &Played| played.git(&["rev-parse", "HEAD^{tree}"]);
    let new = tree(&played);
    played.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let (old, old_commit) = (tree(&played), played.git(&["rev-parse", "HEAD"]));
    for step in STEPS {
        std::fs::write(played.repository().join("mine.txt"), step).expect("it can be written");
        let outcome = played
            .fractary(END, &["run"])
            .env("FRACTARY_FAULT", step)
            .run();
        assert_eq!(outcome.code, 5, "{step}: {}", outcome.stderr);
        // Any command completes or drops what was left.
        played.fractary(END, &["check"]).run().exits(0);
        let head = tree(&played);
        assert!(head == old || head == new, "{step}: {head}");
        assert_eq!(
            played.git(&["status", "--porcelain"]),
            "?? mine.txt\n",
            "{step}"
        );
        played.git(&["fsck", "--full", "--strict", "--no-dangling"]);
        played.fractary(END, &["run"]).run().exits(1);
        assert_eq!(tree(&played), new, "{step}: the run is made up for");
        assert_eq!(
            std::fs::read_to_string(played.repository().join("mine.txt")).expect("it is there"),
            step
        );
        played.git(&["reset", "--quiet", "--hard", old_commit.trim()]);
    }
}
