//! Bringing index and working files of a few paths up to a commit that has landed. A commit
//! ends with it, and so does the recovery of one that was killed.

use crate::git::error::GitError;
use crate::git::index::{self, LockedIndex};
use crate::git::objects;
use crate::git::repository::Repository;
use crate::git::step::Step;
use crate::git::tree::{Change, Version};
use crate::git::work_tree::{OnDisk, WorkTree};
use crate::model::paths::RepoPath;

/// Up to how many working files are made safe from power loss one by one. A commit of ours
/// has fewer; where others pushed thousands of files, it would take minutes, and git itself
/// makes none of them safe.
const MOST_SYNCED: usize = 500;

impl Repository {
    /// Brings the paths from their old to their new versions. What is neither the old nor
    /// the new version is a person's edit and stays; such paths are returned.
    pub(crate) fn refresh(
        &self,
        changes: &[Change],
        locked: &mut LockedIndex,
    ) -> Result<Vec<RepoPath>, GitError> {
        let mut work_tree = WorkTree::open(&self.git, &locked.index)?;
        work_tree.sync = changes.len() <= MOST_SYNCED;
        index::keep_doubts(&self.git, &mut locked.index, &mut work_tree);
        let mut kept = Vec::new();
        let mut on_disk = Vec::with_capacity(changes.len());
        for (n, change) in changes.iter().enumerate() {
            let found = self.refresh_file(change, &locked.index, &mut work_tree)?;
            match found {
                Some(found) => on_disk.push(found),
                None => {
                    kept.push(change.path.clone());
                    on_disk.push(OnDisk::Nothing);
                }
            }
            self.step(Step::FileWritten(n))?;
        }
        for (change, found) in changes.iter().zip(on_disk) {
            index::update(&mut locked.index, change, &work_tree, found)?;
        }
        locked.write()?;
        self.step(Step::IndexWritten)?;
        Ok(kept)
    }

    /// What is in the work tree afterwards; `None` when an edit was kept.
    fn refresh_file(
        &self,
        change: &Change,
        index: &gix::index::State,
        work_tree: &mut WorkTree<'_>,
    ) -> Result<Option<OnDisk>, GitError> {
        let path = &change.path;
        work_tree.clear_temporary(path)?;
        let tracked = change.new.or(change.old);
        let found = work_tree.look(path, index, tracked)?;
        let skipped = index::find(index, path).skips_work_tree();
        if found.is(change.new) || (found == OnDisk::Nothing && skipped) {
            return Ok(Some(found));
        }
        if !found.is(change.old) {
            return Ok(None);
        }
        match change.new {
            None => {
                work_tree.remove(path)?;
                Ok(Some(OnDisk::Nothing))
            }
            Some(new) => {
                work_tree.write(path, &self.content(path, new)?, new.executable)?;
                Ok(Some(OnDisk::File(new)))
            }
        }
    }

    fn content(&self, path: &RepoPath, version: Version) -> Result<Vec<u8>, GitError> {
        objects::ensure(&self.git, version.id)?;
        let blob = self.git.find_blob(version.id);
        let mut blob = blob.map_err(GitError::git(format!("read {path} from the commit")))?;
        Ok(blob.take_data())
    }
}
