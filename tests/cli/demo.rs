//! The demo: what it prints, and the repository that it leaves.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::pages;
use crate::support::fractary::{Fractary, Outcome};
pub(crate) use crate::support::remote::git;

/// A demo that has run, and its repository to play with.
pub(crate) struct Played {
    folder: TempDir,
    /// What it said.
    pub(crate) outcome: Outcome,
}

impl Played {
    /// Runs the demo.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("the system has a temporary folder");
        let target = folder.path().join("demo");
        let outcome = Fractary::in_folder(folder.path(), folder.path())
            .args(["demo", "--dir"])
            .args([&target])
            .run()
            .exits(0);
        Self { folder, outcome }
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

    /// Runs git there.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.repository(), arguments)
    }
}

/// The end of the story; nothing newer is recorded.
pub(crate) const END: &str = "2026-11-02T09:32:00Z";

#[test]
fn tells_the_story_and_shows_where_to_read_on() {
    let played = Played::new();
    let folder = played
        .folder
        .path()
        .to_str()
        .expect("a temporary path is UTF-8")
        .to_owned();
    let story = played.outcome.stdout.replace(&folder, "/tmp/x");
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
    let stored = std::fs::read_to_string(path).expect("it is committed");
    let (page, mark) = stored.rsplit_once("\n<!-- ").expect("a mark is at its end");
    assert_eq!(page, markdown);
    assert!(mark.starts_with("fractary: generated"), "{mark}");
}

#[test]
fn the_same_story_gives_the_same_commits() {
    let [one, two] = [Played::new(), Played::new()];
    assert_eq!(
        one.git(&["rev-parse", "HEAD"]),
        two.git(&["rev-parse", "HEAD"])
    );
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = TempDir::new().expect("the system has a temporary folder");
    std::fs::write(folder.path().join("mine.txt"), "mine").expect("it can be written");
    let outcome = Fractary::in_folder(folder.path(), folder.path())
        .args(["demo", "--dir", "."])
        .run()
        .exits(2);
    assert!(outcome.stderr.contains("not empty"), "{}", outcome.stderr);
    assert_eq!(
        std::fs::read_dir(folder.path())
            .expect("it can be read")
            .count(),
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
    for entry in std::fs::read_dir(issues).expect("there are open issues") {
        let path = entry.expect("it can be read").path();
        let text = std::fs::read_to_string(path).expect("it can be read");
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
    let story = Played::new().outcome.stdout;
    let from = story.find('╔').expect("the dashboard begins with a banner");
    let to = story
        .find("\nRESOLVED IN")
        .expect("the demo resolves issues");
    let sample = format!("```text\n{}```\n", &story[from..to]);
    pages::hold("README.md", "SAMPLE", &sample);
}
