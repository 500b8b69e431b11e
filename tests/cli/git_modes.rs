//! `[git] mode`: on the branch that is checked out, or on another.

use std::path::PathBuf;

use crate::demo::git;
use crate::recorded::{World, demo};
use crate::support::fractary::Fractary;

const HELM: &str = ".fractary/plugins/helm/config/helm.toml";
pub(crate) const STATE: &str = "fractary/state";
pub(crate) const FIRST: &str = "2026-11-02T09:02:00Z";
pub(crate) const SECOND: &str = "2026-11-02T09:12:00Z";
pub(crate) const LATEST: &str = ".fractary/plugins/helm-cloud/monitoring/prod/latest.json";

/// The demo's world before its first run, with this mode in the checkout's helm.toml.
pub(crate) fn world(mode: &str) -> World {
    let world = demo(FIRST);
    let path = world.repository().join(HELM);
    let text = std::fs::read_to_string(&path).expect("init writes it");
    assert!(text.contains("mode = \"direct\""), "{text}");
    let text = text.replace("mode = \"direct\"", &format!("mode = \"{mode}\""));
    std::fs::write(&path, text).expect("it can be written");
    let commit = ["commit", "--quiet", "--allow-empty", "--all", "--message"];
    world.git(&[&commit[..], &["Choose a mode"]].concat());
    world
}

pub(crate) fn run(world: &World, at: &str) -> Fractary {
    world
        .fractary(&["run", "--env", "prod", "--at", at])
        .args(["--replay".as_ref(), world.recording.as_os_str()])
}

pub(crate) fn tip(world: &World) -> String {
    world.git(&["rev-parse", STATE]).trim().to_owned()
}

