//! Reading HEAD, remotes and the files of commits.

use std::fs;

use fractary::git::{Head, Repository};
use fractary::model::ids::CommitId;
use fractary::model::paths::{Files, MAX_FILE_BYTES, ReadError};

use crate::support::{Sandbox, path, writes};

#[test]
fn heads() {
    let sandbox = Sandbox::new();
    let repo = sandbox.unborn("r");
    let head = repo.open().head().unwrap();
    let expected = Head {
        commit: None,
        branch: Some("main".to_owned()),
    };
    assert_eq!(head, expected);

    repo.put("a", "a");
    repo.commit_all("a");
    repo.git(&["checkout", "-q", "-b", "feature/x"]);
    let head = repo.open().head().unwrap();
    assert_eq!(head.branch.as_deref(), Some("feature/x"));
    let id = repo.git(&["rev-parse", "HEAD"]);
    assert_eq!(head.commit.unwrap().as_str(), id);

    // Two names of one branch.
    repo.git(&["symbolic-ref", "refs/heads/alias", "refs/heads/feature/x"]);
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/alias"]);
    let head = repo.open().head().unwrap();
    assert_eq!(head.branch.as_deref(), Some("alias"));
    assert_eq!(head.commit.unwrap().as_str(), id);

    repo.git(&["checkout", "-q", "--detach"]);
    let head = repo.open().head().unwrap();
    assert_eq!(head.branch, None);
    assert_eq!(head.commit.unwrap().as_str(), id);
}

#[test]
fn a_branch_whose_commit_is_gone_is_an_error_for_what_needs_it() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let gone = "0123456789012345678901234567890123456789";
    fs::write(repo.root.join(".git/refs/heads/main"), format!("{gone}\n")).unwrap();
    let git = repo.open();
    let head = git.head().unwrap();
    assert_eq!(head.commit.as_ref().unwrap().as_str(), gone);
    let error = git.files_at(head.commit.as_ref()).unwrap_err();
    assert!(error.to_string().contains(gone), "{error}");
    assert!(repo.commit(&writes(&[("a", "a")])).is_err());
}

#[test]
fn repositories_are_found_from_below_and_made() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let found = Repository::discover(&repo.root.join("src")).unwrap();
    let root = fs::canonicalize(&repo.root).unwrap();
    assert_eq!(fs::canonicalize(found.work_dir().unwrap()).unwrap(), root);
    assert_eq!(
        fs::canonicalize(found.git_dir()).unwrap(),
        root.join(".git")
    );
    assert_eq!(found.remote_url(), None);
    repo.git(&["remote", "add", "origin", "https://u:secret@host/o/r.git"]);
    let url = repo.open().remote_url();
    assert_eq!(url.as_deref(), Some("https://host/o/r.git"));

    let made = sandbox.at("made");
    fs::create_dir(&made.root).unwrap();
    let repository = Repository::init(&made.root).unwrap();
    let head = repository.head().unwrap();
    assert_eq!((head.commit, head.branch.as_deref()), (None, Some("main")));
    made.configure();
    made.commit(&writes(&[("a/b", "x\n")])).unwrap();
    assert_eq!(made.status(), "");
    assert!(Repository::init(&made.root).is_err());
}

#[test]
fn files_of_a_commit() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let first = repo.head();
    repo.put(".fractary/a.json", "later\n");
    repo.put(".fractary/b.json", "b\n");
    repo.commit_all("later");
    repo.put(".fractary/a.json", "not committed\n");

    let git = repo.open();
    let files = git.files_at(first.as_ref()).unwrap();
    let text = |name: &str| {
        let bytes = files.read(&path(name)).unwrap();
        bytes.map(|b| String::from_utf8(b).unwrap())
    };
    assert_eq!(text(".fractary/a.json").as_deref(), Some("{\"a\": 1}\n"));
    assert_eq!(text(".fractary/b.json"), None);
    assert_eq!(text("README.md/x"), None);
    assert_eq!(text("nowhere/x"), None);
    let error = files.read(&path("src")).unwrap_err();
    assert!(matches!(error, ReadError::NotAFile(_)), "{error}");

    let list = |name: &str| files.list(&path(name)).unwrap();
    assert_eq!(list(".fractary"), [path(".fractary/a.json")]);
    assert_eq!(list("nowhere"), []);
    let folders = files.folders(&path(".fractary")).unwrap();
    assert_eq!(folders, [path(".fractary/old")]);
    assert!(files.list(&path("README.md")).is_err());

    let none = git.files_at(None).unwrap();
    assert_eq!(none.read(&path("README.md")).unwrap(), None);
    assert_eq!(none.list(&path("src")).unwrap(), []);
}

#[cfg(unix)]
#[test]
fn links_and_large_files_are_refused() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    std::os::unix::fs::symlink("a.json", repo.root.join(".fractary/link.json")).unwrap();
    std::os::unix::fs::symlink(".fractary", repo.root.join("dir")).unwrap();
    let large = fs::File::create(repo.root.join("large")).unwrap();
    large.set_len(MAX_FILE_BYTES + 1).unwrap();
    repo.commit_all("odd");

    let files = repo.open().files_at(repo.head().as_ref()).unwrap();
    for name in [".fractary/link.json", "dir", "dir/a.json"] {
        let error = files.read(&path(name)).unwrap_err();
        assert!(matches!(error, ReadError::Link(_)), "{name}: {error}");
    }
    let error = files.list(&path("dir")).unwrap_err();
    assert!(matches!(error, ReadError::Link(_)), "{error}");
    let error = files.read(&path("large")).unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { .. }), "{error}");
}

#[test]
fn the_commit_that_last_changed_a_file_is_found_as_far_as_there_is_history() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let head = || CommitId::new(repo.git(&["rev-parse", "HEAD"])).unwrap();
    repo.put("a", "1");
    repo.put("d/b", "1");
    repo.commit_all("both");
    let both = head();
    repo.put("d/b", "2");
    repo.commit_all("b");
    let second = head();
    repo.put("c", "1");
    repo.commit_all("c");
    let wanted = [path("a"), path("d/b"), path("nowhere")];
    let found = repo.open().last_changes(&wanted, 100).unwrap();
    let expected = [(path("a"), both.clone()), (path("d/b"), second.clone())];
    assert_eq!(found, expected.clone().into());
    // From an older commit on, what came later does not count.
    let earlier = repo.open();
    let earlier = earlier.last_changes_from(Some(both.clone()), &wanted, 100);
    let expected_then = [(path("a"), both.clone()), (path("d/b"), both)];
    assert_eq!(earlier.unwrap(), expected_then.into());
    let near = repo.open().last_changes(&wanted, 2).unwrap();
    assert_eq!(near, [expected[1].clone()].into());

    // The oldest commit of a shallow clone seems to have made every file.
    let url = format!("file://{}", repo.root.display());
    let shallow = sandbox.at("shallow");
    repo.git(&[
        "clone",
        "-q",
        "--depth",
        "2",
        &url,
        shallow.root.to_str().unwrap(),
    ]);
    let found = shallow.open().last_changes(&wanted, 100).unwrap();
    assert_eq!(found, [].into());
}
