//! Loading: the validated state of a repository, the catalogue and the templates.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::app::answer::faults;
use crate::app::workspace::Workspace;
use crate::app::workspace::files;
use crate::app::workspace::kinds;
use crate::app::workspace::origin::Origin;
use crate::error::CommandError;
use crate::git::Repository;
use crate::model::paths::Files;
use crate::render::templates::Templates;
use crate::state;
use crate::state::State;
use crate::ui::Ui;

/// Loads the documents of the present. Faults in them are shown all at once, warnings are not.
pub(crate) fn load_from(ui: &Arc<Ui>, repository: Repository) -> Result<Workspace, CommandError> {
    let origin = Origin::find(&repository)?;
    let state = state::load_present(origin.files.as_ref())
        .map_err(|invalid| faults::broken(ui, invalid))?;
    complete(ui, repository, origin, state)
}

/// The same with the documents of the past, which are read anyway.
pub(crate) fn load_with_past(
    ui: &Arc<Ui>,
    repository: Repository,
) -> Result<Workspace, CommandError> {
    let origin = Origin::find(&repository)?;
    let (state, past) =
        state::load(origin.files.as_ref()).map_err(|invalid| faults::broken(ui, invalid))?;
    let workspace = complete(ui, repository, origin, state)?;
    workspace.past.get_or_init(|| past);
    Ok(workspace)
}

/// The same, from files that are neither those of the work tree nor of the head.
pub(crate) fn load_files(
    ui: &Arc<Ui>,
    repository: Repository,
    side: Option<String>,
    files: Rc<dyn Files>,
) -> Result<Workspace, CommandError> {
    let state =
        state::load_present(files.as_ref()).map_err(|invalid| faults::broken(ui, invalid))?;
    let origin = Origin {
        side,
        base: None,
        files: Rc::clone(&files),
    };
    let mut workspace = complete(ui, repository, origin, state)?;
    workspace.other_files = Some(files);
    Ok(workspace)
}

/// Adds what a command needs besides the documents, which were read at `origin`.
pub(crate) fn complete(
    ui: &Arc<Ui>,
    repository: Repository,
    origin: Origin,
    state: State,
) -> Result<Workspace, CommandError> {
    let catalog = kinds::catalog(&state)?;
    let overrides = files::read_overrides(origin.files.as_ref())?;
    let helm = state.helm.as_ref().map(|doc| doc.value.clone());
    Ok(Workspace {
        repository,
        catalog,
        templates: Templates::new(&overrides).map_err(faults::template)?,
        helm: helm.unwrap_or_default(),
        state,
        past: OnceCell::new(),
        base: origin.base,
        other_files: origin.side.is_some().then_some(origin.files),
        side: origin.side,
        ui: Arc::clone(ui),
    })
}