#[test]
fn another_branch_gets_the_commits_and_nothing_else_moves() {
    let world = world("branch");
    let head = world.git(&["rev-parse", "HEAD"]);
    std::fs::write(world.repository().join("staged.txt"), "mine").expect("it can be written");
    world.git(&["add", "staged.txt"]);
    std::fs::write(world.repository().join("staged.txt"), "mine, later").expect("it can be");
    // Even files that this program would write are none of its business here.
    let dashboard = world
        .repository()
        .join(".fractary/plugins/helm/DASHBOARD.md");
    std::fs::write(dashboard, "mine").expect("it can be written");
    let index = std::fs::read(world.repository().join(".git/index")).expect("there is one");
    let status = world.git(&["status", "--porcelain=v1"]);

    run(&world, FIRST).run().exits(0);
    let first = tip(&world);
    assert_eq!(
        world.git(&["rev-parse", &format!("{first}^")]),
        head,
        "where there is no branch, the head is built on"
    );
    run(&world, SECOND).run().exits(1);
    let parent = world.git(&["rev-parse", &format!("{STATE}^")]);
    assert_eq!(parent.trim(), first, "the branch is built on");
    // The second run has read what the first has written.
    let history =
        format!("{STATE}:.fractary/plugins/helm-cloud/monitoring/prod/monitoring-history.json");
    assert_eq!(world.git(&["show", &history]).matches("\"at\"").count(), 2);

    assert_eq!(world.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(world.git(&["status", "--porcelain=v1"]), status);
    let after = std::fs::read(world.repository().join(".git/index")).expect("there is one");
    assert!(after == index, "the index is as it was, to the byte");
    world.git(&["fsck", "--full", "--strict", "--no-dangling"]);

    let issues = world
        .fractary(&["issues", "--format", "json", "--at", SECOND])
        .run()
        .exits(0);
    assert!(
        issues.stdout.contains("infra-"),
        "issues are read from the branch"
    );
}

#[test]
fn the_files_are_those_of_a_direct_commit() {
    let direct = world("direct");
    let side = world("branch");
    run(&direct, FIRST).run().exits(0);
    run(&side, FIRST).run().exits(0);
    let files = |world: &World, at: &str| {
        world.git(&[
            "ls-tree",
            "-r",
            at,
            ".fractary/plugins/helm-cloud",
            ".fractary/plugins/faber-cloud",
        ])
    };
    assert_eq!(files(&direct, "HEAD"), files(&side, STATE));
}

#[test]
fn configuration_counts_as_soon_as_it_is_checked_out() {
    let world = world("branch");
    run(&world, FIRST).run().exits(0);
    let first = tip(&world);
    let path = world
        .repository()
        .join(".fractary/shared/environments.json");
    let text = std::fs::read_to_string(&path).expect("init writes it");
    let other = text.replace("123456789012", "999999999999");
    std::fs::write(&path, other).expect("it can be written");
    // Another account is refused before anything is done.
    run(&world, SECOND).run().exits(4);
    assert_eq!(tip(&world), first);
}

#[test]
fn a_branch_that_is_merged_continues_from_the_head() {
    let world = world("branch");
    run(&world, FIRST).run().exits(0);
    world.git(&["merge", "--quiet", "--ff-only", STATE]);
    std::fs::write(world.repository().join("more.txt"), "more").expect("it can be written");
    world.git(&["add", "more.txt"]);
    world.git(&["commit", "--quiet", "--message", "More"]);
    run(&world, SECOND).run().exits(1);
    let parent = world.git(&["rev-parse", &format!("{STATE}^")]);
    assert_eq!(parent, world.git(&["rev-parse", "HEAD"]));
}

#[test]
fn detached_heads_linked_work_trees_and_bare_repositories_do() {
    let world = world("branch");
    world.git(&["checkout", "--quiet", "--detach"]);
    run(&world, FIRST).run().exits(0);
    let linked = world.folder.path().join("linked");
    world.git(&[
        "worktree",
        "add",
        "--quiet",
        &linked.display().to_string(),
        "main",
    ]);
    let first = tip(&world);
    let in_folder = |folder: &PathBuf, at: &str| {
        Fractary::in_folder(folder, world.folder.path())
            .args(["run", "--env", "prod", "--at", at])
            .args(["--replay".as_ref(), world.recording.as_os_str()])
    };
    in_folder(&linked, SECOND).run().exits(1);
    assert_ne!(tip(&world), first);
    // Checked out in another work tree, the branch must not move.
    git(&linked, &["checkout", "--quiet", STATE]);
    let outcome = run(&world, "2026-11-02T09:17:00Z").run().exits(5);
    assert!(
        outcome.stderr.contains("checked out elsewhere"),
        "{}",
        outcome.stderr
    );
    // Where it is checked out itself, it is committed to as any branch.
    in_folder(&linked, "2026-11-02T09:17:00Z").run().exits(1);
    assert_eq!(git(&linked, &["status", "--porcelain"]), "");

    let bare = world.folder.path().join("bare.git");
    let from = world.repository().display().to_string();
    git(
        world.folder.path(),
        &["clone", "--quiet", "--bare", &from, "bare.git"],
    );
    git(&bare, &["symbolic-ref", "HEAD", "refs/heads/main"]);
    let before = git(&bare, &["rev-parse", STATE]);
    in_folder(&bare, "2026-11-02T09:22:00Z").run().exits(1);
    assert_eq!(git(&bare, &["rev-parse", &format!("{STATE}^")]), before);
}

#[test]
fn names_that_are_no_branches_are_refused() {
    let world = world("branch");
    let path = world.repository().join(HELM);
    let text = std::fs::read_to_string(&path).expect("init writes it");
    for bad in ["a..b", "-x", "a b", "a.lock", "x~1", "\\u001b[31m"] {
        let changed = text.replace(
            "mode = \"branch\"",
            &format!("mode = \"branch\"\nbranch = \"{bad}\""),
        );
        std::fs::write(&path, changed).expect("it can be written");
        let outcome = run(&world, FIRST).run().exits(2);
        assert!(
            outcome.stderr.contains("[git]"),
            "{bad}: {}",
            outcome.stderr
        );
        assert!(!outcome.stderr.contains('\u{1b}'), "{}", outcome.stderr);
    }
}

#[test]
fn a_killed_run_leaves_the_old_branch_or_the_new_one() {
    let world = world("branch");
    run(&world, FIRST).run().exits(0);
    for step in ["journal-written", "ref-moved"] {
        let before = tip(&world);
        run(&world, SECOND)
            .env("FRACTARY_FAULT", step)
            .run()
            .exits(5);
        assert_eq!(tip(&world) != before, step == "ref-moved", "{step}");
        world.git(&["fsck", "--full", "--strict", "--no-dangling"]);
    }
    let outcome = run(&world, "2026-11-02T09:17:00Z").run().exits(1);
    assert!(outcome.stderr.contains("interrupted"), "{}", outcome.stderr);
}
