//! What to do about an error of the repository.

use crate::git::compare::NO_SUCH_COMMIT;
use crate::git::error::{DirtyPath, DirtyReason, GitError};

impl GitError {
    /// The next step for the person who sees this.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Open { .. } => "run `git status` there to see what git says",
            Self::NoWorkTree(_) => "commit instead, or run this in a clone with a work tree",
            Self::Locked { .. } => "wait until it has finished, then run this again",
            Self::IndexLocked(path) => {
                return Some(format!(
                    "wait until it has finished; if no git program runs any more, remove {}",
                    path.display()
                ));
            }
            Self::BaseMoved { .. } => "run this again: it then starts from the new commit",
            Self::Dirty { paths } => return Some(dirty_hint(paths)),
            Self::Conflict { .. } => "rename what is in the way, commit that, and run this again",
            Self::NothingToCommit => return None,
            Self::Identity { .. } => {
                "set `git config user.name` and `git config user.email`, and check GIT_* variables"
            }
            Self::Unfinished { source, .. } => {
                let cause = source.hint();
                let cause = cause.filter(|hint| hint.ends_with("run this again"));
                let cause = cause.unwrap_or_else(|| "fix the cause and run this again".to_owned());
                return Some(format!("{cause}: it finishes the job"));
            }
            Self::Io { source, .. } => place_hint(source.raw_os_error())
                .unwrap_or("check permissions and free space, then run this again"),
            Self::Git { message, .. } if message.contains(".lock") => {
                "wait until other git programs have finished; if none runs any more, remove the lock that is named"
            }
            Self::Git { message, .. } if message == NO_SUCH_COMMIT => {
                "`git branch --all` lists the branches that are here; fetch one that is not"
            }
            Self::Git { message, .. } => place_hint(os_error(message))
                .unwrap_or("run `git fsck` to see whether the repository is sound"),
            Self::Program { message, .. } if message == "there is no program git" => "install git",
            Self::Program { .. } => "run the same git command by hand to see more",
            Self::Interrupted { .. } => "run this again: it resumes from the current state",
            Self::NoPushTarget { .. } => {
                "check out a branch, and name its remote: `git remote add origin URL`"
            }
            Self::Foreign { .. } | Self::NotMerged { .. } => {
                "run `git pull --rebase` on that branch, then `git push`"
            }
            Self::InTheWay { .. } => "commit, stash or undo these changes, then run this again",
            Self::BranchName { .. } => "change `branch` under `[git]` in helm.toml",
            Self::NotARepository(_)
            | Self::LeftOut(_)
            | Self::Ownership { .. }
            | Self::Unsupported { .. }
            | Self::Signing { .. }
            | Self::Filter { .. }
            | Self::Missing { .. }
            | Self::UpstreamGone { .. }
            | Self::CheckedOut { .. }
            | Self::Journal { .. }
            | Self::InProgress(_) => return self.set_up_hint(),
            Self::Stopped(_) => "run this again: it recovers first",
        };
        Some(text.to_owned())
    }

    /// The same for what people and hosts have set up around the repository.
    fn set_up_hint(&self) -> Option<String> {
        Some(match self {
            Self::NotARepository(path) if !path.exists() => {
                "no such folder: correct its name".to_owned()
            }
            Self::NotARepository(_) => {
                "run `git init` there, or change into a repository".to_owned()
            }
            Self::LeftOut(path) => {
                let folder = path.as_str().split('/').next().unwrap_or_default();
                format!(
                    "run `git sparse-checkout add {folder}`, then run this again; in actions/checkout, add {folder} to `sparse-checkout`"
                )
            }
            Self::Ownership { path, .. } => {
                format!(
                    "its configuration and hooks would run as you; where you trust its owner: `git config --global --add safe.directory {}`",
                    path.display()
                )
            }
            Self::Unsupported { format, .. } => format.advice().to_owned(),
            Self::Signing { .. } => {
                "check `gpg.format` and `user.signingkey`, and that the key can be used without a prompt; to commit without signatures here: `git config commit.gpgsign false`".to_owned()
            }
            Self::Filter { driver, .. } => {
                format!(
                    "install what `filter.{driver}` of git's configuration runs{}, or keep these files out of it with a line `.fractary/** -filter` in .gitattributes",
                    if driver == "lfs" { " (git-lfs)" } else { "" }
                )
            }
            Self::Missing { .. } => {
                "make sure that the remote can be reached; a full clone needs nothing of it later".to_owned()
            }
            Self::UpstreamGone {
                remote,
                branch,
                others,
            } => gone_hint(remote, branch, others),
            Self::InProgress(operation) => {
                format!(
                    "{}; or run this in another work tree (`git worktree add`)",
                    operation.ends()
                )
            }
            Self::CheckedOut { .. } => {
                "check out another branch there: the branch that state lands on must not be checked out"
                    .to_owned()
            }
            Self::Journal { path, .. } => {
                format!(
                    "look at `git status` and `git log`, then remove {}",
                    path.display()
                )
            }
            _ => return None,
        })
    }
}

/// The number in `(os error 28)`, which is all that the git library leaves of a cause.
fn os_error(message: &str) -> Option<i32> {
    let (_, rest) = message.rsplit_once("(os error ")?;
    rest.split_once(')')?.0.parse().ok()
}

/// What to do when the operating system refuses a place. Numbers are those of Linux; of the
/// ones that differ elsewhere the general advice is given.
fn place_hint(code: Option<i32>) -> Option<&'static str> {
    Some(match code? {
        // EFBIG, ENOSPC, EDQUOT.
        27 | 28 | 122 => "free some space, or raise the quota, then run this again",
        // EPERM, EACCES, EROFS.
        1 | 13 | 30 => "make it writable for this user, then run this again",
        _ => return None,
    })
}

fn gone_hint(remote: &str, branch: &str, others: &[String]) -> String {
    let follow = match others {
        [only] => format!(
            "if {branch} was renamed, follow it: `git branch --set-upstream-to {remote}/{only}` after `git fetch {remote}`"
        ),
        _ => format!(
            "name the branch that took its place: `git branch --set-upstream-to {remote}/BRANCH` after `git fetch {remote}`"
        ),
    };
    format!("{follow}; to make {branch} anew there: `git push {remote} HEAD:refs/heads/{branch}`")
}

fn dirty_hint(paths: &[DirtyPath]) -> String {
    let any = |wanted: &[DirtyReason]| paths.iter().any(|p| wanted.contains(&p.reason));
    if any(&[
        DirtyReason::Link,
        DirtyReason::NotAFile,
        DirtyReason::NotAFolder,
    ]) {
        "replace what is in the way by plain folders and files, then run this again".to_owned()
    } else {
        "commit, stash or undo these changes, then run this again".to_owned()
    }
}
