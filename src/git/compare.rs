//! Comparing commits by their objects alone: nothing is checked out, and nothing that they
//! hold is run.

use std::collections::BTreeMap;

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use crate::git::error::GitError;
use crate::git::ids::object_id;
use crate::git::objects;
use crate::git::program::QUICK;
use crate::git::repository::Repository;
use crate::git::tree::{self, TreeItem};
use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;

/// What a tree has at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathKind {
    /// A file.
    File,
    /// A file that may be executed.
    Executable,
    /// A symbolic link.
    Link,
    /// A submodule.
    Submodule,
}

/// A path that differs between two commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedPath {
    /// The path with `/`. Bytes that are not UTF-8 are replaced.
    pub path: String,
    /// What was there; `None` where nothing was.
    pub old: Option<PathKind>,
    /// What is there; `None` where nothing is.
    pub new: Option<PathKind>,
}

/// What is said of a name that names no commit.
pub(super) const NO_SUCH_COMMIT: &str = "there is no such branch, tag or commit here";

/// Deeper folders are not looked into.
const DEEPEST: usize = 64;

/// Kind and content of an entry.
type Item = (EntryKind, ObjectId);

impl Repository {
    /// Returns the commit that a branch, a tag or an id names.
    ///
    /// # Errors
    /// [`GitError::Git`] where it names none.
    pub fn resolve(&self, revision: &str) -> Result<CommitId, GitError> {
        let commit = format!("{revision}^{{commit}}");
        let arguments = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ];
        let said = self.program(&arguments, QUICK)?;
        let found = CommitId::new(said.stdout.trim()).ok();
        found.filter(|_| said.success).ok_or_else(|| GitError::Git {
            action: format!(
                "find the commit {}",
                crate::text::escape::terminal(revision)
            ),
            message: NO_SUCH_COMMIT.to_owned(),
        })
    }

    /// Returns every path that differs between two commits, sorted; all of `new` where there
    /// is no `old`.
    ///
    /// # Errors
    /// [`GitError::Git`] where an object can't be read.
    pub fn differing_paths(
        &self,
        old: Option<&CommitId>,
        new: &CommitId,
    ) -> Result<Vec<ChangedPath>, GitError> {
        let old = tree::root_of(&self.git, old)?;
        let new = tree::root_of(&self.git, Some(new))?;
        let mut found = Vec::new();
        self.compare_trees(Some(old), Some(new), "", 0, &mut found)?;
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// Returns the id of a folder's tree in a commit, in hexadecimal digits; of the whole
    /// tree where no folder is named, and `None` where there is no such folder.
    ///
    /// # Errors
    /// [`GitError::Git`] where an object can't be read.
    pub fn tree_id(
        &self,
        commit: &CommitId,
        folder: Option<&RepoPath>,
    ) -> Result<Option<String>, GitError> {
        let root = tree::tree_of(&self.git, object_id(commit)?)?;
        let Some(folder) = folder else {
            return Ok(Some(root.to_string()));
        };
        Ok(match tree::find(&self.git, root, folder)? {
            TreeItem::Folder(id) => Some(id.to_string()),
            _ => None,
        })
    }

    fn compare_trees(
        &self,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        folder: &str,
        depth: usize,
        found: &mut Vec<ChangedPath>,
    ) -> Result<(), GitError> {
        if old == new || depth > DEEPEST {
            return Ok(());
        }
        let (old, new) = (self.entries(old)?, self.entries(new)?);
        let mut names: Vec<&Vec<u8>> = old.keys().chain(new.keys()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let (was, is) = (old.get(name).copied(), new.get(name).copied());
            if was == is {
                continue;
            }
            let name = String::from_utf8_lossy(name);
            let path = match folder {
                "" => name.into_owned(),
                above => format!("{above}/{name}"),
            };
            let folder_of = |item: Option<Item>| {
                item.filter(|(kind, _)| *kind == EntryKind::Tree)
                    .map(|(_, id)| id)
            };
            let file_of = |item: Option<Item>| item.and_then(|(kind, _)| path_kind(kind));
            self.compare_trees(folder_of(was), folder_of(is), &path, depth + 1, found)?;
            let (old, new) = (file_of(was), file_of(is));
            if old.is_some() || new.is_some() {
                found.push(ChangedPath { path, old, new });
            }
        }
        Ok(())
    }

    fn entries(&self, id: Option<ObjectId>) -> Result<BTreeMap<Vec<u8>, Item>, GitError> {
        let Some(id) = id.filter(|id| !id.is_empty_tree()) else {
            return Ok(BTreeMap::new());
        };
        let action = "read a folder of a commit";
        objects::ensure(&self.git, id)?;
        let tree = self.git.find_tree(id).map_err(GitError::git(action))?;
        let mut out = BTreeMap::new();
        for entry in tree.iter() {
            let entry = entry.map_err(GitError::git(action))?;
            out.insert(entry.filename().to_vec(), (entry.kind(), entry.object_id()));
        }
        Ok(out)
    }
}

fn path_kind(kind: EntryKind) -> Option<PathKind> {
    match kind {
        EntryKind::Blob => Some(PathKind::File),
        EntryKind::BlobExecutable => Some(PathKind::Executable),
        EntryKind::Link => Some(PathKind::Link),
        EntryKind::Commit => Some(PathKind::Submodule),
        EntryKind::Tree => None,
    }
}
