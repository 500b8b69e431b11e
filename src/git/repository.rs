//! Finding and opening a repository, and what can be asked of it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use crate::git::error::{GitError, one_line};
use crate::git::format;
use crate::git::ids::commit_id;
use crate::git::program;
use crate::git::step::Step;
use crate::model::ids::CommitId;

/// What HEAD is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The commit, `None` on a branch without commits.
    pub commit: Option<CommitId>,
    /// The branch without `refs/heads/`, `None` when HEAD is detached.
    pub branch: Option<String>,
}

/// What is kept of trees and commits that were read: some hundred folders.
const OBJECT_CACHE_BYTES: usize = 1 << 20;

type Faults = Rc<dyn Fn(Step) -> bool>;

/// A git repository, or one of its linked work trees.
#[derive(Clone)]
pub struct Repository {
    pub(crate) git: gix::Repository,
    pub(crate) lock_wait: Duration,
    pub(crate) index_lock_wait: Duration,
    faults: Option<Faults>,
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository")
            .field("git_dir", &self.git_dir())
            .finish_non_exhaustive()
    }
}

impl Repository {
    /// Opens the repository that a folder belongs to, searching upwards; `GIT_DIR` and its
    /// kin count as they do for git.
    ///
    /// # Errors
    /// [`GitError::NotARepository`], [`GitError::Open`].
    pub fn discover(dir: &Path) -> Result<Self, GitError> {
        let options = gix::discover::upwards::Options {
            match_ceiling_dir_or_error: false,
            ..Default::default()
        };
        let found = gix::ThreadSafeRepository::discover_with_environment_overrides_opts(
            dir,
            options,
            gix::sec::trust::Mapping::default(),
        );
        match found {
            Ok(found) => {
                let found = Self::new(found.to_thread_local())?;
                found.expect_trust(dir)?;
                Ok(found)
            }
            Err(error) => Err(match format::unsupported(dir) {
                Some((path, format)) => GitError::Unsupported { path, format },
                None if has_git_dir(dir) => GitError::Open {
                    path: dir.to_owned(),
                    message: one_line(&error),
                },
                None => GitError::NotARepository(dir.to_owned()),
            }),
        }
    }

    /// Asks git whether it would run in a repository that another user owns, whose hooks and
    /// configuration would then run as this one (`safe.directory`). One's own is not asked about.
    fn expect_trust(&self, dir: &Path) -> Result<(), GitError> {
        if self.git.git_dir_trust() == gix::sec::Trust::Full {
            return Ok(());
        }
        let place = self.work_dir().unwrap_or_else(|| self.git_dir());
        let refuse = |message: String| GitError::Ownership {
            path: std::path::absolute(place).unwrap_or_else(|_| place.to_owned()),
            message,
        };
        let said = program::run_in(dir, &["rev-parse", "--git-dir"])
            .map_err(|error| refuse(error.to_string()))?;
        match said.success {
            true => Ok(()),
            false => {
                let first = said.complaint();
                let first = first.lines().next().unwrap_or_default();
                Err(refuse(first.trim_start_matches("fatal: ").to_owned()))
            }
        }
    }

    /// Makes a repository with a work tree and the unborn branch `main`.
    ///
    /// # Errors
    /// [`GitError::Git`], for instance when there is one already.
    pub fn init(dir: &Path) -> Result<Self, GitError> {
        let options = gix::open::Options::default().config_overrides(["init.defaultBranch=main"]);
        let made = gix::ThreadSafeRepository::init_opts(
            dir,
            gix::create::Kind::WithWorktree,
            gix::create::Options::default(),
            options,
        );
        let made = made.map_err(GitError::git(format!(
            "make a git repository in {}",
            dir.display()
        )))?;
        Self::new(made.to_thread_local())
    }

    fn new(mut git: gix::Repository) -> Result<Self, GitError> {
        let refuse = |message: String| GitError::Open {
            path: git.git_dir().to_owned(),
            message,
        };
        // The library reads references as files and would see an empty repository.
        let storage = git.config_snapshot().string("extensions.refStorage");
        if let Some(storage) = storage.filter(|s| s != "files") {
            if let Some((path, format)) = format::unsupported(git.git_dir()) {
                return Err(GitError::Unsupported { path, format });
            }
            return Err(refuse(format!(
                "its references are stored as {storage}; only files are supported"
            )));
        }
        // This guards what users add to git. We only compare, and must not fail over
        // somebody's line ends.
        let mut config = git.config_snapshot_mut();
        config
            .set_value(&gix::config::tree::Core::SAFE_CRLF, "false")
            .map_err(GitError::git("set core.safecrlf for this process"))?;
        config
            .commit()
            .map_err(GitError::git("set core.safecrlf for this process"))?;
        // The folders above a path are looked up again for each of its neighbours.
        git.object_cache_size_if_unset(OBJECT_CACHE_BYTES);
        Ok(Self {
            git,
            lock_wait: Duration::from_secs(30),
            index_lock_wait: Duration::from_secs(2),
            faults: None,
        })
    }

