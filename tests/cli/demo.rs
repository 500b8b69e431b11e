//! The demo: what it prints, and the repository that it leaves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

use tempfile::TempDir;

use crate::pages;
use crate::support::fractary::{Fractary, Outcome};
pub(crate) use crate::support::remote::git;

/// A demo that has run, and its repository to play with.
pub(crate) struct Played {
    folder: TempDir,
}

impl Played {
    /// A copy of the demo's folder: to play it takes seconds, and always leaves the same
    /// (`the_same_story_gives_the_same_commits`).
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("the system has a temporary folder");
        let copied = Command::new("cp")
            .arg("-pR")
            .args([&*ONCE, folder.path()])
            .status()
            .expect("cp is installed");
        assert!(copied.success(), "{copied}");
        Self { folder }
    }

    /// One of its own, with what it said.
    fn anew() -> (Self, Outcome) {
        let folder = TempDir::new().expect("the system has a temporary folder");
        let outcome = play(folder.path());
        (Self { folder }, outcome)
    }

    /// Its repository.
    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.path().join("demo/orders")
    }

    /// Its recording.
    pub(crate) fn recording(&self) -> PathBuf {
        self.folder.path().join("demo/recording.json")
    }

    /// A command in its repository, on its recording, at a time.
    pub(crate) fn fractary(&self, at: &str, arguments: &[&str]) -> Fractary {
        self.fractary_in(&self.repository(), at, arguments)
    }

    /// The same in another clone of it.
    pub(crate) fn fractary_in(&self, clone: &Path, at: &str, arguments: &[&str]) -> Fractary {
        Fractary::in_folder(clone, self.folder.path())
            .at(at)
            .args(["--replay".as_ref(), self.recording().as_os_str()])
            .args(arguments)
    }

    /// The id of the first of its open issues.
    pub(crate) fn issue(&self) -> String {
        let listed = self.fractary(END, &["issues", "--format", "json"]);
        let rows = listed.run().exits(0).json();
        rows[0]["id"].as_str().expect("an issue is open").to_owned()
    }

    /// Takes back the audit after the last run.
    pub(crate) fn without_audit(&self) {
        self.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    }

    /// Runs git there.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.repository(), arguments)
    }
}

/// Runs the demo into `demo` below a folder.
fn play(folder: &Path) -> Outcome {
    Fractary::in_folder(folder, folder)
        .args(["demo", "--dir", "demo"])
        .run()
        .exits(0)
}

/// The folder `demo` of a demo of this very program, which the tests of later processes share.
static ONCE: LazyLock<PathBuf> = LazyLock::new(|| {
    let program = fs::metadata(env!("CARGO_BIN_EXE_fractary")).expect("it is built");
    let changed = program.modified().expect("a file system with times");
    let since = changed.duration_since(UNIX_EPOCH).expect("after 1970");
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("played");
    let mine = kept.join(format!("{}-{}", program.len(), since.as_nanos()));
    if !mine.exists() {
        // Those of older builds. One that another process makes now is worth no failure.
        drop(fs::remove_dir_all(&kept));
        fs::create_dir_all(&kept).expect("it can be made");
        let made = TempDir::new_in(&kept).expect("it can be made");
        play(made.path());
        if let Err(error) = fs::rename(made.keep(), &mine) {
            assert!(mine.exists(), "{error}");
        }
    }
    mine.join("demo")
});

/// The end of the story; nothing newer is recorded.
pub(crate) const END: &str = "2026-11-02T09:32:00Z";

#[test]
fn tells_the_story_and_shows_where_to_read_on() {
    let (played, outcome) = Played::anew();
    let folder = played
        .folder
        .path()
        .to_str()
        .expect("a temporary path is UTF-8")
        .to_owned();
    let story = outcome.stdout.replace(&folder, "/tmp/x");
    // Commit ids depend on the version in the workflow file that `init` writes.
    insta::with_settings!({ filters => vec![(r"\b[0-9a-f]{10}\b", "[commit]")] }, {
        insta::assert_snapshot!(story);
    });
}

