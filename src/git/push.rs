//! Pushing through the installed git: its credentials, hooks and signing policy. Never by
//! force.

use std::time::Duration;

use crate::git::ask::failed;
use crate::git::branch::branch_reference;
use crate::git::error::GitError;
use crate::git::ids::object_id;
use crate::git::outcome::{PushOutcome, is_new_there, outcome};
use crate::git::program::{Manner, QUICK};
use crate::git::repository::Repository;
use crate::git::step::Step;
use crate::model::ids::CommitId;

/// What is pushed, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushTarget {
    /// Name of the remote, as git's configuration has it.
    pub remote: String,
    /// The branch there, without `refs/heads/`.
    pub branch: String,
    /// Whether HEAD is detached, so that the branch is what the caller said.
    pub detached: bool,
    /// The branch here that is pushed, which is not checked out; `None` is HEAD.
    pub side: Option<String>,
}

/// How git is run for pushes and fetches.
#[derive(Debug, Clone, Copy)]
pub struct PushManner {
    /// Whether git may ask for credentials at the terminal.
    pub may_ask: bool,
    /// Limit for one push or one fetch.
    pub limit: Duration,
}

impl From<PushManner> for Manner {
    fn from(manner: PushManner) -> Self {
        Self {
            may_ask: manner.may_ask,
            limit: manner.limit,
            can_be_interrupted: true,
        }
    }
}

impl Repository {
    /// Where HEAD is pushed to: the branch's upstream, else the branch of that name on
    /// `origin`. With a detached HEAD, `branch` on `origin`.
    ///
    /// # Errors
    /// [`GitError::NoPushTarget`].
    pub fn push_target(&self, branch: Option<&str>) -> Result<PushTarget, GitError> {
        let head = self.head()?;
        let get = |key: String| self.setting(&key);
        let target = match &head.branch {
            Some(own) => {
                let remote = get(format!("branch.{own}.remote")).filter(|name| name != ".");
                let upstream = get(format!("branch.{own}.merge"));
                let upstream = upstream
                    .as_deref()
                    .and_then(|name| name.strip_prefix("refs/heads/"));
                match remote {
                    Some(remote) => PushTarget {
                        remote,
                        branch: upstream.unwrap_or(own).to_owned(),
                        detached: false,
                        side: None,
                    },
                    None => PushTarget {
                        remote: "origin".to_owned(),
                        branch: own.clone(),
                        detached: false,
                        side: None,
                    },
                }
            }
            None => PushTarget {
                remote: "origin".to_owned(),
                branch: branch
                    .ok_or_else(|| GitError::NoPushTarget {
                        reason: "HEAD is detached, so there is no branch to push to".to_owned(),
                    })?
                    .to_owned(),
                detached: true,
                side: None,
            },
        };
        self.expect_remote(target)
    }

    /// Where a branch that is not checked out is pushed to: the branch of its name on
    /// `origin`.
    ///
    /// # Errors
    /// [`GitError::NoPushTarget`], [`GitError::BranchName`].
    pub fn side_target(&self, branch: &str) -> Result<PushTarget, GitError> {
        // The name comes from a file, and git is to see no other.
        branch_reference(branch)?;
        self.expect_remote(PushTarget {
            remote: "origin".to_owned(),
            branch: branch.to_owned(),
            detached: false,
            side: Some(branch.to_owned()),
        })
    }

    fn setting(&self, key: &str) -> Option<String> {
        let value = self.git.config_snapshot().string(key);
        value.map(|value| value.to_string())
    }

    fn expect_remote(&self, target: PushTarget) -> Result<PushTarget, GitError> {
        let url = self.setting(&format!("remote.{}.url", target.remote));
        let push_url = self.setting(&format!("remote.{}.pushurl", target.remote));
        if url.or(push_url).is_none() || target.remote.starts_with('-') {
            return Err(GitError::NoPushTarget {
                reason: format!("there is no remote `{}`", target.remote),
            });
        }
        Ok(target)
    }

    /// The commit that is pushed, `None` where there is none yet.
    ///
    /// # Errors
    /// [`GitError::Git`].
    pub fn tip(&self, target: &PushTarget) -> Result<Option<CommitId>, GitError> {
        match &target.side {
            Some(branch) => self.branch_tip(branch),
            None => Ok(self.head()?.commit),
        }
    }

    /// Pushes once.
    ///
    /// # Errors
    /// [`GitError::Program`] when git can't be run or takes too long.
    pub fn push(&self, target: &PushTarget, manner: PushManner) -> Result<PushOutcome, GitError> {
        let from = match &target.side {
            Some(branch) => format!("refs/heads/{branch}"),
            None => "HEAD".to_owned(),
        };
        let refspec = format!("{from}:refs/heads/{}", target.branch);
        let arguments = ["push", "--porcelain", &target.remote, &refspec];
        let was_there = self.reference_tip(&tracking(target))?.is_some();
        let said = self.program(&arguments, manner.into())?;
        let outcome = match outcome(&said) {
            PushOutcome::Done if was_there && is_new_there(&said) => PushOutcome::Revived,
            outcome => outcome,
        };
        match &outcome {
            PushOutcome::Done | PushOutcome::Revived => self.step(Step::PushSent)?,
            PushOutcome::Lost(_) => self.step(Step::PushLost)?,
            PushOutcome::Refused(_) => {}
        }
        Ok(outcome)
    }

