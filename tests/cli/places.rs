//! Where it runs: subfolders, bare and shallow clones, detached heads, other line ends.

use std::path::{Path, PathBuf};

use crate::demo::{END, Played, git};
use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

/// A clone of the demo's repository, with arguments for `git clone`, before its last run.
fn cloned(played: &Played, name: &str, arguments: &[&str]) -> PathBuf {
    played.git(&["branch", "--force", "earlier", "HEAD~2"]);
    let target = played.recording().with_file_name(name);
    let source = format!("file://{}", played.repository().display());
    let target_text = target.to_str().expect("a temporary path is UTF-8");
    let mut all = vec!["clone", "--quiet", "--branch", "earlier"];
    all.extend(arguments);
    all.extend([source.as_str(), target_text]);
    played.git(&all);
    target
}

/// A command there, on the demo's recording.
fn fractary(played: &Played, folder: &Path, arguments: &[&str]) -> Fractary {
    let home = played.recording().with_file_name("nobody");
    Fractary::in_folder(folder, &home)
        .at(END)
        .args(["--replay".as_ref(), played.recording().as_os_str()])
        .args(arguments)
}

fn head(folder: &Path) -> String {
    git(folder, &["rev-parse", "HEAD"])
}

/// Runs there, and checks that it made one commit and left everything in order.
fn runs(played: &Played, folder: &Path) {
    let before = head(folder);
    fractary(played, folder, &["run"]).run().exits(1);
    assert_eq!(git(folder, &["rev-parse", "HEAD~1"]), before);
    fractary(played, folder, &["check", "--strict"])
        .run()
        .exits(0);
    let after = head(folder);
    let again = fractary(played, folder, &["run"]).run().exits(1);
    assert!(again.stderr.contains("nothing changed"), "{}", again.stderr);
    assert_eq!(head(folder), after);
}

#[test]
fn from_a_subfolder_and_from_elsewhere() {
    let played = Played::new();
    let below = played.repository().join(".fractary/shared");
    fractary(&played, &below, &["check"]).run().exits(0);
    let root = played.repository();
    let root = root.to_str().expect("a temporary path is UTF-8");
    let elsewhere = played.recording();
    let elsewhere = elsewhere.parent().expect("it is in a folder");
    fractary(&played, elsewhere, &["-C", root, "check"])
        .run()
        .exits(0);
    fractary(&played, elsewhere, &["dashboard"])
        .env("FRACTARY_REPO", root)
        .run()
        .exits(0);
}

#[test]
fn in_a_bare_repository() {
    let played = Played::new();
    let bare = cloned(&played, "bare.git", &["--bare"]);
    git(&bare, &["symbolic-ref", "HEAD", "refs/heads/earlier"]);
    let before = head(&bare);
    let refused = fractary(&played, &bare, &["run", "--write"]).run().exits(5);
    assert!(
        refused.stderr.contains("no work tree"),
        "{}",
        refused.stderr
    );
    assert_eq!(head(&bare), before);
    fractary(&played, &bare, &["dashboard"]).run().exits(0);
    fractary(&played, &bare, &["doctor", "--offline"])
        .run()
        .exits(0);
    runs(&played, &bare);
}

#[test]
fn in_a_shallow_clone_with_a_detached_head_and_an_unusual_name() {
    let played = Played::new();
    let folder = cloned(&played, "mü llé ñ", &["--depth", "1"]);
    git(&folder, &["checkout", "--quiet", "--detach"]);
    git(&folder, &["fetch", "--quiet", "--depth", "1"]);
    runs(&played, &folder);
    assert_eq!(git(&folder, &["rev-list", "--count", "HEAD"]).trim(), "2");
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
}

#[test]
fn in_a_linked_work_tree() {
    let played = Played::new();
    let main = head(&played.repository());
    let folder = played.recording().with_file_name("linked");
    let target = folder.to_str().expect("a temporary path is UTF-8");
    played.git(&["worktree", "add", "--quiet", "-b", "side", target, "HEAD~2"]);
    runs(&played, &folder);
    assert_eq!(head(&played.repository()), main);
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
}

#[test]
fn with_line_ends_of_another_system() {
    let played = Played::new();
    let folder = cloned(&played, "crlf", &["--config", "core.autocrlf=true"]);
    let registry = folder.join(".fractary/plugins/faber-cloud/deployments/prod/registry.json");
    let text = std::fs::read_to_string(registry).expect("it is committed");
    assert!(text.contains("\r\n"), "the clone has other line ends");
    fractary(&played, &folder, &["check", "--strict"])
        .run()
        .exits(0);
    let diff = fractary(&played, &folder, &["run", "--dry-run"])
        .run()
        .exits(1);
    let same = |line: &str| line.starts_with('-') && line.ends_with("\\r");
    assert!(!diff.stdout.lines().any(same), "{}", diff.stdout);
    runs(&played, &folder);
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
    let ends = git(&folder, &["ls-files", "--eol", ".fractary"]);
    assert!(ends.lines().all(|line| line.starts_with("i/lf")), "{ends}");
}

#[test]
fn on_a_branch_without_commits() {
    let repo = Repo::new(&[]);
    let nothing = Fractary::in_repo(&repo).args(["check"]).run().exits(2);
    assert!(
        nothing.stderr.contains("fractary init"),
        "{}",
        nothing.stderr
    );
    Fractary::in_repo(&repo).args(["init"]).run().exits(0);
    assert_eq!(repo.log(), ["fractary(init): set up cloud operations"]);
    assert_eq!(repo.status(), "");
    repo.fsck();
}

#[test]
fn without_a_home_and_without_a_name() {
    let played = Played::new();
    let folder = cloned(&played, "nameless", &[]);
    let mut run = fractary(&played, &folder, &["run"]);
    for name in [
        "HOME",
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
    ] {
        run = run.without(name);
    }
    run.run().exits(1);
    assert_eq!(
        git(&folder, &["log", "-1", "--format=%an <%ae>"]).trim(),
        "fractary <fractary@localhost>"
    );
}

#[test]
fn looking_leaves_no_trace_in_the_git_folder() {
    let played = Played::new();
    let folder = cloned(&played, "looked-at", &[]);
    let list = || {
        let mut names: Vec<_> = std::fs::read_dir(folder.join(".git"))
            .expect("it is a repository")
            .map(|entry| entry.expect("it can be read").file_name())
            .collect();
        names.sort();
        names
    };
    let before = list();
    for arguments in [
        &["check"][..],
        &["dashboard"],
        &["issues"],
        &["doctor", "--offline"],
    ] {
        fractary(&played, &folder, arguments).run().exits(0);
    }
    fractary(&played, &folder, &["health"]).run().exits(1);
    fractary(&played, &folder, &["run", "--dry-run"])
        .run()
        .exits(1);
    assert_eq!(list(), before);
}
