//! What can go wrong with the repository, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::git::format::Format;
use crate::git::operation::Operation;
use crate::git::step::Step;
use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;

/// Why the repository could not be read or changed.
///
/// Unless a variant says otherwise nothing has been changed when it is returned.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// Neither the folder nor any above it is a repository.
    #[error("{} is not inside a git repository", .0.display())]
    NotARepository(PathBuf),
    /// There is a repository, but it can't be opened.
    #[error("could not open the git repository at {}: {message}", .path.display())]
    Open {
        /// Where it is.
        path: PathBuf,
        /// The cause.
        message: String,
    },
    /// The repository is bare, so there are no working files to write.
    #[error("the git repository at {} has no work tree", .0.display())]
    NoWorkTree(PathBuf),
    /// Another run of this program holds the lock.
    #[error(
        "another run{} is changing this repository{}",
        Shown(" with process id ", pid),
        Shown(", since ", since)
    )]
    Locked {
        /// Its process id, if it could be read.
        pid: Option<u32>,
        /// When it took the lock, if that could be read.
        since: Option<jiff::Timestamp>,
    },
    /// Another git program holds the lock of the index.
    #[error("another git program is changing the index: {} exists", .0.display())]
    IndexLocked(PathBuf),
    /// HEAD is not where the decision was made. Decide again on the new HEAD.
    #[error("the branch has moved on: expected {}, found {}", commit(.expected.as_ref()), commit(.actual.as_ref()))]
    BaseMoved {
        /// The commit that the transaction was made for.
        expected: Option<CommitId>,
        /// The commit that HEAD has now.
        actual: Option<CommitId>,
    },
    /// Files to be changed have changes that are not committed.
    #[error("uncommitted changes are in the way: {}", list(.paths))]
    Dirty {
        /// These files.
        paths: Vec<DirtyPath>,
    },
    /// The transaction can't be applied to its base, for instance because one path is a
    /// folder there.
    #[error("{path} cannot be written: {reason}")]
    Conflict {
        /// The path.
        path: RepoPath,
        /// What is in the way.
        reason: String,
    },
    /// There is nothing to commit, and no earlier commit that holds the same.
    #[error("there is nothing to commit")]
    NothingToCommit,
    /// The name, mail address or date for the commit can't be used.
    #[error("the {what} for the commit is not usable: {message}")]
    Identity {
        /// `author` or `committer`.
        what: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The journal of an earlier run can't be understood.
    #[error("the journal {} of an interrupted run is damaged: {message}", .path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The commit has landed, but working files or index are not up to date. The journal is
    /// kept: the next run finishes the job.
    #[error("commit {commit} is made, but the work tree is not up to date yet")]
    Unfinished {
        /// The commit.
        commit: CommitId,
        /// What went wrong afterwards.
        source: Box<GitError>,
    },
    /// The operating system refused.
    #[error("could not {action} {}", .path.display())]
    Io {
        /// What was tried, for instance `write`.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The git library failed.
    #[error("could not {action}: {message}")]
    Git {
        /// What was tried.
        action: String,
        /// The cause.
        message: String,
    },
    /// The installed git could not be run, or failed. Its words are text from outside.
    #[error("git {}: {message}", .arguments.first().map_or("", String::as_str))]
    Program {
        /// What it was asked.
        arguments: Vec<String>,
        /// What it said.
        message: String,
    },
    /// The installed git was ended because this process was interrupted. Whether a remote has
    /// got what was being pushed is not known.
    #[error("interrupted during git {}", .arguments.first().map_or("", String::as_str))]
    Interrupted {
        /// What it was asked.
        arguments: Vec<String>,
    },
    /// There is no remote branch to push to.
    #[error("{reason}")]
    NoPushTarget {
        /// Why.
        reason: String,
    },
    /// A local commit that the remote has not is not one of this program's.
    #[error("local commit {commit} cannot be put on top of the remote branch: {reason}")]
    Foreign {
        /// The commit.
        commit: CommitId,
        /// Why it is left alone.
        reason: &'static str,
    },
    /// Files were changed on both sides in ways that only a person can bring together.
    #[error("the remote has moved on, and not everything can be merged: {}", .reasons.join("; "))]
    NotMerged {
        /// Each file, and why.
        reasons: Vec<String>,
    },
    /// Uncommitted changes are where the remote's changes have to go.
    #[error("the remote has moved on, and uncommitted changes are in the way: {message}")]
    InTheWay {
        /// What git said.
        message: String,
    },
    /// The name of a branch that git does not allow.
    #[error("`{name}` cannot be the name of a branch: {message}")]
    BranchName {
        /// The name, escaped.
        name: String,
        /// What is wrong with it.
        message: String,
    },
    /// A sparse checkout leaves out what HEAD has at a path.
    #[error("{0} is in HEAD, and the sparse checkout leaves it out (git sparse-checkout)")]
    LeftOut(RepoPath),
    /// The repository belongs to another user, and git would not run in it.
    #[error("git refuses the repository at {}: {message}", .path.display())]
    Ownership {
        /// Where it is.
        path: PathBuf,
        /// What git said.
        message: String,
    },
    /// The repository is stored in a way that this program cannot read.
    #[error("the git repository at {} {}", .path.display(), .format.words())]
    Unsupported {
        /// Where it is.
        path: PathBuf,
        /// In which way.
        format: Format,
    },
    /// The commit could not be signed, and git's configuration asks for it.
    #[error("could not sign the commit: {message}")]
    Signing {
        /// What git said.
        message: String,
    },
    /// A filter of git (`filter=` in .gitattributes) failed, or is not installed.
    #[error("the filter `{driver}` of .gitattributes failed for {path}: {message}")]
    Filter {
        /// The file.
        path: RepoPath,
        /// The filter's name.
        driver: String,
        /// What went wrong.
        message: String,
    },
    /// A partial clone lacks objects, and they could not be fetched.
    #[error("this is a partial clone, and {remote} did not give what is missing: {message}")]
    Missing {
        /// The remote that has promised them.
        remote: String,
        /// What git said.
        message: String,
    },
    /// The upstream of the branch that is checked out is not on the remote any more.
    #[error("{remote}/{branch}, the upstream of this branch, is gone: the remote has {}", named(.others))]
    UpstreamGone {
        /// The remote.
        remote: String,
        /// The branch that is gone, without `refs/heads/`.
        branch: String,
        /// The branches that there are.
        others: Vec<String>,
    },
    /// A person is in the middle of something that moves HEAD.
    #[error("{} is in progress in this work tree, and a commit of this program would become part of it", .0.words())]
    InProgress(Operation),
    /// A branch that is to be moved is checked out in another work tree.
    #[error("the branch {branch} is checked out elsewhere: see {}", .path.display())]
    CheckedOut {
        /// The branch.
        branch: String,
        /// The git directory of that work tree.
        path: PathBuf,
    },
    /// A fault point asked to stop here; everything is left as a killed process would.
    #[error("stopped at {0}, as asked")]
    Stopped(Step),
}

/// A file with changes that are not committed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirtyPath {
    /// The file.
    pub path: RepoPath,
    /// What was found.
    pub reason: DirtyReason,
}

