//! What documents say that only makes sense, or not, beside the catalogue, the other documents
//! and the files of the repository: an indicator that no kind has, a target that nothing can
//! reach, a program that is not there, an action that nothing does. All of it is a warning: what can be done is done.

mod actions;
mod monitors;
mod registry;
mod settings;
mod targets;
mod values;

use crate::app::App;
use crate::catalog::Catalog;
use crate::model::paths::{Files, RepoPath};
use crate::state;
use crate::state::Diagnostic;
use crate::state::State;
use crate::state::diagnostic::problem::Problem;

/// What is found, with the file that it is in.
type Found = Vec<(RepoPath, Problem)>;

/// Warns of everything that cannot work as it is written. `root` is the work tree, where there
/// is one: programs are looked for in it.
pub(crate) fn check(
    app: &App,
    state: &State,
    catalog: &Catalog,
    files: &dyn Files,
    root: Option<&std::path::Path>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    registry::check(state, catalog, &mut found);
    targets::check(state, catalog, &mut found);
    settings::check(state, &mut found);
    values::check(app, state, &mut found);
    actions::check(state, catalog, files, &mut found);
    let programs = monitors::Programs {
        root,
        path: app.environment.inherited.get("PATH").map(String::as_str),
    };
    monitors::check(state, &programs, &mut found);
    state::place(files, &found)
}
