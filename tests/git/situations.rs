//! The states that repositories are in.

use std::fs;

use fractary::git::{GitError, Transaction};

use crate::support::{Repo, Sandbox, path, writes};

const A: &str = ".fractary/a.json";

fn transaction() -> Transaction {
    let mut transaction = writes(&[(A, "{\"a\": 2}\n"), ("new/b.json", "[\n]\n")]);
    transaction.delete(path(".fractary/old/gone.json"));
    transaction
}

/// Commits, and checks that it is in the commit and the work tree is clean.
fn lands(repo: &Repo) {
    let before = repo.head();
    let id = repo.commit(&transaction()).unwrap();
    assert_ne!(before.as_ref(), Some(&id));
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), id.as_str());
    repo.assert_sound();
    assert_eq!(repo.git(&["show", "HEAD:new/b.json"]), "[\n]");
    let (there, _) = repo.try_git(&["cat-file", "-e", "HEAD:.fractary/old/gone.json"]);
    assert!(!there);
}

fn lands_cleanly(repo: &Repo) {
    lands(repo);
    assert_eq!(repo.status(), "");
    assert_eq!(repo.text(A).as_deref(), Some("{\"a\": 2}\n"));
    assert!(!repo.root.join(".fractary/old").exists());
}

#[test]
fn detached_head() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let main = repo.git(&["rev-parse", "main"]);
    repo.git(&["checkout", "-q", "--detach"]);
    lands_cleanly(&repo);
    assert_eq!(repo.git(&["rev-parse", "main"]), main);
    assert_eq!(repo.open().head().unwrap().branch, None);
}

#[test]
fn linked_work_tree() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
    let linked = sandbox.at("linked");
    let main = repo.everything();
    lands_cleanly(&linked);
    assert_eq!(repo.everything(), main);
    let branch = linked.open().head().unwrap().branch;
    assert_eq!(branch.as_deref(), Some("side"));
    assert_ne!(linked.git_dir(), repo.git_dir());
    assert!(linked.git_dir().ends_with("worktrees/linked"));
    lands_cleanly(&repo);
}

#[test]
fn linked_work_tree_of_a_bare_repository() {
    let sandbox = Sandbox::new();
    let source = sandbox.repo("source");
    let bare = sandbox.at("bare.git");
    source.git(&["clone", "-q", "--bare", ".", bare.root.to_str().unwrap()]);
    bare.configure();
    bare.git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
    lands_cleanly(&sandbox.at("linked"));
}

#[test]
fn shallow_clone() {
    let sandbox = Sandbox::new();
    let source = sandbox.repo("source");
    source.put("src/one.txt", "more\n");
    source.commit_all("more");
    let clone = sandbox.at("clone");
    let url = format!("file://{}", source.root.display());
    source.git(&["clone", "-q", "--depth", "1", &url, "../clone"]);
    clone.configure();
    assert_eq!(clone.git(&["rev-list", "--count", "HEAD"]), "1");
    lands_cleanly(&clone);
    assert_eq!(clone.git(&["rev-list", "--count", "HEAD"]), "2");
}

#[test]
fn unborn_branch() {
    let sandbox = Sandbox::new();
    let repo = sandbox.unborn("r");
    repo.put("mine.txt", "mine\n");
    repo.put("src/staged.txt", "mine\n");
    repo.git(&["add", "src"]);
    repo.commit(&transaction()).unwrap();
    assert_eq!(repo.status(), "A  src/staged.txt\n?? mine.txt");
    assert_eq!(repo.git(&["rev-list", "--count", "main"]), "1");
    let names = repo.git(&["ls-tree", "-r", "--name-only", "HEAD"]);
    assert_eq!(names, ".fractary/a.json\nnew/b.json");
    repo.assert_sound();
    let log = repo.git(&["reflog", "-1", "--format=%gs"]);
    assert_eq!(log, "commit (initial): fractary(test): change");

    let empty = sandbox.unborn("empty");
    empty.commit(&transaction()).unwrap();
    assert_eq!(empty.status(), "");
}

