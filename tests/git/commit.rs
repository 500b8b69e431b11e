//! What a commit looks like afterwards.

use std::process::Command;

use fractary::git::{GitError, Transaction};

use crate::support::{Sandbox, path, request, scrub, writes};

#[test]
fn a_commit_has_just_its_files() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let mut transaction = writes(&[
        (".fractary/a.json", "{\"a\": 2}\n"),
        (".fractary/new/deep/b.json", "[]\n"),
    ]);
    transaction.delete(path(".fractary/old/gone.json"));
    let id = repo.commit(&transaction).unwrap();

    assert_eq!(repo.git(&["rev-parse", "HEAD"]), id.as_str());
    assert_eq!(repo.status(), "");
    repo.assert_sound();
    let stat = repo.git(&[
        "show",
        "--stat=80",
        "--format=%an <%ae> %ad%n%cn <%ce> %cd%n%B",
    ]);
    insta::assert_snapshot!(stat, @r#"
    Ada <ada@example.com> Sat Nov 21 10:00:00 2026 +0000
    Ada <ada@example.com> Sat Nov 21 10:00:00 2026 +0000
    fractary(test): change

    Fractary-Run: r1


     .fractary/a.json          | 2 +-
     .fractary/new/deep/b.json | 1 +
     .fractary/old/gone.json   | 1 -
     3 files changed, 2 insertions(+), 2 deletions(-)
    "#);
    assert_eq!(
        repo.text(".fractary/a.json").as_deref(),
        Some("{\"a\": 2}\n")
    );
    assert_eq!(
        repo.text(".fractary/new/deep/b.json").as_deref(),
        Some("[]\n")
    );
    assert!(!repo.root.join(".fractary/old").exists());
    let log = repo.git(&["reflog", "-1", "--format=%gs"]);
    assert_eq!(log, "commit: fractary(test): change");
    let log = repo.git(&["reflog", "-1", "--format=%gs", "refs/heads/main"]);
    assert_eq!(log, "commit: fractary(test): change");
}

#[test]
fn the_users_work_is_left_alone() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.put("src/one.txt", "staged\n");
    repo.git(&["add", "src/one.txt"]);
    repo.put("src/one.txt", "staged and edited\n");
    repo.put("src/two.txt", "edited\n");
    repo.git(&["rm", "-q", "--cached", "src/three.txt"]);
    repo.put(".fractary/staged-new.json", "new\n");
    repo.git(&["add", ".fractary/staged-new.json"]);
    repo.put(".fractary/later.json", "later\n");
    repo.git(&["add", "-N", ".fractary/later.json"]);
    repo.put(".fractary/untracked.json", "untracked\n");
    let (status, staged) = (repo.status(), repo.git(&["diff", "--cached"]));
    let edited = repo.git(&["diff"]);

    repo.commit(&writes(&[
        (".fractary/a.json", "{}\n"),
        ("src/x.txt", "x\n"),
    ]))
    .unwrap();

    assert_eq!(repo.status(), status);
    assert_eq!(repo.git(&["diff", "--cached"]), staged);
    assert_eq!(repo.git(&["diff"]), edited);
    repo.assert_sound();
    // The cached trees in the index must not leak into the user's next commit.
    repo.git(&["commit", "-q", "-m", "mine"]);
    let names = repo.git(&["show", "--name-status", "--format="]);
    assert_eq!(
        names,
        "A\t.fractary/staged-new.json\nM\tsrc/one.txt\nD\tsrc/three.txt"
    );
    assert_eq!(repo.git(&["show", "HEAD:src/x.txt"]), "x");
}

#[test]
fn cached_trees_do_not_outlive_a_change() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let mut transaction = writes(&[("src/one.txt", "1\n"), ("src/new/x.txt", "x\n")]);
    transaction.delete(path(".fractary/old/gone.json"));
    repo.commit(&transaction).unwrap();
    let tree = repo.git(&["rev-parse", "HEAD^{tree}"]);
    assert_eq!(repo.git(&["write-tree"]), tree);
    repo.put("README.md", "mine\n");
    repo.git(&["add", "README.md"]);
    repo.commit(&writes(&[("src/new/x.txt", "y\n")])).unwrap();
    repo.git(&["commit", "-q", "-m", "mine"]);
    let names = repo.git(&["show", "--name-only", "--format="]);
    assert_eq!(names, "README.md");
}

/// An edit within the same tick of the clock as `git add` keeps size and time stamps. Git
/// notices it because the index is not younger; a careless rewrite of the index hides it.
#[test]
fn an_edit_in_the_same_tick_stays_visible() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.git(&["config", "core.trustctime", "false"]);
    let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let stamp = |name: &str| {
        let file = std::fs::File::options()
            .write(true)
            .open(repo.root.join(name))
            .unwrap();
        file.set_modified(then).unwrap();
    };
    repo.put("src/one.txt", "AAAA\n");
    repo.put("src/two.txt", "same\n");
    stamp("src/one.txt");
    stamp("src/two.txt");
    repo.git(&["add", "src"]);
    repo.git(&["commit", "-q", "-m", "racy"]);
    repo.put("src/one.txt", "BBBB\n");
    stamp("src/one.txt");
    stamp(".git/index");

    repo.commit(&writes(&[(".fractary/a.json", "{}\n")]))
        .unwrap();
    assert_eq!(repo.git(&["diff-files", "--name-only"]), "src/one.txt");
    assert_eq!(repo.status(), " M src/one.txt");
}

