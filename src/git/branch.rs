//! Landing on a branch that is not checked out: no working file and no index is touched.

use std::fs;

use gix::ObjectId;
use gix::refs::Target;
use gix::refs::transaction::{Change as RefChange, LogChange, PreviousValue, RefEdit, RefLog};

use crate::git::error::GitError;
use crate::git::filters::Filters;
use crate::git::identity;
use crate::git::ids::{commit_id, object_id};
use crate::git::journal::Journal;
use crate::git::lock::RunLock;
use crate::git::repository::Repository;
use crate::git::step::Step;
use crate::git::transaction::{CommitRequest, Transaction};
use crate::git::tree;
use crate::model::ids::CommitId;

/// Where the branch is and what is built on.
struct BranchTip {
    /// `refs/heads/…`.
    reference: String,
    /// What the branch has here, `None` where it is not here yet.
    here: Option<CommitId>,
    /// The parent of the next commit.
    base: Option<CommitId>,
}

/// One move of a branch.
struct Move<'a> {
    reference: &'a str,
    /// Where it must still be, `None` where it is new.
    old: Option<&'a CommitId>,
    new: ObjectId,
    /// For the reflog.
    message: String,
}

/// `refs/heads/…` of a branch whose name came from a file.
///
/// # Errors
/// [`GitError::BranchName`].
pub(crate) fn branch_reference(branch: &str) -> Result<String, GitError> {
    let reference = format!("refs/heads/{branch}");
    let invalid = |error: &dyn std::fmt::Display| GitError::BranchName {
        name: crate::text::escape::terminal(branch),
        message: error.to_string(),
    };
    // A name that starts with a dash would be an option to git.
    if branch.starts_with('-') {
        return Err(invalid(&"it starts with a dash"));
    }
    // `git branch` refuses it: every command would take it for the commit that is checked out.
    if branch == "HEAD" {
        return Err(invalid(&"git takes it for the commit that is checked out"));
    }
    gix::refs::FullName::try_from(reference.as_str()).map_err(|error| invalid(&error))?;
    Ok(reference)
}

impl Repository {
    /// The commit that the next one on `branch` builds on: the branch's newest commit; where
    /// it is not here, that of the remote branch as last fetched; else HEAD. When HEAD has
    /// all of the branch already (its pull request was merged), HEAD.
    ///
    /// # Errors
    /// [`GitError::BranchName`], [`GitError::Git`].
    pub fn branch_base(&self, branch: &str) -> Result<Option<CommitId>, GitError> {
        Ok(self.tip_of(branch)?.base)
    }

    fn tip_of(&self, branch: &str) -> Result<BranchTip, GitError> {
        let reference = branch_reference(branch)?;
        let here = self.reference_tip(&reference)?;
        let known = match &here {
            Some(tip) => Some(tip.clone()),
            None => self.reference_tip(&format!("refs/remotes/origin/{branch}"))?,
        };
        let head = self.head()?.commit;
        let merged = match (&known, &head) {
            // Where history is cut off, git would not see that the one descends from the other,
            // and refuse to push.
            (Some(known), Some(head)) if known != head && !self.is_shallow()? => {
                self.descends(vec![object_id(head)?], object_id(known)?)?
            }
            _ => false,
        };
        let base = if merged { head } else { known.or(head) };
        Ok(BranchTip {
            reference,
            here,
            base,
        })
    }

