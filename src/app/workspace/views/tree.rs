//! The files that the documents of a workspace lie in.

use std::rc::Rc;

use crate::app::workspace::files;
use crate::error::CommandError;
use crate::git::Repository;
use crate::model::ids::CommitId;
use crate::model::paths::{Files, RepoPath};

/// The files of the work tree, or those of a branch that is not checked out.
#[derive(Clone, Copy)]
pub(crate) struct Tree<'a> {
    pub(in crate::app::workspace) repository: &'a Repository,
    pub(in crate::app::workspace) base: Option<&'a CommitId>,
    pub(in crate::app::workspace) side: Option<&'a str>,
    pub(in crate::app::workspace) other_files: Option<&'a Rc<dyn Files>>,
}

impl<'a> Tree<'a> {
    /// Returns the commit that they are at; a work tree may have edits on top of it.
    pub(crate) fn base(self) -> Option<&'a CommitId> {
        self.base
    }

    /// Whether a commit is another, or was made since.
    pub(crate) fn descends_from(
        self,
        commit: &CommitId,
        other: &CommitId,
    ) -> Result<bool, CommandError> {
        Ok(self.repository.descends_from(commit, other)?)
    }

    /// Reads a file as text, `None` where there is none.
    pub(crate) fn read_text(self, path: &RepoPath) -> Result<Option<String>, CommandError> {
        match self.other_files {
            Some(other) => files::read_text(other.as_ref(), path),
            None => files::read_as_stored(self.repository, self.base, path),
        }
    }

    /// Returns the files that the documents were read from.
    pub(crate) fn files(self) -> Result<Rc<dyn Files>, CommandError> {
        match self.other_files {
            Some(other) => Ok(Rc::clone(other)),
            None => Ok(files::open_files(self.repository, self.base)?.into()),
        }
    }

    /// Lists the files in a folder.
    pub(crate) fn list(self, folder: &RepoPath) -> Result<Vec<RepoPath>, CommandError> {
        self.files()?.list(folder).map_err(files::cannot_read)
    }

    /// Returns which of these paths have edits that are not committed. What is checked out is
    /// not what a commit on another branch changes.
    pub(crate) fn edited(self, paths: &[RepoPath]) -> Result<Vec<RepoPath>, CommandError> {
        match self.side {
            Some(_) => Ok(Vec::new()),
            None => Ok(self.repository.dirty(paths)?),
        }
    }

    /// Whether neither the work tree nor the head has a file. One that is removed and not
    /// committed is an edit, not a gap.
    pub(crate) fn lacks(self, path: &RepoPath) -> Result<bool, CommandError> {
        if self.read_text(path)?.is_some() {
            return Ok(false);
        }
        let committed = self.repository.files_at(self.base)?;
        Ok(committed.read(path).map_err(files::cannot_read)?.is_none())
    }
}
