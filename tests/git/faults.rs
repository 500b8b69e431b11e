//! Stopped dead after every step, the repository has wholly the old or wholly the new
//! state, and nobody's work is lost.

use fractary::git::{GitError, Recovery, Step, Transaction};
use fractary::model::ids::CommitId;

use crate::support::{Repo, Sandbox, path, request, writes};

const STEPS: [Step; 11] = [
    Step::LockTaken,
    Step::BlobsWritten,
    Step::TreeWritten,
    Step::CommitWritten,
    Step::JournalWritten,
    Step::RefMoved,
    Step::FileWritten(0),
    Step::FileWritten(1),
    Step::FileWritten(2),
    Step::IndexWritten,
    Step::JournalRemoved,
];

fn landed(step: Step) -> bool {
    !matches!(
        step,
        Step::LockTaken
            | Step::BlobsWritten
            | Step::TreeWritten
            | Step::CommitWritten
            | Step::JournalWritten
    )
}

struct Before {
    base: Option<CommitId>,
    status: String,
    staged: String,
    edited: String,
}

/// A repository in which somebody is at work.
fn busy(sandbox: &Sandbox, name: &str) -> (Repo, Before) {
    let repo = sandbox.repo(name);
    repo.put("src/one.txt", "staged\n");
    repo.git(&["add", "src/one.txt"]);
    repo.put("src/one.txt", "staged, then edited\n");
    repo.put("src/two.txt", "edited\n");
    repo.git(&["rm", "-q", "src/three.txt"]);
    repo.put(".fractary/mine.json", "staged new\n");
    repo.git(&["add", ".fractary/mine.json"]);
    repo.put(".fractary/old/untracked.json", "untracked\n");
    repo.put("untracked.txt", "untracked\n");
    let before = Before {
        base: repo.head(),
        status: repo.status(),
        staged: repo.git(&["diff", "--cached"]),
        edited: repo.git(&["diff"]),
    };
    (repo, before)
}

fn transaction() -> Transaction {
    let mut transaction = writes(&[
        (".fractary/a.json", "{\"a\": 2}\n"),
        (".fractary/new/deep.json", "[]\n"),
    ]);
    transaction.delete(path(".fractary/old/gone.json"));
    transaction
}

fn stop_at(repo: &Repo, step: Step) {
    let faulty = repo.open().with_faults(move |at| at == step);
    let base = faulty.head().unwrap().commit;
    let error = faulty.commit(&transaction(), &request(base)).unwrap_err();
    assert!(
        matches!(error, GitError::Stopped(at) if at == step),
        "{step}: {error}"
    );
}

fn assert_whole(repo: &Repo, before: &Before, new: bool, step: Step) {
    repo.assert_sound();
    assert_eq!(repo.status(), before.status, "{step}");
    assert_eq!(repo.git(&["diff", "--cached"]), before.staged, "{step}");
    assert_eq!(repo.git(&["diff"]), before.edited, "{step}");
    assert_eq!(repo.head() != before.base, new, "{step}");
    let expected = if new {
        [Some("{\"a\": 2}\n"), Some("[]\n"), None]
    } else {
        [Some("{\"a\": 1}\n"), None, Some("{}\n")]
    };
    let names = [
        ".fractary/a.json",
        ".fractary/new/deep.json",
        ".fractary/old/gone.json",
    ];
    for (name, content) in names.into_iter().zip(expected) {
        assert_eq!(repo.text(name).as_deref(), content, "{step}: {name}");
        let (found, _) = repo.try_git(&["cat-file", "-e", &format!("HEAD:{name}")]);
        assert_eq!(found, content.is_some(), "{step}: {name}");
    }
    let untracked = repo.text(".fractary/old/untracked.json");
    assert_eq!(untracked.as_deref(), Some("untracked\n"), "{step}");
}

