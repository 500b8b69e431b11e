//! The newest commits, and who works here.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::git::error::GitError;
use crate::git::repository::Repository;
use crate::git::tree;
use crate::git::tree::TreeItem;
use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitSummary {
    /// Its id.
    pub id: CommitId,
    /// First line of its message, as it was written.
    pub subject: String,
    /// When it was committed.
    pub at: Option<Timestamp>,
}

impl Repository {
    /// The newest commits along first parents, newest first; empty on an unborn branch.
    ///
    /// # Errors
    /// [`GitError::Git`] where an object can't be read.
    pub fn log(&self, limit: usize) -> Result<Vec<CommitSummary>, GitError> {
        match self.head()?.commit {
            Some(head) => self.log_from(&head, limit),
            None => Ok(Vec::new()),
        }
    }

    /// The same from a commit on, which is the first of them.
    ///
    /// # Errors
    /// [`GitError::Git`] where an object can't be read.
    pub fn log_from(&self, start: &CommitId, limit: usize) -> Result<Vec<CommitSummary>, GitError> {
        let mut out = Vec::new();
        let mut next = Some(start.clone());
        while let Some(id) = next.filter(|_| out.len() < limit) {
            let (entry, parent) = self.entry(&id)?;
            out.push(entry);
            next = parent;
        }
        Ok(out)
    }

    /// The first line of a commit's message, as it was written.
    ///
    /// # Errors
    /// [`GitError::Git`] where it can't be read.
    pub fn subject(&self, id: &CommitId) -> Result<String, GitError> {
        Ok(self.entry(id)?.0.subject)
    }

    /// For each of these files the newest of the last `limit` commits along first parents that
    /// changed it. One that no such commit changed is left out.
    ///
    /// # Errors
    /// [`GitError::Git`] where an object can't be read.
    pub fn last_changes(
        &self,
        paths: &[RepoPath],
        limit: usize,
    ) -> Result<BTreeMap<RepoPath, CommitId>, GitError> {
        self.last_changes_from(self.head()?.commit, paths, limit)
    }

    /// The same from a commit on, whatever is checked out.
    ///
    /// # Errors
    /// [`GitError::Git`] where an object can't be read.
    pub fn last_changes_from(
        &self,
        start: Option<CommitId>,
        paths: &[RepoPath],
        limit: usize,
    ) -> Result<BTreeMap<RepoPath, CommitId>, GitError> {
        let mut out = BTreeMap::new();
        let mut wanted: Vec<&RepoPath> = paths.iter().collect();
        let mut next = start;
        let mut left = limit;
        while let Some(id) = next.filter(|_| !wanted.is_empty() && left > 0) {
            left -= 1;
            let root = tree::root_of(&self.git, Some(&id))?;
            let (_, parent) = self.entry(&id)?;
            if parent.is_none() && self.has_parents(&id)? {
                // In a shallow clone the oldest commit seems to have made everything.
                break;
            }
            let before = tree::root_of(&self.git, parent.as_ref())?;
            if root != before {
                let mut pending = Vec::new();
                for path in wanted {
                    let now = tree::find(&self.git, root, path)?;
                    if now == tree::find(&self.git, before, path)? {
                        pending.push(path);
                    } else if matches!(now, TreeItem::File(_)) {
                        out.insert(path.clone(), id.clone());
                    }
                }
                wanted = pending;
            }
            next = parent;
        }
        Ok(out)
    }

    fn entry(&self, id: &CommitId) -> Result<(CommitSummary, Option<CommitId>), GitError> {
        let action = "read a commit";
        let oid = gix::ObjectId::from_hex(id.as_str().as_bytes()).map_err(GitError::git(action))?;
        let commit = self.git.find_commit(oid).map_err(GitError::git(action))?;
        let message = commit
            .message_raw()
            .map_err(GitError::git(action))?
            .to_string();
        let time = commit.time().map_err(GitError::git(action))?;
        let parent = commit
            .parent_ids()
            .next()
            .map(|parent| parent.to_hex().to_string());
        let entry = CommitSummary {
            id: id.clone(),
            subject: message.lines().next().unwrap_or("").to_owned(),
            at: Timestamp::from_second(time.seconds).ok(),
        };
        // Beyond a shallow boundary the parent is named but not there: the log ends.
        let parent = parent
            .and_then(|hex| CommitId::new(hex).ok())
            .filter(|parent| {
                gix::ObjectId::from_hex(parent.as_str().as_bytes())
                    .is_ok_and(|oid| self.git.has_object(oid))
            });
        Ok((entry, parent))
    }

    /// The mail address that git knows the user by (`GIT_AUTHOR_EMAIL`, `user.email`).
    pub fn user_mail(&self) -> Option<String> {
        let author = self.git.author()?.ok()?;
        Some(author.email.to_string())
    }

    /// The name that git knows the user by (`GIT_AUTHOR_NAME`, `user.name`).
    pub fn user_name(&self) -> Option<String> {
        let author = self.git.author()?.ok()?;
        Some(author.name.to_string())
    }
}