    /// Refuses an upstream that the remote has no more. Asks the remote only where nothing is
    /// known of it here: after a prune, or in a clone of an empty repository.
    ///
    /// # Errors
    /// [`GitError::UpstreamGone`]; [`GitError::Program`] where the remote does not answer.
    pub fn expect_upstream(&self, target: &PushTarget, manner: PushManner) -> Result<(), GitError> {
        let head = self.head()?.branch;
        let configured = head.and_then(|own| self.setting(&format!("branch.{own}.merge")));
        let apart = target.detached || target.side.is_some();
        if apart || configured.is_none() || self.reference_tip(&tracking(target))?.is_some() {
            return Ok(());
        }
        let listed = self.ask(&["ls-remote", "--heads", &target.remote], manner.into())?;
        let names = listed
            .lines()
            .filter_map(|line| line.split_once("\trefs/heads/"));
        let mut others: Vec<String> = names.map(|(_, name)| name.to_owned()).collect();
        // Without any branch it is new, and waits for its first commit.
        if others.is_empty() || others.contains(&target.branch) {
            return Ok(());
        }
        others.sort();
        Err(GitError::UpstreamGone {
            remote: target.remote.clone(),
            branch: target.branch.clone(),
            others,
        })
    }

    /// Fetches the branch and tells where it is now.
    ///
    /// # Errors
    /// [`GitError::Program`], with what git said.
    pub fn fetch(&self, target: &PushTarget, manner: PushManner) -> Result<CommitId, GitError> {
        let mut refspec = format!("refs/heads/{}", target.branch);
        let mut arguments = vec!["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"];
        if target.side.is_some() {
            // The clone may follow other branches only, and what is known of this one counts.
            refspec = format!("+{refspec}:{}", tracking(target));
            if self.is_shallow()? && self.known(target)?.is_none() {
                // In a checkout of one commit the history of a branch is not wanted either.
                arguments.push("--depth=1");
            }
        }
        arguments.extend([target.remote.as_str(), refspec.as_str()]);
        self.ask(&arguments, manner.into())?;
        self.step(Step::Fetched)?;
        let id = self.ask(&["rev-parse", "--verify", "FETCH_HEAD^{commit}"], QUICK)?;
        CommitId::new(id.trim()).map_err(|error| GitError::Program {
            arguments: vec!["rev-parse".to_owned()],
            message: error.to_string(),
        })
    }

    /// Fetches the branch, and tells where it is now; `None` where the remote has none.
    ///
    /// # Errors
    /// [`GitError::Program`], with what git said.
    pub fn fetch_if_there(
        &self,
        target: &PushTarget,
        manner: PushManner,
    ) -> Result<Option<CommitId>, GitError> {
        let error = match self.fetch(target, manner) {
            Ok(found) => return Ok(Some(found)),
            Err(error @ GitError::Interrupted { .. }) => return Err(error),
            Err(error) => error,
        };
        let reference = format!("refs/heads/{}", target.branch);
        let look = ["ls-remote", "--exit-code", &target.remote, &reference];
        // What `--exit-code` is for: the remote has answered, and has none.
        if self.program(&look, manner.into())?.code != Some(2) {
            return Err(error);
        }
        // What was known of it, as of a branch that was deleted with its pull request, must
        // not be built on.
        self.ask(&["update-ref", "-d", &tracking(target)], QUICK)?;
        Ok(None)
    }

    /// Whether anything of the branch is here.
    ///
    /// # Errors
    /// [`GitError::Git`].
    pub fn knows(&self, target: &PushTarget) -> Result<bool, GitError> {
        Ok(self.known(target)?.is_some())
    }

    /// Where the branch is here, else where the remote's was when it was last seen.
    fn known(&self, target: &PushTarget) -> Result<Option<CommitId>, GitError> {
        match self.tip(target)? {
            Some(tip) => Ok(Some(tip)),
            None => self.reference_tip(&tracking(target)),
        }
    }

    /// The commits that the remote had not when it was last seen, oldest first, where all of
    /// them were made by this program; else none.
    ///
    /// # Errors
    /// [`GitError::Program`].
    pub fn waiting(&self, target: &PushTarget) -> Result<Vec<CommitId>, GitError> {
        let seen = match self.reference_tip(&tracking(target))? {
            // The remote has no such branch yet: all that HEAD has not is news to it.
            None if target.side.is_some() => self.head()?.commit,
            seen => seen,
        };
        let (Some(seen), Some(tip)) = (seen, self.tip(target)?) else {
            return Ok(Vec::new());
        };
        match self.own_commits(target, &tip, &seen) {
            Err(GitError::Foreign { .. }) => Ok(Vec::new()),
            own => own,
        }
    }

