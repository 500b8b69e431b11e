//! The index: reading it under its lock, changing entries of a few paths, writing it back
//! without losing anything that the user staged or edited.

use std::time::Duration;

use gix::index::entry::{Flags, Mode, Stage, Stat, stat};
use gix::index::fs::Metadata;
use gix::objs::tree::EntryKind;

use crate::git::error::GitError;
use crate::git::lock::IndexLock;
use crate::git::tree::{Change, Version, parents};
use crate::git::work_tree::{OnDisk, WorkTree};
use crate::model::paths::{MAX_FILE_BYTES, RepoPath};

/// What the index has at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Staged {
    Nothing,
    File {
        version: Version,
        /// The user's sparse checkout keeps the file out of the work tree.
        skip_work_tree: bool,
    },
    /// A link, a submodule, or an entry that `git add -N` made.
    Other,
    /// A folder at the path, or a file above it.
    InTheWay,
    Unmerged,
    /// A folder above the path is collapsed to one entry.
    Sparse,
}

impl Staged {
    pub(crate) fn is(self, wanted: Option<Version>) -> bool {
        self.version() == wanted && matches!(self, Self::Nothing | Self::File { .. })
    }

    pub(crate) fn version(self) -> Option<Version> {
        match self {
            Self::File { version, .. } => Some(version),
            _ => None,
        }
    }

    pub(crate) fn skips_work_tree(self) -> bool {
        matches!(
            self,
            Self::File {
                skip_work_tree: true,
                ..
            }
        )
    }
}

/// Reads the index; an empty one where there is none yet.
pub(crate) fn read(git: &gix::Repository) -> Result<gix::index::File, GitError> {
    let path = git.index_path();
    if !path.exists() {
        let empty = gix::index::State::new(git.object_hash());
        return Ok(gix::index::File::from_state(empty, path));
    }
    git.open_index().map_err(GitError::git("read the index"))
}

/// Looks a path up.
pub(crate) fn find(index: &gix::index::State, path: &RepoPath) -> Staged {
    let name = path.as_str().into();
    for stage in [Stage::Base, Stage::Ours, Stage::Theirs] {
        if index.entry_by_path_and_stage(name, stage).is_some() {
            return Staged::Unmerged;
        }
    }
    for parent in parents(path) {
        if index.is_sparse() {
            let folder = format!("{parent}/");
            let entry = index.entry_by_path(folder.as_str().into());
            if entry.is_some_and(|e| e.mode.is_sparse()) {
                return Staged::Sparse;
            }
        }
        if index.entry_by_path(parent.into()).is_some() {
            return Staged::InTheWay;
        }
    }
    let Some(entry) = index.entry_by_path_and_stage(name, Stage::Unconflicted) else {
        return if index.path_is_directory(name) {
            Staged::InTheWay
        } else {
            Staged::Nothing
        };
    };
    let plain = entry.mode == Mode::FILE || entry.mode == Mode::FILE_EXECUTABLE;
    if !plain || entry.flags.contains(Flags::INTENT_TO_ADD) {
        return Staged::Other;
    }
    Staged::File {
        version: Version {
            id: entry.id,
            executable: entry.mode == Mode::FILE_EXECUTABLE,
        },
        skip_work_tree: entry.flags.contains(Flags::SKIP_WORKTREE),
    }
}

/// Gives a path its new version, provided that the index has the old one or the new one:
/// what the user staged since stays. `on_disk` tells whether the working file is
/// the new version, so that its time stamps may vouch for it.
pub(crate) fn update(
    index: &mut gix::index::State,
    change: &Change,
    work_tree: &WorkTree<'_>,
    on_disk: OnDisk,
) -> Result<(), GitError> {
    let staged = find(index, &change.path);
    if !staged.is(change.old) && !staged.is(change.new) {
        return Ok(());
    }
    let name = change.path.as_str().into();
    let Some(new) = change.new else {
        if let Some(at) = index.entry_index_by_path_and_stage(name, Stage::Unconflicted) {
            index.remove_entry_at_index(at);
            invalidate_tree(index, &change.path);
        }
        return Ok(());
    };
    let stat = if on_disk.is(Some(new)) {
        let full = work_tree.full_path(&change.path);
        let found = Metadata::from_path_no_follow(&full).map_err(GitError::io("look at", &full))?;
        // Times before 1970 vouch for nothing.
        Stat::from_fs(&found).unwrap_or_default()
    } else {
        Stat::default()
    };
    let mode: Mode = if new.executable {
        Mode::FILE_EXECUTABLE
    } else {
        Mode::FILE
    };
    match index.entry_mut_by_path_and_stage(name, Stage::Unconflicted) {
        Some(entry) => {
            entry.id = new.id;
            entry.mode = mode;
            entry.stat = stat;
        }
        None => {
            index.dangerously_push_entry(stat, new.id, Flags::empty(), mode, name);
            index.sort_entries();
        }
    }
    invalidate_tree(index, &change.path);
    Ok(())
}

