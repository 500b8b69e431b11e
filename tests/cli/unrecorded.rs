//! Runs whose record cannot reach the branch that it belongs on: what they send, and what they
//! say.

use std::fs;
use std::path::PathBuf;

use crate::alert_scene::{RULES, Scene};
use crate::demo::git;
use crate::support::fractary::{Fractary, Outcome};
use crate::support::github::Instead;
use crate::support::remote::hook;

/// What GitHub says of a branch that takes no pushes.
const PROTECTED: &str = "echo 'error: GH006: Protected branch update failed for refs/heads/main.' >&2\n\
     echo 'error: Changes must be made through a pull request.' >&2\nexit 1\n";

/// A scene whose repository has a bare remote, which is where runs push to.
struct Remote {
    scene: Scene,
    path: PathBuf,
}

impl Remote {
    fn new(rules: &str) -> Self {
        let scene = Scene::new(rules);
        let path = scene.played.recording().with_file_name("remote.git");
        let remote = path.to_str().expect("UTF-8");
        let git = |arguments: &[&str]| scene.played.git(arguments);
        git(&["init", "--quiet", "--bare", "--initial-branch=main", remote]);
        git(&["remote", "add", "origin", remote]);
        git(&["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
        Self { scene, path }
    }

    fn protect(&self) {
        hook(&self.path.join("hooks"), "pre-receive", PROTECTED);
    }

    fn open_again(&self) {
        fs::remove_file(self.path.join("hooks/pre-receive")).expect("it is there");
    }

    fn clone_as(&self, name: &str) -> PathBuf {
        let clone = self.path.with_file_name(name);
        let url = format!("file://{}", self.path.display());
        git(
            self.path.parent().expect("a folder"),
            &["clone", "--quiet", &url, clone.to_str().expect("UTF-8")],
        );
        clone
    }

    /// The scheduled run in a clone, `minute` minutes past nine.
    fn sending(&self, clone: &std::path::Path, minute: u32) -> Fractary {
        let at = format!("2026-11-02T09:{minute:02}:00Z");
        let arguments = ["run", "--push", "--alerts", "always", "--timeout", "3s"];
        let run = self.scene.played.fractary_in(clone, &at, &arguments);
        self.scene.with_channels(run)
    }

    fn subjects(&self) -> Vec<String> {
        let log = git(&self.path, &["log", "--format=%s", "main"]);
        log.lines().map(str::to_owned).collect()
    }
}

fn one_line(outcome: &Outcome) -> String {
    outcome
        .stderr
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn fresh_checkouts_of_a_protected_branch_do_not_send_the_same_at_every_run() {
    let remote = Remote::new(RULES);
    remote.protect();
    let mut pages = Vec::new();
    for minute in [12, 13, 14, 15] {
        let clone = remote.clone_as(&format!("checkout-{minute}"));
        let outcome = remote
            .sending(&clone, minute)
            .env("GITHUB_REF", "refs/heads/main")
            .run()
            .exits(5);
        let said = one_line(&outcome);
        for expected in [
            "GH006: Protected branch update failed",
            "hint: where a branch takes no pushes, set `mode = \"pull-request\"` under `[git]` in .fractary/plugins/helm/config/helm.toml",
            "in this checkout only, and lost with it",
            "not sent to hook, team: this run could not be recorded, so every run would send the same again",
            "pager, tracker was notified although this run could not be recorded",
        ] {
            assert!(said.contains(expected), "{expected}\n{said}");
        }
        assert_eq!(said.matches("could not be recorded, so").count(), 1);
        assert!(outcome.stdout.contains("prod"), "the report is shown");
        pages.extend(remote.scene.pager.taken());
    }
    assert!(remote.scene.team.taken().is_empty());
    assert!(remote.scene.hook.taken().is_empty());
    // Each problem is one incident at PagerDuty and one issue at GitHub, however often.
    let keys: std::collections::BTreeSet<String> = pages
        .iter()
        .map(|page| page["dedup_key"].to_string())
        .collect();
    assert!(keys.len() > 1 && pages.len() == 4 * keys.len(), "{pages:?}");
    assert_eq!(remote.scene.github.issues().len(), keys.len());
    remote.scene.has_no_complaint();
    // The branch takes commits again: what was withheld is sent, once, and its end will be.
    remote.open_again();
    let clone = remote.clone_as("open");
    let outcome = remote.sending(&clone, 16).run().exits(1);
    assert!(!outcome.stderr.contains("not sent"), "{}", outcome.stderr);
    let sent = remote.scene.team.taken();
    let blocks: std::collections::BTreeSet<String> = sent
        .iter()
        .map(|post| post["blocks"][0]["block_id"].to_string())
        .collect();
    assert!(blocks.len() >= keys.len() && blocks.len() == sent.len());
    assert!(remote.subjects()[0].starts_with("fractary(alerts): "));
    let clone = remote.clone_as("later");
    remote.sending(&clone, 16).run().exits(1);
    assert!(remote.scene.team.taken().is_empty(), "nothing twice");
}

/// A machine that keeps its clone finds by itself that what it commits stays there.
#[test]
fn a_clone_that_lasts_sends_from_its_second_run_on_and_says_nothing_twice() {
    let rules = RULES.replace("\"team\", \"pager\", \"hook\", \"tracker\"", "\"team\"");
    let remote = Remote::new(&rules);
    let clone = remote.clone_as("lasting");
    let away = remote.path.with_file_name("away.git");
    fs::rename(&remote.path, &away).expect("it can be moved");
    let first = remote.sending(&clone, 12).run().exits(5);
    assert!(
        one_line(&first).contains("not sent to team"),
        "{}",
        first.stderr
    );
    assert!(remote.scene.team.taken().is_empty());
    // The next run finds the commit of this one.
    let second = remote.sending(&clone, 13).run().exits(5);
    assert!(!second.stderr.contains("not sent"), "{}", second.stderr);
    let told = remote.scene.team.taken().len();
    assert!(told > 1);
    remote.sending(&clone, 14).run().exits(5);
    assert!(remote.scene.team.taken().is_empty(), "nothing twice");
    fs::rename(&away, &remote.path).expect("it can be moved back");
    remote.sending(&clone, 15).run().exits(1);
    assert!(remote.scene.team.taken().is_empty(), "nothing twice");
    let tip = git(&clone, &["rev-parse", "HEAD"]);
    assert_eq!(git(&remote.path, &["rev-parse", "main"]), tip);
}

/// The record reaches the remote before the message leaves: whatever happens then, the next
/// run, in another checkout, knows of it.
#[test]
fn killed_while_it_sends_the_next_checkout_makes_up_for_it() {
    let rules = RULES
        .replace("severity >= \"MEDIUM\"", "event == \"opened\"")
        .replace("\"team\", \"pager\", \"hook\", \"tracker\"", "\"hook\"");
    let remote = Remote::new(&rules);
    remote.scene.hook.always(Some(Instead::Hang));
    let mut child = remote.sending(&remote.clone_as("killed"), 12).spawn();
    remote.scene.hook.wait();
    child.kill().expect("it runs");
    child.wait().expect("it was killed");
    let keys = |all: Vec<serde_json::Value>| -> Vec<String> {
        let mut keys: Vec<String> = all.iter().map(|one| one["key"].to_string()).collect();
        keys.sort();
        keys
    };
    let before = keys(remote.scene.hook.taken());
    assert!(!before.is_empty());
    remote.scene.hook.always(None);
    // No event any more: what is recorded says that it is owed.
    remote.sending(&remote.clone_as("next"), 13).run().exits(1);
    let after = keys(remote.scene.hook.taken());
    assert!(
        before.iter().all(|key| after.contains(key)),
        "{before:?} {after:?}"
    );
    remote.sending(&remote.clone_as("third"), 14).run().exits(1);
    assert!(remote.scene.hook.taken().is_empty());
}

/// What is known before anything is decided ends the run before anything is asked or sent.
#[test]
fn where_no_branch_is_checked_out_nothing_is_sent() {
    let remote = Remote::new(RULES);
    let clone = remote.clone_as("detached");
    git(&clone, &["tag", "v1.4"]);
    git(&clone, &["checkout", "--quiet", "v1.4"]);
    let tag = [
        ("GITHUB_REF", "refs/tags/v1.4"),
        ("GITHUB_REF_NAME", "v1.4"),
        ("GITHUB_REF_TYPE", "tag"),
    ];
    let pull = [
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_REF_NAME", "7/merge"),
        ("GITHUB_HEAD_REF", "topic"),
    ];
    git(
        &clone,
        &["push", "--quiet", "origin", "HEAD:refs/heads/topic"],
    );
    let cases = [
        (
            &tag[..],
            "this workflow runs on the tag v1.4",
            "`ref: main`",
        ),
        (
            &pull[..],
            "this workflow runs on the trial merge of a pull request (refs/pull/7/merge)",
            "`ref: ${{ github.head_ref }}`",
        ),
    ];
    for (variables, says, hint) in cases {
        git(
            &clone,
            &["commit", "--quiet", "--allow-empty", "-m", "Trial merge"],
        );
        let head = git(&clone, &["rev-parse", "HEAD"]);
        let mut run = remote.sending(&clone, 12);
        for (name, value) in variables {
            run = run.env(name, value);
        }
        let said = one_line(&run.run().exits(5));
        assert!(said.contains(says) && said.contains(hint), "{said}");
        assert!(said.contains("nothing was asked or sent"), "{said}");
        assert_eq!(git(&clone, &["rev-parse", "HEAD"]), head);
    }
    let scene = &remote.scene;
    let sent = scene.team.taken().len() + scene.pager.taken().len() + scene.hook.taken().len();
    assert_eq!((sent, scene.github.asked().len()), (0, 0));
}

#[test]
fn an_upstream_that_is_gone_is_not_made_anew() {
    let remote = Remote::new(RULES);
    let clone = remote.clone_as("old");
    let late = remote.clone_as("late");
    git(&remote.path, &["branch", "-m", "main", "trunk"]);
    git(&clone, &["fetch", "--quiet", "--prune"]);
    let said = one_line(&remote.sending(&clone, 12).run().exits(5));
    for expected in [
        "origin/main, the upstream of this branch, is gone: the remote has trunk",
        "`git branch --set-upstream-to origin/trunk` after `git fetch origin`",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    assert!(remote.scene.team.taken().is_empty());
    assert_eq!(
        git(&remote.path, &["branch", "--format=%(refname)"]),
        "refs/heads/trunk\n"
    );
    // The way out that is named.
    git(&clone, &["fetch", "--quiet", "origin"]);
    git(
        &clone,
        &["branch", "--quiet", "--set-upstream-to", "origin/trunk"],
    );
    remote.sending(&clone, 12).run().exits(1);
    // A clone that has not been told yet makes the branch anew, and says so.
    let said = one_line(&remote.sending(&late, 13).run().exits(1));
    assert!(
        said.contains(
            "origin/main had been deleted or renamed on the remote, and this push made it anew"
        ),
        "{said}"
    );
}

#[test]
fn a_clone_of_an_empty_remote_may_push_its_first_commit() {
    let folder = tempfile::TempDir::new().expect("the system has a temporary folder");
    git(
        folder.path(),
        &[
            "init",
            "--quiet",
            "--bare",
            "--initial-branch=main",
            "remote.git",
        ],
    );
    git(folder.path(), &["clone", "--quiet", "remote.git", "clone"]);
    let clone = folder.path().join("clone");
    let run = |arguments: &[&str]| {
        Fractary::in_folder(&clone, folder.path())
            .at("2026-11-02T09:12:00Z")
            .args(arguments)
            .run()
    };
    let state = include_str!("../../src/app/demo/orders.tfstate.json");
    fs::write(folder.path().join("orders.tfstate"), state).expect("it can be written");
    run(&["init", "--env", "prod", "--account", "123456789012"]).exits(0);
    // The upstream is configured, and not there yet.
    run(&["adopt", "../orders.tfstate", "--env", "prod", "--push"]).exits(0);
    git(&folder.path().join("remote.git"), &["rev-parse", "main"]);
}

#[test]
fn branches_whose_names_exclude_each_other_are_named_before_anything_is_sent() {
    for (other, wanted) in [("ops", "ops/state"), ("ops/state/old", "ops/state")] {
        let remote = Remote::new(RULES);
        let clone = remote.clone_as("clone");
        let helm = clone.join(".fractary/plugins/helm/config/helm.toml");
        let text = fs::read_to_string(&helm).expect("init writes it");
        let text = text.replace(
            "mode = \"direct\"",
            &format!("mode = \"branch\"\nbranch = \"{wanted}\""),
        );
        fs::write(&helm, text).expect("it can be written");
        git(
            &clone,
            &[
                "push",
                "--quiet",
                "origin",
                &format!("HEAD:refs/heads/{other}"),
            ],
        );
        let said = one_line(&remote.sending(&clone, 12).run().exits(2));
        let expected = format!(
            "`{wanted}` cannot be the name of a branch: there is a branch `{other}` on origin"
        );
        assert!(said.contains(&expected), "{expected}\n{said}");
        assert!(remote.scene.team.taken().is_empty());
    }
}