    /// Refuses local commits that `onto` has not and this program has not made.
    ///
    /// # Errors
    /// [`GitError::Foreign`], [`GitError::Program`].
    pub fn expect_own(&self, target: &PushTarget, onto: &CommitId) -> Result<(), GitError> {
        match self.tip(target)? {
            Some(tip) => self.own_commits(target, &tip, onto).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Whether `commit` has `ancestor` in its history.
    pub(crate) fn descends_from(
        &self,
        commit: &CommitId,
        ancestor: &CommitId,
    ) -> Result<bool, GitError> {
        let arguments = [
            "merge-base",
            "--is-ancestor",
            ancestor.as_str(),
            commit.as_str(),
        ];
        let said = self.program(&arguments, QUICK)?;
        match said.code {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(failed(&arguments, &said)),
        }
    }

    /// The newest commit that two have in common, `None` where they have none.
    pub(crate) fn merge_base(
        &self,
        one: &CommitId,
        other: &CommitId,
    ) -> Result<Option<CommitId>, GitError> {
        let arguments = ["merge-base", one.as_str(), other.as_str()];
        let said = self.program(&arguments, QUICK)?;
        match said.code {
            Some(0) => Ok(CommitId::new(said.stdout.trim()).ok()),
            Some(1) => Ok(None),
            _ => Err(failed(&arguments, &said)),
        }
    }

    /// The commits of `tip` that `onto` has not, oldest first, provided that all of them
    /// were made by this program, one on top of the other. A branch that is not checked out
    /// may have begun at HEAD: what HEAD has is no commit of its own.
    pub(crate) fn own_commits(
        &self,
        target: &PushTarget,
        tip: &CommitId,
        onto: &CommitId,
    ) -> Result<Vec<CommitId>, GitError> {
        let head = self.head()?.commit.filter(|_| target.side.is_some());
        // Not `onto..tip`: where clocks differ, git may list commits that both have.
        let mut without = Vec::new();
        for other in [Some(onto), head.as_ref()].into_iter().flatten() {
            let common = self.merge_base(tip, other)?;
            without.extend(common.map(|common| format!("^{common}")));
        }
        let mut arguments = vec!["rev-list", "--topo-order", "--reverse", "--parents"];
        arguments.push(tip.as_str());
        arguments.extend(without.iter().map(String::as_str));
        arguments.push("--");
        let listed = self.ask(&arguments, QUICK)?;
        let mut own: Vec<CommitId> = Vec::new();
        for line in listed.lines() {
            let mut ids = line.split(' ');
            let id = ids.next().and_then(|id| CommitId::new(id).ok());
            let parents: Vec<&str> = ids.collect();
            let foreign = |id: &CommitId, why| GitError::Foreign {
                commit: id.clone(),
                reason: why,
            };
            let Some(id) = id else { continue };
            if !self.is_own(&id)? {
                return Err(foreign(&id, "it was not made by this program"));
            }
            let linear = match own.last() {
                Some(last) => parents == [last.as_str()],
                None => parents.len() <= 1,
            };
            if !linear {
                return Err(foreign(
                    &id,
                    "it is a merge, or not in one line with the others",
                ));
            }
            if parents.is_empty() && self.has_parents(&id)? {
                return Err(foreign(
                    &id,
                    "the history before it is not here, and the remote's is another",
                ));
            }
            own.push(id);
        }
        Ok(own)
    }

    fn is_own(&self, id: &CommitId) -> Result<bool, GitError> {
        let trailers = self.trailers(id)?;
        Ok(trailers.iter().any(|(key, _)| key == "Fractary-Command"))
    }

    /// The lines `key: value` at the end of a commit's message.
    ///
    /// # Errors
    /// [`GitError::Git`] where the commit cannot be read.
    pub fn trailers(&self, id: &CommitId) -> Result<Vec<(String, String)>, GitError> {
        let action = "read a commit";
        let commit = self.git.find_commit(object_id(id)?);
        let commit = commit.map_err(GitError::git(action))?;
        let message = commit.message_raw().map_err(GitError::git(action))?;
        let message = message.to_string();
        // Trailers are the last paragraph.
        let last = message.trim_end().rsplit("\n\n").next().unwrap_or_default();
        let split = |line: &str| {
            line.split_once(": ")
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
        };
        Ok(last.lines().filter_map(split).collect())
    }

    /// Whether the commit itself names parents, whatever a shallow clone pretends.
    pub(crate) fn has_parents(&self, id: &CommitId) -> Result<bool, GitError> {
        let commit = self.git.find_commit(object_id(id)?);
        let commit = commit.map_err(GitError::git("read a commit"))?;
        Ok(commit.parent_ids().next().is_some())
    }
}

/// Where the clone keeps what it has seen of the branch.
fn tracking(target: &PushTarget) -> String {
    format!("refs/remotes/{}/{}", target.remote, target.branch)
}
