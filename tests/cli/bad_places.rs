//! Full disks, read-only places, left-over locks and clocks that jump: every error says what
//! to do, nothing is lost, and when the trouble is over the next run goes on.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::demo::{END, Played, git};
use crate::push::one_line;
use crate::support::fractary::{Fractary, Outcome};
use crate::support::remote::Remote;

/// A file system that is mounted for one test, with so many kilobytes.
struct Mounted {
    at: PathBuf,
}

fn mount(arguments: &[&str]) -> bool {
    let done = Command::new("mount").args(arguments).output();
    done.is_ok_and(|output| output.status.success())
}

impl Mounted {
    /// `None`, and a word about it, where this user may not mount anything.
    fn new(at: &Path, kilobytes: u32) -> Option<Self> {
        fs::create_dir_all(at).expect("it can be made");
        let size = format!("size={kilobytes}k");
        let text = at.to_str().expect("a temporary path is UTF-8");
        if cfg!(target_os = "linux") && mount(&["-t", "tmpfs", "-o", &size, "tmpfs", text]) {
            return Some(Self { at: at.to_owned() });
        }
        skipped("only root may mount a small file system, here it was refused");
        None
    }

    /// Fills it up except for so many bytes.
    fn fill(&self, left: usize) {
        let path = self.at.join("ballast");
        let mut file = fs::File::create(&path).expect("it can be made");
        let block = [7_u8; 4096];
        while file.write_all(&block).is_ok() {}
        let size = file.metadata().expect("it is there").len();
        let left = u64::try_from(left).expect("it is small");
        file.set_len(size.saturating_sub(left))
            .expect("it gets smaller");
    }

    fn empty(&self) {
        fs::remove_file(self.at.join("ballast")).expect("it is there");
    }

    fn read_only(&self, yes: bool) {
        let option = if yes { "remount,ro" } else { "remount,rw" };
        let text = self.at.to_str().expect("a temporary path is UTF-8");
        assert!(mount(&["-o", option, text]), "{option} {text}");
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily, should something still be in there.
        drop(Command::new("umount").arg("-l").arg(&self.at).status());
    }
}

/// Says, past the test harness, that a test saw nothing.
fn skipped(why: &str) {
    drop(writeln!(std::io::stderr(), "SKIPPED in bad_places: {why}"));
}

/// What the demo's last run left; its audit is the commit after it.
fn last_run(played: &Played) -> String {
    git(&played.repository(), &["rev-parse", "HEAD~1^{tree}"])
}

/// The demo's repository before its last run, copied into a folder.
struct Copy {
    root: PathBuf,
    home: PathBuf,
    recording: PathBuf,
}

impl Copy {
    fn of(played: &Played, folder: &Path) -> Self {
        Self::with(played, folder, &[])
    }

    /// With options for `git clone`.
    fn with(played: &Played, folder: &Path, options: &[&str]) -> Self {
        let root = folder.join("orders");
        let text = root.to_str().expect("a temporary path is UTF-8");
        let source = format!("file://{}", played.repository().display());
        let mut arguments = vec!["clone", "--quiet"];
        arguments.extend(options);
        arguments.extend([source.as_str(), text]);
        played.git(&arguments);
        git(&root, &["reset", "--quiet", "--hard", "HEAD~2"]);
        Self {
            root,
            home: played.recording().with_file_name("nobody"),
            recording: played.recording(),
        }
    }

    fn fractary(&self, arguments: &[&str]) -> Fractary {
        Fractary::in_folder(&self.root, &self.home)
            .at(END)
            .args(["--replay".as_ref(), self.recording.as_os_str()])
            .args(arguments)
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.root, arguments)
    }

    fn tree(&self) -> String {
        self.git(&["rev-parse", "HEAD^{tree}"])
    }

    /// In order, with the run landed.
    fn is_sound(&self, played: &Played) {
        assert_eq!(self.tree(), last_run(played));
        assert_eq!(self.git(&["status", "--porcelain"]), "");
        self.git(&["fsck", "--full", "--strict", "--no-dangling"]);
        self.fractary(&["check"]).run().exits(0);
    }
}

fn says_what_to_do(outcome: &Outcome, words: &[&str]) {
    let said = one_line(outcome);
    assert!(said.contains("hint:"), "{said}");
    assert!(words.iter().any(|word| said.contains(word)), "{said}");
}