    /// Sets how long to wait for another run of this program (default 30 s).
    #[must_use]
    pub fn with_lock_wait(mut self, wait: Duration) -> Self {
        self.lock_wait = wait;
        self
    }

    /// Sets how long to wait for another git program that holds the index (default 2 s).
    #[must_use]
    pub fn with_index_lock_wait(mut self, wait: Duration) -> Self {
        self.index_lock_wait = wait;
        self
    }

    /// Makes [`Repository::commit`] stop dead, as if killed, after the steps for which
    /// `stop` returns true. For tests.
    #[must_use]
    pub fn with_faults(mut self, stop: impl Fn(Step) -> bool + 'static) -> Self {
        self.faults = Some(Rc::new(stop));
        self
    }

    pub(crate) fn step(&self, step: Step) -> Result<(), GitError> {
        match &self.faults {
            Some(stop) if stop(step) => Err(GitError::Stopped(step)),
            _ => Ok(()),
        }
    }

    /// The root of the work tree, `None` in a bare repository.
    pub fn work_dir(&self) -> Option<&Path> {
        self.git.workdir()
    }

    /// The git directory; in a linked work tree its own one.
    pub fn git_dir(&self) -> &Path {
        self.git.git_dir()
    }

    pub(crate) fn lock_path(&self) -> PathBuf {
        self.git_dir().join("fractary.lock")
    }

    pub(crate) fn journal_path(&self) -> PathBuf {
        self.git_dir().join("fractary-journal.json")
    }

    /// Reads HEAD.
    ///
    /// # Errors
    /// [`GitError::Git`] when HEAD is damaged.
    pub fn head(&self) -> Result<Head, GitError> {
        let head = self.git.head().map_err(GitError::git("read HEAD"))?;
        let branch = head.referent_name().map(|name| name.shorten().to_string());
        // A branch names its commit. To look at the commit itself would open every pack.
        let direct = head.id().map(gix::Id::detach);
        let id = match direct {
            Some(id) => Some(id),
            None if head.is_unborn() => None,
            // A branch that stands for another one.
            None => head
                .try_into_peeled_id()
                .map_err(GitError::git("read HEAD"))?
                .map(gix::Id::detach),
        };
        let commit = id.map(commit_id);
        Ok(Head { commit, branch })
    }

    /// The URL of the remote `origin`, without credentials.
    pub fn remote_url(&self) -> Option<String> {
        let url = self.git.config_snapshot().string("remote.origin.url")?;
        Some(without_credentials(&url.to_string()))
    }
}

/// Whether a repository seems to be at `dir` or above, so that failing to open it is not
/// mistaken for its absence.
fn has_git_dir(dir: &Path) -> bool {
    let absolute = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    absolute.ancestors().any(|a| a.join(".git").exists())
}

/// Drops what stands before an `@` in the authority of a URL. The login name of an ssh URL
/// (`git@host:…`) is no secret and stays.
fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return match url.split_once('@') {
            Some((user, rest)) if user.contains(':') && !user.contains('/') => rest.to_owned(),
            _ => url.to_owned(),
        };
    };
    let (authority, path) = match rest.find(['/', '?', '#']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let Some((user, host)) = authority.rsplit_once('@') else {
        return url.to_owned();
    };
    if scheme.ends_with("ssh") && !user.contains(':') {
        return url.to_owned();
    }
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_urls_lose_their_credentials() {
        let cases = [
            ("https://github.com/o/r.git", "https://github.com/o/r.git"),
            ("https://ghp_x@github.com/o/r", "https://github.com/o/r"),
            (
                "https://u:p@github.com:8443/o/r",
                "https://github.com:8443/o/r",
            ),
            ("https://u:p@ss@host/o", "https://host/o"),
            ("https://host/a@b", "https://host/a@b"),
            ("ssh://git@host/o/r", "ssh://git@host/o/r"),
            ("ssh://git:secret@host/o/r", "ssh://host/o/r"),
            ("git@github.com:o/r.git", "git@github.com:o/r.git"),
            ("/srv/git/r.git", "/srv/git/r.git"),
            ("https://u:p@host", "https://host"),
        ];
        for (url, clean) in cases {
            assert_eq!(without_credentials(url), clean, "{url}");
        }
    }
}
