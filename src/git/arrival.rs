//! How a file came onto a branch: who wrote it, who brought it there, and whether it is as it was
//! written.

use crate::git::error::GitError;
use crate::git::program::QUICK;
use crate::git::repository::Repository;
use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;
use crate::text::Untrusted;

/// A person or program, as a commit names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// Its name.
    pub name: Untrusted,
    /// Its mail address.
    pub mail: Untrusted,
}

/// How a file came onto a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The commit of the branch that brought it.
    pub commit: CommitId,
    /// Who made that commit.
    pub by: Signer,
    /// Who wrote the file, where another branch was merged; else nobody knows but `by`.
    pub written_by: Option<Signer>,
    /// Whether it is now as it was when it was written.
    pub is_untouched: bool,
}

/// What git prints of a commit.
const FORMAT: &str = "--format=%H%x00%P%x00%an%x00%ae";

/// A commit that changed the file.
struct Touch {
    id: String,
    parents: Vec<String>,
    by: Signer,
}

impl Repository {
    /// Returns how a file came onto the branch that is checked out; `None` where its history has
    /// no such file.
    ///
    /// # Errors
    /// [`GitError::Program`], with what git said.
    pub fn arrival(&self, path: &RepoPath) -> Result<Option<Arrival>, GitError> {
        let along = self.touches(&["--first-parent", "-m"], "HEAD", path)?;
        let [.., brought] = &along[..] else {
            return Ok(None);
        };
        let Ok(commit) = CommitId::new(&brought.id) else {
            return Ok(None);
        };
        let mut arrival = Arrival {
            commit,
            by: brought.by.clone(),
            written_by: None,
            // Any later change of it, even by somebody who may, is not what was reviewed.
            is_untouched: along.len() == 1,
        };
        let Some(other) = brought.parents.get(1) else {
            return Ok(Some(arrival));
        };
        let there = self.touches(&[], other, path)?;
        let same = self.blob(&brought.id, path)? == self.blob(other, path)?;
        arrival.is_untouched &= same && there.len() == 1 && brought.parents.len() == 2;
        arrival.written_by = there.last().map(|touch| touch.by.clone());
        Ok(Some(arrival))
    }

    /// The commits that changed a file, newest first.
    fn touches(&self, how: &[&str], from: &str, path: &RepoPath) -> Result<Vec<Touch>, GitError> {
        let mut arguments = vec!["log", FORMAT, "--no-patch"];
        arguments.extend(how);
        arguments.extend([from, "--", path.as_str()]);
        let said = self.ask(&arguments, QUICK)?;
        let mut all: Vec<Touch> = Vec::new();
        for line in said.lines() {
            let parts: Vec<&str> = line.split('\0').collect();
            let [id, parents, name, mail] = parts[..] else {
                continue;
            };
            // With `-m` a merge is shown once for each of its parents.
            if all.last().is_some_and(|last| last.id == id) {
                continue;
            }
            all.push(Touch {
                id: id.to_owned(),
                parents: parents.split(' ').map(str::to_owned).collect(),
                by: Signer {
                    name: Untrusted::from(name),
                    mail: Untrusted::from(mail),
                },
            });
        }
        Ok(all)
    }

    fn blob(&self, commit: &str, path: &RepoPath) -> Result<Option<String>, GitError> {
        let name = format!("{commit}:{path}");
        let said = self.program(&["rev-parse", "--verify", "--quiet", &name], QUICK)?;
        Ok(said.success.then(|| said.stdout.trim().to_owned()))
    }

    /// Returns the name of the remote's default branch, as far as it is known here: that of
    /// `origin/HEAD`, else `main` or `master`, whichever is there. Without a remote, the branch
    /// that is checked out, where it has one of these names.
    ///
    /// # Errors
    /// [`GitError::Program`], with what git said.
    pub fn default_branch(&self) -> Result<Option<String>, GitError> {
        let head = [
            "symbolic-ref",
            "--quiet",
            "--short",
            "refs/remotes/origin/HEAD",
        ];
        let said = self.program(&head, QUICK)?;
        let name = said.stdout.trim().strip_prefix("origin/");
        if let (true, Some(name)) = (said.success, name) {
            return Ok(Some(name.to_owned()));
        }
        for name in ["main", "master"] {
            if self
                .reference_tip(&format!("refs/remotes/origin/{name}"))?
                .is_some()
            {
                return Ok(Some(name.to_owned()));
            }
        }
        let own = self.head()?.branch;
        Ok(own.filter(|own| {
            self.remote_url().is_none() && ["main", "master"].contains(&own.as_str())
        }))
    }
}
