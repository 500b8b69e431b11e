//! Putting our commits on top of what others pushed meanwhile.
//!
//! Each of our commits is made anew on the new head: what it changed is merged file by file
//! with what the others changed. Then HEAD moves, and index and working files follow
//! ([`crate::git::follow`]): nobody's uncommitted work is touched, and where it is in the way
//! nothing happens at all.

use gix::ObjectId;
use gix::bstr::ByteSlice;

use crate::git::error::GitError;
use crate::git::files::CommitFiles;
use crate::git::filters::Filters;
use crate::git::follow::{Difference, Way};
use crate::git::identity;
use crate::git::ids::{commit_id, object_id};
use crate::git::journal::Journal;
use crate::git::lock::RunLock;
use crate::git::objects;
use crate::git::program::QUICK;
use crate::git::push::PushTarget;
use crate::git::repository::Repository;
use crate::git::signing;
use crate::git::step::Step;
use crate::git::transaction::{CommitRequest, Transaction};
use crate::git::tree::{self, Version};
use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;

/// A file's content in three commits, `None` where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThreeVersions {
    /// Where both sides come from.
    pub base: Option<Vec<u8>>,
    /// What our commit has.
    pub ours: Option<Vec<u8>>,
    /// What the new head has.
    pub theirs: Option<Vec<u8>>,
}

/// What to put at each path, `None` to have nothing there.
pub type MergedFiles = Vec<(RepoPath, Option<Vec<u8>>)>;

/// How files are merged. What they mean is not this module's business.
pub trait MergeRules {
    /// The paths under which the same thing may lie, this one included.
    fn places(&self, path: &RepoPath) -> Vec<RepoPath>;

    /// Merges a thing that both sides changed.
    ///
    /// # Errors
    /// Why it can't be merged, for people.
    fn merge(&self, files: &[(RepoPath, ThreeVersions)]) -> Result<MergedFiles, String>;

    /// Files that are made from others, rendered for the merged state.
    fn generated(&self, merged: &CommitFiles) -> Transaction;
}

/// What became of our commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rebuilt {
    /// The other side has all of them.
    Contained,
    /// HEAD, or the branch, is here now, on top of the other side.
    Moved(CommitId),
}

struct Sides {
    base: ObjectId,
    ours: ObjectId,
    theirs: ObjectId,
}

impl Repository {
    /// Rebuilds all local commits that `onto` has not on top of it, provided that all of
    /// them were made by this program (their trailer `Fractary-Command` says so). A branch
    /// that is not checked out moves alone; one that is not here yet begins at `onto`.
    ///
    /// # Errors
    /// [`GitError::Foreign`], [`GitError::NotMerged`], [`GitError::InTheWay`],
    /// [`GitError::BaseMoved`]: nothing has changed. [`GitError::Unfinished`]: HEAD has
    /// moved, and the next run brings the work tree up to date.
    pub fn rebuild(
        &self,
        target: &PushTarget,
        onto: &CommitId,
        rules: &dyn MergeRules,
        at: jiff::Timestamp,
    ) -> Result<Rebuilt, GitError> {
        let _lock = RunLock::take(&self.lock_path(), self.lock_wait)?;
        self.step(Step::RebuildLockTaken)?;
        self.recover_locked()?;
        let old = match (self.tip(target)?, &target.side) {
            (Some(old), _) => old,
            (None, Some(branch)) => {
                self.put_branch(branch, None, onto, at)?;
                return Ok(Rebuilt::Contained);
            }
            (None, None) => return Err(GitError::NothingToCommit),
        };
        if self.descends_from(&old, onto)? {
            // It was rebuilt already, or the refusal had another cause.
            return Ok(Rebuilt::Moved(old));
        }
        let own = self.own_commits(target, &old, onto)?;
        let mut tip = object_id(onto)?;
        objects::ensure_state(&self.git, tip)?;
        for (at_commit, id) in own.iter().enumerate() {
            let last = at_commit + 1 == own.len();
            tip = self.replay(id, tip, rules, last, at)?;
            self.step(Step::CommitRebuilt(at_commit))?;
        }
        let new = commit_id(tip);
        match &target.side {
            Some(branch) => self.put_branch(branch, Some(&old), &new, at)?,
            None => self.move_to(&old, &new, at)?,
        }
        Ok(if &new == onto {
            Rebuilt::Contained
        } else {
            Rebuilt::Moved(new)
        })
    }