    /// Refuses a branch that cannot be made because of the names of others, here or on
    /// `origin` as far as that was seen: git keeps no branch `a/b` beside a branch `a`.
    ///
    /// # Errors
    /// [`GitError::BranchName`], [`GitError::Git`].
    pub fn expect_free_name(&self, branch: &str) -> Result<(), GitError> {
        let reference = branch_reference(branch)?;
        for (space, place) in [
            ("refs/heads/", "here"),
            ("refs/remotes/origin/", "on origin"),
        ] {
            let own = format!("{space}{branch}");
            if self.reference_tip(&own)?.is_some() {
                continue;
            }
            let above = branch.match_indices('/').map(|(at, _)| &branch[..at]);
            let mut other = None;
            for name in above {
                if self.reference_tip(&format!("{space}{name}"))?.is_some() {
                    other = Some(name.to_owned());
                }
            }
            let other = match other {
                Some(other) => Some(other),
                None => self.first_below(space, branch)?,
            };
            if let Some(other) = other {
                return Err(GitError::BranchName {
                    name: crate::text::escape::terminal(branch),
                    message: format!(
                        "there is a branch `{}` {place}, and git keeps no branch below another",
                        crate::text::escape::terminal(&other)
                    ),
                });
            }
        }
        self.refuse_checked_out(branch, &reference)
    }

    /// A branch whose name begins with this one and a slash.
    fn first_below(&self, space: &str, branch: &str) -> Result<Option<String>, GitError> {
        let action = || format!("list the branches below {branch}");
        let platform = self.git.references();
        let platform = platform.map_err(GitError::git(action()))?;
        let folder = format!("{space}{branch}/");
        let below = platform.prefixed(folder.as_str());
        let first = below.map_err(GitError::git(action()))?.flatten().next();
        Ok(first.map(|found| {
            let name = found.name().as_bstr().to_string();
            name.strip_prefix(space).unwrap_or(&name).to_owned()
        }))
    }

    /// The newest commit of a branch here.
    pub(crate) fn branch_tip(&self, branch: &str) -> Result<Option<CommitId>, GitError> {
        self.reference_tip(&branch_reference(branch)?)
    }

    /// Whether history is cut off somewhere, as in the checkouts of GitHub Actions.
    pub(crate) fn is_shallow(&self) -> Result<bool, GitError> {
        let shallow = self.git.is_shallow();
        shallow.map_err(GitError::git("see whether the clone is shallow"))
    }

    pub(crate) fn reference_tip(&self, reference: &str) -> Result<Option<CommitId>, GitError> {
        let action = || format!("read {reference}");
        let found = self
            .git
            .try_find_reference(reference)
            .map_err(GitError::git(action()))?;
        found
            .map(|mut found| {
                let id = found.peel_to_id().map_err(GitError::git(action()))?;
                Ok(commit_id(id.detach()))
            })
            .transpose()
    }

    /// Lands a transaction as one commit on a branch that is not checked out. The parent is
    /// `request.base`, which is what [`Repository::branch_base`] said.
    ///
    /// # Errors
    /// [`GitError::BaseMoved`] when the branch has moved since: decide again.
    /// [`GitError::CheckedOut`] when another work tree is on the branch. After any error
    /// nothing has changed.
    pub fn commit_to_branch(
        &self,
        branch: &str,
        transaction: &Transaction,
        request: &CommitRequest,
    ) -> Result<CommitId, GitError> {
        let _lock = RunLock::take(&self.lock_path(), self.lock_wait)?;
        self.step(Step::LockTaken)?;
        self.recover_locked()?;
        let tip = self.tip_of(branch)?;
        if tip.base != request.base {
            return Err(GitError::BaseMoved {
                expected: request.base.clone(),
                actual: tip.base,
            });
        }
        self.refuse_checked_out(branch, &tip.reference)?;
        let root = tree::root_of(&self.git, request.base.as_ref())?;
        let transaction = &*Filters::of_tree(&self.git, root).as_stored(transaction)?;
        let changes = tree::changes(&self.git, root, transaction)?;
        if changes.is_empty() {
            return request.base.clone().ok_or(GitError::NothingToCommit);
        }
        let (author, committer) =
            identity::signatures(&self.git, request.author.as_ref(), request.at)?;
        tree::write_blobs(&self.git, &changes, transaction)?;
        self.step(Step::BlobsWritten)?;
        let new_root = tree::write_tree(&self.git, root, &changes)?;
        self.step(Step::TreeWritten)?;
        let commit = self.write_commit(request, new_root, author, committer.clone())?;
        self.step(Step::CommitWritten)?;
        let subject = request.message.lines().next().unwrap_or_default().trim();
        let step = Move {
            reference: &tip.reference,
            old: tip.here.as_ref(),
            new: commit,
            message: format!("commit: {subject}"),
        };
        self.move_branch(&step, &committer)?;
        Ok(commit_id(commit))
    }

