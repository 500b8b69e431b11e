//! What is in the way of a commit; refusing changes nothing.

use std::fs;
use std::time::Duration;

use fractary::git::{DirtyReason, GitError, Recovery, Repository, Transaction};

use crate::support::{Repo, Sandbox, path, request, writes};

fn dirty(repo: &Repo, transaction: &Transaction) -> Vec<(String, DirtyReason)> {
    let before = repo.everything();
    let error = repo.commit(transaction).unwrap_err();
    assert_eq!(repo.everything(), before);
    repo.assert_sound();
    let GitError::Dirty { paths } = error else {
        panic!("{error}");
    };
    let pair = |p: fractary::git::DirtyPath| (p.path.to_string(), p.reason);
    paths.into_iter().map(pair).collect()
}

const A: &str = ".fractary/a.json";

fn one(reason: DirtyReason) -> Vec<(String, DirtyReason)> {
    vec![(A.to_owned(), reason)]
}

#[test]
fn uncommitted_changes_of_the_same_file() {
    let sandbox = Sandbox::new();
    let write = writes(&[(A, "ours\n"), ("fine.json", "fine\n")]);
    let mut delete = Transaction::new();
    delete.delete(path(A));
    type Setup = fn(&Repo);
    let cases: [(&str, Setup, DirtyReason); 9] = [
        ("edited", |r| r.put(A, "mine\n"), DirtyReason::Edited),
        (
            "edited to the new content",
            |r| r.put(A, "ours\n"),
            DirtyReason::Edited,
        ),
        (
            "removed",
            |r| fs::remove_file(r.root.join(A)).unwrap(),
            DirtyReason::Edited,
        ),
        (
            "staged",
            |r| {
                r.put(A, "mine\n");
                r.git(&["add", A]);
            },
            DirtyReason::Staged,
        ),
        (
            "staged, then undone in the work tree",
            |r| {
                r.put(A, "mine\n");
                r.git(&["add", A]);
                r.put(A, "{\"a\": 1}\n");
            },
            DirtyReason::Staged,
        ),
        (
            "removed from the index",
            |r| {
                r.git(&["rm", "-q", "--cached", A]);
            },
            DirtyReason::Staged,
        ),
        (
            "a folder",
            |r| {
                fs::remove_file(r.root.join(A)).unwrap();
                r.put(".fractary/a.json/x", "x");
            },
            DirtyReason::NotAFile,
        ),
        (
            "a file above",
            |r| {
                fs::remove_dir_all(r.root.join(".fractary")).unwrap();
                r.put(".fractary", "x");
            },
            DirtyReason::NotAFolder,
        ),
        (
            "unmerged",
            |r| {
                r.git(&["checkout", "-q", "-b", "side"]);
                r.put(A, "side\n");
                r.commit_all("side");
                r.git(&["checkout", "-q", "main"]);
                r.put(A, "main\n");
                r.commit_all("main");
                assert!(!r.try_git(&["merge", "side"]).0);
                // What is left where a merge was given up half-way.
                fs::remove_file(r.root.join(".git/MERGE_HEAD")).unwrap();
            },
            DirtyReason::Unmerged,
        ),
    ];
    for (n, (name, setup, reason)) in cases.into_iter().enumerate() {
        let repo = sandbox.repo(&format!("r{n}"));
        setup(&repo);
        assert_eq!(dirty(&repo, &write), one(reason), "{name}");
        if name != "removed" {
            assert_eq!(dirty(&repo, &delete), one(reason), "{name}");
        }
        let paths = [path(A), path("fine.json")];
        assert_eq!(repo.open().dirty(&paths).unwrap(), [path(A)], "{name}");
    }
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_never_followed() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    let outside = sandbox.dir.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("a.json"), "{\"a\": 1}\n").unwrap();

    let repo = sandbox.repo("file");
    fs::remove_file(repo.root.join(A)).unwrap();
    symlink(outside.join("a.json"), repo.root.join(A)).unwrap();
    assert_eq!(dirty(&repo, &writes(&[(A, "x")])), one(DirtyReason::Link));

    let repo = sandbox.repo("folder");
    fs::remove_dir_all(repo.root.join(".fractary")).unwrap();
    symlink(&outside, repo.root.join(".fractary")).unwrap();
    assert_eq!(dirty(&repo, &writes(&[(A, "x")])), one(DirtyReason::Link));

    let repo = sandbox.repo("untracked");
    symlink(&outside, repo.root.join("link")).unwrap();
    let found = dirty(&repo, &writes(&[("link/new.json", "x")]));
    assert_eq!(found, [("link/new.json".to_owned(), DirtyReason::Link)]);

    let repo = sandbox.repo("committed");
    symlink(&outside, repo.root.join("link")).unwrap();
    repo.commit_all("link");
    for name in ["link", "link/new.json"] {
        let error = repo.commit(&writes(&[(name, "x")])).unwrap_err();
        assert!(matches!(error, GitError::Conflict { .. }), "{error}");
        let error = repo.open().write_uncommitted(&writes(&[(name, "x")]));
        assert!(matches!(error, Err(GitError::Conflict { .. })), "{error:?}");
    }
    let names: Vec<_> = fs::read_dir(&outside).unwrap().collect();
    assert_eq!(names.len(), 1);
}