#[test]
fn a_full_disk_stops_a_run_and_the_next_one_goes_on() {
    let played = Played::new();
    let place = played.recording().with_file_name("small");
    let Some(small) = Mounted::new(&place, 4096) else {
        return;
    };
    let copy = Copy::of(&played, &place);
    let start = copy.git(&["rev-parse", "HEAD"]);
    let old = copy.tree();
    let mut refused = 0;
    for pages in [0_usize, 1, 2, 4, 6, 10, 14, 20, 28, 64] {
        small.fill(pages * 4096);
        let outcome = copy.fractary(&["run"]).run();
        if outcome.code == 5 {
            refused += 1;
            says_what_to_do(&outcome, &["free some space"]);
        } else {
            assert_eq!(outcome.code, 1, "{pages}: {}", outcome.stderr);
        }
        // Looking works, or says the same.
        let seen = copy.fractary(&["issues"]).run();
        if seen.code != 0 {
            says_what_to_do(&seen, &["free some space"]);
        }
        small.empty();
        copy.git(&["fsck", "--strict", "--no-dangling"]);
        copy.fractary(&["check"]).run().exits(0);
        let new = last_run(&played);
        let tree = copy.tree();
        assert!(tree == old || tree == new, "{pages}");
        assert_eq!(copy.git(&["status", "--porcelain"]), "", "{pages}");
        copy.fractary(&["run"]).run().exits(1);
        copy.is_sound(&played);
        copy.git(&["reset", "--quiet", "--hard", start.trim()]);
    }
    assert!(refused > 3, "the disk was never full: {refused}");
}

#[test]
fn a_full_disk_stops_a_push_there_and_here() {
    let remote = Remote::new(&["e1".to_owned()]);
    let Some(small) = Mounted::new(&remote.path().with_file_name("small"), 4096) else {
        return;
    };
    // The remote is on the small disk.
    let there = small.at.join("remote.git");
    let text = there.to_str().expect("a temporary path is UTF-8");
    git(
        &small.at,
        &[
            "clone",
            "--quiet",
            "--bare",
            &remote.path().display().to_string(),
            text,
        ],
    );
    let a = remote.clone_as("a");
    a.git(&["remote", "set-url", "origin", &format!("file://{text}")]);
    small.fill(0);
    let outcome = a.run("e1").run().exits(5);
    let said = one_line(&outcome);
    assert!(said.contains("No space left"), "{said}");
    assert!(said.contains("is safe in this repository"), "{said}");
    small.empty();
    a.run("e1").run().exits(1);
    assert_eq!(
        a.git(&["rev-parse", "HEAD"]),
        git(&there, &["rev-parse", "main"])
    );
    git(&there, &["fsck", "--full", "--strict", "--no-dangling"]);
}

#[test]
fn an_answer_that_does_not_fit_is_an_error_that_says_so() {
    let played = Played::new();
    let place = played.recording().with_file_name("small");
    let Some(small) = Mounted::new(&place, 64) else {
        return;
    };
    small.fill(0);
    let file = place.join("report.json");
    let file = file.to_str().expect("a temporary path is UTF-8");
    let outcome = played
        .fractary(END, &["health", "--format", "json", "--output", file])
        .run();
    assert!(matches!(outcome.code, 2 | 5), "{}", outcome.code);
    says_what_to_do(&outcome, &["space"]);
}

/// Without root: a limit on the size of files, which counts for everybody.
#[test]
fn a_limit_on_file_sizes_stops_a_run_and_the_next_one_goes_on() {
    let played = Played::new();
    let place = played.recording().with_file_name("limited");
    let copy = Copy::of(&played, &place);
    let start = copy.git(&["rev-parse", "HEAD"]);
    let old = copy.tree();
    let mut refused = 0;
    // In blocks of 512 bytes. The signal is ignored, as a full disk sends none.
    for blocks in [0, 1, 4, 8, 16, 32] {
        let outcome = copy
            .fractary(&["run"])
            .through(
                "sh",
                &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""),
            )
            .run();
        assert!(
            matches!(outcome.code, 1 | 5),
            "{blocks}: {} {}",
            outcome.code,
            outcome.stderr
        );
        if outcome.code == 5 {
            refused += 1;
            says_what_to_do(&outcome, &["space"]);
        }
        copy.fractary(&["check"]).run().exits(0);
        let new = last_run(&played);
        let tree = copy.tree();
        assert!(tree == old || tree == new, "{blocks}");
        assert_eq!(copy.git(&["status", "--porcelain"]), "", "{blocks}");
        copy.fractary(&["run"]).run().exits(1);
        copy.is_sound(&played);
        copy.git(&["reset", "--quiet", "--hard", start.trim()]);
    }
    assert!(refused > 1, "the limit was never reached: {refused}");
}

