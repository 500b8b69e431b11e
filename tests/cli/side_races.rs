//! `--push` in the modes `branch` and `pull-request`: from the checkouts that CI makes, in
//! races, and with remotes that are gone.

use std::fs;

use crate::support::fractary::{Fractary, Outcome};
use crate::support::github::{GitHub, TOKEN};
use crate::support::mark::without_mark;
use crate::support::remote::{Clone, Remote, environments, hook};

const STATE: &str = "fractary/state";

/// As actions/checkout makes it: one commit of one branch, and no branch checked out.
fn checkout(remote: &Remote, name: &str) -> Clone {
    let clone = remote.clone_with(name, &["--depth=1", "--single-branch", "--branch=main"]);
    clone.git(&["checkout", "--quiet", "--detach"]);
    clone
}

/// Has another clone push its branch while this one pushes for the first time.
fn overtake(one: &Clone, other: &Clone) {
    let text = format!(
        "unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX\n\
         cd '{}' || exit 1\n\
         test -e .git/overtaken && exit 0\n\
         touch .git/overtaken\n\
         git push --quiet origin {STATE}\n",
        other.root.display(),
    );
    hook(&one.root.join(".git/hooks"), "pre-push", &text);
}

fn with_github(run: Fractary, github: &GitHub) -> Fractary {
    run.env("GITHUB_TOKEN", TOKEN)
        .env("GITHUB_API_URL", github.url())
        .env("GITHUB_REPOSITORY", "o/r")
}

fn count(remote: &Remote) -> usize {
    let count = remote.git(&["rev-list", "--count", &format!("main..{STATE}")]);
    count.trim().parse().expect("a number")
}

/// The branch is on the remote, in one line, sound, and nothing else has moved.
fn is_whole(remote: &Remote, clone: &Clone) {
    remote.git(&["fsck", "--full", "--strict", "--no-dangling"]);
    assert_eq!(remote.git(&["rev-list", "--merges", STATE]), "");
    assert_eq!(
        clone.git(&["rev-parse", STATE]),
        remote.git(&["rev-parse", STATE])
    );
    assert_eq!(clone.git(&["status", "--porcelain"]), "");
    clone.fractary(&["check", "--strict"]).run().exits(0);
}

fn said(outcome: &Outcome, words: &str) {
    let stderr = outcome.stderr.replace('\n', " ");
    assert!(stderr.contains(words), "{}", outcome.stderr);
}

#[test]
fn checkouts_of_ci_continue_one_line_of_commits() {
    let remote = Remote::in_mode(&environments(2), "branch");
    let main = remote.git(&["rev-parse", "main"]);
    let first = checkout(&remote, "first");
    said(
        &first.run("e1").run().exits(1),
        "pushed to origin/fractary/state",
    );
    let second = checkout(&remote, "second");
    second.run("e2").run().exits(1);
    assert_eq!(count(&remote), 2);
    assert_eq!(
        second.git(&["rev-parse", "--is-shallow-repository"]),
        "true\n"
    );
    is_whole(&remote, &second);
    // The first is behind now, and has nothing new to say of its own.
    first.run("e1").run().exits(1);
    assert_eq!(count(&remote), 2);
    is_whole(&remote, &first);
    assert_eq!(remote.git(&["rev-parse", "main"]), main);
}

#[test]
fn a_lost_race_is_merged_on_the_branch_alone() {
    let remote = Remote::in_mode(&environments(1), "branch");
    checkout(&remote, "ci").run("e1").run().exits(1);
    let (a, b) = (remote.clone_as("a"), remote.clone_as("b"));
    let id = a.issue();
    b.fractary(&["issues", "note", &id, "theirs"])
        .run()
        .exits(0);
    overtake(&a, &b);
    fs::write(a.root.join("mine.txt"), "mine\n").expect("it can be written");
    let head = a.git(&["rev-parse", "HEAD"]);
    said(&a.note(&id, "ours").run().exits(0), "on top of");
    assert_eq!(a.notes(&id), ["ours", "theirs"]);
    assert_eq!(a.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(a.git(&["status", "--porcelain"]), "?? mine.txt\n");
    fs::remove_file(a.root.join("mine.txt")).expect("it is there");
    is_whole(&remote, &a);
    // The page that was rendered is that of the merged state.
    let page = ".fractary/plugins/helm/DASHBOARD.md";
    let stored = remote.git(&["show", &format!("{STATE}:{page}")]);
    let dashboard = a.fractary(&["dashboard", "--format", "markdown"]);
    let rendered = dashboard.run().exits(0).stdout;
    assert_eq!(rendered.trim_end(), without_mark(&stored));
}

#[test]
fn many_at_once_end_with_one_pull_request() {
    let environments = environments(5);
    let remote = Remote::in_mode(&environments, "pull-request");
    let github = GitHub::start();
    let clones: Vec<Clone> = environments
        .iter()
        .enumerate()
        .map(|(number, name)| match number % 2 {
            0 => checkout(&remote, name),
            _ => remote.clone_as(name),
        })
        .collect();
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let start = |(name, clone): (&'_ String, &'_ Clone)| {
            let run = with_github(clone.run(name), &github);
            scope.spawn(move || run.run())
        };
        let runs: Vec<_> = environments.iter().zip(&clones).map(start).collect();
        runs.into_iter()
            .map(|run| run.join().expect("no panic"))
            .collect()
    });
    for outcome in outcomes {
        // Exit 1: the recorded world is unhealthy.
        said(&outcome.exits(1), "pull request");
    }
    assert_eq!(github.pulls().len(), 1);
    assert_eq!(github.faults(), [""; 0]);
    assert_eq!(count(&remote), environments.len());
    let last = remote.clone_as("last");
    last.git(&["branch", "--quiet", STATE, &format!("origin/{STATE}")]);
    is_whole(&remote, &last);
    let listed = last.fractary(&["issues", "--format", "json"]);
    let listed = listed.run().exits(0).json();
    for name in &environments {
        let mut rows = listed.as_array().expect("a list").iter();
        let own = rows.any(|row| row["environment"] == name.as_str());
        assert!(own, "{name} has no issue: {listed}");
    }
}

