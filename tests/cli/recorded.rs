//! A recorded world and a repository that is about to look at it.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::demo::{Played, git};
use crate::support::fractary::Fractary;

/// A repository, a recording of its world, and the clock.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) recording: PathBuf,
    pub(crate) at: &'static str,
}

impl World {
    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    pub(crate) fn fractary(&self, arguments: &[&str]) -> Fractary {
        Fractary::in_folder(&self.repository(), self.folder.path())
            .env("FRACTARY_AT", self.at)
            .args(arguments)
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.repository(), arguments)
    }
}

/// The demo's repository just before one of its runs.
pub(crate) fn demo(at: &'static str) -> World {
    let played = Played::new();
    let folder = TempDir::new().expect("the system has a temporary folder");
    let repository = folder.path().join("repo");
    let from = played.repository().display().to_string();
    git(folder.path(), &["clone", "--quiet", &from, "repo"]);
    // The set-up and the adoption come before the runs, some of which were quiet.
    let commit = git(&repository, &["log", "--reverse", "--format=%H %cI"])
        .lines()
        .rfind(|line| line.split(' ').next_back().is_some_and(|time| time < at))
        .and_then(|line| line.split(' ').next().map(str::to_owned))
        .expect("there is a commit before it");
    git(&repository, &["reset", "--quiet", "--hard", &commit]);
    let recording = folder.path().join("recording.json");
    std::fs::copy(played.recording(), &recording).expect("it can be copied");
    World {
        folder,
        recording,
        at,
    }
}