    /// One of our commits anew, on another parent. A commit whose changes are all there
    /// already is left out.
    fn replay(
        &self,
        id: &CommitId,
        onto: ObjectId,
        rules: &dyn MergeRules,
        last: bool,
        at: jiff::Timestamp,
    ) -> Result<ObjectId, GitError> {
        let action = || format!("read commit {id}");
        let ours = self.git.find_commit(object_id(id)?);
        let ours = ours.map_err(GitError::git(action()))?;
        let parent = ours.parent_ids().next().map(|id| commit_id(id.detach()));
        let sides = Sides {
            base: tree::root_of(&self.git, parent.as_ref())?,
            ours: tree::root_of(&self.git, Some(id))?,
            theirs: tree::tree_of(&self.git, onto)?,
        };
        let mut root = self.merge_trees(&sides, rules)?;
        if last {
            let transaction = rules.generated(&CommitFiles::new(self.git.clone(), root));
            let transaction = &*Filters::of_tree(&self.git, root).as_stored(&transaction)?;
            let changes = tree::changes(&self.git, root, transaction)?;
            tree::write_blobs(&self.git, &changes, transaction)?;
            root = tree::write_tree(&self.git, root, &changes)?;
        }
        if root == sides.theirs {
            return Ok(onto);
        }
        let decoded = ours.decode().map_err(GitError::git(action()))?;
        let (_, committer) = identity::signatures(&self.git, None, at)?;
        let commit = gix::objs::Commit {
            tree: root,
            parents: std::iter::once(onto).collect(),
            author: decoded
                .author()
                .and_then(|author| author.to_owned())
                .map_err(GitError::git(action()))?,
            committer,
            encoding: decoded.encoding.map(ToOwned::to_owned),
            message: decoded.message.to_owned(),
            extra_headers: Vec::new(),
        };
        signing::write_commit(&self.git, &commit)
    }

    fn merge_trees(&self, sides: &Sides, rules: &dyn MergeRules) -> Result<ObjectId, GitError> {
        let mut transaction = Transaction::new();
        let mut refused = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for path in self.changed_paths(sides.base, sides.ours)? {
            let path = path.map_err(|path| GitError::NotMerged {
                reasons: vec![format!("{path} is not a path that this program writes")],
            })?;
            let mut places = rules.places(&path);
            places.sort();
            if !seen.insert(places.clone()) {
                continue;
            }
            match self.merge_places(&places, sides, rules)? {
                Ok(merged) => {
                    for (path, content) in merged {
                        match content {
                            Some(bytes) => transaction.write(path, bytes),
                            None => transaction.delete(path),
                        }
                    }
                }
                Err(reason) => refused.push(reason),
            }
        }
        if !refused.is_empty() {
            return Err(GitError::NotMerged { reasons: refused });
        }
        let transaction = &*Filters::of_tree(&self.git, sides.theirs).as_stored(&transaction)?;
        let changes = tree::changes(&self.git, sides.theirs, transaction)?;
        tree::write_blobs(&self.git, &changes, transaction)?;
        tree::write_tree(&self.git, sides.theirs, &changes)
    }

    fn merge_places(
        &self,
        places: &[RepoPath],
        sides: &Sides,
        rules: &dyn MergeRules,
    ) -> Result<Result<MergedFiles, String>, GitError> {
        let mut files = Vec::new();
        let mut theirs_changed = false;
        let mut same = true;
        for path in places {
            let base = tree::file(&self.git, sides.base, path)?;
            let ours = tree::file(&self.git, sides.ours, path)?;
            let theirs = tree::file(&self.git, sides.theirs, path)?;
            theirs_changed |= theirs != base;
            same &= ours == theirs;
            let versions = ThreeVersions {
                base: self.bytes(path, sides.base, base)?,
                ours: self.bytes(path, sides.ours, ours)?,
                theirs: self.bytes(path, sides.theirs, theirs)?,
            };
            files.push((path.clone(), versions));
        }
        if same || !theirs_changed {
            return Ok(Ok(files
                .into_iter()
                .map(|(path, v)| (path, v.ours))
                .collect()));
        }
        Ok(rules.merge(&files))
    }

