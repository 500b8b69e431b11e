//! Throw-away git repositories.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A repository in a temporary folder, looked at through the installed git.
pub(crate) struct Repo {
    folder: TempDir,
}

impl Repo {
    /// One with these files in its first commit. Without files it has no commit at all.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("the system has a temporary folder");
        fs::create_dir(folder.path().join("home")).expect("a new folder is empty");
        fs::create_dir(folder.path().join("repo")).expect("a new folder is empty");
        let repo = Self { folder };
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        if !files.is_empty() {
            repo.write(files);
            repo.commit_all("Begin");
        }
        repo
    }

    /// The work tree.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    /// An empty home folder.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes files, with their folders.
    pub(crate) fn write(&self, files: &[(&str, &str)]) {
        for (path, content) in files {
            let path = self.path().join(path);
            let parent = path.parent().expect("a file is in a folder");
            fs::create_dir_all(parent).expect("the temporary folder can be written");
            fs::write(path, content).expect("the temporary folder can be written");
        }
    }

    /// The content of a file.
    pub(crate) fn read(&self, path: &str) -> String {
        let full = self.path().join(path);
        fs::read_to_string(&full).unwrap_or_else(|error| panic!("cannot read {path}: {error}"))
    }

    /// Whether something is there.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.path().join(path).exists()
    }

    /// Files below a folder, relative to the work tree, sorted.
    pub(crate) fn files(&self, below: &str) -> Vec<String> {
        let mut found = Vec::new();
        collect(&self.path().join(below), &self.path(), &mut found);
        found.sort();
        found
    }

    /// Commits everything.
    pub(crate) fn commit_all(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    /// Runs git and returns what it prints. Panics when it fails.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self
            .command()
            .args(arguments)
            .output()
            .expect("the tests need git");
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr),
        );
        String::from_utf8(output.stdout).expect("the tests' names are UTF-8")
    }

    /// What is changed, staged or unknown; empty when the work tree is clean.
    pub(crate) fn status(&self) -> String {
        self.git(&["status", "--porcelain=v1", "--untracked-files=all"])
    }

    /// Subjects of the commits, newest first; empty on an unborn branch.
    pub(crate) fn log(&self) -> Vec<String> {
        let born = self
            .command()
            .args(["rev-parse", "--quiet", "--verify", "HEAD"])
            .output()
            .expect("the tests need git");
        if !born.status.success() {
            return Vec::new();
        }
        self.git(&["log", "--format=%s"])
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// Asserts that the repository is sound. Objects that nothing refers to are no fault.
    pub(crate) fn fsck(&self) {
        self.git(&["fsck", "--full", "--strict", "--no-dangling"]);
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command
            .current_dir(self.path())
            .env("HOME", self.home())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(IDENTITY);
        for name in LEAKS {
            command.env_remove(name);
        }
        command
    }
}

const IDENTITY: [(&str, &str); 6] = [
    ("GIT_AUTHOR_NAME", "Tester"),
    ("GIT_AUTHOR_EMAIL", "tester@example.com"),
    ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"),
    ("GIT_COMMITTER_NAME", "Tester"),
    ("GIT_COMMITTER_EMAIL", "tester@example.com"),
    ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z"),
];

/// Set by git when the tests run in a hook; they would point at the wrong repository.
const LEAKS: [&str; 4] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
];

fn collect(folder: &Path, root: &Path, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("the temporary folder can be read").path();
        if path.is_dir() && !path.is_symlink() {
            collect(&path, root, found);
        } else {
            let relative = path.strip_prefix(root).expect("found below the root");
            found.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
}