#[test]
fn a_read_only_repository_can_be_looked_at() {
    let played = Played::new();
    let place = played.recording().with_file_name("small");
    let Some(small) = Mounted::new(&place, 4096) else {
        return;
    };
    let copy = Copy::of(&played, &place);
    let before = copy.git(&["rev-parse", "HEAD"]);
    small.read_only(true);
    copy.fractary(&["check"]).run().exits(0);
    copy.fractary(&["issues"]).run().exits(0);
    copy.fractary(&["dashboard"]).run().exits(0);
    copy.fractary(&["health"]).run().exits(1);
    let outcome = copy.fractary(&["run"]).run().exits(5);
    says_what_to_do(&outcome, &["writable"]);
    let outcome = copy.fractary(&["health", "--write"]).run().exits(5);
    says_what_to_do(&outcome, &["writable"]);
    assert_eq!(copy.git(&["rev-parse", "HEAD"]), before);
    small.read_only(false);
    copy.fractary(&["run"]).run().exits(1);
    copy.is_sound(&played);
}

/// The work tree cannot be written, the git directory can: the commit lands, and the files
/// follow when they may.
#[test]
fn a_read_only_work_tree_is_brought_up_to_date_later() {
    let played = Played::new();
    let place = played.recording().with_file_name("small");
    let Some(small) = Mounted::new(&place, 4096) else {
        return;
    };
    let elsewhere = played.recording().with_file_name("elsewhere.git");
    let option = format!("--separate-git-dir={}", elsewhere.display());
    let copy = Copy::with(&played, &place, &[&option]);
    small.read_only(true);
    let outcome = copy.fractary(&["run"]).run().exits(5);
    says_what_to_do(&outcome, &["finishes the job"]);
    let said = one_line(&outcome);
    assert!(said.contains("is made, but the work tree"), "{said}");
    small.read_only(false);
    let outcome = copy.fractary(&["check"]).run().exits(0);
    assert!(
        outcome.stderr.contains("is now complete"),
        "{}",
        outcome.stderr
    );
    copy.is_sound(&played);
}

/// The lock is the operating system's; what the file says is only for people.
#[test]
fn whatever_a_dead_process_left_in_the_lock_is_no_obstacle() {
    let played = Played::new();
    let issue = played
        .fractary(END, &["issues", "--format", "json"])
        .run()
        .json();
    let id = issue[0]["id"]
        .as_str()
        .expect("an issue is open")
        .to_owned();
    let lock = played.repository().join(".git/fractary.lock");
    let own = format!("{}\n2099-01-01T00:00:00Z\n", std::process::id());
    let texts: [&[u8]; 6] = [
        b"",
        b"\xff\xfe\0garbage",
        b"4194303\n2026-11-21T10:00:00Z\n",
        b"1\n1970-01-01T00:00:00Z\n",
        own.as_bytes(),
        &[b'9'; 100_000],
    ];
    for (n, text) in texts.into_iter().enumerate() {
        fs::write(&lock, text).expect("it can be written");
        let note = format!("note {n}");
        played
            .fractary(END, &["issues", "note", &id, &note])
            .run()
            .exits(0);
    }
    assert_eq!(played.git(&["status", "--porcelain"]), "");
}

/// Clocks are set back and forward: windows, histories and heartbeats stay in order.
#[test]
fn a_clock_that_jumps_breaks_nothing() {
    let played = Played::new();
    let history = ".fractary/plugins/helm-cloud/monitoring/prod/monitoring-history.json";
    let entries = |played: &Played| -> Vec<(String, String)> {
        let text = fs::read_to_string(played.repository().join(history)).expect("it is there");
        let parsed: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let entries = parsed["entries"].as_array().expect("a list").clone();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        entries
            .iter()
            .map(|entry| (text(&entry["at"]), text(&entry["run_id"])))
            .collect()
    };
    let first = entries(&played);
    for at in [
        "2026-11-02T09:12:00Z",
        "2026-11-05T00:00:00Z",
        "2026-11-02T09:32:00Z",
        "1999-12-31T23:59:59Z",
        "2026-11-02T09:32:00Z",
    ] {
        let outcome = played.fractary(at, &["run"]).run();
        assert!(
            matches!(outcome.code, 0 | 1 | 3)
                || outcome.code == 2 && outcome.stderr.contains("has an observation of"),
            "{at}: {} {}",
            outcome.code,
            outcome.stderr
        );
        played.fractary(at, &["check"]).run().exits(0);
        played.fractary(at, &["issues"]).run().exits(0);
        played.fractary(at, &["dashboard"]).run().exits(0);
        let mut sorted = entries(&played);
        sorted.sort();
        sorted.dedup_by(|a, b| a.1 == b.1);
        assert_eq!(entries(&played), sorted, "{at}");
        assert_eq!(played.git(&["status", "--porcelain"]), "", "{at}");
    }
    let last = entries(&played);
    // A clock that was wrong for a while must not have thrown away what was recorded.
    let kept = first.iter().filter(|entry| last.contains(entry)).count();
    assert_eq!(kept, first.len(), "{first:?}\n{last:?}");
    played.git(&["fsck", "--full", "--strict", "--no-dangling"]);
}
