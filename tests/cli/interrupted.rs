//! Killed at any step of a commit: the next command finds the old state or the new one.

use crate::demo::{END, Played};
use crate::support::fractary::{Fractary, Outcome};
use crate::support::repo::Repo;

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
    played.without_audit();
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

#[test]
fn every_command_that_commits_can_stop_dead() {
    let played = Played::new();
    let listed = played
        .fractary(END, &["issues", "--format", "json"])
        .run()
        .json();
    let id = listed[0]["id"]
        .as_str()
        .expect("an issue is open")
        .to_owned();
    let state = played.recording().with_file_name("orders.tfstate");
    let text = std::fs::read_to_string(&state).expect("the demo wrote it");
    std::fs::write(&state, text.replace("orders-worker", "orders-waiter")).expect("it can be");
    let state = state.to_str().expect("a temporary path is UTF-8");
    let commands: [&[&str]; 3] = [
        &["issues", "note", &id, "a note"],
        &["adopt", state],
        &["init", "--env", "stage"],
    ];
    let old = played.git(&["rev-parse", "HEAD"]);
    for arguments in commands {
        for step in [
            "lock-taken",
            "journal-written",
            "ref-moved",
            "file-written:0",
        ] {
            let stopped = played
                .fractary(END, arguments)
                .env("FRACTARY_FAULT", step)
                .run()
                .exits(5);
            assert!(stopped.stderr.contains("recovers"), "{}", stopped.stderr);
            played.fractary(END, &["check"]).run().exits(0);
            assert_eq!(
                played.git(&["status", "--porcelain"]),
                "",
                "{arguments:?} {step}"
            );
            let landed = played.git(&["rev-parse", "HEAD"]) != old;
            assert_eq!(
                landed,
                matches!(step, "ref-moved" | "file-written:0"),
                "{step}"
            );
            played.git(&["reset", "--quiet", "--hard", old.trim()]);
        }
    }
    let typo = played
        .fractary(END, &["check"])
        .env("FRACTARY_FAULT", "ref-mooved")
        .run()
        .exits(2);
    assert!(typo.stderr.contains("not a step"), "{}", typo.stderr);
}

#[test]
fn a_bug_says_only_what_is_known_of_the_state() {
    let played = Played::new();
    let old = played.git(&["rev-parse", "HEAD"]);
    let listed = played
        .fractary(END, &["issues", "--format", "json"])
        .run()
        .json();
    let id = listed[0]["id"].as_str().expect("an issue is open");
    for (step, lands) in [
        ("commit-written", false),
        ("ref-moved", true),
        ("file-written:0", true),
    ] {
        let panicked = played
            .fractary(END, &["issues", "note", id, "a note"])
            .env("FRACTARY_FAULT", format!("panic:{step}"))
            .run()
            .exits(70);
        let said = &panicked.stderr;
        assert!(
            said.contains("error: this is a bug in fractary\n"),
            "{said}"
        );
        assert!(
            said.contains("a commit may be unfinished: `fractary check`"),
            "{said}"
        );
        assert!(!said.contains("nothing was"), "{said}");
        played.fractary(END, &["check"]).run().exits(0);
        let landed = played.git(&["rev-parse", "HEAD"]) != old;
        assert_eq!(landed, lands, "{step}");
        assert_eq!(played.git(&["status", "--porcelain"]), "", "{step}");
        played.git(&["reset", "--quiet", "--hard", old.trim()]);
    }
}

/// A provider that takes a connection and never answers.
fn silent() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    (listener, format!("http://{address}"))
}

/// A repository that is set up, and a run in it that waits for the provider.
fn waiting(limit: &str) -> (Repo, std::process::Child, std::net::TcpStream) {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    Fractary::in_repo(&repo).args(["init"]).run().exits(0);
    let (listener, url) = silent();
    let child = Fractary::in_repo(&repo)
        .endpoint(&url)
        .args(["run", "--timeout", limit])
        .spawn();
    let (connection, _) = listener.accept().expect("the run asks");
    (repo, child, connection)
}

#[test]
fn ctrl_c_while_it_asks_changes_nothing() {
    let (repo, child, _connection) = waiting("60s");
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("there is a kill");
    assert!(killed.success());
    let outcome = Outcome::of(child).exits(130);
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains("interrupted"), "{}", outcome.stderr);
    assert_eq!(repo.log().len(), 2);
    assert_eq!(repo.status(), "");
}

#[test]
fn a_branch_that_moves_while_it_asks_is_decided_on_again() {
    let (repo, child, _connection) = waiting("2s");
    repo.write(&[("mine.txt", "mine\n")]);
    repo.commit_all("Mine");
    Outcome::of(child).exits(3);
    let log = repo.log();
    assert!(
        log[0].starts_with("fractary(health): test UNKNOWN"),
        "{log:?}"
    );
    assert_eq!(log[1], "Mine");
    assert_eq!(repo.status(), "");
    repo.fsck();
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let played = Played::new();
    let mut child = played.fractary(END, &["issues"]).spawn();
    drop(child.stdout.take());
    let outcome = Outcome::of(child).exits(0);
    assert_eq!(outcome.stderr, "");
}
