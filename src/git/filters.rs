//! Content filters of git (`filter=` in .gitattributes): what is stored of a file is what `git
//! add` would store, for instance a pointer of Git LFS, and what is read is what `git checkout`
//! would write.

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

use gix::ObjectId;
use gix::attrs::StateRef;
use gix::filter::plumbing::driver::apply::Delay;
use gix::filter::plumbing::pipeline::convert::{ToGitOutcome, to_worktree};
use gix::index::entry::{Flags, Mode, Stat};
use gix::worktree::stack::state::attributes::Source;

use crate::git::error::GitError;
use crate::git::transaction::{Edit, Transaction};
use crate::git::tree::{self, TreeItem, parents};
use crate::model::paths::RepoPath;

/// The filters of a tree or a checkout. Without a driver in git's configuration there are
/// none, and nothing is looked up.
pub(crate) struct Filters<'r> {
    git: &'r gix::Repository,
    /// The tree that has the attributes.
    root: ObjectId,
    /// Whether those of the work tree come first.
    of_checkout: bool,
}

impl<'r> Filters<'r> {
    /// By the attributes of the files that are checked out, else of HEAD's tree `root`.
    pub(crate) fn of_checkout(git: &'r gix::Repository, root: ObjectId) -> Self {
        Self {
            git,
            root,
            of_checkout: git.workdir().is_some(),
        }
    }

    /// By the attributes of a tree.
    pub(crate) fn of_tree(git: &'r gix::Repository, root: ObjectId) -> Self {
        Self {
            git,
            root,
            of_checkout: false,
        }
    }

    /// What of a transaction git would store.
    ///
    /// # Errors
    /// [`GitError::Filter`].
    pub(crate) fn as_stored<'t>(
        &self,
        transaction: &'t Transaction,
    ) -> Result<Cow<'t, Transaction>, GitError> {
        if !has_drivers(self.git) {
            return Ok(Cow::Borrowed(transaction));
        }
        let mut stored = Cow::Borrowed(transaction);
        for (path, edit) in transaction.edits() {
            let Edit::Write(bytes) = edit else { continue };
            let index = self.attributes_above(path)?;
            let Some(driver) = self.driver(path, &index)? else {
                continue;
            };
            let bytes = self.clean(path, &driver, bytes, &index)?;
            stored.to_mut().write(path.clone(), bytes);
        }
        Ok(stored)
    }

    /// What git would write to the work tree for stored content.
    ///
    /// # Errors
    /// [`GitError::Filter`].
    pub(crate) fn as_read(&self, path: &RepoPath, bytes: Vec<u8>) -> Result<Vec<u8>, GitError> {
        if !has_drivers(self.git) {
            return Ok(bytes);
        }
        let index = self.attributes_above(path)?;
        let Some(driver) = self.driver(path, &index)? else {
            return Ok(bytes);
        };
        let mut pipeline = self.pipeline(&index)?;
        let options = to_worktree::Options {
            can_delay: Delay::Forbid,
            ..Default::default()
        };
        let converted = pipeline.convert_to_worktree(&bytes, path.as_str().into(), options);
        let mut converted = converted.map_err(failed(path, &driver))?;
        let mut out = Vec::new();
        let read = converted.read_to_end(&mut out);
        read.map_err(|error| filter_error(path, &driver, error.to_string()))?;
        Ok(out)
    }

    fn clean(
        &self,
        path: &RepoPath,
        driver: &str,
        bytes: &[u8],
        index: &gix::index::State,
    ) -> Result<Vec<u8>, GitError> {
        let mut pipeline = self.pipeline(index)?;
        let place = Path::new(path.as_str());
        let converted = pipeline.convert_to_git(bytes, place, index);
        let mut out = Vec::new();
        match converted.map_err(failed(path, driver))? {
            ToGitOutcome::Unchanged(_) => out.extend_from_slice(bytes),
            ToGitOutcome::Buffer(buffer) => out.extend_from_slice(buffer),
            ToGitOutcome::Process(mut stream) => {
                let read = stream.read_to_end(&mut out);
                read.map_err(|error| filter_error(path, driver, error.to_string()))?;
            }
        }
        Ok(out)
    }

    /// The filter that the attributes name for a path, where git's configuration has it.
    /// `index` is that of [`Self::attributes_above`].
    fn driver(
        &self,
        path: &RepoPath,
        index: &gix::index::State,
    ) -> Result<Option<String>, GitError> {
        let action = "read .gitattributes";
        let mut stack = self
            .git
            .attributes_only(index, self.source())
            .map_err(GitError::git(action))?;
        let mut found = stack.selected_attribute_matches(["filter"]);
        let platform = stack.at_path(path.as_str(), None);
        platform
            .map_err(GitError::git(action))?
            .matching_attributes(&mut found);
        let name = found
            .iter_selected()
            .find_map(|one| match one.assignment.state {
                StateRef::Value(name) => Some(name.as_bstr().to_string()),
                _ => None,
            });
        Ok(name.filter(|name| is_configured(self.git, name)))
    }

    fn source(&self) -> Source {
        match self.of_checkout {
            true => Source::WorktreeThenIdMapping,
            false => Source::IdMapping,
        }
    }

    fn pipeline(&self, index: &gix::index::State) -> Result<gix::filter::Pipeline<'r>, GitError> {
        let stack = self
            .git
            .attributes_only(index, self.source())
            .map_err(GitError::git("read .gitattributes"))?;
        gix::filter::Pipeline::new(self.git, stack.detach())
            .map_err(GitError::git("read the configuration of filters"))
    }

    /// An index of the `.gitattributes` above a path and no other files.
    fn attributes_above(&self, path: &RepoPath) -> Result<gix::index::State, GitError> {
        let mut index = gix::index::State::new(self.git.object_hash());
        let folders = parents(path).map(|folder| format!("{folder}/.gitattributes"));
        for name in std::iter::once(".gitattributes".to_owned()).chain(folders) {
            let name = RepoPath::new(name).expect("a name in the folder of a valid path");
            if let TreeItem::File(version) = tree::find(self.git, self.root, &name)? {
                crate::git::objects::ensure(self.git, version.id)?;
                let place = name.as_str().into();
                let (stat, flags) = (Stat::default(), Flags::empty());
                index.dangerously_push_entry(stat, version.id, flags, Mode::FILE, place);
            }
        }
        index.sort_entries();
        Ok(index)
    }
}

