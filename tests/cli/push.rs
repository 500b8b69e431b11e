//! `--push`, against real remotes: alone, in races, and where it must not.

use std::fs;

use crate::support::fractary::Outcome;
use crate::support::mark::without_mark;
use crate::support::remote::{Clone, Remote, environments, hook, pair};

pub(crate) fn one_line(outcome: &Outcome) -> String {
    outcome.stderr.replace('\n', " ")
}

#[test]
fn a_commit_is_pushed_and_a_quiet_run_pushes_nothing() {
    let (remote, a, _) = pair();
    let id = a.issue();
    let outcome = a.note(&id, "seen").run().exits(0);
    assert!(
        outcome.stderr.contains("pushed to origin/main"),
        "{}",
        outcome.stderr
    );
    a.is_pushed_and_clean(&remote);
    assert_eq!(remote.clone_as("c").notes(&id), ["seen"]);
}

#[test]
fn a_lost_race_is_run_again_on_top_of_what_the_others_pushed() {
    let (remote, a, b) = pair();
    let id = a.issue();
    fs::write(b.root.join("theirs.txt"), "theirs\n").expect("it can be written");
    b.git(&["add", "theirs.txt"]);
    b.fractary(&["issues", "note", &id, "theirs"])
        .run()
        .exits(0);
    b.git(&["commit", "--quiet", "-m", "Add a file"]);
    fs::write(a.root.join("mine.txt"), "not committed\n").expect("it can be written");
    a.be_overtaken_by(&b, 1);
    let outcome = a.note(&id, "ours").run().exits(0);
    assert!(outcome.stderr.contains("on top of"), "{}", outcome.stderr);
    assert_eq!(a.notes(&id), ["ours", "theirs"]);
    assert_eq!(
        fs::read_to_string(a.root.join("theirs.txt")).expect("it came with the rebuild"),
        "theirs\n"
    );
    assert_eq!(a.git(&["status", "--porcelain"]), "?? mine.txt\n");
    fs::remove_file(a.root.join("mine.txt")).expect("it is there");
    a.is_pushed_and_clean(&remote);
    let dashboard = ".fractary/plugins/helm/DASHBOARD.md";
    let rendered = a
        .fractary(&["dashboard", "--format", "markdown"])
        .run()
        .exits(0);
    let stored = fs::read_to_string(a.root.join(dashboard)).expect("it is there");
    assert_eq!(without_mark(&stored), rendered.stdout.trim_end());
}

#[test]
fn a_remote_that_moves_again_and_again_is_caught() {
    let (remote, a, b) = pair();
    let id = a.issue();
    a.be_overtaken_by(&b, 3);
    a.note(&id, "at last")
        .env("FRACTARY_JITTER_SEED", "1")
        .run()
        .exits(0);
    assert_eq!(a.notes(&id), ["at last"]);
    a.is_pushed_and_clean(&remote);
}

/// How many clones push at once; `FRACTARY_TEST_CLONES=20` for more than the usual 8.
#[expect(
    clippy::disallowed_methods,
    reason = "a test has no settings to read it through"
)]
fn clones() -> usize {
    let count = std::env::var("FRACTARY_TEST_CLONES");
    count.ok().and_then(|count| count.parse().ok()).unwrap_or(8)
}

#[test]
fn many_at_once_lose_nothing() {
    let environments = environments(clones());
    let remote = Remote::new(&environments);
    let before: usize = count(&remote);
    let clones: Vec<Clone> = environments
        .iter()
        .map(|name| remote.clone_as(name))
        .collect();
    let start = std::time::Instant::now();
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let runs: Vec<_> = environments
            .iter()
            .zip(&clones)
            .map(|(name, clone)| scope.spawn(move || clone.run(name).run()))
            .collect();
        runs.into_iter()
            .map(|run| run.join().expect("no panic"))
            .collect()
    });
    let took = start.elapsed();
    let rebuilt = outcomes
        .iter()
        .filter(|o| o.stderr.contains("on top of"))
        .count();
    for outcome in outcomes {
        // Exit 1: the recorded world is unhealthy.
        outcome.exits(1);
    }
    println!(
        "{} clones in {took:?}, {rebuilt} of them lost a race",
        clones.len()
    );
    assert_eq!(count(&remote), before + environments.len());
    let last = remote.clone_as("last");
    last.is_pushed_and_clean(&remote);
    let listed = last
        .fractary(&["issues", "--format", "json"])
        .run()
        .exits(0)
        .json();
    for name in &environments {
        let of_it = listed.as_array().expect("a list").iter();
        let own = of_it
            .filter(|row| row["environment"] == name.as_str())
            .count();
        assert!(own > 0, "{name} has no issue: {listed}");
    }
}