#[test]
fn line_ends() {
    let sandbox = Sandbox::new();
    for value in ["true", "input"] {
        let source = sandbox.repo(&format!("source-{value}"));
        let name = format!("clone-{value}");
        let config = format!("core.autocrlf={value}");
        let target = format!("../{name}");
        source.git(&["-c", &config, "clone", "-q", ".", &target]);
        let repo = sandbox.at(&name);
        repo.configure();
        repo.git(&["config", "core.autocrlf", value]);
        repo.git(&["config", "core.safecrlf", "true"]);
        repo.put("src/one.txt", "one\n");
        repo.git(&["-c", "core.safecrlf=false", "add", "src/one.txt"]);
        let end = if value == "true" { "\r\n" } else { "\n" };
        assert_eq!(repo.text(A), Some(format!("{{\"a\": 1}}{end}")));
        lands(&repo);
        assert_eq!(repo.status(), "", "{value}");
        assert_eq!(repo.text(A), Some(format!("{{\"a\": 2}}{end}")));
        assert_eq!(repo.text("new/b.json"), Some(format!("[{end}]{end}")));
        let blob = repo.git(&["cat-file", "blob", "HEAD:new/b.json"]);
        assert_eq!(blob, "[\n]");
        // A file whose line ends are not those of a checkout is no edit.
        repo.commit(&writes(&[("src/one.txt", "two\n")])).unwrap();
        assert_eq!(repo.status(), "");
        assert_eq!(repo.text("src/one.txt"), Some(format!("two{end}")));
    }
}

#[test]
fn attributes_decide_line_ends() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.put(".gitattributes", "*.json text eol=crlf\n");
    repo.commit_all("attributes");
    fs::remove_file(repo.root.join(A)).unwrap();
    repo.git(&["checkout", "-q", "--", A]);
    assert_eq!(repo.text(A).as_deref(), Some("{\"a\": 1}\r\n"));
    lands(&repo);
    assert_eq!(repo.status(), "");
    assert_eq!(repo.text(A).as_deref(), Some("{\"a\": 2}\r\n"));
}

#[test]
fn bare_repository() {
    let sandbox = Sandbox::new();
    let source = sandbox.repo("source");
    let bare = sandbox.at("bare.git");
    source.git(&["clone", "-q", "--bare", ".", bare.root.to_str().unwrap()]);
    assert_eq!(bare.open().work_dir(), None);
    lands(&bare);
    assert!(!bare.root.join("index").exists());
    assert!(!bare.root.join(".fractary").exists());
    assert_eq!(bare.open().dirty(&[path(A)]).unwrap(), []);
}

#[test]
fn packed_everything() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.git(&["gc", "-q"]);
    repo.git(&["pack-refs", "--all"]);
    assert!(!repo.root.join(".git/refs/heads/main").exists());
    lands_cleanly(&repo);
    repo.git(&["gc", "-q"]);
    assert_eq!(repo.git(&["rev-list", "--count", "main"]), "2");
}

#[test]
fn kinds_of_index() {
    let sandbox = Sandbox::new();
    let setups: [(&str, &[&[&str]]); 5] = [
        ("split", &[&["update-index", "--split-index"]]),
        ("untracked", &[&["update-index", "--force-untracked-cache"]]),
        ("v4", &[&["update-index", "--index-version=4"]]),
        (
            "both",
            &[
                &["config", "core.splitIndex", "true"],
                &["config", "core.untrackedCache", "true"],
                &["update-index", "--split-index"],
            ],
        ),
        ("many files", &[&["config", "feature.manyFiles", "true"]]),
    ];
    for (n, (name, commands)) in setups.into_iter().enumerate() {
        let repo = sandbox.repo(&format!("r{n}"));
        for command in commands {
            repo.git(command);
        }
        repo.put("src/one.txt", "staged\n");
        repo.git(&["add", "src/one.txt"]);
        repo.put("src/two.txt", "edited\n");
        repo.put("untracked.txt", "new\n");
        let expected = "M  src/one.txt\n M src/two.txt\n?? untracked.txt";
        assert_eq!(repo.status(), expected, "{name}");
        lands(&repo);
        assert_eq!(repo.status(), expected, "{name}");
        repo.git(&["commit", "-q", "-m", "mine"]);
        let names = repo.git(&["show", "--name-only", "--format="]);
        assert_eq!(names, "src/one.txt", "{name}");
    }
}

