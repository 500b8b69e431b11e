//! Reading the files of a commit.

use std::fmt;

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use crate::git::error::GitError;
use crate::git::filters::Filters;
use crate::git::objects;
use crate::git::repository::Repository;
use crate::git::tree::{self, TreeItem};
use crate::model::ids::CommitId;
use crate::model::paths::{Files, MAX_FILE_BYTES, ReadError, RepoPath};

/// The files of one commit. Whatever happens to the branch or the work tree, it stays the
/// same.
#[derive(Clone)]
pub struct CommitFiles {
    git: gix::Repository,
    root: ObjectId,
    /// Whether files are read as git stores them, whatever `.gitattributes` says.
    is_raw: bool,
}

impl fmt::Debug for CommitFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommitFiles")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

fn failed(path: &RepoPath, message: impl fmt::Display) -> ReadError {
    ReadError::Failed {
        path: path.clone(),
        message: message.to_string(),
    }
}

impl Repository {
    /// The files of a commit; of nothing, that is none, for `None`.
    ///
    /// # Errors
    /// [`GitError::Git`] when there is no such commit.
    pub fn files_at(&self, commit: Option<&CommitId>) -> Result<CommitFiles, GitError> {
        let root = tree::root_of(&self.git, commit)?;
        Ok(CommitFiles::new(self.git.clone(), root))
    }

    /// The same, as git stores them: no filter runs, whatever `.gitattributes` asks for.
    ///
    /// # Errors
    /// [`GitError::Git`] when there is no such commit.
    pub fn raw_files_at(&self, commit: Option<&CommitId>) -> Result<CommitFiles, GitError> {
        let files = self.files_at(commit)?;
        Ok(CommitFiles {
            is_raw: true,
            ..files
        })
    }
}

impl CommitFiles {
    pub(crate) fn new(git: gix::Repository, root: ObjectId) -> Self {
        let is_raw = false;
        Self { git, root, is_raw }
    }

    fn find(&self, path: &RepoPath) -> Result<TreeItem, ReadError> {
        tree::find(&self.git, self.root, path).map_err(|error| failed(path, error))
    }

    /// The names in a folder that `wanted` accepts.
    fn children(
        &self,
        folder: &RepoPath,
        wanted: fn(EntryKind) -> bool,
    ) -> Result<Vec<RepoPath>, ReadError> {
        let id = match self.find(folder)? {
            TreeItem::Folder(id) => id,
            TreeItem::Nothing => return Ok(Vec::new()),
            TreeItem::Link => return Err(ReadError::Link(folder.clone())),
            TreeItem::File(_) | TreeItem::BelowFile => {
                return Err(failed(folder, "it is a file, not a folder"));
            }
            TreeItem::Submodule => return Err(failed(folder, "it is, or lies in, a submodule")),
        };
        objects::ensure(&self.git, id).map_err(|e| failed(folder, e))?;
        let tree = self.git.find_tree(id).map_err(|e| failed(folder, e))?;
        let mut paths = Vec::new();
        for entry in tree.iter() {
            let entry = entry.map_err(|e| failed(folder, e))?;
            if !wanted(entry.kind()) {
                continue;
            }
            let name = std::str::from_utf8(entry.filename())
                .map_err(|_| failed(folder, "it holds a name that is not UTF-8"))?;
            let path = RepoPath::new(format!("{folder}/{name}"));
            paths.push(path.map_err(|e| failed(folder, e))?);
        }
        paths.sort();
        Ok(paths)
    }
}

impl Files for CommitFiles {
    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, ReadError> {
        let version = match self.find(path)? {
            TreeItem::Nothing | TreeItem::BelowFile => return Ok(None),
            TreeItem::File(version) => version,
            TreeItem::Link => return Err(ReadError::Link(path.clone())),
            TreeItem::Folder(_) | TreeItem::Submodule => {
                return Err(ReadError::NotAFile(path.clone()));
            }
        };
        objects::ensure(&self.git, version.id).map_err(|e| failed(path, e))?;
        let header = self
            .git
            .find_header(version.id)
            .map_err(|e| failed(path, e))?;
        if header.size() > MAX_FILE_BYTES {
            return Err(ReadError::TooLarge {
                path: path.clone(),
                bytes: header.size(),
            });
        }
        let mut blob = self
            .git
            .find_blob(version.id)
            .map_err(|e| failed(path, e))?;
        if self.is_raw {
            return Ok(Some(blob.take_data()));
        }
        let filters = Filters::of_tree(&self.git, self.root);
        let bytes = filters.as_read(path, blob.take_data());
        Ok(Some(bytes.map_err(|e| failed(path, e))?))
    }

    fn list(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, ReadError> {
        // Links are listed, so that reading them says why they are refused.
        self.children(folder, |kind| {
            matches!(
                kind,
                EntryKind::Blob | EntryKind::BlobExecutable | EntryKind::Link
            )
        })
    }

    fn folders(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, ReadError> {
        self.children(folder, |kind| kind == EntryKind::Tree)
    }
}