#[test]
fn recovery_gives_the_old_or_the_new_state() {
    let sandbox = Sandbox::new();
    for (n, step) in STEPS.into_iter().enumerate() {
        let (repo, before) = busy(&sandbox, &format!("r{n}"));
        stop_at(&repo, step);
        repo.git(&["fsck", "--strict", "--no-dangling"]);
        assert_eq!(repo.head() != before.base, landed(step), "{step}");
        let recovery = repo.open().recover().unwrap();
        match step {
            Step::JournalWritten => {
                assert!(matches!(recovery, Recovery::Dropped { .. }), "{step}");
            }
            Step::JournalRemoved => assert_eq!(recovery, Recovery::Nothing, "{step}"),
            _ if landed(step) => {
                let Recovery::Finished { commit, kept } = recovery else {
                    panic!("{step}: {recovery:?}");
                };
                assert_eq!((Some(commit), kept), (repo.head(), vec![]), "{step}");
            }
            _ => assert_eq!(recovery, Recovery::Nothing, "{step}"),
        }
        assert_whole(&repo, &before, landed(step), step);
        assert_eq!(repo.open().recover().unwrap(), Recovery::Nothing);
    }
}

/// A process that is killed while it moves the branch holds locks of the references.
#[test]
fn locks_of_references_that_a_killed_run_held_are_removed() {
    let sandbox = Sandbox::new();
    for (n, name) in ["packed-refs.lock", "refs/heads/main.lock", "HEAD.lock"]
        .into_iter()
        .enumerate()
    {
        let (repo, before) = busy(&sandbox, &format!("r{n}"));
        repo.git(&["pack-refs", "--all"]);
        stop_at(&repo, Step::JournalWritten);
        repo.put(&format!(".git/{name}"), "");
        repo.open().recover().unwrap();
        assert_whole(&repo, &before, false, Step::JournalWritten);
        repo.commit(&transaction()).unwrap();
        assert_whole(&repo, &before, true, Step::JournalRemoved);
    }
    // One that was there before the run is another program's.
    let (repo, _) = busy(&sandbox, "others");
    repo.put(".git/packed-refs.lock", "");
    let lock = repo.root.join(".git/packed-refs.lock");
    let earlier = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let file = std::fs::File::options().write(true).open(&lock).unwrap();
    file.set_modified(earlier).unwrap();
    stop_at(&repo, Step::JournalWritten);
    repo.open().recover().unwrap();
    assert!(lock.exists());
    let error = repo.commit(&transaction()).unwrap_err();
    assert!(error.hint().unwrap().contains("remove the lock"), "{error}");
}

#[test]
fn the_next_commit_recovers_first() {
    let sandbox = Sandbox::new();
    for (n, step) in STEPS.into_iter().enumerate() {
        let (repo, before) = busy(&sandbox, &format!("r{n}"));
        stop_at(&repo, step);
        let base = repo.head();
        let next = writes(&[("next.json", "{}\n")]);
        let repository = repo.open();
        let made = repository.commit(&next, &request(base.clone())).unwrap();
        let parent = repo.git(&["rev-parse", "HEAD~1"]);
        assert_eq!(Some(parent.as_str()), base.as_ref().map(|b| b.as_str()));
        assert_eq!(repo.head(), Some(made));
        assert_eq!(repo.text("next.json").as_deref(), Some("{}\n"));
        repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
        repo.git(&["rm", "-q", "-f", "next.json"]);
        assert_whole(&repo, &before, landed(step), step);
    }
}

#[test]
fn a_recovery_may_be_killed_too() {
    let sandbox = Sandbox::new();
    for (n, step) in STEPS[6..10].iter().copied().enumerate() {
        let (repo, before) = busy(&sandbox, &format!("r{n}"));
        stop_at(&repo, Step::RefMoved);
        let faulty = repo.open().with_faults(move |at| at == step);
        let error = faulty.recover().unwrap_err();
        assert!(matches!(error, GitError::Stopped(_)), "{step}: {error}");
        repo.open().recover().unwrap();
        assert_whole(&repo, &before, true, step);
    }
}

#[test]
fn edits_made_after_the_crash_are_kept() {
    let sandbox = Sandbox::new();
    for (n, step) in STEPS[5..9].iter().copied().enumerate() {
        let repo = sandbox.repo(&format!("r{n}"));
        stop_at(&repo, step);
        repo.put(".fractary/a.json", "my edit\n");
        repo.put(".fractary/old/gone.json", "mine, too\n");
        let recovery = repo.open().recover().unwrap();
        let Recovery::Finished { kept, .. } = recovery else {
            panic!("{step}: {recovery:?}");
        };
        let expected = [path(".fractary/a.json"), path(".fractary/old/gone.json")];
        assert_eq!(kept, expected, "{step}");
        assert_eq!(repo.text(".fractary/a.json").as_deref(), Some("my edit\n"));
        assert_eq!(
            repo.status(),
            " M .fractary/a.json\n?? .fractary/old/gone.json",
            "{step}"
        );
        repo.assert_sound();
    }
}

