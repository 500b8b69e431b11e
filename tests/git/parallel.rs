//! Several at once, and killed at any time.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fractary::git::{GitError, Repository};
use fractary::model::paths::Files;

use crate::support::{Sandbox, path, request, scrub, writes};

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

/// Commits for ever: all of `n/0` to `n/4` have the number of the commit.
#[test]
#[ignore = "run by another test, in a process of its own, and killed"]
fn child_commits_for_ever() {
    let here = std::env::current_dir().unwrap();
    let repo = Repository::discover(&here).unwrap();
    for _ in 0..10_000 {
        let base = repo.head().unwrap().commit;
        let files = repo.files_at(base.as_ref()).unwrap();
        let old = files.read(&path("n/0")).unwrap();
        let number: u32 = old.map_or(0, |t| String::from_utf8(t).unwrap().parse().unwrap());
        let text = (number + 1).to_string();
        let names: Vec<String> = (0..5).map(|n| format!("n/{n}")).collect();
        let all: Vec<(&str, &str)> = names.iter().map(|n| (n.as_str(), text.as_str())).collect();
        repo.commit(&writes(&all), &request(base)).unwrap();
        println!("committed");
    }
}

#[test]
fn killed_at_any_time_the_repository_stays_whole() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("r");
    repo.put("src/one.txt", "staged\n");
    repo.git(&["add", "src/one.txt"]);
    repo.put("src/two.txt", "edited\n");
    repo.put("n/untracked", "untracked\n");
    let status = repo.status();
    for round in 0..30_u32 {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = scrub(&mut command)
            .args(["--ignored", "--exact", "--nocapture"])
            .arg("parallel::child_commits_for_ever")
            .current_dir(&repo.root)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let committed = lines.find(|l| l.as_ref().is_ok_and(|l| l.contains("committed")));
        assert!(committed.is_some(), "the child never committed");
        // Spins, so that every round kills at another moment of the next commit.
        let start = Instant::now();
        while start.elapsed() < Duration::from_micros(u64::from(round) * 400) {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();

        repo.open().recover().unwrap();
        assert_eq!(repo.status(), status, "round {round}");
        let count: usize = repo.git(&["rev-list", "--count", "HEAD"]).parse().unwrap();
        for n in 0..5 {
            let text = repo.text(&format!("n/{n}")).unwrap();
            assert_eq!(text, (count - 1).to_string(), "round {round}");
        }
    }
    repo.assert_sound();
}
