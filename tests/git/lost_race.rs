//! Stopped dead after every step of a push and of the rebuild that a lost race asks for: the
//! repository is whole, nobody's work is lost, and the next push lands everything once.

use std::cell::Cell;
use std::rc::Rc;

use fractary::git::{GitError, Step};

use crate::remote::{bare, clone, commit_own, own, push};
use crate::support::{Repo, Sandbox, path, writes};

/// The steps of a push that loses its race, in the order in which they happen.
const STEPS: [Step; 15] = [
    Step::PushLost,
    Step::Fetched,
    Step::RebuildLockTaken,
    Step::CommitRebuilt(0),
    Step::CommitRebuilt(1),
    Step::RebuildJournalWritten,
    Step::RebuildRefMoved,
    Step::FileWritten(0),
    Step::FileWritten(1),
    Step::FileWritten(2),
    Step::FileWritten(3),
    Step::IndexWritten,
    Step::RebuildIndexWritten,
    Step::RebuildJournalRemoved,
    Step::PushSent,
];

/// Whether the branch is on top of the others' commits by then.
fn moved(step: Step) -> bool {
    let at = |wanted: Step| STEPS.iter().position(|s| *s == wanted).unwrap();
    at(step) >= at(Step::RebuildRefMoved)
}

/// A clone with two commits of its own that the remote has not, while the remote has two that
/// it has not, and in which somebody is at work.
fn behind() -> (Sandbox, Repo, Repo) {
    let sandbox = Sandbox::new();
    let source = sandbox.repo("source");
    let remote = bare(&sandbox, &source);
    let (ours, theirs) = (
        clone(&sandbox, &remote, "ours"),
        clone(&sandbox, &remote, "theirs"),
    );
    theirs.put("src/one.txt", "theirs\n");
    theirs.put("theirs/new.txt", "theirs\n");
    theirs.git(&["rm", "-q", "src/four.txt"]);
    theirs.commit_all("Theirs");
    theirs.put(".fractary/b.json", "{\"b\": 1}\n");
    theirs.commit_all("Theirs, too");
    theirs.git(&["push", "-q", "origin", "HEAD:main"]);
    let mut first = writes(&[(".fractary/a.json", "{\"a\": 2}\n")]);
    first.delete(path(".fractary/old/gone.json"));
    commit_own(&ours, "Ours 1", &first);
    commit_own(
        &ours,
        "Ours 2",
        &writes(&[(".fractary/new/deep.json", "[]\n")]),
    );
    ours.put("src/two.txt", "staged\n");
    ours.git(&["add", "src/two.txt"]);
    ours.put("src/two.txt", "staged, then edited\n");
    ours.git(&["rm", "-q", "src/three.txt"]);
    ours.put("untracked.txt", "untracked\n");
    (sandbox, remote, ours)
}

fn work(repo: &Repo) -> [String; 3] {
    [
        repo.status(),
        repo.git(&["diff", "--cached"]),
        repo.git(&["diff"]),
    ]
}

fn subjects(repo: &Repo, tip: &str) -> Vec<String> {
    let listed = repo.git(&["log", "--reverse", "--format=%s", tip]);
    listed.lines().map(str::to_owned).collect()
}

