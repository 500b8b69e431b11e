//! The whole program, killed at random times, with and without the git programs that it has
//! started: the next command finds the old state or the new one, and the next run lands
//! everything once.

use std::process::Child;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::support::fractary::Outcome;
use crate::support::remote::{Clone, Remote};

/// How many kills; `FRACTARY_TEST_KILLS=1000` for more than the usual.
#[expect(
    clippy::disallowed_methods,
    reason = "a test has no settings to read it through"
)]
fn kills() -> u32 {
    let count = std::env::var("FRACTARY_TEST_KILLS");
    let count = count.ok().and_then(|count| count.parse::<u32>().ok());
    // The others are in `tests/git/killed.rs`.
    count.map_or(24, |count| count / 2)
}

/// Numbers that are random enough, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

/// The programs that a process has started, and theirs, youngest last; those left out that a
/// real remote would run on another machine. None where there is no `/proc`.
fn started_by(id: u32) -> Vec<u32> {
    let listed = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    let children = listed.unwrap_or_default();
    let mut all = Vec::new();
    for child in children.split_whitespace().filter_map(|id| id.parse().ok()) {
        let command = std::fs::read_to_string(format!("/proc/{child}/cmdline"));
        if command.is_ok_and(|c| c.contains("receive-pack") || c.contains("upload-pack")) {
            continue;
        }
        all.push(child);
        all.extend(started_by(child));
    }
    all
}

/// Kills a run after a time, or leaves it alone when it is faster.
fn kill_after(child: &mut Child, delay: Duration, with_all: bool) {
    let (_never, nothing) = channel::<()>();
    let waited = nothing.recv_timeout(delay);
    assert_eq!(waited, Err(RecvTimeoutError::Timeout));
    let others = if with_all {
        started_by(child.id())
    } else {
        Vec::new()
    };
    drop(child.kill());
    for id in others {
        // It may have ended by itself.
        let kill = std::process::Command::new("kill")
            .args(["-KILL", &id.to_string()])
            .stderr(std::process::Stdio::null())
            .status();
        drop(kill);
    }
}

/// A clone whose repository and remote can be put back.
struct World {
    remote: Remote,
    clone: Clone,
    /// Where the clone starts, and where the remote is by then.
    old: String,
    ahead: String,
    /// The trees of both, and what the run makes of them.
    trees: Vec<String>,
}

impl World {
    fn new() -> Self {
        let remote = Remote::new(&["e1".to_owned()]);
        let clone = remote.clone_as("a");
        let old = clone.git(&["rev-parse", "HEAD"]).trim().to_owned();
        let other = remote.clone_as("b");
        std::fs::write(other.root.join("theirs.txt"), "theirs\n").expect("it can be written");
        other.git(&["add", "theirs.txt"]);
        other.git(&["commit", "--quiet", "-m", "Theirs"]);
        let ahead = other.git(&["rev-parse", "HEAD"]).trim().to_owned();
        other.git(&["push", "--quiet"]);
        Self {
            remote,
            clone,
            old,
            ahead,
            trees: Vec::new(),
        }
    }

    /// The old state, here and there; or with another's commit there that is not here.
    fn put_back(&self, overtaken: bool) {
        self.clone.git(&["reset", "--quiet", "--hard", &self.old]);
        self.clone
            .git(&["update-ref", "refs/remotes/origin/main", &self.old]);
        let there = if overtaken { &self.ahead } else { &self.old };
        self.remote.git(&["update-ref", "refs/heads/main", there]);
    }

    fn tree(&self) -> String {
        self.clone.git(&["rev-parse", "HEAD^{tree}"])
    }

    fn count(&self, range: &str) -> usize {
        let count = self.remote.git(&["rev-list", "--count", range]);
        count.trim().parse().expect("a number")
    }
}

#[test]
fn killed_at_any_time_a_run_is_made_up_for() {
    let mut world = World::new();
    let mut longest = Duration::ZERO;
    for overtaken in [false, true] {
        world.put_back(overtaken);
        world.trees.push(world.tree());
        let start = Instant::now();
        world.clone.run("e1").run().exits(1);
        longest = longest.max(start.elapsed());
        world.trees.push(world.tree());
    }
    // What is ahead without a run of ours cannot be here: it comes with the rebuild only.
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut in_time, mut half_way) = (0_u32, 0_u32);
    for round in 0..kills() {
        let overtaken = round % 2 == 1;
        let with_all = round % 4 >= 2;
        world.put_back(overtaken);
        let mut child = world.clone.run("e1").spawn();
        let micros = u64::try_from(longest.as_micros()).expect("minutes at most");
        let delay = Duration::from_micros(random.below(micros));
        kill_after(&mut child, delay, with_all);
        in_time += u32::from(Outcome::of(child).code == -1);
        // The next command finds one of the states that there are.
        let seen = world.clone.fractary(&["check"]).run().exits(0);
        half_way += u32::from(seen.stderr.contains("is now complete"));
        let tree = world.tree();
        assert!(world.trees.contains(&tree), "round {round}: {tree}");
        assert_eq!(
            world.clone.git(&["status", "--porcelain"]),
            "",
            "round {round}"
        );
        // And the next run lands everything once.
        world.clone.run("e1").run().exits(1);
        let wanted = &world.trees[if overtaken { 3 } else { 1 }];
        assert_eq!(&world.tree(), wanted, "round {round}");
        let there = world.remote.git(&["rev-parse", "main^{tree}"]);
        assert_eq!(&there, wanted, "round {round}");
        let from = if overtaken { &world.ahead } else { &world.old };
        assert_eq!(world.count(&format!("{from}..main")), 1, "round {round}");
        if round % 20 == 19 {
            world.clone.git(&["fsck", "--strict", "--no-dangling"]);
        }
    }
    println!(
        "{} rounds, {in_time} runs killed before their end, {half_way} of them while they landed",
        kills()
    );
    world.clone.is_pushed_and_clean(&world.remote);
}