#[test]
fn sparse_checkouts() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("plain");
    repo.git(&["sparse-checkout", "set", "--no-sparse-index", "src"]);
    assert!(!repo.root.join(A).exists());
    // What is left out was not seen: it is neither replaced nor removed.
    let before = repo.everything();
    let mut removal = Transaction::new();
    removal.delete(path(A));
    for transaction in [writes(&[(A, "{\"a\": 2}\n")]), removal] {
        let error = repo.commit(&transaction).unwrap_err();
        assert!(matches!(error, GitError::LeftOut(_)), "{error}");
        let error = repo.open().write_uncommitted(&transaction).unwrap_err();
        assert!(matches!(error, GitError::LeftOut(_)), "{error}");
    }
    assert_eq!(repo.everything(), before);
    let folder = path(".fractary");
    let error = repo.open().expect_checked_out(&folder).unwrap_err();
    assert!(error.to_string().contains("sparse-checkout"), "{error}");
    assert!(
        error
            .hint()
            .unwrap()
            .contains("git sparse-checkout add .fractary")
    );
    // What it does not leave out is as ever, and so is what is new.
    repo.open().expect_checked_out(&path("src")).unwrap();
    repo.commit(&writes(&[("src/one.txt", "1\n"), ("src/new.txt", "new\n")]))
        .unwrap();
    assert_eq!(repo.status(), "");
    repo.git(&["sparse-checkout", "disable"]);
    repo.open().expect_checked_out(&folder).unwrap();
    assert_eq!(repo.text(A).as_deref(), Some("{\"a\": 1}\n"));

    let repo = sandbox.repo("collapsed");
    repo.git(&["sparse-checkout", "set", "--sparse-index", "src"]);
    let error = repo.commit(&writes(&[(A, "x")])).unwrap_err();
    assert!(matches!(error, GitError::LeftOut(_)), "{error}");
    let error = repo.open().expect_checked_out(&folder).unwrap_err();
    assert!(matches!(error, GitError::LeftOut(_)), "{error}");
    assert!(error.hint().unwrap().contains("git sparse-checkout add"));
    repo.git(&["sparse-checkout", "add", ".fractary"]);
    repo.open().expect_checked_out(&folder).unwrap();
    lands(&repo);
    assert_eq!(repo.status(), "");
}

/// Somebody changes the same file again and again, by us and by git in turn.
#[test]
fn in_turn_with_git() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    for n in 0..5 {
        let text = format!("{n}\n");
        repo.commit(&writes(&[(A, &text), (&format!("many/{n}"), &text)]))
            .unwrap();
        repo.put(A, &format!("by hand {n}\n"));
        repo.git(&["rm", "-q", &format!("many/{n}")]);
        repo.commit_all("by hand");
        assert_eq!(repo.status(), "");
    }
    repo.assert_sound();
    assert_eq!(repo.git(&["rev-list", "--count", "HEAD"]), "11");
    assert!(fs::read_dir(repo.root.join("many")).is_err());
}

#[test]
fn submodules_are_refused() {
    let sandbox = Sandbox::new();
    let inner = sandbox.repo("inner");
    let repo = sandbox.repo("r");
    let url = inner.root.to_str().unwrap();
    repo.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        url,
        "sub",
    ]);
    repo.commit_all("submodule");
    for name in ["sub", "sub/x"] {
        let error = repo.commit(&writes(&[(name, "x")])).unwrap_err();
        assert!(matches!(error, GitError::Conflict { .. }), "{error}");
    }
    lands(&repo);
    assert_eq!(repo.status(), "");
}
