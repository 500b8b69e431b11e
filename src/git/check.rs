//! Whether a path has changes that are not committed, and writing without committing.

use std::collections::BTreeMap;

use crate::git::error::{DirtyPath, DirtyReason, GitError};
use crate::git::filters::Filters;
use crate::git::index::{self, Staged};
use crate::git::lock::RunLock;
use crate::git::repository::Repository;
use crate::git::sparse;
use crate::git::transaction::{Edit, Transaction};
use crate::git::tree::{self, Version};
use crate::git::work_tree::{OnDisk, WorkTree};
use crate::model::paths::RepoPath;

/// In what way a path differs from `head`, the version that HEAD has.
pub(crate) fn reason(
    path: &RepoPath,
    head: Option<Version>,
    index: &gix::index::State,
    work_tree: &mut WorkTree<'_>,
) -> Result<Option<DirtyReason>, GitError> {
    let staged = index::find(index, path);
    match staged {
        Staged::Unmerged => return Ok(Some(DirtyReason::Unmerged)),
        Staged::Sparse => {
            return Err(GitError::LeftOut(path.clone()));
        }
        _ if !staged.is(head) => return Ok(Some(DirtyReason::Staged)),
        _ => {}
    }
    let on_disk = work_tree.look(path, index, head)?;
    Ok(match on_disk {
        OnDisk::InTheWay(reason) => Some(reason),
        _ if on_disk.is(head) => None,
        OnDisk::Nothing if staged.skips_work_tree() => None,
        _ if head.is_none() => Some(DirtyReason::Untracked),
        _ => Some(DirtyReason::Edited),
    })
}

impl Repository {
    /// Which of these paths have changes that are not committed: staged, unstaged or
    /// untracked. None in a bare repository.
    ///
    /// # Errors
    /// [`GitError::Conflict`] for a path that is no file in HEAD; [`GitError::Git`],
    /// [`GitError::Io`].
    pub fn dirty(&self, paths: &[RepoPath]) -> Result<Vec<RepoPath>, GitError> {
        if self.work_dir().is_none() {
            return Ok(Vec::new());
        }
        let root = tree::root_of(&self.git, self.head()?.commit.as_ref())?;
        let index = index::read(&self.git)?;
        let mut work_tree = WorkTree::open(&self.git, &index)?;
        let mut dirty = Vec::new();
        for path in paths {
            let head = tree::file(&self.git, root, path)?;
            if reason(path, head, &index, &mut work_tree)?.is_some() {
                dirty.push(path.clone());
            }
        }
        Ok(dirty)
    }

    /// Changes the working files without committing. All paths are checked before the first
    /// is written; one that has an uncommitted change already is refused unless it has
    /// the new content.
    ///
    /// # Errors
    /// [`GitError::Dirty`], [`GitError::NoWorkTree`], [`GitError::Locked`],
    /// [`GitError::Conflict`]; after [`GitError::Io`] some files may be written.
    pub fn write_uncommitted(&self, transaction: &Transaction) -> Result<(), GitError> {
        self.write_over(transaction, &BTreeMap::new())
    }

    /// The same, over uncommitted changes too where a file still has the content that `read` names:
    /// the new content is made of it.
    ///
    /// # Errors
    /// As [`Repository::write_uncommitted`].
    pub fn write_over(
        &self,
        transaction: &Transaction,
        read: &BTreeMap<RepoPath, Vec<u8>>,
    ) -> Result<(), GitError> {
        if self.work_dir().is_none() {
            return Err(GitError::NoWorkTree(self.git_dir().to_owned()));
        }
        let _lock = RunLock::take(&self.lock_path(), self.lock_wait)?;
        self.recover_locked()?;
        tree::refuse_nested(transaction.edits())?;
        let root = tree::root_of(&self.git, self.head()?.commit.as_ref())?;
        let transaction = &*Filters::of_checkout(&self.git, root).as_stored(transaction)?;
        let index = index::read(&self.git)?;
        sparse::refuse_left_out(&tree::changes(&self.git, root, transaction)?, &index)?;
        let mut work_tree = WorkTree::open(&self.git, &index)?;

        let mut dirty = Vec::new();
        let mut to_do = Vec::new();
        for (path, edit) in transaction.edits() {
            let head = tree::file(&self.git, root, path)?;
            let on_disk = work_tree.look(path, &index, head)?;
            let done = match (edit, on_disk) {
                (Edit::Delete, OnDisk::Nothing) => true,
                (Edit::Write(bytes), OnDisk::File(found)) => {
                    found.id == tree::blob_id(&self.git, bytes)?
                }
                _ => false,
            };
            if done {
                continue;
            }
            let is_as_read = match (read.get(path), on_disk) {
                (Some(bytes), OnDisk::File(found)) => found.id == tree::blob_id(&self.git, bytes)?,
                _ => false,
            };
            if !is_as_read && let Some(reason) = reason(path, head, &index, &mut work_tree)? {
                dirty.push(DirtyPath {
                    path: path.clone(),
                    reason,
                });
            }
            let executable = head.map_or(transaction.is_executable(path), |h| h.executable);
            to_do.push((path, edit, executable));
        }
        if !dirty.is_empty() {
            return Err(GitError::Dirty { paths: dirty });
        }
        for (path, edit, executable) in to_do {
            match edit {
                Edit::Write(bytes) => work_tree.write(path, bytes, executable)?,
                Edit::Delete => work_tree.remove(path)?,
            }
        }
        Ok(())
    }
}