/// Whether git's configuration has any filter.
fn has_drivers(git: &gix::Repository) -> bool {
    let config = git.config_snapshot();
    config
        .plumbing()
        .sections_by_name("filter")
        .is_some_and(|mut sections| sections.next().is_some())
}

/// Whether git's configuration says what a filter does.
fn is_configured(git: &gix::Repository, name: &str) -> bool {
    let config = git.config_snapshot();
    ["clean", "process", "smudge", "required"]
        .iter()
        .any(|key| config.string(&format!("filter.{name}.{key}")).is_some())
}

/// The error of a conversion: that of the filter which the attributes name, where they do.
pub(crate) fn failure(
    git: &gix::Repository,
    path: &RepoPath,
    action: &str,
    message: &str,
) -> GitError {
    let filters = Filters::of_checkout(git, ObjectId::empty_tree(git.object_hash()));
    let driver = filters.attributes_above(path);
    let driver = driver.and_then(|index| filters.driver(path, &index));
    match driver {
        Ok(Some(driver)) => filter_error(path, &driver, message.to_owned()),
        _ => GitError::Git {
            action: format!("{action} {path}"),
            message: message.to_owned(),
        },
    }
}

fn failed(path: &RepoPath, driver: &str) -> impl FnOnce(gix::Error) -> GitError {
    let (path, driver) = (path.clone(), driver.to_owned());
    move |error| {
        let message = crate::git::error::one_line(&error);
        filter_error(&path, &driver, message)
    }
}

fn filter_error(path: &RepoPath, driver: &str, message: String) -> GitError {
    GitError::Filter {
        path: path.clone(),
        driver: driver.to_owned(),
        message,
    }
}
