//! Finishing what a killed run began, or forgetting it.

use std::collections::{HashSet, VecDeque};
use std::fs;
use std::path::Path;
use std::time::Duration;

use gix::ObjectId;

use crate::git::error::GitError;
use crate::git::ids::object_id;
use crate::git::index::LockedIndex;
use crate::git::journal::Journal;
use crate::git::lock::{self, IndexLock, RunLock};
use crate::git::repository::Repository;
use crate::git::tree::{self, Change, TreeItem};
use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;

/// What [`Repository::recover`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// No run was interrupted.
    Nothing,
    /// A run was interrupted before its commit landed: the old state stands.
    Dropped {
        /// The commit that no one will see.
        commit: CommitId,
    },
    /// A run was interrupted after its commit had landed: index and working files now show
    /// it.
    Finished {
        /// The commit.
        commit: CommitId,
        /// Working files that were edited since and are left as they are.
        kept: Vec<RepoPath>,
    },
}

/// How many commits the branch may have gained since the interrupted run.
const SEARCHED_COMMITS: usize = 1000;

/// How long a lock of a reference must stay untouched to be taken for left over.
const REF_LOCK_WAIT: Duration = Duration::from_millis(500);

/// How long after its journal a run takes the lock of the packed references, at most: it
/// waits for a second where another program has it.
const PACKED_REFS_LOCK_AFTER: Duration = Duration::from_secs(5);

impl Repository {
    /// Finishes an interrupted commit of an earlier run, if there is one. Edits that
    /// that were made since are never overwritten. Committing does this by itself.
    ///
    /// # Errors
    /// [`GitError::Locked`], [`GitError::IndexLocked`], [`GitError::Journal`],
    /// [`GitError::Git`], [`GitError::Io`]. It can be repeated after any of them.
    pub fn recover(&self) -> Result<Recovery, GitError> {
        // Looking at a sound repository takes no lock: it may be one that this user must not
        // write to, and a run that holds the lock but has not begun to land is in no one's way.
        if !self.has_left_overs() {
            return Ok(Recovery::Nothing);
        }
        let _lock = RunLock::take(&self.lock_path(), self.lock_wait)?;
        self.recover_locked()
    }

    /// Whether a run is landing, or was killed while it did.
    fn has_left_overs(&self) -> bool {
        let journal = self.journal_path();
        let temporary = Journal::temporary(&journal);
        let marker = IndexLock::marker(&self.git.index_path());
        [journal, temporary, marker]
            .iter()
            .any(|path| path.symlink_metadata().is_ok())
    }

    pub(crate) fn recover_locked(&self) -> Result<Recovery, GitError> {
        let has_work_tree = self.work_dir().is_some();
        if has_work_tree {
            IndexLock::clear_stale(&self.git.index_path())?;
        }
        let path = self.journal_path();
        Journal::clear_temporary(&path)?;
        let Some(journal) = Journal::read(&path)? else {
            return Ok(Recovery::Nothing);
        };
        self.clear_ref_locks(&journal)?;
        let commit = journal.commit.clone();
        if !self.has_landed(&journal)? {
            Journal::remove(&path)?;
            return Ok(Recovery::Dropped { commit });
        }
        let mut kept = Vec::new();
        if has_work_tree {
            // First, as attributes say how the other files are written.
            self.follow_with_git(&journal)?;
            let changes = self.journal_changes(&journal)?;
            let mut index = LockedIndex::take(&self.git, self.index_lock_wait)?;
            let refreshed = self.refresh(&changes, &mut index);
            if let Err(GitError::Stopped(_)) = refreshed {
                index.abandon();
            }
            kept = refreshed?;
            // Again, in case git had begun with files that are whole only now.
            self.follow_with_git(&journal)?;
        }
        Journal::remove(&path)?;
        Ok(Recovery::Finished { commit, kept })
    }

    /// The links, submodules and the like of a rebuild, provided that HEAD is still there.
    fn follow_with_git(&self, journal: &Journal) -> Result<(), GitError> {
        let head = self.head()?.commit;
        if let (true, Some(old)) = (journal.with_git, &journal.old)
            && head.as_ref() == Some(&journal.commit)
        {
            // Where files were edited since, git refuses, and `git status` shows the rest.
            drop(self.read_tree(&[], old, &journal.commit)?);
        }
        Ok(())
    }

