//! Index and working files follow when HEAD moves to commits of others.

use crate::git::ask::failed;
use crate::git::error::{DirtyPath, GitError};
use crate::git::index::LockedIndex;
use crate::git::program::QUICK;
use crate::git::repository::Repository;
use crate::git::tree::{self, Change};
use crate::model::ids::CommitId;

/// The files in which two commits differ.
pub(crate) struct Difference {
    /// The regular files: what the recovery of a killed run looks after.
    pub(crate) changes: Vec<Change>,
    /// Whether there is anything else: links, submodules, names that no path of ours can
    /// have, a file where a folder was, or attributes, by which the other files would be
    /// written in another way.
    pub(crate) needs_git: bool,
}

/// How index and working files get from one commit to another.
pub(crate) enum Way {
    /// There are none.
    Bare,
    /// As after a commit of ours: each file is prepared beside its place and renamed, and
    /// the index replaced as a whole. Wherever this is killed, the next run finishes it.
    Ourselves(Box<LockedIndex>),
    /// With `git read-tree`, for what only git does right. It writes files in place, and when
    /// it is killed its lock of the index stays, for people to remove.
    Git,
}

impl Repository {
    /// Compares two commits.
    pub(crate) fn difference(
        &self,
        old: &CommitId,
        new: &CommitId,
    ) -> Result<Difference, GitError> {
        let roots = (
            tree::root_of(&self.git, Some(old))?,
            tree::root_of(&self.git, Some(new))?,
        );
        let mut changes = Vec::new();
        let mut needs_git = false;
        for path in self.changed_paths(roots.0, roots.1)? {
            let Ok(path) = path else {
                needs_git = true;
                continue;
            };
            needs_git |= path.file_name() == ".gitattributes";
            let versions = (
                tree::file(&self.git, roots.0, &path),
                tree::file(&self.git, roots.1, &path),
            );
            match versions {
                (Ok(old), Ok(new)) => changes.push(Change { path, old, new }),
                (Err(GitError::Conflict { .. }), _) | (_, Err(GitError::Conflict { .. })) => {
                    needs_git = true;
                }
                (Err(error), _) | (_, Err(error)) => return Err(error),
            }
        }
        Ok(Difference { changes, needs_git })
    }

    /// Chooses the way and makes sure that nobody's uncommitted work is on it.
    ///
    /// # Errors
    /// [`GitError::InTheWay`]: nothing has changed.
    pub(crate) fn ready_to_follow(
        &self,
        old: &CommitId,
        new: &CommitId,
        difference: &Difference,
    ) -> Result<Way, GitError> {
        if self.work_dir().is_none() {
            return Ok(Way::Bare);
        }
        let locked = LockedIndex::take(&self.git, self.index_lock_wait)?;
        if !difference.needs_git && !locked.index.is_sparse() {
            return match self.refuse_dirty(&difference.changes, &locked) {
                Ok(()) => Ok(Way::Ourselves(Box::new(locked))),
                Err(GitError::Dirty { paths }) => Err(in_the_way(&paths)),
                Err(error) => Err(error),
            };
        }
        drop(locked);
        // Lets git see which entries of the index are only out of date. It fails where files
        // were edited, which is no news.
        self.program(&["update-index", "-q", "--refresh"], QUICK)?;
        let tried = self.read_tree(&["--dry-run"], old, new)?;
        match tried {
            Ok(()) => Ok(Way::Git),
            Err(GitError::Program { message, .. }) => Err(GitError::InTheWay { message }),
            Err(error) => Err(error),
        }
    }

    /// Goes there.
    pub(crate) fn follow(
        &self,
        way: &mut Way,
        old: &CommitId,
        new: &CommitId,
        changes: &[Change],
    ) -> Result<(), GitError> {
        match way {
            Way::Bare => Ok(()),
            Way::Ourselves(index) => self.refresh(changes, index).map(|_| ()),
            Way::Git => self.read_tree(&[], old, new)?,
        }
    }

    /// `git read-tree -m -u`, which does what `git checkout` does. The inner error is git's
    /// refusal.
    pub(crate) fn read_tree(
        &self,
        options: &[&str],
        old: &CommitId,
        new: &CommitId,
    ) -> Result<Result<(), GitError>, GitError> {
        let mut arguments = vec!["read-tree", "-m", "-u"];
        arguments.extend(options);
        arguments.extend([old.as_str(), new.as_str()]);
        let said = self.program(&arguments, QUICK)?;
        Ok(if said.success {
            Ok(())
        } else {
            Err(failed(&arguments, &said))
        })
    }
}

fn in_the_way(paths: &[DirtyPath]) -> GitError {
    let shown: Vec<String> = paths.iter().map(ToString::to_string).collect();
    GitError::InTheWay {
        message: shown.join(", "),
    }
}