#[test]
fn what_the_user_committed_after_the_crash_counts() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    stop_at(&repo, Step::RefMoved);
    // The index lock of the dead run is in the way of git; people remove it by hand.
    std::fs::remove_file(repo.root.join(".git/index.lock")).unwrap();
    repo.git(&["checkout", "-q", "-f", "HEAD"]);
    repo.put(".fractary/a.json", "mine\n");
    repo.commit_all("mine");
    let before = repo.everything();
    let recovery = repo.open().recover().unwrap();
    assert!(
        matches!(recovery, Recovery::Finished { .. }),
        "{recovery:?}"
    );
    assert_eq!(repo.everything(), before);
    repo.assert_sound();
}

#[test]
fn another_branch_may_be_checked_out_after_the_crash() {
    let sandbox = Sandbox::new();
    for (n, step) in [Step::JournalWritten, Step::RefMoved]
        .into_iter()
        .enumerate()
    {
        let repo = sandbox.repo(&format!("r{n}"));
        repo.git(&["branch", "other"]);
        stop_at(&repo, step);
        std::fs::remove_file(repo.root.join(".git/index.lock")).unwrap();
        repo.git(&["checkout", "-q", "-f", "other"]);
        let before = repo.everything();
        repo.open().recover().unwrap();
        assert_eq!(repo.everything(), before, "{step}");
        repo.assert_sound();
    }
}

#[test]
fn locks_of_references_left_by_a_killed_run_are_cleared() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    stop_at(&repo, Step::JournalWritten);
    let journal = repo.text(".git/fractary-journal.json").unwrap();
    let commit = journal.split("\"commit\": \"").nth(1).unwrap()[..40].to_owned();
    repo.put(".git/HEAD.lock", "");
    repo.put(".git/refs/heads/main.lock", &format!("{commit}\n"));
    let recovery = repo.open().recover().unwrap();
    assert!(matches!(recovery, Recovery::Dropped { .. }), "{recovery:?}");
    assert!(!repo.root.join(".git/refs/heads/main.lock").exists());
    repo.assert_sound();
    repo.commit(&transaction()).unwrap();
    assert_eq!(repo.status(), "");
}

#[test]
fn a_damaged_journal_is_reported() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.put(".git/fractary-journal.json", "{");
    let error = repo.commit(&transaction()).unwrap_err();
    assert!(matches!(error, GitError::Journal { .. }), "{error}");
    assert!(error.hint().unwrap().contains("fractary-journal.json"));
}

/// The work tree can't be written after the branch has moved: the next run finishes.
#[test]
fn an_unfinished_commit_is_finished_later() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    let in_the_way = repo.root.join(".fractary/.fractary-write.tmp");
    std::fs::create_dir(&in_the_way).unwrap();
    let error = repo.commit(&transaction()).unwrap_err();
    let GitError::Unfinished { commit, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(Some(commit), repo.head().as_ref());
    std::fs::remove_dir(&in_the_way).unwrap();
    repo.open().recover().unwrap();
    assert_eq!(repo.status(), "");
    repo.assert_sound();
}

#[test]
fn bare_repositories_recover() {
    let sandbox = Sandbox::new();
    let source = sandbox.repo("source");
    for (n, step) in STEPS.into_iter().enumerate() {
        let name = format!("bare{n}.git");
        let bare = sandbox.at(&name);
        source.git(&["clone", "-q", "--bare", ".", bare.root.to_str().unwrap()]);
        let faulty = bare.open().with_faults(move |at| at == step);
        let base = faulty.head().unwrap().commit;
        let stopped = faulty.commit(&transaction(), &request(base.clone()));
        let expected = landed(step);
        bare.open().recover().unwrap();
        bare.assert_sound();
        assert_eq!(bare.head() != base, expected, "{step} {stopped:?}");
    }
}