#[test]
fn new_files_in_the_way() {
    let sandbox = Sandbox::new();
    let new = writes(&[("new/x.json", "ours\n")]);
    let expect = |reason| vec![("new/x.json".to_owned(), reason)];

    let repo = sandbox.repo("untracked");
    repo.put("new/x.json", "mine\n");
    assert_eq!(dirty(&repo, &new), expect(DirtyReason::Untracked));

    let repo = sandbox.repo("ignored");
    repo.put(".gitignore", "new/\n");
    repo.commit_all("ignore");
    repo.put("new/x.json", "mine\n");
    assert_eq!(dirty(&repo, &new), expect(DirtyReason::Untracked));

    let repo = sandbox.repo("staged");
    repo.put("new/x.json", "mine\n");
    repo.git(&["add", "."]);
    fs::remove_dir_all(repo.root.join("new")).unwrap();
    assert_eq!(dirty(&repo, &new), expect(DirtyReason::Staged));

    let repo = sandbox.repo("intended");
    repo.put("new/x.json", "mine\n");
    repo.git(&["add", "-N", "."]);
    assert_eq!(dirty(&repo, &new), expect(DirtyReason::Staged));

    let repo = sandbox.repo("staged-above");
    repo.put("new", "mine\n");
    repo.git(&["add", "."]);
    fs::remove_file(repo.root.join("new")).unwrap();
    assert_eq!(dirty(&repo, &new), expect(DirtyReason::Staged));

    let repo = sandbox.repo("staged-below");
    repo.put("new/x.json/y", "mine\n");
    repo.git(&["add", "."]);
    fs::remove_dir_all(repo.root.join("new")).unwrap();
    assert_eq!(dirty(&repo, &new), expect(DirtyReason::Staged));
}

#[test]
fn folders_and_files_of_the_commit_in_the_way() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let before = repo.everything();
    for files in [
        &[("src", "x")][..],
        &[("README.md/x", "x")],
        &[("n", "x"), ("n/m", "x")],
        &[("n", "x"), ("n-", "x"), ("n/m/o", "x")],
    ] {
        let error = repo.commit(&writes(files)).unwrap_err();
        assert!(matches!(error, GitError::Conflict { .. }), "{error}");
        assert!(error.hint().is_some());
    }
    assert_eq!(repo.everything(), before);
}

#[test]
fn another_base() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let old = repo.head();
    repo.put("src/one.txt", "1\n");
    repo.commit_all("on");
    let before = repo.everything();
    for base in [old.clone(), None] {
        let result = repo
            .open()
            .commit(&writes(&[(A, "x")]), &request(base.clone()));
        let Err(GitError::BaseMoved { expected, actual }) = result else {
            panic!("{result:?}");
        };
        assert_eq!((expected, actual), (base, repo.head()));
    }
    assert_eq!(repo.everything(), before);
}

#[test]
fn locks_of_others() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let before = repo.everything();
    let short = Duration::from_millis(10);

    repo.put(".git/index.lock", "");
    let git = repo.open().with_index_lock_wait(short);
    let error = git
        .commit(&writes(&[(A, "x")]), &request(repo.head()))
        .unwrap_err();
    assert!(matches!(error, GitError::IndexLocked(_)), "{error}");
    assert!(error.hint().unwrap().contains("index.lock"));
    fs::remove_file(repo.root.join(".git/index.lock")).unwrap();
    assert_eq!(repo.everything(), before);

    repo.put(".git/refs/heads/main.lock", "");
    let error = repo.commit(&writes(&[(A, "x")])).unwrap_err();
    assert!(matches!(error, GitError::Git { .. }), "{error}");
    fs::remove_file(repo.root.join(".git/refs/heads/main.lock")).unwrap();
    assert_eq!(repo.everything(), before);
    repo.assert_sound();

    let lock = fs::File::create(repo.root.join(".git/fractary.lock")).unwrap();
    fs::write(
        repo.root.join(".git/fractary.lock"),
        "4711\n2026-11-21T10:00:00Z\n",
    )
    .unwrap();
    lock.lock().unwrap();
    let git = repo.open().with_lock_wait(short);
    // Looking waits for nobody, unless a landing has begun.
    assert_eq!(git.recover().unwrap(), Recovery::Nothing);
    repo.put(".git/fractary-journal.tmp", "");
    let results = [
        git.commit(&writes(&[(A, "x")]), &request(repo.head()))
            .map(|_| ()),
        git.write_uncommitted(&writes(&[(A, "x")])),
        git.recover().map(|_| ()),
    ];
    for result in results {
        let Err(GitError::Locked { pid, since }) = result else {
            panic!("{result:?}");
        };
        assert_eq!(pid, Some(4711));
        assert!(since.is_some());
    }
    drop(lock);
    repo.commit(&writes(&[(A, "x")])).unwrap();
    repo.assert_sound();
}

#[test]
fn no_repository() {
    let sandbox = Sandbox::new();
    let error = Repository::discover(sandbox.dir.path()).unwrap_err();
    assert!(matches!(error, GitError::NotARepository(_)), "{error}");
    assert!(error.hint().unwrap().contains("git init"));

    let missing = sandbox.dir.path().join("missing");
    let error = Repository::discover(&missing).unwrap_err();
    assert!(matches!(error, GitError::NotARepository(_)), "{error}");

    for (n, format) in ["--object-format=sha256", "--ref-format=reftable"]
        .into_iter()
        .enumerate()
    {
        let other = sandbox.at(&format!("format{n}"));
        fs::create_dir(&other.root).unwrap();
        if !other.try_git(&["init", "-q", format]).0 {
            continue; // This git is too old for it.
        }
        let error = Repository::discover(&other.root).unwrap_err();
        assert!(
            matches!(error, GitError::Unsupported { .. }),
            "{format}: {error}"
        );
    }

    let broken = sandbox.repo("broken");
    broken.put(".git/config", "[core\n");
    let error = Repository::discover(&broken.root).unwrap_err();
    assert!(matches!(error, GitError::Open { .. }), "{error}");
}
