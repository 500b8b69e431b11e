//! Writing files without committing.

use fractary::git::{DirtyReason, GitError};

use crate::support::{Sandbox, path, writes};

const A: &str = ".fractary/a.json";

#[test]
fn files_are_written_and_nothing_is_staged() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let head = repo.head();
    let mut transaction = writes(&[(A, "{}\n"), ("new/deep/x.json", "x\n")]);
    transaction.delete(path(".fractary/old/gone.json"));
    transaction.delete(path("never/there"));
    for _again in 0..2 {
        repo.open().write_uncommitted(&transaction).unwrap();
        assert_eq!(repo.head(), head);
        assert_eq!(
            repo.status(),
            " M .fractary/a.json\n D .fractary/old/gone.json\n?? new/deep/x.json"
        );
    }
    assert!(!repo.root.join(".fractary/old").exists());
    repo.assert_sound();
}

#[test]
fn an_uncommitted_edit_is_not_overwritten() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.put(A, "mine\n");
    repo.put("new.json", "mine\n");
    repo.put("src/one.txt", "ours\n");
    let before = repo.everything();
    let transaction = writes(&[
        (A, "ours\n"),
        ("new.json", "ours\n"),
        ("src/one.txt", "ours\n"),
        ("src/two.txt", "ours\n"),
    ]);
    let error = repo.open().write_uncommitted(&transaction).unwrap_err();
    let GitError::Dirty { paths } = error else {
        panic!("{error}");
    };
    let found: Vec<_> = paths.iter().map(|p| (p.path.as_str(), p.reason)).collect();
    assert_eq!(
        found,
        [
            (A, DirtyReason::Edited),
            ("new.json", DirtyReason::Untracked)
        ]
    );
    assert_eq!(repo.everything(), before);
}

#[test]
fn a_bare_repository_has_no_files() {
    let sandbox = Sandbox::new();
    let source = sandbox.repo("source");
    let bare = sandbox.at("bare.git");
    source.git(&["clone", "-q", "--bare", ".", bare.root.to_str().unwrap()]);
    let error = bare
        .open()
        .write_uncommitted(&writes(&[("x", "x")]))
        .unwrap_err();
    assert!(matches!(error, GitError::NoWorkTree(_)), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn line_ends_are_the_work_trees() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.git(&["config", "core.autocrlf", "true"]);
    repo.open()
        .write_uncommitted(&writes(&[("new.json", "a\nb\n")]))
        .unwrap();
    assert_eq!(repo.text("new.json").as_deref(), Some("a\r\nb\r\n"));
    // What it wrote itself is the new content, whatever its line ends.
    repo.open()
        .write_uncommitted(&writes(&[("new.json", "a\nb\n")]))
        .unwrap();
}
