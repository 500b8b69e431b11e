//! Several at once.

use std::thread;

use fractary::git::{GitError, Repository};
use fractary::model::paths::Files;

use crate::support::{Sandbox, path, request, writes};

/// Adds a line to a log, deciding again whenever somebody else was faster.
fn append(repo: &Repository, line: &str) -> usize {
    let log = path(".fractary/log");
    for attempt in 0..1000 {
        let base = repo.head().unwrap().commit;
        let files = repo.files_at(base.as_ref()).unwrap();
        let old = files.read(&log).unwrap().unwrap_or_default();
        let text = String::from_utf8(old).unwrap() + line + "\n";
        match repo.commit(&writes(&[(log.as_str(), &text)]), &request(base)) {
            Ok(_) => return attempt,
            Err(GitError::BaseMoved { .. }) => {}
            Err(error) => panic!("{error}: {:?}", error.hint()),
        }
    }
    panic!("never got through");
}

#[test]
fn committers_at_once_all_land() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let each = 8;
    let threads: Vec<_> = (0..4)
        .map(|who| {
            let root = repo.root.clone();
            thread::spawn(move || {
                let repo = Repository::discover(&root).unwrap();
                for n in 0..each {
                    append(&repo, &format!("{who}-{n}"));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let text = repo.text(".fractary/log").unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 4 * each);
    assert_eq!(repo.status(), "");
    assert_eq!(repo.git(&["rev-list", "--count", "HEAD"]), "33");
    repo.assert_sound();
}

/// Two work trees of one repository have one HEAD each but share branches.
#[test]
fn the_branch_itself_is_compared() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let base = repo.head();
    let root = repo.root.clone();
    // Another program moves the branch between our look and our move.
    let moved = repo.open().with_faults(move |step| {
        if step == fractary::git::Step::JournalWritten {
            let other = crate::support::Repo { root: root.clone() };
            let tree = other.git(&["rev-parse", "HEAD^{tree}"]);
            let id = other.git(&["commit-tree", &tree, "-p", "HEAD", "-m", "faster"]);
            other.git(&["update-ref", "refs/heads/main", &id]);
        }
        false
    });
    let result = moved.commit(&writes(&[("x", "x")]), &request(base));
    assert!(
        matches!(result, Err(GitError::BaseMoved { .. })),
        "{result:?}"
    );
    assert_eq!(repo.git(&["log", "-1", "--format=%s"]), "faster");
    assert_eq!(repo.status(), "");
    repo.assert_sound();
}
