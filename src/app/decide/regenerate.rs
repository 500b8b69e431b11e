//! What git needs to know of documents when it makes a commit anew on top of another: how they
//! are merged, and the generated files of the result.

use std::rc::Rc;

use crate::app::App;
use crate::app::decide::outlook::World;
use crate::app::decide::write;
use crate::app::workspace::load;
use crate::app::workspace::load::Loaded;
use crate::app::workspace::place;
use crate::error::CommandError;
use crate::git::{CommitFiles, MergeRules, MergedFiles, Repository, ThreeVersions, Transaction};
use crate::model::paths::{Files, RepoPath};
use crate::state;
use crate::state::Versions;
use crate::state::documents::paths;

/// The rules of the state, as git asks them.
pub(crate) struct Rules<'a> {
    pub(crate) app: &'a App,
    pub(crate) repository: &'a Repository,
    /// The branch, where configuration is that of the checkout and not of it.
    pub(crate) side: Option<String>,
}

impl MergeRules for Rules<'_> {
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
            Some(_) => place::over_checkout(self.repository, Box::new(merged.clone())),
            None => Ok(Rc::new(merged.clone())),
        };
        let rendered = files
            .and_then(|files| {
                load::load_files(self.app, self.repository.clone(), self.side.clone(), files)
            })
            .and_then(|loaded| render(&loaded, self.app));
        rendered.unwrap_or_else(|_| {
            // What was recorded must not be lost over this; `fractary check` says it all.
            self.app.ui.warn(
                "the merged state could not be rendered; the next run renders it, or says what is wrong",
            );
            Transaction::new()
        })
    }
}

fn render(loaded: &Loaded, app: &App) -> Result<Transaction, CommandError> {
    let mut transaction = Transaction::new();
    if loaded.text(&paths::dashboard_md())?.is_some() {
        let world = World::of(loaded, app.clock.now())?;
        write::write_dashboard(loaded, &world, app.clock.now(), &mut transaction)?;
    }
    for name in loaded.state.registries.keys() {
        let there = loaded.text(&paths::deployed_md(name))?.is_some();
        if there && loaded.environment(name).is_ok() {
            write::write_deployed(loaded, name, &mut transaction)?;
        }
    }
    Ok(transaction)
}