    fn bytes(
        &self,
        path: &RepoPath,
        root: ObjectId,
        at: Option<Version>,
    ) -> Result<Option<Vec<u8>>, GitError> {
        at.map(|version| {
            objects::ensure(&self.git, version.id)?;
            let blob = self.git.find_blob(version.id);
            let mut blob = blob.map_err(GitError::git(format!("read {path}")))?;
            Filters::of_tree(&self.git, root).as_read(path, blob.take_data())
        })
        .transpose()
    }

    /// The paths in which two trees differ; as an error those that no [`RepoPath`] can be.
    pub(crate) fn changed_paths(
        &self,
        old: ObjectId,
        new: ObjectId,
    ) -> Result<Vec<Result<RepoPath, String>>, GitError> {
        let (old, new) = (old.to_string(), new.to_string());
        let arguments = [
            "diff-tree",
            "-r",
            "-z",
            "--no-renames",
            "--name-only",
            &old,
            &new,
        ];
        let listed = self.ask(&arguments, QUICK)?;
        let names = listed.split('\0').filter(|name| !name.is_empty());
        Ok(names
            .map(|name| RepoPath::new(name).map_err(|error| error.0))
            .collect())
    }

    /// Moves HEAD from a commit to another that need not descend from it.
    fn move_to(&self, old: &CommitId, new: &CommitId, at: jiff::Timestamp) -> Result<(), GitError> {
        if old == new {
            return Ok(());
        }
        let difference = self.difference(old, new)?;
        let mut way = self.ready_to_follow(old, new, &difference)?;
        let moved = self.move_and_follow(old, new, at, &difference, &mut way);
        if let (Err(GitError::Stopped(_)), Way::Ourselves(index)) = (&moved, way) {
            index.abandon();
        }
        moved
    }

    fn move_and_follow(
        &self,
        old: &CommitId,
        new: &CommitId,
        at: jiff::Timestamp,
        difference: &Difference,
        way: &mut Way,
    ) -> Result<(), GitError> {
        let reference = self.git.head_name().map_err(GitError::git("read HEAD"))?;
        let reference = reference.map_or_else(
            || "HEAD".to_owned(),
            |name| name.as_bstr().to_str_lossy().into(),
        );
        let paths = difference.changes.iter().map(|c| c.path.clone()).collect();
        Journal::new(new.clone(), Some(old.clone()), reference, paths)
            .with_git(matches!(way, Way::Git))
            .write(&self.journal_path())?;
        self.step(Step::RebuildJournalWritten)?;
        let request = CommitRequest {
            base: Some(old.clone()),
            message: "rebuilt on what was pushed meanwhile".to_owned(),
            author: None,
            at,
        };
        let (_, committer) = identity::signatures(&self.git, None, at)?;
        if let Err(error) = self.move_head(&request, object_id(new)?, &committer) {
            // A journal that stays is dropped by the next run: HEAD has not moved.
            drop(Journal::remove(&self.journal_path()));
            return Err(error);
        }
        self.step(Step::RebuildRefMoved)?;
        let mut finish = || -> Result<(), GitError> {
            self.follow(way, old, new, &difference.changes)?;
            self.step(Step::RebuildIndexWritten)?;
            Journal::remove(&self.journal_path())
        };
        match finish() {
            Err(stopped @ GitError::Stopped(_)) => Err(stopped),
            Err(source) => Err(GitError::Unfinished {
                commit: new.clone(),
                source: Box::new(source),
            }),
            Ok(()) => self.step(Step::RebuildJournalRemoved),
        }
    }
}