/// In what way a path differs from HEAD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DirtyReason {
    /// The index differs from HEAD.
    Staged,
    /// The index holds an unresolved merge.
    Unmerged,
    /// The working file was edited or removed.
    Edited,
    /// HEAD has no such file but the work tree has.
    Untracked,
    /// The path is a symbolic link or lies behind one.
    Link,
    /// The path is a folder, a device or the like.
    NotAFile,
    /// A file is where the path needs a folder.
    NotAFolder,
}

impl fmt::Display for DirtyReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Staged => "staged",
            Self::Unmerged => "unmerged",
            Self::Edited => "edited",
            Self::Untracked => "untracked",
            Self::Link => "behind a symbolic link",
            Self::NotAFile => "not a regular file",
            Self::NotAFolder => "below a file",
        })
    }
}

impl fmt::Display for DirtyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.path, self.reason)
    }
}

struct Shown<'a, T>(&'static str, &'a Option<T>);

impl<T: fmt::Display> fmt::Display for Shown<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(value) => write!(f, "{}{value}", self.0),
            None => Ok(()),
        }
    }
}

fn commit(id: Option<&CommitId>) -> &str {
    id.map_or("no commit", CommitId::as_str)
}

/// The first of some branches.
fn named(branches: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<&str> = branches.iter().take(SHOWN).map(String::as_str).collect();
    match branches.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn list(paths: &[DirtyPath]) -> String {
    let shown: Vec<String> = paths.iter().map(ToString::to_string).collect();
    shown.join(", ")
}

impl GitError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    pub(crate) fn git(action: impl Into<String>) -> impl FnOnce(gix::Error) -> Self {
        let action = action.into();
        move |error| Self::Git {
            action,
            message: one_line(&error),
        }
    }
}

/// An error and its causes on one line.
pub(crate) fn one_line(error: &(dyn std::error::Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let text = cause.to_string().replace(['\n', '\r'], " ");
        if !parts.last().is_some_and(|last| last.contains(&text)) {
            parts.push(text);
        }
        next = cause.source();
    }
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_and_what_next() {
        let path = |text: &str| RepoPath::new(text).unwrap();
        let since = "2026-11-21T10:00:00Z".parse().ok();
        let dirty = |reason| DirtyPath {
            path: path(".fractary/a.json"),
            reason,
        };
        let errors = [
            GitError::NotARepository(".".into()),
            GitError::NotARepository("no/such/folder".into()),
            GitError::Locked {
                pid: Some(7),
                since,
            },
            GitError::Locked {
                pid: None,
                since: None,
            },
            GitError::IndexLocked(".git/index.lock".into()),
            GitError::BaseMoved {
                expected: None,
                actual: CommitId::new("1".repeat(40)).ok(),
            },
            GitError::Dirty {
                paths: vec![dirty(DirtyReason::Staged), dirty(DirtyReason::Edited)],
            },
            GitError::Dirty {
                paths: vec![dirty(DirtyReason::Link)],
            },
            GitError::Conflict {
                path: path("a/b"),
                reason: "a is a file".to_owned(),
            },
        ];
        let shown: Vec<String> = errors
            .iter()
            .map(|e| format!("{e}\n  {}", e.hint().unwrap_or_default()))
            .collect();
        insta::assert_snapshot!(shown.join("\n"));
    }
}