/// Everything landed, once, and nobody's work was touched.
fn assert_landed(remote: &Repo, ours: &Repo, before: &[String; 3], step: Step) {
    assert_eq!(
        subjects(remote, "main"),
        ["start", "Theirs", "Theirs, too", "Ours 1", "Ours 2"],
        "{step}"
    );
    let tips = [
        ours.git(&["rev-parse", "HEAD"]),
        remote.git(&["rev-parse", "main"]),
    ];
    assert_eq!(tips[0], tips[1], "{step}");
    for (name, content) in [
        (".fractary/a.json", Some("{\"a\": 2}\n")),
        (".fractary/b.json", Some("{\"b\": 1}\n")),
        (".fractary/new/deep.json", Some("[]\n")),
        (".fractary/old/gone.json", None),
        ("src/one.txt", Some("theirs\n")),
        ("src/four.txt", None),
        ("theirs/new.txt", Some("theirs\n")),
    ] {
        assert_eq!(ours.text(name).as_deref(), content, "{step}: {name}");
    }
    assert_eq!(&work(ours), before, "{step}");
    ours.assert_sound();
    remote.git(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn stopped_anywhere_the_next_push_lands_everything_once() {
    for step in STEPS {
        let (_sandbox, remote, ours) = behind();
        let before = work(&ours);
        let old = ours.head();
        let faulty = ours.open().with_faults(move |at| at == step);
        let error = push(&faulty).unwrap_err();
        assert!(
            matches!(error, GitError::Stopped(at) if at == step),
            "{step}: {error}"
        );
        ours.git(&["fsck", "--strict", "--no-dangling"]);
        ours.open().recover().unwrap();
        ours.assert_sound();
        assert_eq!(ours.head() != old, moved(step), "{step}");
        assert_eq!(work(&ours), before, "{step}");
        push(&ours.open()).unwrap();
        assert_landed(&remote, &ours, &before, step);
    }
}

/// The answer to a push is lost, and others push before the next try.
#[test]
fn a_push_that_arrived_without_our_knowing_is_not_made_again() {
    let (sandbox, remote, ours) = behind();
    let before = work(&ours);
    let faulty = ours.open().with_faults(|at| at == Step::PushSent);
    push(&faulty).unwrap_err();
    // As if git had died before it noted where the remote is now.
    ours.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    let theirs = clone(&sandbox, &remote, "later");
    theirs.put("src/one.txt", "later\n");
    theirs.commit_all("Later");
    theirs.git(&["push", "-q", "origin", "HEAD:main"]);
    push(&ours.open()).unwrap();
    let all = ["start", "Theirs", "Theirs, too", "Ours 1", "Ours 2"];
    let later: Vec<&str> = all.into_iter().chain(["Later"]).collect();
    assert_eq!(subjects(&remote, "main"), later);
    assert_eq!(subjects(&ours, "HEAD"), later);
    assert_eq!(ours.text("src/one.txt").as_deref(), Some("later\n"));
    assert_eq!(work(&ours), before);
    ours.assert_sound();
}

/// The recovery of a rebuild may be killed, too.
#[test]
fn a_recovery_of_a_rebuild_may_stop_dead_too() {
    for step in [
        Step::FileWritten(0),
        Step::FileWritten(2),
        Step::IndexWritten,
    ] {
        let (_sandbox, remote, ours) = behind();
        let before = work(&ours);
        let faulty = ours.open().with_faults(|at| at == Step::RebuildRefMoved);
        push(&faulty).unwrap_err();
        let faulty = ours.open().with_faults(move |at| at == step);
        let error = faulty.recover().unwrap_err();
        assert!(matches!(error, GitError::Stopped(_)), "{step}: {error}");
        ours.open().recover().unwrap();
        assert_eq!(work(&ours), before, "{step}");
        push(&ours.open()).unwrap();
        assert_landed(&remote, &ours, &before, step);
    }
}

/// What only git brings along: links, a folder in the place of a file, attributes.
#[test]
fn links_and_folders_in_the_place_of_files_come_along() {
    for step in [None, Some(Step::RebuildRefMoved)] {
        let sandbox = Sandbox::new();
        let source = sandbox.repo("source");
        let remote = bare(&sandbox, &source);
        let (ours, theirs) = (
            clone(&sandbox, &remote, "ours"),
            clone(&sandbox, &remote, "theirs"),
        );
        theirs.git(&["rm", "-q", "src/one.txt"]);
        theirs.put("src/one.txt/now-a-folder.txt", "theirs\n");
        theirs.put(".gitattributes", "*.bat eol=crlf\n");
        theirs.put("run.bat", "rem\r\n");
        std::os::unix::fs::symlink("src/two.txt", theirs.root.join("link")).unwrap();
        theirs.commit_all("Theirs");
        theirs.git(&["push", "-q", "origin", "HEAD:main"]);
        commit_own(&ours, "Ours", &writes(&[(".fractary/a.json", "{}\n")]));
        let stop = step;
        let pushed = push(&ours.open().with_faults(move |at| Some(at) == stop));
        assert_eq!(pushed.is_err(), step.is_some());
        push(&ours.open()).unwrap();
        assert_eq!(ours.status(), "");
        let link = std::fs::read_link(ours.root.join("link")).unwrap();
        assert_eq!(link.to_str(), Some("src/two.txt"));
        assert_eq!(ours.text("run.bat").as_deref(), Some("rem\r\n"));
        let moved = ours.text("src/one.txt/now-a-folder.txt");
        assert_eq!(moved.as_deref(), Some("theirs\n"));
        assert_eq!(subjects(&remote, "main"), ["start", "Theirs", "Ours"]);
        ours.assert_sound();
    }
}

/// Nobody's uncommitted work is overwritten: nothing happens, and it is said where.
#[test]
fn uncommitted_work_in_the_way_stops_before_anything_moves() {
    type Way = (&'static str, fn(&Repo));
    let ways: [Way; 4] = [
        ("edited", |r| r.put("src/one.txt", "mine\n")),
        ("staged", |r| {
            r.put("src/one.txt", "mine\n");
            r.git(&["add", "src/one.txt"]);
        }),
        ("untracked", |r| r.put("theirs/new.txt", "mine\n")),
        ("a folder", |r| r.put("theirs/new.txt/mine", "mine\n")),
    ];
    for (name, make) in ways {
        let (_sandbox, remote, ours) = behind();
        make(&ours);
        let before = ours.everything();
        let error = push(&ours.open()).unwrap_err();
        let GitError::InTheWay { message } = &error else {
            panic!("{name}: {error}");
        };
        assert!(message.contains(".txt"), "{name}: {message}");
        assert_eq!(ours.everything(), before, "{name}");
        assert_eq!(subjects(&remote, "main").len(), 3, "{name}");
        ours.assert_sound();
    }
}

/// The remote moves each time before we arrive.
#[test]
fn a_remote_that_keeps_moving_is_caught_in_the_end() {
    let (sandbox, remote, ours) = behind();
    let theirs = clone(&sandbox, &remote, "faster");
    let left = Rc::new(Cell::new(4_u32));
    let faster = ours.open().with_faults(move |at| {
        if at == Step::RebuildJournalRemoved && left.get() > 0 {
            left.set(left.get() - 1);
            theirs.put("src/one.txt", &format!("{}\n", left.get()));
            theirs.commit_all("Faster");
            theirs.git(&["push", "-q", "origin", "HEAD:main"]);
        }
        false
    });
    push(&faster).unwrap();
    let landed = subjects(&remote, "main");
    assert_eq!(landed.len(), 3 + 4 + 2, "{landed:?}");
    assert_eq!(landed[7..], ["Ours 1", "Ours 2"]);
    assert_eq!(ours.text("src/one.txt").as_deref(), Some("0\n"));
    ours.assert_sound();
}

/// A remote that takes the connection and says nothing: git is ended, with all that it has
/// started, and the commit waits for the next push.
#[test]
fn a_remote_that_hangs_is_given_up_and_nothing_is_left_running() {
    use std::os::unix::fs::PermissionsExt;
    let (sandbox, remote, ours) = behind();
    let before = work(&ours);
    let alive = sandbox.dir.path().join("alive");
    let made = std::process::Command::new("mkfifo").arg(&alive).status();
    assert!(made.unwrap().success());
    let program = sandbox.dir.path().join("receive");
    let text = format!(
        "#!/bin/sh\nexec 9> '{}'\nsleep 600 &\nsleep 600\n",
        alive.display()
    );
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    ours.git(&[
        "config",
        "remote.origin.receivepack",
        program.to_str().unwrap(),
    ]);
    // It ends when the last process that could write has ended.
    let watcher = std::thread::spawn(move || std::fs::read(alive).unwrap());
    let open = ours.open();
    let target = open.push_target(None).unwrap();
    let manner = fractary::git::PushManner {
        limit: std::time::Duration::from_secs(5),
        ..crate::remote::MANNER
    };
    let error = open.push(&target, manner).unwrap_err();
    assert!(error.to_string().contains("longer than 5 s"), "{error}");
    assert!(watcher.join().unwrap().is_empty());
    ours.git(&["config", "--unset", "remote.origin.receivepack"]);
    push(&ours.open()).unwrap();
    assert_landed(&remote, &ours, &before, Step::PushSent);
}

/// Git walks history by the commits' times, and takes commits that both have for our own
/// where enough of the others' are older than what they are based on.
#[test]
fn clocks_that_are_years_apart() {
    let sandbox = Sandbox::new();
    let source = sandbox.repo("source");
    let remote = bare(&sandbox, &source);
    let clones = ["late", "early", "reader"].map(|name| clone(&sandbox, &remote, name));
    let times = ["2040-01-01T00:00:00Z", "2001-01-01T00:00:00Z"];
    for round in 0..9 {
        for (repo, at) in clones.iter().zip(times) {
            let name = repo.root.file_name().unwrap().to_str().unwrap();
            let file = format!(".fractary/{name}-{round}.json");
            let open = repo.open();
            let request = fractary::git::CommitRequest {
                at: at.parse().unwrap(),
                ..own(open.head().unwrap().commit, name)
            };
            open.commit(&writes(&[(&file, "{}\n")]), &request).unwrap();
        }
    }
    for repo in &clones {
        push(&repo.open()).unwrap();
        assert_eq!(repo.git(&["log", "--merges", "--format=%h"]), "");
        assert_eq!(
            repo.git(&["rev-parse", "HEAD"]),
            remote.git(&["rev-parse", "main"])
        );
    }
    let listed = remote.git(&["ls-tree", "-r", "--name-only", "main"]);
    for name in ["late", "early"] {
        assert_eq!(listed.matches(&format!("/{name}-")).count(), 9, "{listed}");
    }
    remote.git(&["fsck", "--strict"]);
}
