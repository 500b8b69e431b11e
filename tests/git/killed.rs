//! Killed at any time while it commits.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use fractary::git::{Recovery, Repository};
use fractary::model::paths::Files;

use crate::support::{Sandbox, path, request, scrub, writes};

/// How many kills; `FRACTARY_TEST_KILLS=1000` for more than the usual.
#[expect(
    clippy::disallowed_methods,
    reason = "a test has no settings to read it through"
)]
fn kills() -> u32 {
    let count = std::env::var("FRACTARY_TEST_KILLS");
    let count = count.ok().and_then(|count| count.parse::<u32>().ok());
    // The others are in `tests/cli/killed.rs`.
    count.map_or(140, |count| count - count / 2)
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

/// Waits without an event, because the moment of the kill shall be any.
fn wait(time: Duration) {
    let (_never, nothing) = channel::<()>();
    nothing
        .recv_timeout(time)
        .expect_err("nobody sends anything");
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
    let mut found = [0_u32; 3];
    // The fractions of the golden ratio are spread evenly, however many there are.
    let mut fraction = 0.0_f64;
    for round in 0..kills() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = scrub(&mut command)
            .args(["--ignored", "--exact", "--nocapture"])
            .arg("killed::child_commits_for_ever")
            .current_dir(&repo.root)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let committed = lines.find(|l| l.as_ref().is_ok_and(|l| l.contains("committed")));
        assert!(committed.is_some(), "the child never committed");
        // Within the time of about two commits.
        fraction = (fraction + 0.618_033_988_749_895).fract();
        wait(Duration::from_secs_f64(fraction * 0.04));
        child.kill().unwrap();
        child.wait().unwrap();

        match repo.open().recover().unwrap() {
            Recovery::Nothing => found[0] += 1,
            Recovery::Dropped { .. } => found[1] += 1,
            Recovery::Finished { kept, .. } => {
                assert_eq!(kept, [], "round {round}");
                found[2] += 1;
            }
        }
        assert_eq!(repo.status(), status, "round {round}");
        let count: usize = repo.git(&["rev-list", "--count", "HEAD"]).parse().unwrap();
        for n in 0..5 {
            let text = repo.text(&format!("n/{n}")).unwrap();
            assert_eq!(text, (count - 1).to_string(), "round {round}");
        }
        if round % 50 == 49 {
            repo.assert_sound();
        }
    }
    let [nothing, dropped, finished] = found;
    println!(
        "{} kills: {nothing} outside of landing, {dropped} landings dropped, {finished} finished",
        kills()
    );
    repo.assert_sound();
}