fn count(remote: &Remote) -> usize {
    let count = remote.git(&["rev-list", "--count", "main"]);
    count.trim().parse().expect("a number")
}

#[test]
fn a_hook_that_refuses_is_an_error_and_the_commit_is_safe() {
    let (remote, a, _) = pair();
    let id = a.issue();
    let there = remote.git(&["rev-parse", "main"]);
    remote.install_hook("pre-receive", "echo 'the freeze is on' >&2\nexit 1\n");
    let outcome = a.note(&id, "kept").run().exits(5);
    assert!(
        outcome.stderr.contains("the freeze is on"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("is safe in this repository"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stdout.contains("kept"),
        "the answer is given: {}",
        outcome.stdout
    );
    assert_eq!(a.notes(&id), ["kept"]);
    assert_eq!(remote.git(&["rev-parse", "main"]), there);
    // The next one brings both.
    fs::remove_file(remote.path().join("hooks/pre-receive")).expect("it is there");
    a.note(&id, "too").run().exits(0);
    assert_eq!(remote.clone_as("c").notes(&id), ["kept", "too"]);
}

#[test]
fn a_hook_of_the_user_is_asked() {
    let (remote, a, _) = pair();
    let id = a.issue();
    hook(
        &a.root.join(".git/hooks"),
        "pre-push",
        "echo 'not on Fridays' >&2\nexit 1\n",
    );
    let outcome = a.note(&id, "kept").run().exits(5);
    assert!(
        outcome.stderr.contains("not on Fridays"),
        "{}",
        outcome.stderr
    );
    assert_ne!(
        a.git(&["rev-parse", "HEAD"]),
        remote.git(&["rev-parse", "main"])
    );
}

#[test]
fn a_remote_that_is_gone_is_an_error_and_the_next_quiet_run_catches_up() {
    let remote = Remote::new(&environments(1));
    let a = remote.clone_as("a");
    let away = remote.folder().join("away.git");
    fs::rename(remote.path(), &away).expect("it can be moved");
    let outcome = a.run("e1").run().exits(5);
    assert!(
        outcome.stderr.contains("is safe in this repository"),
        "{}",
        outcome.stderr
    );
    fs::rename(&away, remote.path()).expect("it can be moved back");
    let outcome = a.run("e1").run().exits(1);
    assert!(
        outcome.stderr.contains("pushed to origin/main"),
        "{}",
        outcome.stderr
    );
    a.is_pushed_and_clean(&remote);
}

#[test]
fn a_shallow_clone_with_a_detached_head_is_enough() {
    let (remote, _, b) = pair();
    let a = remote.clone_with("shallow", &["--depth=1"]);
    let id = a.issue();
    a.git(&["checkout", "--quiet", "--detach"]);
    a.be_overtaken_by(&b, 1);
    let outcome = a.note(&id, "lost").run().exits(5);
    assert!(
        one_line(&outcome).contains("detached"),
        "{}",
        outcome.stderr
    );
    let outcome = a
        .note(&id, "found")
        .env("GITHUB_REF_NAME", "main")
        .env("GITHUB_REF_TYPE", "branch")
        .run()
        .exits(0);
    assert!(outcome.stderr.contains("on top of"), "{}", outcome.stderr);
    assert_eq!(a.git(&["rev-parse", "--is-shallow-repository"]), "true\n");
    // What has nowhere to go is not committed either.
    assert_eq!(remote.clone_as("c").notes(&id), ["found"]);
    a.is_pushed_and_clean(&remote);
}

#[test]
fn a_trial_merge_that_is_checked_out_is_not_pushed() {
    let (remote, a, b) = pair();
    let id = a.issue();
    b.git(&["commit", "--quiet", "--allow-empty", "-m", "Topic"]);
    b.git(&["push", "--quiet", "origin", "HEAD:topic"]);
    a.git(&["fetch", "--quiet"]);
    a.git(&["commit", "--quiet", "--allow-empty", "-m", "Main"]);
    a.git(&["checkout", "--quiet", "--detach"]);
    a.git(&["merge", "--quiet", "-m", "Trial", "origin/topic"]);
    let outcome = a
        .note(&id, "x")
        .env("GITHUB_HEAD_REF", "topic")
        .run()
        .exits(5);
    assert!(
        one_line(&outcome).contains("was not made by"),
        "{}",
        outcome.stderr
    );
    assert_eq!(
        remote.git(&["log", "-1", "--format=%s", "topic"]),
        "Topic\n"
    );
}

#[test]
fn commits_of_the_user_are_never_rebuilt() {
    let (remote, a, b) = pair();
    let id = a.issue();
    a.git(&["commit", "--quiet", "--allow-empty", "-m", "Mine"]);
    a.be_overtaken_by(&b, 1);
    let outcome = a.note(&id, "ours").run().exits(5);
    assert!(
        one_line(&outcome).contains("git pull --rebase"),
        "{}",
        outcome.stderr
    );
    assert_eq!(a.git(&["log", "-1", "--skip=1", "--format=%s"]), "Mine\n");
    assert_eq!(a.notes(&id), ["ours"]);
    a.git(&["pull", "--quiet", "--rebase"]);
    a.note(&id, "again").run().exits(0);
    a.is_pushed_and_clean(&remote);
}

#[test]
fn uncommitted_edits_in_the_way_stop_the_rebuild() {
    let (remote, a, b) = pair();
    let id = a.issue();
    fs::write(b.root.join("README.md"), "theirs\n").expect("it can be written");
    b.git(&["add", "README.md"]);
    b.git(&["commit", "--quiet", "-m", "Write a file"]);
    fs::write(a.root.join("README.md"), "mine\n").expect("it can be written");
    a.be_overtaken_by(&b, 1);
    let outcome = a.note(&id, "ours").run().exits(5);
    assert!(outcome.stderr.contains("README.md"), "{}", outcome.stderr);
    assert_eq!(
        fs::read_to_string(a.root.join("README.md")).expect("it is there"),
        "mine\n"
    );
    assert_eq!(a.git(&["status", "--porcelain"]), "?? README.md\n");
    fs::remove_file(a.root.join("README.md")).expect("it is there");
    a.note(&id, "again").run().exits(0);
    assert_eq!(a.notes(&id), ["again", "ours"]);
    a.is_pushed_and_clean(&remote);
}

#[test]
fn bare_repositories_and_linked_work_trees_push() {
    let (remote, a, b) = pair();
    let id = a.issue();
    let linked = Clone {
        root: a.home.join("linked"),
        home: a.home.clone(),
    };
    a.git(&["worktree", "add", "--quiet", "-b", "side", "../linked"]);
    linked.git(&["branch", "--quiet", "--set-upstream-to=origin/main"]);
    a.be_overtaken_by(&b, 1);
    linked.note(&id, "linked").run().exits(0);
    linked.is_pushed_and_clean(&remote);
    let bare = remote.clone_with("bare.git", &["--bare"]);
    b.git(&["pull", "--quiet", "--rebase"]);
    b.git(&["commit", "--quiet", "--allow-empty", "-m", "Moved"]);
    b.git(&["push", "--quiet"]);
    let outcome = bare.note(&id, "bare").run().exits(0);
    assert!(outcome.stderr.contains("on top of"), "{}", outcome.stderr);
    assert_eq!(remote.clone_as("c").notes(&id), ["bare", "linked"]);
}

#[test]
fn what_cannot_be_merged_is_left_to_people() {
    let (remote, a, b) = pair();
    let path = ".github/workflows/operations.yml";
    for clone in [&a, &b] {
        clone.git(&["rm", "--quiet", path]);
    }
    b.git(&["commit", "--quiet", "-m", "Drop the workflow"]);
    a.git(&["commit", "--quiet", "-m", "Drop the workflow"]);
    a.git(&["push", "--quiet"]);
    b.git(&["pull", "--quiet", "--rebase"]);
    fs::create_dir_all(b.root.join(".github/workflows")).expect("it can be made");
    fs::write(b.root.join(path), "on: push\n").expect("it can be written");
    b.git(&["add", path]);
    b.git(&["commit", "--quiet", "-m", "Another workflow"]);
    a.be_overtaken_by(&b, 1);
    let outcome = a
        .fractary(&["init", "--env", "e1", "--push"])
        .run()
        .exits(5);
    assert!(
        outcome.stderr.contains("operations.yml"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("is safe"), "{}", outcome.stderr);
    assert_eq!(remote.git(&["show", &format!("main:{path}")]), "on: push\n");
}

#[test]
fn push_is_refused_where_there_is_no_commit() {
    let (_remote, a, _) = pair();
    for arguments in [
        &["check", "--push"][..],
        &["issues", "--push"],
        &["health", "--push"],
        &["dashboard", "--push"],
    ] {
        let outcome = a.fractary(arguments).run().exits(2);
        assert!(outcome.stderr.contains("makes none"), "{}", outcome.stderr);
    }
    a.fractary(&["run", "--push", "--dry-run"]).run().exits(2);
}

#[test]
fn what_a_command_commits_on_request_is_pushed() {
    let (remote, a, _) = pair();
    a.git(&["rm", "--quiet", ".fractary/plugins/helm/DASHBOARD.md"]);
    a.git(&["commit", "--quiet", "-m", "Lose the page"]);
    a.fractary(&["dashboard", "--commit", "--push"])
        .run()
        .exits(0);
    assert_eq!(
        remote.git(&["log", "-1", "--format=%s", "main"]).trim(),
        "fractary(dashboard): render"
    );
}
