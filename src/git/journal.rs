//! The note that a commit leaves before it moves the branch, so that the next run can
//! finish what a killed one began.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::git::error::GitError;
use crate::git::lock;
use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;

/// The only version there is.
const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Journal {
    version: u32,
    /// The new commit.
    pub(crate) commit: CommitId,
    /// Its parent.
    pub(crate) old: Option<CommitId>,
    /// The reference that is moved: a branch in full, or `HEAD`.
    pub(crate) reference: String,
    /// The files that differ between both.
    pub(crate) paths: Vec<RepoPath>,
    /// Whether more than these files differ, so that git brings the work tree up to date.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) with_git: bool,
}

impl Journal {
    pub(crate) fn new(
        commit: CommitId,
        old: Option<CommitId>,
        reference: String,
        paths: Vec<RepoPath>,
    ) -> Self {
        Self {
            version: VERSION,
            commit,
            old,
            reference,
            paths,
            with_git: false,
        }
    }

    /// Says whether git brings the work tree up to date.
    pub(crate) fn with_git(self, with_git: bool) -> Self {
        Self { with_git, ..self }
    }

    /// Writes it so that it is either there in full or not at all, also after power loss.
    pub(crate) fn write(&self, path: &Path) -> Result<(), GitError> {
        let text = serde_json::to_vec_pretty(self).expect("texts and numbers only");
        let temporary = Self::temporary(path);
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&temporary)?;
            file.write_all(&text)?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&temporary, path)?;
            sync_folder(path)
        };
        write().map_err(GitError::io("write", path))
    }

    /// Reads it, if there is one.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, GitError> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(GitError::io("read", path)(error)),
        };
        let damaged = |message: String| GitError::Journal {
            path: path.to_owned(),
            message,
        };
        let journal: Self = serde_json::from_slice(&text).map_err(|e| damaged(e.to_string()))?;
        if journal.version != VERSION {
            return Err(damaged(format!(
                "it has version {}, and this program knows version {VERSION} only",
                journal.version
            )));
        }
        Ok(Some(journal))
    }

    /// Where it is prepared.
    pub(crate) fn temporary(journal: &Path) -> PathBuf {
        journal.with_extension("tmp")
    }

    /// Removes what a run left that was killed while it wrote its journal.
    pub(crate) fn clear_temporary(path: &Path) -> Result<(), GitError> {
        lock::remove(&Self::temporary(path))
    }

    /// Removes it.
    pub(crate) fn remove(path: &Path) -> Result<(), GitError> {
        lock::remove(path)
    }
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_back_or_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.json");
        assert_eq!(Journal::read(&path).unwrap(), None);
        let id = |c: &str| CommitId::new(c.repeat(40)).unwrap();
        let journal = Journal::new(
            id("a"),
            Some(id("b")),
            "refs/heads/main".to_owned(),
            vec![RepoPath::new("x/y").unwrap()],
        );
        journal.write(&path).unwrap();
        assert_eq!(Journal::read(&path).unwrap(), Some(journal.clone()));
        let text = fs::read_to_string(&path).unwrap();
        for bad in [
            "",
            "{}",
            &text[..30],
            &text.replace("\"version\": 1", "\"version\": 2"),
        ] {
            fs::write(&path, bad).unwrap();
            let error = Journal::read(&path).unwrap_err();
            assert!(matches!(error, GitError::Journal { .. }), "{bad}: {error}");
        }
    }
}