#[test]
fn a_remote_that_is_gone_stops_nobody_who_knows_the_branch() {
    let remote = Remote::in_mode(&environments(1), "branch");
    let host = remote.clone_as("host");
    host.run("e1").run().exits(1);
    let id = host.issue();
    let fresh = checkout(&remote, "fresh");
    let away = remote.folder().join("away.git");
    fs::rename(remote.path(), &away).expect("it can be moved");
    let outcome = host.note(&id, "kept").run().exits(5);
    said(&outcome, "going on with what is known of it here");
    said(&outcome, "is safe on fractary/state in this repository");
    assert_eq!(host.notes(&id), ["kept"]);
    // Deciding without the state would open every issue anew.
    let outcome = fresh.run("e1").run().exits(5);
    said(&outcome, "nothing was queried and nothing was changed");
    fs::rename(&away, remote.path()).expect("it can be moved back");
    said(
        &host.run("e1").run().exits(1),
        "pushed to origin/fractary/state",
    );
    is_whole(&remote, &host);
    assert_eq!(count(&remote), 2);
}

#[test]
fn a_branch_that_is_merged_and_deleted_begins_again_at_the_default_branch() {
    let remote = Remote::in_mode(&environments(1), "pull-request");
    let github = GitHub::start();
    let host = remote.clone_as("host");
    with_github(host.run("e1"), &github).run().exits(1);
    let id = host.issue();
    let person = remote.clone_as("person");
    let state = format!("origin/{STATE}");
    person.git(&["merge", "--quiet", "--no-ff", "-m", "Merge", &state]);
    person.git(&["push", "--quiet", "origin", "main"]);
    // Merged, and not deleted: a shallow checkout cannot see that, and goes on all the same.
    let fresh = checkout(&remote, "fresh");
    with_github(fresh.note(&id, "one"), &github).run().exits(0);
    assert_eq!(count(&remote), 1);
    // Deleted: what was known of it is forgotten.
    person.git(&["pull", "--quiet", "--no-rebase", "origin", STATE]);
    person.git(&["push", "--quiet", "origin", "main"]);
    remote.git(&["update-ref", "-d", &format!("refs/heads/{STATE}")]);
    host.git(&["pull", "--quiet"]);
    with_github(host.note(&id, "two"), &github).run().exits(0);
    assert_eq!(
        remote.git(&["rev-parse", &format!("{STATE}^")]),
        remote.git(&["rev-parse", "main"])
    );
    assert_eq!(host.notes(&id), ["one", "two"]);
    assert_eq!(github.pulls().len(), 1);
}

#[test]
fn shards_in_checkouts_of_their_own_are_joined_on_the_branch() {
    let remote = Remote::in_mode(&environments(1), "branch");
    remote.clone_as("before").run("e1").run().exits(1);
    let later = "2026-11-02T09:17:00Z";
    let bundles = format!("{}/bundles/", remote.folder().display());
    let world = remote.folder().join("e1.json").display().to_string();
    for shard in ["1/2", "2/2"] {
        let clone = checkout(&remote, &shard.replace('/', "-of-"));
        let arguments = ["run", "--env", "e1", "--replay", &world, "--shard", shard];
        Fractary::in_folder(&clone.root, &clone.home)
            .at(later)
            .args(arguments)
            .args(["--output", &bundles])
            .run()
            .exits(0);
    }
    let join = checkout(&remote, "join");
    let merge = Fractary::in_folder(&join.root, &join.home);
    let outcome = merge.args(["merge-shards", "--push", &bundles]).run();
    said(&outcome.exits(1), "pushed to origin/fractary/state");
    assert_eq!(count(&remote), 2);
    is_whole(&remote, &join);
}

#[test]
fn bare_repositories_and_linked_work_trees_push_the_branch() {
    let remote = Remote::in_mode(&environments(1), "branch");
    let a = remote.clone_as("a");
    a.run("e1").run().exits(1);
    let id = a.issue();
    a.git(&["worktree", "add", "--quiet", "--detach", "../linked"]);
    let linked = Clone {
        root: a.home.join("linked"),
        home: a.home.clone(),
    };
    linked.note(&id, "linked").run().exits(0);
    is_whole(&remote, &linked);
    let bare = remote.clone_with("bare.git", &["--bare"]);
    bare.note(&id, "bare").run().exits(0);
    assert_eq!(bare.notes(&id), ["bare", "linked"]);
    assert_eq!(count(&remote), 3);
}

#[test]
fn commits_of_people_on_the_branch_are_left_to_people() {
    let remote = Remote::in_mode(&environments(1), "branch");
    let a = remote.clone_as("a");
    a.run("e1").run().exits(1);
    let id = a.issue();
    let b = remote.clone_as("b");
    a.git(&["checkout", "--quiet", STATE]);
    a.git(&["commit", "--quiet", "--allow-empty", "-m", "Mine"]);
    a.git(&["checkout", "--quiet", "main"]);
    let mine = a.git(&["rev-parse", STATE]);
    b.note(&id, "theirs").run().exits(0);
    let outcome = a.note(&id, "ours").run().exits(5);
    said(&outcome, "was not made by this program");
    assert_eq!(a.git(&["rev-parse", &format!("{STATE}^")]), mine);
    assert_eq!(a.notes(&id), ["ours"]);
    assert_eq!(count(&remote), 2);
}
