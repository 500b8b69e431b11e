//! Repositories made and inspected by the real git, out of reach of the machine's settings.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fractary::git::{CommitRequest, GitError, Repository, Transaction};
use fractary::model::ids::CommitId;
use fractary::model::paths::RepoPath;
use tempfile::TempDir;

pub(crate) struct Sandbox {
    pub(crate) dir: TempDir,
}

/// A work tree (or bare repository) in a sandbox.
#[derive(Debug, Clone)]
pub(crate) struct Repo {
    pub(crate) root: PathBuf,
}

pub(crate) fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

pub(crate) fn request(base: Option<CommitId>) -> CommitRequest {
    CommitRequest {
        base,
        message: "fractary(test): change\n\nFractary-Run: r1\n".to_owned(),
        author: None,
        at: "2026-11-21T10:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn writes(files: &[(&str, &str)]) -> Transaction {
    let mut transaction = Transaction::new();
    for (name, text) in files {
        transaction.write(path(name), *text);
    }
    transaction
}

/// Keeps settings of this machine out of a command.
pub(crate) fn scrub(command: &mut Command) -> &mut Command {
    for name in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_DATE",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_DATE",
        "EMAIL",
    ] {
        command.env_remove(name);
    }
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn at(&self, name: &str) -> Repo {
        Repo {
            root: self.dir.path().join(name),
        }
    }

    /// A repository on `main`, unborn.
    pub(crate) fn unborn(&self, name: &str) -> Repo {
        let repo = self.at(name);
        fs::create_dir_all(&repo.root).unwrap();
        repo.git(&["init", "-q", "-b", "main"]);
        repo.configure();
        repo
    }

    /// A repository with one commit.
    pub(crate) fn repo(&self, name: &str) -> Repo {
        let repo = self.unborn(name);
        repo.put("README.md", "read me\n");
        repo.put(".fractary/a.json", "{\"a\": 1}\n");
        repo.put(".fractary/old/gone.json", "{}\n");
        repo.put("src/one.txt", "one\n");
        repo.put("src/two.txt", "two\n");
        repo.put("src/three.txt", "three\n");
        repo.put("src/four.txt", "four\n");
        repo.commit_all("start");
        repo
    }
}

impl Repo {
    pub(crate) fn configure(&self) {
        for (key, value) in [
            ("user.name", "Ada"),
            ("user.email", "ada@example.com"),
            ("core.autocrlf", "false"),
            ("commit.gpgsign", "false"),
            ("gc.auto", "0"),
        ] {
            self.git(&["config", key, value]);
        }
    }

    pub(crate) fn try_git(&self, args: &[&str]) -> (bool, String) {
        let mut command = Command::new("git");
        let output = scrub(&mut command)
            .args(args)
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        (output.status.success(), text)
    }

    /// Runs git and gives its output without the last line's end.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let (ok, text) = self.try_git(args);
        assert!(ok, "git {args:?} in {}: {text}", self.root.display());
        text.trim_end().to_owned()
    }

    pub(crate) fn commit_all(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        let target = self.root.join(name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, text).unwrap();
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let bytes = fs::read(self.root.join(name)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    pub(crate) fn open(&self) -> Repository {
        Repository::discover(&self.root).unwrap()
    }

    pub(crate) fn head(&self) -> Option<CommitId> {
        self.open().head().unwrap().commit
    }

    /// Commits on the current HEAD.
    pub(crate) fn commit(&self, transaction: &Transaction) -> Result<CommitId, GitError> {
        let repo = self.open();
        let base = repo.head().unwrap().commit;
        repo.commit(transaction, &request(base))
    }

    pub(crate) fn status(&self) -> String {
        self.git(&["status", "--porcelain", "-uall"])
    }

    /// Everything sound, and nothing of ours left behind.
    pub(crate) fn assert_sound(&self) {
        self.git(&["fsck", "--strict", "--no-dangling"]);
        let dir = self.open().git_dir().to_owned();
        for name in [
            "fractary-journal.json",
            "fractary-journal.tmp",
            "index.lock",
            "index.fractary",
            "HEAD.lock",
        ] {
            assert!(!dir.join(name).exists(), "{name} is left");
        }
    }

    /// What must not change when a commit is refused.
    pub(crate) fn everything(&self) -> String {
        let index = self.git(&["ls-files", "--stage"]);
        let head = self.try_git(&["rev-parse", "HEAD"]).1;
        let files = files_below(&self.root);
        format!("{head}{index}\n{}\n{files:?}", self.status())
    }

    pub(crate) fn git_dir(&self) -> PathBuf {
        self.open().git_dir().to_owned()
    }
}

/// All files below a folder with their bytes, `.git` left out.
pub(crate) fn files_below(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut next = vec![root.to_owned()];
    while let Some(dir) = next.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() == ".git" {
                continue;
            }
            let at = entry.path();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                next.push(at);
            } else {
                let name = at.strip_prefix(root).unwrap().display().to_string();
                let bytes = if kind.is_symlink() {
                    let target = fs::read_link(&at).unwrap();
                    format!("-> {}", target.display()).into_bytes()
                } else {
                    fs::read(&at).unwrap()
                };
                found.push((name, bytes));
            }
        }
    }
    found.sort();
    found
}
