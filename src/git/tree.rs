//! Looking paths up in trees, and writing trees that differ from a base in a few paths.

use std::collections::BTreeMap;

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use crate::git::error::GitError;
use crate::git::ids::object_id;
use crate::git::objects;
use crate::git::transaction::{Edit, Transaction};
use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;

/// A version of a file: content and whether it may be executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) id: ObjectId,
    pub(crate) executable: bool,
}

/// What a tree has at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TreeItem {
    Nothing,
    File(Version),
    Folder(ObjectId),
    /// A symbolic link at the path or above it.
    Link,
    /// A submodule at the path or above it.
    Submodule,
    /// A file above the path.
    BelowFile,
}

/// A path's versions before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) path: RepoPath,
    pub(crate) old: Option<Version>,
    pub(crate) new: Option<Version>,
}

/// The folders above a path, outermost first.
pub(crate) fn parents(path: &RepoPath) -> impl Iterator<Item = &str> {
    let text = path.as_str();
    text.match_indices('/').map(move |(at, _)| &text[..at])
}

/// The tree of a commit; the empty tree for `None`.
pub(crate) fn root_of(
    git: &gix::Repository,
    commit: Option<&CommitId>,
) -> Result<ObjectId, GitError> {
    let Some(commit) = commit else {
        return Ok(ObjectId::empty_tree(git.object_hash()));
    };
    tree_of(git, object_id(commit)?)
}

/// The tree of a commit.
pub(crate) fn tree_of(git: &gix::Repository, commit: ObjectId) -> Result<ObjectId, GitError> {
    let action = || format!("read commit {commit}");
    let commit = git.find_commit(commit).map_err(GitError::git(action()))?;
    let tree = commit.tree_id().map_err(GitError::git(action()))?;
    Ok(tree.detach())
}

/// Looks a path up.
pub(crate) fn find(
    git: &gix::Repository,
    root: ObjectId,
    path: &RepoPath,
) -> Result<TreeItem, GitError> {
    let mut at = TreeItem::Folder(root);
    for name in path.as_str().split('/') {
        let folder = match at {
            TreeItem::Folder(id) => id,
            TreeItem::File(_) => return Ok(TreeItem::BelowFile),
            other => return Ok(other),
        };
        let action = || format!("read the folder above {path}");
        let tree = match git.find_tree(folder) {
            Ok(tree) => tree,
            Err(error) => {
                objects::ensure(git, folder)?;
                git.find_tree(folder)
                    .map_err(|_| GitError::git(action())(error))?
            }
        };
        at = match tree.find_entry(name) {
            None => TreeItem::Nothing,
            Some(entry) => match entry.kind() {
                EntryKind::Tree => TreeItem::Folder(entry.object_id()),
                EntryKind::Link => TreeItem::Link,
                EntryKind::Commit => TreeItem::Submodule,
                kind => TreeItem::File(Version {
                    id: entry.object_id(),
                    executable: kind == EntryKind::BlobExecutable,
                }),
            },
        };
    }
    Ok(at)
}

/// Looks a file up that may only be a file or absent.
pub(crate) fn file(
    git: &gix::Repository,
    root: ObjectId,
    path: &RepoPath,
) -> Result<Option<Version>, GitError> {
    let reason = match find(git, root, path)? {
        TreeItem::Nothing => return Ok(None),
        TreeItem::File(version) => return Ok(Some(version)),
        TreeItem::Folder(_) => "it is a folder in the commit",
        TreeItem::Link => "it is, or lies behind, a symbolic link in the commit",
        TreeItem::Submodule => "it is, or lies in, a submodule",
        TreeItem::BelowFile => "a file is above it in the commit",
    };
    Err(GitError::Conflict {
        path: path.clone(),
        reason: reason.to_owned(),
    })
}

/// Tells which paths a transaction really changes, against a tree. Writes nothing. An
/// existing file keeps its executable bit.
pub(crate) fn changes(
    git: &gix::Repository,
    root: ObjectId,
    transaction: &Transaction,
) -> Result<Vec<Change>, GitError> {
    let edits = transaction.edits();
    refuse_nested(edits)?;
    let mut changes = Vec::new();
    for (path, edit) in edits {
        let old = file(git, root, path)?;
        let new = match edit {
            Edit::Delete => None,
            Edit::Write(bytes) => Some(Version {
                id: blob_id(git, bytes)?,
                executable: old.map_or(transaction.is_executable(path), |o| o.executable),
            }),
        };
        if old != new {
            changes.push(Change {
                path: path.clone(),
                old,
                new,
            });
        }
    }
    Ok(changes)
}

/// The id of content, whether it is stored or not.
pub(crate) fn blob_id(git: &gix::Repository, bytes: &[u8]) -> Result<ObjectId, GitError> {
    gix::objs::compute_hash(git.object_hash(), gix::objs::Kind::Blob, bytes)
        .map_err(GitError::git("hash the content of a file"))
}

/// Stores the new contents of changed paths.
pub(crate) fn write_blobs(
    git: &gix::Repository,
    changes: &[Change],
    transaction: &Transaction,
) -> Result<(), GitError> {
    for change in changes {
        if let Some(Edit::Write(bytes)) = transaction.edits().get(&change.path) {
            git.write_blob(bytes)
                .map_err(GitError::git(format!("store {}", change.path)))?;
        }
    }
    Ok(())
}

/// A path can't be a file and a folder.
pub(crate) fn refuse_nested(edits: &BTreeMap<RepoPath, Edit>) -> Result<(), GitError> {
    for path in edits.keys() {
        for parent in parents(path) {
            let above = RepoPath::new(parent).expect("a folder above a valid path is valid");
            if edits.contains_key(&above) {
                return Err(GitError::Conflict {
                    path: path.clone(),
                    reason: format!("the same transaction changes {above} as a file"),
                });
            }
        }
    }
    Ok(())
}

/// Writes the trees above changed paths, and only these. Folders that become empty vanish.
pub(crate) fn write_tree(
    git: &gix::Repository,
    root: ObjectId,
    changes: &[Change],
) -> Result<ObjectId, GitError> {
    let action = "write the new tree";
    let mut editor = git.edit_tree(root).map_err(GitError::git(action))?;
    for change in changes {
        let path = change.path.as_str();
        let edited = match change.new {
            None => editor.remove(path).map(|_| ()),
            Some(version) => {
                let kind = if version.executable {
                    EntryKind::BlobExecutable
                } else {
                    EntryKind::Blob
                };
                editor.upsert(path, kind, version.id).map(|_| ())
            }
        };
        edited.map_err(|error| GitError::Conflict {
            path: change.path.clone(),
            reason: crate::git::error::one_line(&error),
        })?;
    }
    if objects::is_partial(git) {
        // Neighbours of what changes need not be here; without that, their absence is damage.
        let mut editor = editor.detach();
        let written = editor.write(|tree| git.write_object(tree).map(gix::Id::detach));
        return written.map_err(GitError::git(action));
    }
    let written = editor.write().map_err(GitError::git(action))?;
    Ok(written.detach())
}
