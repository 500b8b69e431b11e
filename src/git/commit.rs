//! Landing a transaction as one commit.

use gix::ObjectId;
use gix::actor::Signature;
use gix::refs::Target;
use gix::refs::transaction::{Change as RefChange, LogChange, PreviousValue, RefEdit, RefLog};

use crate::git::check;
use crate::git::error::{DirtyPath, GitError};
use crate::git::filters::Filters;
use crate::git::identity;
use crate::git::ids::commit_id;
use crate::git::index::LockedIndex;
use crate::git::journal::Journal;
use crate::git::lock::RunLock;
use crate::git::operation::Operation;
use crate::git::repository::Repository;
use crate::git::signing;
use crate::git::sparse;
use crate::git::step::Step;
use crate::git::transaction::{CommitRequest, Transaction};
use crate::git::tree::{self, Change};
use crate::git::work_tree::WorkTree;
use crate::model::ids::CommitId;

impl Repository {
    /// Lands a transaction as one commit on HEAD, then brings index and working files of
    /// just its paths up to date. Nobody's staged, unstaged or untracked work is touched.
    ///
    /// Either all of it happens or nothing; a run that is killed in between is finished or
    /// dropped by the next one. When the base has exactly these contents already, no commit
    /// is made and the base is returned.
    ///
    /// # Errors
    /// [`GitError::BaseMoved`] when HEAD is not at `request.base`: decide again.
    /// [`GitError::Dirty`] when a path has uncommitted changes, [`GitError::InProgress`] during
    /// a rebase, a merge or the like. [`GitError::Unfinished`] when
    /// the commit is made but the work tree could not be brought up to date. Every other
    /// error means that nothing has changed.
    pub fn commit(
        &self,
        transaction: &Transaction,
        request: &CommitRequest,
    ) -> Result<CommitId, GitError> {
        let _lock = RunLock::take(&self.lock_path(), self.lock_wait)?;
        self.step(Step::LockTaken)?;
        self.recover_locked()?;
        self.expect_at_rest()?;
        let mut index = match self.work_dir() {
            Some(_) => Some(LockedIndex::take(&self.git, self.index_lock_wait)?),
            None => None,
        };
        let landed = self.land(transaction, request, index.as_mut());
        if let (Err(GitError::Stopped(_)), Some(index)) = (&landed, index) {
            index.abandon();
        }
        landed
    }

    fn land(
        &self,
        transaction: &Transaction,
        request: &CommitRequest,
        index: Option<&mut LockedIndex>,
    ) -> Result<CommitId, GitError> {
        self.expect_base(request)?;
        let root = tree::root_of(&self.git, request.base.as_ref())?;
        let transaction = &*Filters::of_checkout(&self.git, root).as_stored(transaction)?;
        let changes = tree::changes(&self.git, root, transaction)?;
        if changes.is_empty() {
            return request.base.clone().ok_or(GitError::NothingToCommit);
        }
        if let Some(index) = index.as_deref() {
            sparse::refuse_left_out(&changes, &index.index)?;
            self.refuse_dirty(&changes, index)?;
        }
        let (author, committer) =
            identity::signatures(&self.git, request.author.as_ref(), request.at)?;

        tree::write_blobs(&self.git, &changes, transaction)?;
        self.step(Step::BlobsWritten)?;
        let new_root = tree::write_tree(&self.git, root, &changes)?;
        self.step(Step::TreeWritten)?;
        let commit = self.write_commit(request, new_root, author, committer.clone())?;
        self.step(Step::CommitWritten)?;
        self.write_journal(request, commit, &changes)?;
        self.step(Step::JournalWritten)?;
        if let Err(error) = self.move_head(request, commit, &committer) {
            // A journal that stays is dropped by the next run: the branch has not moved.
            drop(Journal::remove(&self.journal_path()));
            return Err(error);
        }
        self.step(Step::RefMoved)?;
        let finished = match index {
            Some(index) => self.refresh(&changes, index).map(|_| ()),
            None => Ok(()),
        };
        let finished = finished.and_then(|()| Journal::remove(&self.journal_path()));
        match finished {
            Ok(()) => {}
            Err(stopped @ GitError::Stopped(_)) => return Err(stopped),
            Err(source) => {
                return Err(GitError::Unfinished {
                    commit: commit_id(commit),
                    source: Box::new(source),
                });
            }
        }
        self.step(Step::JournalRemoved)?;
        Ok(commit_id(commit))
    }

