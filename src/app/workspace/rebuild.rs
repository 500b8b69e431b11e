//! What git needs to know of documents when it makes a commit anew on top of another: how they
//! are merged, and the generated files of the result.

use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;

use crate::app::decide::regenerate;
use crate::app::workspace::{load, origin};
use crate::error::CommandError;
use crate::git::{CommitFiles, MergeRules, MergedFiles, Repository, ThreeVersions, Transaction};
use crate::model::paths::{Files, RepoPath};
use crate::state;
use crate::state::Versions;
use crate::ui::Ui;

/// The rules of the state, as git asks them.
pub(super) struct StateRules<'a> {
    pub(super) ui: &'a Arc<Ui>,
    pub(super) repository: &'a Repository,
    /// The branch, where configuration is that of the checkout and not of it.
    pub(super) side: Option<String>,
    /// The time that generated files are rendered for.
    pub(super) now: Timestamp,
}

impl MergeRules for StateRules<'_> {
    fn places(&self, path: &RepoPath) -> Vec<RepoPath> {
        state::places(path)
    }

    fn merge(&self, files: &[(RepoPath, ThreeVersions)]) -> Result<MergedFiles, String> {
        if files.iter().all(|(path, _)| state::is_generated(path)) {
            // Rendered again below; what people wrote around it is theirs.
            let theirs = |v: &ThreeVersions| v.theirs.clone().or_else(|| v.ours.clone());
            return Ok(files
                .iter()
                .map(|(path, v)| (path.clone(), theirs(v)))
                .collect());
        }
        let files: Vec<_> = files
            .iter()
            .map(|(path, versions)| {
                let versions = Versions {
                    base: versions.base.clone(),
                    ours: versions.ours.clone(),
                    theirs: versions.theirs.clone(),
                };
                (path.clone(), versions)
            })
            .collect();
        state::merge_files(&files).map_err(|error| error.to_string())
    }

    fn generated(&self, merged: &CommitFiles) -> Transaction {
        let files: Result<Rc<dyn Files>, CommandError> = match self.side {
            Some(_) => origin::over_checkout(self.repository, Box::new(merged.clone())),
            None => Ok(Rc::new(merged.clone())),
        };
        let rendered = files
            .and_then(|files| {
                load::load_files(self.ui, self.repository.clone(), self.side.clone(), files)
            })
            .and_then(|workspace| regenerate::regenerate(&workspace.documents(), self.now));
        rendered.unwrap_or_else(|_| {
            // What was recorded must not be lost over this; `fractary check` says it all.
            self.ui.warn(
                "the merged state could not be rendered; the next run renders it or reports the problem",
            );
            Transaction::new()
        })
    }
}