#[test]
fn leaves_a_sound_repository_of_which_it_can_be_asked() {
    let played = Played::new();
    assert_eq!(played.git(&["status", "--porcelain"]), "");
    played.git(&["fsck", "--full", "--strict", "--no-dangling"]);
    played.fractary(END, &["check"]).run().exits(0);
    let dashboard = played
        .fractary(END, &["dashboard", "--format", "json"])
        .run()
        .exits(0)
        .json();
    assert_eq!(dashboard["overall_health"], "UNHEALTHY");
    let markdown = played
        .fractary(END, &["dashboard", "--format", "markdown"])
        .run()
        .exits(0)
        .stdout;
    let path = played
        .repository()
        .join(".fractary/plugins/helm/DASHBOARD.md");
    let stored = fs::read_to_string(path).expect("it is committed");
    let (page, mark) = stored.rsplit_once("\n<!-- ").expect("a mark is at its end");
    assert_eq!(page, markdown);
    assert!(mark.starts_with("fractary: generated"), "{mark}");
}

#[test]
fn the_same_story_gives_the_same_commits() {
    let [one, two] = [Played::new(), Played::anew().0];
    assert_eq!(
        one.git(&["rev-parse", "HEAD"]),
        two.git(&["rev-parse", "HEAD"])
    );
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = TempDir::new().expect("the system has a temporary folder");
    fs::write(folder.path().join("mine.txt"), "mine").expect("it can be written");
    let outcome = Fractary::in_folder(folder.path(), folder.path())
        .args(["demo", "--dir", "."])
        .run()
        .exits(2);
    assert!(outcome.stderr.contains("not empty"), "{}", outcome.stderr);
    assert_eq!(
        fs::read_dir(folder.path()).expect("it can be read").count(),
        1
    );
}

/// Every command of ours that a dashboard, a report or an issue recommends is one that the
/// program takes.
#[test]
fn what_is_recommended_can_be_run() {
    let played = Played::new();
    let mut commands = Vec::new();
    for arguments in [
        ["dashboard", "--format", "json"],
        ["health", "--format", "json"],
    ] {
        let answer = played.fractary(END, &arguments).run().json();
        collect(&answer, &mut commands);
    }
    let issues = played
        .repository()
        .join(".fractary/plugins/helm/issues/active");
    for entry in fs::read_dir(issues).expect("there are open issues") {
        let path = entry.expect("it can be read").path();
        let text = fs::read_to_string(path).expect("it can be read");
        collect(
            &serde_json::from_str(&text).expect("issues are JSON"),
            &mut commands,
        );
    }
    assert!(commands.len() > 5, "{commands:?}");
    commands.push("fractary adopt terraform.tfstate --env prod".to_owned());
    for command in commands {
        let parsed = fractary::cli::definition().try_get_matches_from(command.split_whitespace());
        assert!(parsed.is_ok(), "{command}: {:?}", parsed.err());
    }
}

/// Texts anywhere in a document that are commands of ours.
fn collect(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) if text.starts_with("fractary ") => {
            found.push(text.clone());
        }
        serde_json::Value::Array(all) => all.iter().for_each(|one| collect(one, found)),
        serde_json::Value::Object(all) => all.values().for_each(|one| collect(one, found)),
        _ => {}
    }
}

/// The README shows the end of the demo, so that the sample is what one gets.
#[test]
fn the_readme_shows_the_dashboard_of_the_demo() {
    let story = Played::anew().1.stdout;
    let from = story.find('╔').expect("the dashboard begins with a banner");
    let to = story
        .find("\nRESOLVED IN")
        .expect("the demo resolves issues");
    let sample = format!("```text\n{}```\n", &story[from..to]);
    pages::hold("README.md", "SAMPLE", &sample);
}