    /// Refuses a work tree in which a person is in the middle of a rebase, a merge or the
    /// like: a commit on HEAD would become part of it.
    ///
    /// # Errors
    /// [`GitError::InProgress`].
    pub fn expect_at_rest(&self) -> Result<(), GitError> {
        use gix::state::InProgress;
        let operation = match self.git.state() {
            None => return Ok(()),
            Some(InProgress::ApplyMailbox) => Operation::Am,
            Some(
                InProgress::Rebase | InProgress::RebaseInteractive | InProgress::ApplyMailboxRebase,
            ) => Operation::Rebase,
            Some(InProgress::CherryPick | InProgress::CherryPickSequence) => Operation::CherryPick,
            Some(InProgress::Merge) => Operation::Merge,
            Some(InProgress::Revert | InProgress::RevertSequence) => Operation::Revert,
            Some(InProgress::Bisect) => Operation::Bisect,
        };
        Err(GitError::InProgress(operation))
    }

    fn expect_base(&self, request: &CommitRequest) -> Result<(), GitError> {
        let actual = self.head()?.commit;
        if actual == request.base {
            return Ok(());
        }
        Err(GitError::BaseMoved {
            expected: request.base.clone(),
            actual,
        })
    }

    pub(crate) fn refuse_dirty(
        &self,
        changes: &[Change],
        locked: &LockedIndex,
    ) -> Result<(), GitError> {
        let mut work_tree = WorkTree::open(&self.git, &locked.index)?;
        let mut dirty = Vec::new();
        for change in changes {
            let found = check::reason(&change.path, change.old, &locked.index, &mut work_tree)?;
            dirty.extend(found.map(|reason| DirtyPath {
                path: change.path.clone(),
                reason,
            }));
        }
        if dirty.is_empty() {
            Ok(())
        } else {
            Err(GitError::Dirty { paths: dirty })
        }
    }

    pub(crate) fn write_commit(
        &self,
        request: &CommitRequest,
        tree: ObjectId,
        author: Signature,
        committer: Signature,
    ) -> Result<ObjectId, GitError> {
        // A NUL would end the message early for git.
        let message = request.message.replace('\0', "\u{fffd}");
        let commit = gix::objs::Commit {
            tree,
            parents: request.base_id()?.into_iter().collect(),
            author,
            committer,
            encoding: None,
            message: format!("{}\n", message.trim_end()).into(),
            extra_headers: Vec::new(),
        };
        signing::write_commit(&self.git, &commit)
    }

    fn write_journal(
        &self,
        request: &CommitRequest,
        commit: ObjectId,
        changes: &[Change],
    ) -> Result<(), GitError> {
        let head = self.git.head_name().map_err(GitError::git("read HEAD"))?;
        let reference = head.map_or_else(|| "HEAD".to_owned(), |name| name.as_bstr().to_string());
        let paths = changes.iter().map(|c| c.path.clone()).collect();
        Journal::new(commit_id(commit), request.base.clone(), reference, paths)
            .write(&self.journal_path())
    }

    /// Moves the branch that HEAD names, or HEAD itself when it is detached, provided that
    /// it still has the base.
    pub(crate) fn move_head(
        &self,
        request: &CommitRequest,
        commit: ObjectId,
        committer: &Signature,
    ) -> Result<(), GitError> {
        let base = request.base_id()?;
        let subject = request.message.lines().next().unwrap_or_default().trim();
        let kind = if base.is_some() {
            "commit"
        } else {
            "commit (initial)"
        };
        let edit = RefEdit {
            change: RefChange::Update {
                log: LogChange {
                    mode: RefLog::AndReference,
                    force_create_reflog: false,
                    message: format!("{kind}: {subject}").into(),
                },
                expected: base.map_or(PreviousValue::MustNotExist, |id| {
                    PreviousValue::MustExistAndMatch(Target::Object(id))
                }),
                new: Target::Object(commit),
            },
            name: "HEAD".try_into().expect("HEAD is the name of a reference"),
            deref: true,
        };
        let mut buffer = gix::date::parse::TimeBuf::default();
        let moved = self
            .git
            .edit_references_as([edit], Some(committer.to_ref(&mut buffer)));
        let Err(error) = moved else {
            return Ok(());
        };
        let actual = self.head()?.commit;
        if actual == Some(commit_id(commit)) {
            return Ok(());
        }
        if actual != request.base {
            return Err(GitError::BaseMoved {
                expected: request.base.clone(),
                actual,
            });
        }
        Err(GitError::git("move the branch to the new commit")(error))
    }
}
