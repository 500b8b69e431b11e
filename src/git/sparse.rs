//! Sparse checkouts: a file that one leaves out is there in HEAD, and not to be seen in the work
//! tree. It must be taken neither for absent nor for removed.

use crate::git::error::GitError;
use crate::git::index::{self, Staged};
use crate::git::repository::Repository;
use crate::git::tree::Change;
use crate::model::paths::RepoPath;

impl Repository {
    /// Refuses a work tree in which a file below `folder` is left out.
    ///
    /// # Errors
    /// [`GitError::LeftOut`]; [`GitError::Git`] where the index cannot be read.
    pub fn expect_checked_out(&self, folder: &RepoPath) -> Result<(), GitError> {
        let is_sparse = self.git.config_snapshot().boolean("core.sparseCheckout");
        let Some(root) = self.work_dir().filter(|_| is_sparse == Some(true)) else {
            return Ok(());
        };
        let index = index::read(&self.git)?;
        let prefix = format!("{folder}/");
        let inside = RepoPath::new(format!("{prefix}x")).expect("a name below a valid path");
        if index::find(&index, &inside) == Staged::Sparse {
            return Err(GitError::LeftOut(folder.clone()));
        }
        let entries = index.prefixed_entries(prefix.as_str().into());
        for entry in entries.unwrap_or_default() {
            let name = entry.path(&index).to_string();
            let skipped = entry
                .flags
                .contains(gix::index::entry::Flags::SKIP_WORKTREE);
            // A file that is there although it is left out is read as it is.
            if entry.mode.is_sparse() || (skipped && !root.join(&name).exists()) {
                let path = RepoPath::new(name.trim_end_matches('/'));
                return Err(GitError::LeftOut(path.unwrap_or_else(|_| folder.clone())));
            }
        }
        Ok(())
    }
}

/// Refuses to replace or remove files that the sparse checkout leaves out: whoever decided on
/// the change did not see them.
pub(crate) fn refuse_left_out(
    changes: &[Change],
    index: &gix::index::State,
) -> Result<(), GitError> {
    let left_out = |change: &&Change| {
        let staged = index::find(index, &change.path);
        change.old.is_some() && staged.skips_work_tree() || staged == Staged::Sparse
    };
    match changes.iter().find(left_out) {
        Some(change) => Err(GitError::LeftOut(change.path.clone())),
        None => Ok(()),
    }
}
