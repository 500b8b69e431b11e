//! Where the state is: in the branch that is checked out, or, with `[git] mode` `branch` and
//! `pull-request`, on a branch that is not.
//!
//! What people write (configuration, templates, kinds) is read from the checkout, so that a
//! change of it counts at once; what this program writes is read from the branch.

use std::rc::Rc;

use crate::app::workspace::files;
use crate::error::CommandError;
use crate::git::Repository;
use crate::model::helm::{GitMode, Helm};
use crate::model::ids::CommitId;
use crate::model::paths::{Files, ReadError, RepoPath};
use crate::state::documents::paths;
use crate::state::is_configuration;

/// The branch that commits land on, as helm.toml of the checkout says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StateBranch {
    /// Its name without `refs/heads/`.
    name: String,
    /// Whether it is pushed, and has a pull request.
    pub(crate) pull_request: bool,
    /// Whether it is the one that is checked out.
    checked_out: bool,
}

/// The name where helm.toml names none.
const BRANCH: &str = "fractary/state";

impl StateBranch {
    /// Reads it; `None` for the branch that is checked out, whichever that is.
    pub(crate) fn configured(repository: &Repository) -> Result<Option<Self>, CommandError> {
        let head = repository.head()?;
        let files = files::open_files(repository, head.commit.as_ref())?;
        // A file that is faulty or cannot be read is reported with its place when all documents
        // are, and nothing lands then.
        let bytes = files.read(&paths::helm_toml()).ok().flatten();
        let helm: Helm = bytes
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|text| toml::from_str(&text).ok())
            .unwrap_or_default();
        let pull_request = match helm.git.mode {
            None | Some(GitMode::Direct) => return Ok(None),
            Some(GitMode::Branch) => false,
            Some(GitMode::PullRequest) => true,
        };
        let name = helm.git.branch.unwrap_or_else(|| BRANCH.to_owned());
        Ok(Some(Self {
            checked_out: head.branch.as_ref() == Some(&name),
            name,
            pull_request,
        }))
    }

    /// Returns its name without `refs/heads/`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns its name, where it is not the one that is checked out.
    pub(crate) fn side(self) -> Option<String> {
        (!self.checked_out).then_some(self.name)
    }
}

/// The branch that commits land on where that is not the one that is checked out.
pub(crate) fn side(repository: &Repository) -> Result<Option<String>, CommandError> {
    Ok(StateBranch::configured(repository)?.and_then(StateBranch::side))
}

/// The commit that the next one builds on.
pub(crate) fn base(
    repository: &Repository,
    side: Option<&str>,
) -> Result<Option<CommitId>, CommandError> {
    Ok(match side {
        Some(branch) => repository.branch_base(branch)?,
        None => repository.head()?.commit,
    })
}

/// State from these files of the branch, configuration from the checkout.
pub(crate) fn over_checkout(
    repository: &Repository,
    state: Box<dyn Files>,
) -> Result<Rc<dyn Files>, CommandError> {
    let head = repository.head()?.commit;
    Ok(Rc::new(TwoPlaces {
        checkout: files::open_files(repository, head.as_ref())?,
        branch: state,
    }))
}

/// Configuration from the checkout, everything else from the branch.
struct TwoPlaces {
    checkout: Box<dyn Files>,
    branch: Box<dyn Files>,
}

impl TwoPlaces {
    fn both(
        &self,
        folder: &RepoPath,
        look: impl Fn(&dyn Files) -> Result<Vec<RepoPath>, ReadError>,
    ) -> Result<Vec<RepoPath>, ReadError> {
        if is_configuration(folder) {
            return look(self.checkout.as_ref());
        }
        let mut found = look(self.checkout.as_ref())?;
        found.retain(is_configuration);
        let state = look(self.branch.as_ref())?;
        found.extend(state.into_iter().filter(|path| !is_configuration(path)));
        found.sort();
        Ok(found)
    }
}

impl Files for TwoPlaces {
    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, ReadError> {
        if is_configuration(path) {
            self.checkout.read(path)
        } else {
            self.branch.read(path)
        }
    }

    fn list(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, ReadError> {
        self.both(folder, |files| files.list(folder))
    }

    fn folders(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, ReadError> {
        self.both(folder, |files| files.folders(folder))
    }
}

/// Where the state is read.
pub(crate) struct Origin {
    /// The branch that it is on, where that is not the one that is checked out.
    pub(crate) side: Option<String>,
    /// The commit that the next one builds on.
    pub(crate) base: Option<CommitId>,
    /// The files.
    pub(crate) files: Rc<dyn Files>,
}

impl Origin {
    /// Finds it, as `[git] mode` of the checkout says.
    pub(crate) fn find(repository: &Repository) -> Result<Self, CommandError> {
        let side = side(repository)?;
        let base = base(repository, side.as_deref())?;
        let files = match side {
            Some(_) => {
                let state = repository.files_at(base.as_ref())?;
                over_checkout(repository, Box::new(state))?
            }
            None => files::open_files(repository, base.as_ref())?.into(),
        };
        Ok(Self { side, base, files })
    }
}