/// Marks the cached trees above a path as out of date; the others stay and keep the user's
/// next commit fast.
fn invalidate_tree(index: &mut gix::index::State, path: &RepoPath) {
    let mut node = index.tree_mut();
    let mut names = path.as_str().split('/').peekable();
    while let Some(tree) = node {
        tree.num_entries = None;
        let Some(name) = names.next() else {
            return;
        };
        if names.peek().is_none() {
            // A file is no folder any more, should it have been one.
            tree.children
                .retain(|child| child.name.as_slice() != name.as_bytes());
            return;
        }
        node = tree
            .children
            .iter_mut()
            .find(|child| child.name.as_slice() == name.as_bytes());
    }
}

/// Git takes an entry's time stamps for proof that the file is unchanged, except when the
/// file is not older than the index. Writing the index makes it younger and would turn such
/// an entry's doubt into false certainty: an edit of the user would become invisible. So
/// entries in doubt whose file was really edited get a size that makes git look.
pub(crate) fn keep_doubts(
    git: &gix::Repository,
    index: &mut gix::index::File,
    work_tree: &mut WorkTree<'_>,
) {
    let trust_ctime = git.config_snapshot().boolean("core.trustctime");
    let trust_ctime = trust_ctime.unwrap_or(true);
    let written = index.timestamp().unix_seconds();
    let options = stat::Options {
        trust_ctime,
        check_stat: false,
        use_nsec: false,
        use_stdev: false,
    };
    let mut in_doubt = Vec::new();
    for (at, entry) in index.entries().iter().enumerate() {
        let file = entry.mode == Mode::FILE || entry.mode == Mode::FILE_EXECUTABLE;
        let link = entry.mode == Mode::SYMLINK;
        if i64::from(entry.stat.mtime.secs) >= written && (file || link) && entry.stat.size != 0 {
            in_doubt.push((at, link));
        }
    }
    for (at, link) in in_doubt {
        let entry = index.entry(at);
        let path = std::str::from_utf8(entry.path(index)).ok();
        let path = path.and_then(|p| RepoPath::new(p).ok());
        let unchanged = match &path {
            Some(path) if !link && u64::from(entry.stat.size) <= MAX_FILE_BYTES => {
                let full = work_tree.full_path(path);
                let stat = Metadata::from_path_no_follow(&full).ok();
                let stat = stat.and_then(|m| Stat::from_fs(&m).ok());
                match stat {
                    Some(stat) if entry.stat.matches(&stat, options) => {
                        let (id, mode) = (entry.id, entry.mode);
                        let tracked = version_of(id, mode);
                        let found = work_tree.look(path, index, tracked);
                        // A file that can't be read or filtered is for git to judge.
                        found.is_ok_and(|found| found.is(tracked))
                    }
                    // Git sees from the time stamps alone that it changed.
                    _ => true,
                }
            }
            // A link, a name that paths of ours can't have, or too large: let git look.
            _ => false,
        };
        if !unchanged {
            index.entries_mut()[at].stat.size = 0;
        }
    }
}

fn version_of(id: gix::ObjectId, mode: Mode) -> Option<Version> {
    let kind = mode.to_tree_entry_mode()?.kind();
    Some(Version {
        id,
        executable: kind == EntryKind::BlobExecutable,
    })
}

/// The index, with its lock held.
pub(crate) struct LockedIndex {
    pub(crate) index: gix::index::File,
    lock: Option<IndexLock>,
    /// The user wants it so, with `index.skipHash`.
    without_checksum: bool,
}

impl LockedIndex {
    /// Takes the lock, then reads.
    pub(crate) fn take(git: &gix::Repository, wait: Duration) -> Result<Self, GitError> {
        let lock = IndexLock::take(&git.index_path(), wait)?;
        let skip = git.config_snapshot().boolean("index.skipHash");
        Ok(Self {
            index: read(git)?,
            lock: Some(lock),
            without_checksum: skip.unwrap_or(false),
        })
    }

    /// Writes the index and lets go of its lock. A second call does nothing.
    ///
    /// The library writes entries, the tree cache and the mark of sparse entries. The
    /// caches of untracked files and of a file system monitor, and the split of the index,
    /// are left out; git makes them anew.
    pub(crate) fn write(&mut self) -> Result<(), GitError> {
        let Some(lock) = self.lock.take() else {
            return Ok(());
        };
        let mut bytes = Vec::new();
        let options = gix::index::write::Options {
            skip_hash: self.without_checksum,
            ..Default::default()
        };
        self.index
            .write_to(&mut bytes, options)
            .map_err(GitError::git("write the index"))?;
        lock.replace(&bytes)
    }

    /// Leaves the lock as a killed process would.
    pub(crate) fn abandon(self) {
        if let Some(lock) = self.lock {
            lock.abandon();
        }
    }
}