    /// Moves a branch that is not checked out to a commit that need not descend from it,
    /// provided that it still is at `old`. The caller holds the lock.
    ///
    /// # Errors
    /// [`GitError::BaseMoved`], [`GitError::CheckedOut`]: nothing has changed.
    pub(crate) fn put_branch(
        &self,
        branch: &str,
        old: Option<&CommitId>,
        new: &CommitId,
        at: jiff::Timestamp,
    ) -> Result<(), GitError> {
        if old == Some(new) {
            return Ok(());
        }
        let reference = branch_reference(branch)?;
        self.refuse_checked_out(branch, &reference)?;
        let (_, committer) = identity::signatures(&self.git, None, at)?;
        let step = Move {
            reference: &reference,
            old,
            new: object_id(new)?,
            message: "brought up to date with the remote".to_owned(),
        };
        self.move_branch(&step, &committer)
    }

    fn move_branch(
        &self,
        step: &Move<'_>,
        committer: &gix::actor::Signature,
    ) -> Result<(), GitError> {
        // No paths, as no file is to be brought up to date. It is for a lock of the reference
        // that a killed run may leave.
        Journal::new(
            commit_id(step.new),
            step.old.cloned(),
            step.reference.to_owned(),
            Vec::new(),
        )
        .write(&self.journal_path())?;
        self.step(Step::JournalWritten)?;
        let moved = self.move_reference(step, committer);
        if moved.is_ok() {
            self.step(Step::RefMoved)?;
        }
        // One that stays is dropped by the next run, or finished without anything to do.
        drop(Journal::remove(&self.journal_path()));
        moved?;
        self.step(Step::JournalRemoved)
    }

    fn move_reference(
        &self,
        step: &Move<'_>,
        committer: &gix::actor::Signature,
    ) -> Result<(), GitError> {
        let old = step.old.map(object_id).transpose()?;
        let edit = RefEdit {
            change: RefChange::Update {
                log: LogChange {
                    mode: RefLog::AndReference,
                    force_create_reflog: false,
                    message: step.message.as_str().into(),
                },
                expected: old.map_or(PreviousValue::MustNotExist, |id| {
                    PreviousValue::MustExistAndMatch(Target::Object(id))
                }),
                new: Target::Object(step.new),
            },
            name: step
                .reference
                .try_into()
                .expect("the name was checked when it was made"),
            deref: false,
        };
        let mut buffer = gix::date::parse::TimeBuf::default();
        let Err(error) = self
            .git
            .edit_references_as([edit], Some(committer.to_ref(&mut buffer)))
        else {
            return Ok(());
        };
        let actual = self.reference_tip(step.reference)?;
        if actual == Some(commit_id(step.new)) {
            return Ok(());
        }
        if actual.as_ref() != step.old {
            return Err(GitError::BaseMoved {
                expected: step.old.cloned(),
                actual,
            });
        }
        Err(GitError::git(format!("move {}", step.reference))(error))
    }

    /// A work tree whose branch moves under it would show everything as changed.
    fn refuse_checked_out(&self, branch: &str, reference: &str) -> Result<(), GitError> {
        let common = self.git.common_dir();
        let linked = fs::read_dir(common.join("worktrees"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        let bare = self.git.config_snapshot().boolean("core.bare") == Some(true);
        let main = (!bare).then(|| common.to_owned());
        let symbolic = format!("ref: {reference}");
        for folder in main.into_iter().chain(linked) {
            let head = fs::read_to_string(folder.join("HEAD")).unwrap_or_default();
            if head.trim() == symbolic {
                return Err(GitError::CheckedOut {
                    branch: branch.to_owned(),
                    path: folder,
                });
            }
        }
        Ok(())
    }
}