    fn clear_ref_locks(&self, journal: &Journal) -> Result<(), GitError> {
        let mut locks = vec![self.git_dir().join("HEAD.lock")];
        if journal.reference.starts_with("refs/heads/") {
            let name = format!("{}.lock", journal.reference);
            locks.push(self.git.common_dir().join(name));
        }
        for path in locks {
            lock::clear_ref_lock(&path, journal.commit.as_str(), REF_LOCK_WAIT)?;
        }
        self.clear_packed_refs_lock()
    }

    /// While the branch is moved, the library also holds the lock of the packed references.
    /// The lock names no owner, so its age shows whose it is: the killed run took it right after
    /// it had written its journal.
    fn clear_packed_refs_lock(&self) -> Result<(), GitError> {
        let path = self.git.common_dir().join("packed-refs.lock");
        let modified = |path: &Path| fs::metadata(path).and_then(|found| found.modified());
        let (Ok(lock), Ok(journal)) = (modified(&path), modified(&self.journal_path())) else {
            return Ok(());
        };
        match lock.duration_since(journal) {
            Ok(later) if later <= PACKED_REFS_LOCK_AFTER => {
                lock::clear_ref_lock(&path, "", REF_LOCK_WAIT)
            }
            _ => Ok(()),
        }
    }

    /// Whether the branch that was to be moved, or HEAD, has the commit or descends from it.
    fn has_landed(&self, journal: &Journal) -> Result<bool, GitError> {
        let commit = object_id(&journal.commit)?;
        if !self.git.has_object(commit) {
            return Ok(false);
        }
        let mut tips = Vec::new();
        if let Some(head) = self.head()?.commit {
            tips.push(object_id(&head)?);
        }
        let action = || format!("read {}", journal.reference);
        let reference = self
            .git
            .try_find_reference(journal.reference.as_str())
            .map_err(GitError::git(action()))?;
        if let Some(id) = reference.and_then(|r| r.try_id().map(gix::Id::detach)) {
            tips.push(id);
        }
        let old = journal.old.as_ref().map(object_id).transpose()?;
        tips.retain(|tip| Some(*tip) != old);
        self.descends(tips, commit)
    }

    /// Whether `commit` is among the newest ancestors of the tips.
    pub(crate) fn descends(&self, tips: Vec<ObjectId>, commit: ObjectId) -> Result<bool, GitError> {
        let mut seen: HashSet<ObjectId> = tips.iter().copied().collect();
        let mut next = VecDeque::from(tips);
        while let Some(id) = next.pop_front() {
            if id == commit {
                return Ok(true);
            }
            if seen.len() > SEARCHED_COMMITS {
                break;
            }
            // The parents of a shallow clone's last commits are not there.
            let Ok(found) = self.git.find_commit(id) else {
                continue;
            };
            for parent in found.parent_ids() {
                if seen.insert(parent.detach()) {
                    next.push_back(parent.detach());
                }
            }
        }
        Ok(false)
    }

    /// The changes of the commit that HEAD still shows.
    fn journal_changes(&self, journal: &Journal) -> Result<Vec<Change>, GitError> {
        let old_root = tree::root_of(&self.git, journal.old.as_ref())?;
        let new_root = tree::root_of(&self.git, Some(&journal.commit))?;
        let head_root = tree::root_of(&self.git, self.head()?.commit.as_ref())?;
        let mut changes = Vec::new();
        for path in &journal.paths {
            let old = tree::file(&self.git, old_root, path)?;
            let new = tree::file(&self.git, new_root, path)?;
            let head = match tree::find(&self.git, head_root, path)? {
                TreeItem::File(version) => Some(version),
                TreeItem::Nothing => None,
                _ => continue,
            };
            if head == new {
                changes.push(Change {
                    path: path.clone(),
                    old,
                    new,
                });
            }
        }
        Ok(changes)
    }
}