#[test]
fn the_same_content_again_makes_no_commit() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let before = repo.everything();
    let mut transaction = writes(&[(".fractary/a.json", "{\"a\": 1}\n")]);
    transaction.delete(path("never/was/there"));
    let id = repo.commit(&transaction).unwrap();
    assert_eq!(Some(id), repo.head());
    assert_eq!(repo.everything(), before);

    let unborn = sandbox.unborn("u");
    let error = unborn.commit(&Transaction::new()).unwrap_err();
    assert!(matches!(error, GitError::NothingToCommit), "{error}");
}

#[test]
fn the_cost_does_not_grow_with_the_repository() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    for n in 0..300 {
        repo.put(&format!("big/{}/{n}.txt", n % 20), &format!("{n}\n"));
    }
    repo.commit_all("many");
    let objects = || {
        let counted = repo.git(&["count-objects"]);
        let number = counted.split(' ').next().unwrap();
        number.parse::<usize>().unwrap()
    };
    let before = objects();
    repo.commit(&writes(&[("big/7/7.txt", "changed\n")]))
        .unwrap();
    // One blob, the trees big/7, big and the root, and the commit.
    assert_eq!(objects() - before, 5);
}

#[cfg(unix)]
#[test]
fn modes_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let mode = |name: &str| {
        let found = std::fs::metadata(repo.root.join(name)).unwrap();
        found.permissions().mode() & 0o777
    };
    let set = |name: &str, mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(repo.root.join(name), permissions).unwrap();
    };
    set("src/one.txt", 0o755);
    set("src/two.txt", 0o600);
    repo.commit_all("modes");
    repo.commit(&writes(&[("src/one.txt", "1\n"), ("src/two.txt", "2\n")]))
        .unwrap();
    assert_eq!((mode("src/one.txt"), mode("src/two.txt")), (0o755, 0o600));
    assert!(
        repo.git(&["ls-tree", "HEAD", "src/one.txt"])
            .starts_with("100755")
    );
    assert_eq!(repo.status(), "");

    set("src/two.txt", 0o755);
    let error = repo.commit(&writes(&[("src/two.txt", "3\n")])).unwrap_err();
    assert!(matches!(error, GitError::Dirty { .. }), "{error}");
}

#[test]
fn the_author_can_be_given() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let mut request = request(repo.head());
    request.author = Some(("Bob".to_owned(), "bob@example.com".to_owned()));
    let transaction = writes(&[("x", "x")]);
    repo.open().commit(&transaction, &request).unwrap();
    let who = repo.git(&["log", "-1", "--format=%an %ae, %cn"]);
    assert_eq!(who, "Bob bob@example.com, Ada");

    request.base = repo.head();
    request.author = Some(("Bob\nparent x".to_owned(), "b".to_owned()));
    let error = repo
        .open()
        .commit(&writes(&[("y", "y")]), &request)
        .unwrap_err();
    assert!(matches!(error, GitError::Identity { .. }), "{error}");
}

/// Runs [`child_commits`] in a process with its own environment.
fn commit_elsewhere(root: &std::path::Path, env: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = scrub(&mut command)
        .args(["--ignored", "--exact", "commit::child_commits"])
        .envs(env.iter().copied())
        .env("HOME", root)
        .current_dir(root)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[test]
#[ignore = "run by other tests, in a process of its own"]
fn child_commits() {
    let repo = fractary::git::Repository::discover(".".as_ref()).unwrap();
    let base = repo.head().unwrap().commit;
    let n = base.as_ref().map_or("none", |b| b.as_str());
    repo.commit(&writes(&[("n", n)]), &request(base.clone()))
        .unwrap();
}

#[test]
fn the_environment_names_the_author() {
    let sandbox = Sandbox::new();
    let repo = sandbox.unborn("r");
    repo.git(&["config", "--unset", "user.name"]);
    repo.git(&["config", "--unset", "user.email"]);
    let format = ["log", "-1", "--format=%an <%ae> %at / %cn <%ce> %ct"];

    commit_elsewhere(&repo.root, &[]);
    assert_eq!(
        repo.git(&format),
        "fractary <fractary@localhost> 1795255200 / fractary <fractary@localhost> 1795255200"
    );
    commit_elsewhere(
        &repo.root,
        &[
            ("GIT_AUTHOR_NAME", "Eve"),
            ("GIT_AUTHOR_EMAIL", "eve@example.com"),
            ("GIT_AUTHOR_DATE", "2020-01-02T03:04:05+01:00"),
            ("GIT_COMMITTER_NAME", "Carl"),
            ("GIT_COMMITTER_EMAIL", "carl@example.com"),
            ("GIT_COMMITTER_DATE", "1600000000 +0000"),
        ],
    );
    assert_eq!(
        repo.git(&format),
        "Eve <eve@example.com> 1577930645 / Carl <carl@example.com> 1600000000"
    );
    repo.assert_sound();
}
