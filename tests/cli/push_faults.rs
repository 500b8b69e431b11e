//! What goes wrong between here and the remote: after it, nothing is lost, and the next
//! `run --push` lands everything exactly once.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::JoinHandle;

use crate::push::one_line;
use crate::support::fractary::Outcome;
use crate::support::remote::{Clone, Remote, hook, pair};

/// Every step of a push that loses its race once, in order.
const STEPS: [&str; 10] = [
    "push-lost",
    "fetched",
    "rebuild-lock-taken",
    "commit-rebuilt:0",
    "rebuild-journal-written",
    "rebuild-ref-moved",
    "rebuild-index-written",
    "rebuild-journal-removed",
    "push-sent",
    "journal-removed",
];

/// How many notes the remote's history has.
fn landed(remote: &Remote) -> usize {
    let log = remote.git(&["log", "--format=%s", "main"]);
    log.lines().filter(|line| line.contains("note")).count()
}

/// The next run brings what an earlier one could not, once: the note is the only new one.
fn the_next_run_lands_it(remote: &Remote, clone: &Clone, id: &str, text: &str, before: usize) {
    clone.fractary(&["check"]).run().exits(0);
    clone.run("e1").run().exits(1);
    assert_eq!(landed(remote), before + 1, "{text}");
    clone.is_pushed_and_clean(remote);
    let notes = clone.notes(id);
    let same = notes.iter().filter(|note| *note == text).count();
    assert_eq!((same, notes.len()), (1, before + 1), "{notes:?}");
}

#[test]
fn a_push_that_stops_dead_is_made_up_for_by_the_next_run() {
    let (remote, a, b) = pair();
    let id = a.issue();
    for (before, step) in STEPS.into_iter().enumerate() {
        drop(fs::remove_file(b.root.join(".git/overtaken")));
        b.git(&["pull", "--quiet", "--rebase"]);
        a.be_overtaken_by(&b, 1);
        let stopped = a.note(&id, step).env("FRACTARY_FAULT", step).run();
        let stopped = stopped.exits(5);
        assert!(
            stopped.stderr.contains("run this again"),
            "{step}: {}",
            stopped.stderr
        );
        a.fractary(&["check"]).run().exits(0);
        assert_eq!(a.git(&["status", "--porcelain"]), "", "{step}");
        a.git(&["fsck", "--full", "--strict", "--no-dangling"]);
        the_next_run_lands_it(&remote, &a, &id, step, before);
    }
}

#[test]
fn a_remote_that_moves_every_time_is_an_error_and_nothing_is_lost() {
    let (remote, a, b) = pair();
    let id = a.issue();
    a.be_overtaken_by(&b, 99);
    // With this seed the waits are short.
    let outcome = a
        .note(&id, "kept")
        .env("FRACTARY_JITTER_SEED", "1592")
        .run()
        .exits(5);
    let said = one_line(&outcome);
    assert!(said.contains("during each of 6 attempts"), "{said}");
    assert!(said.contains("is safe in this repository"), "{said}");
    assert!(outcome.stdout.contains("kept"), "{}", outcome.stdout);
    assert_eq!(landed(&remote), 0);
    fs::remove_file(a.root.join(".git/hooks/pre-push")).expect("it is there");
    the_next_run_lands_it(&remote, &a, &id, "kept", 0);
}

/// The connection is cut: while the remote says what it has, while it is given the commits,
/// and after it has taken them, before it says so.
#[test]
fn a_remote_that_hangs_up_loses_nothing() {
    let (remote, a, _) = pair();
    let id = a.issue();
    let cuts = [
        (
            "greeting",
            "git-receive-pack \"$@\" </dev/null | head -c 20",
            "",
        ),
        ("at once", "exit 1", ""),
        ("receiving", "head -c 90 | git-receive-pack \"$@\"", ""),
        (
            "answering",
            "exec git-receive-pack \"$@\"",
            "test \"$1\" = committed && kill -9 $PPID\nexit 0\n",
        ),
    ];
    for (before, (name, wrapper, on_the_remote)) in cuts.into_iter().enumerate() {
        hook(&a.home, "receive", &format!("{wrapper}\n"));
        let program = a.home.join("receive");
        let program = program.to_str().expect("a temporary path is UTF-8");
        a.git(&["config", "remote.origin.receivepack", program]);
        if !on_the_remote.is_empty() {
            remote.install_hook("reference-transaction", on_the_remote);
        }
        let outcome = a.note(&id, name).run().exits(5);
        let said = one_line(&outcome);
        assert!(
            said.contains("is safe in this repository"),
            "{name}: {said}"
        );
        assert!(said.contains("git push"), "{name}: {said}");
        let arrived = usize::from(name == "answering");
        assert_eq!(landed(&remote), before + arrived, "{name}");
        a.git(&["config", "--unset", "remote.origin.receivepack"]);
        if !on_the_remote.is_empty() {
            fs::remove_file(remote.path().join("hooks/reference-transaction"))
                .expect("it is there");
        }
        the_next_run_lands_it(&remote, &a, &id, name, before);
    }
}

/// All that is written to a named pipe, until nobody has it open.
fn watch(path: &Path) -> JoinHandle<String> {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("the system has mkfifo").success());
    let path = path.to_owned();
    std::thread::spawn(move || fs::read_to_string(path).expect("text"))
}

#[test]
fn an_interrupted_push_ends_git_and_its_hooks_and_loses_nothing() {
    let (remote, a, _) = pair();
    let id = a.issue();
    for (before, signal) in ["INT", "TERM"].into_iter().enumerate() {
        let (up, left) = (a.root.join(".git/up"), a.root.join(".git/left"));
        let (is_up, is_left) = (watch(&up), watch(&left));
        let text = format!(
            "exec 9>{}\ntrap 'echo asked >&9; exit 1' INT\necho up >{}\nwhile :; do sleep 600 >/dev/null 2>&1 & wait; done\n",
            left.display(),
            up.display()
        );
        hook(&a.root.join(".git/hooks"), "pre-push", &text);
        let child = a.note(&id, signal).spawn();
        assert_eq!(is_up.join().expect("it was read"), "up\n");
        let sent = Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .status();
        assert!(sent.expect("there is a kill").success());
        let outcome = Outcome::of(child).exits(130);
        assert!(is_left.join().expect("it was read").starts_with("asked\n"));
        let said = one_line(&outcome);
        assert!(said.contains("interrupted during git push"), "{said}");
        assert!(said.contains("is safe in this repository"), "{said}");
        for file in [&up, &left, &a.root.join(".git/hooks/pre-push")] {
            fs::remove_file(file).expect("it is there");
        }
        the_next_run_lands_it(&remote, &a, &id, signal, before);
    }
}

#[test]
fn a_branch_that_the_remote_protects_refuses_in_its_own_words() {
    let (remote, a, _) = pair();
    let id = a.issue();
    remote.install_hook(
        "update",
        "echo \"$1 is protected: open a pull request\" >&2\nexit 1\n",
    );
    let outcome = a.note(&id, "kept").run().exits(5);
    let said = one_line(&outcome);
    assert!(
        said.contains("refs/heads/main is protected: open a pull request"),
        "{said}"
    );
    assert!(said.contains("is safe in this repository"), "{said}");
    fs::remove_file(remote.path().join("hooks/update")).expect("it is there");
    the_next_run_lands_it(&remote, &a, &id, "kept", 0);
}
