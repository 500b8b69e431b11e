//! A set of file changes that lands together, and what its commit needs beside them.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;

use crate::git::error::GitError;
use crate::git::ids::object_id;
use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;

/// One file's change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// New content.
    Write(Vec<u8>),
    /// The file goes away.
    Delete,
}

/// Changes of files, by path. Later changes of one path replace earlier ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transaction {
    edits: BTreeMap<RepoPath, Edit>,
    /// Which of the written files are programs.
    executable: BTreeSet<RepoPath>,
}

impl Transaction {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a file.
    pub fn write(&mut self, path: RepoPath, bytes: impl Into<Vec<u8>>) {
        self.edits.insert(path, Edit::Write(bytes.into()));
    }

    /// Writes a program: a file that may be executed. One that is there keeps its bit.
    pub fn write_executable(&mut self, path: RepoPath, bytes: impl Into<Vec<u8>>) {
        self.executable.insert(path.clone());
        self.write(path, bytes);
    }

    /// Whether a file is written as a program.
    pub fn is_executable(&self, path: &RepoPath) -> bool {
        self.executable.contains(path)
    }

    /// Removes a file.
    pub fn delete(&mut self, path: RepoPath) {
        self.edits.insert(path, Edit::Delete);
    }

    /// The changes, sorted by path.
    pub fn edits(&self) -> &BTreeMap<RepoPath, Edit> {
        &self.edits
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }
}

/// What a commit needs beside its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitRequest {
    /// The commit that the transaction was decided on, `None` on a branch without commits.
    pub base: Option<CommitId>,
    /// The message: a subject, then if wanted an empty line, text and trailers.
    pub message: String,
    /// Name and mail address of the author, in place of those of git's configuration.
    pub author: Option<(String, String)>,
    /// The time of the commit.
    pub at: jiff::Timestamp,
}

impl CommitRequest {
    /// Its base as an object id.
    pub(crate) fn base_id(&self) -> Result<Option<ObjectId>, GitError> {
        self.base.as_ref().map(object_id).transpose()
    }
}
