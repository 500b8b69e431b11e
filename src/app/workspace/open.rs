//! Opening a repository for a command: finishes what an earlier one left, fetches what will be
//! built on, and loads the documents.

use crate::app::App;
use crate::app::answer::faults;
use crate::app::cross_check;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::load::{load_from, load_with_past};
use crate::app::workspace::push;
use crate::app::workspace::settle;
use crate::error::{CommandError, ErrorKind};
use crate::git::{Fault, Recovery, Repository};
use crate::model::paths::Files;
use crate::state::Diagnostic;
use crate::state::documents::paths;

/// Opens the repository and rolls a left-over journal forward.
pub(crate) fn open(app: &App) -> Result<Repository, CommandError> {
    let mut repository = Repository::discover(&app.global.repo)?;
    if let Some(name) = &app.environment.fault {
        let fault: Fault = name
            .parse()
            .map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
        repository = repository.with_faults(move |at| fault.strikes(at));
    }
    if let Recovery::Finished { commit, kept } = repository.recover()? {
        app.ui.warn(&format!(
            "an earlier run was interrupted while it landed; its commit {} is now complete",
            commit.short()
        ));
        for path in kept {
            app.ui.warn(&format!(
                "{path} was edited since, and is left as you have it"
            ));
        }
    }
    Ok(repository)
}

/// Loads everything. Faults in documents are reported all at once.
pub(crate) fn load(app: &App) -> Result<Workspace, CommandError> {
    finish(app, open(app)?, Depth::Past)
}

/// The same for what can be said without any document.
pub(crate) fn load_anything(app: &App) -> Result<Workspace, CommandError> {
    let workspace = load_with_past(&app.ui, open(app)?)?;
    faults::mention(&app.ui, &workspace.state.warnings);
    Ok(workspace)
}

/// Refuses a repository that was never set up: nothing is known there, and that is not the same
/// as nothing being wrong.
pub(crate) fn refuse_empty(files: &dyn Files) -> Result<(), CommandError> {
    let root = paths::root();
    let fail = |error| CommandError::new(ErrorKind::Usage, error);
    if !files.list(&root).map_err(fail)?.is_empty()
        || !files.folders(&root).map_err(fail)?.is_empty()
    {
        return Ok(());
    }
    let error =
        CommandError::usage("this repository has no `.fractary` folder, so nothing is known");
    Err(error
        .hint("`fractary init` sets it up")
        .hint("`-C DIR` looks into another repository"))
}

/// How much is read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// What is, and what was.
    Past,
    /// The past only once it is asked for.
    Present,
}

/// The same for a command that lands something: what it will be pushed on top of is fetched
/// first, where that is a branch that is not checked out.
pub(crate) fn load_to_land(app: &App, landing: Landing) -> Result<Workspace, CommandError> {
    finish(app, open_to_land(app, landing)?, Depth::Past)
}

/// The same for a look at what is: nothing of the past is read.
pub(crate) fn load_to_look(app: &App, landing: Landing) -> Result<Workspace, CommandError> {
    finish(app, open_to_land(app, landing)?, Depth::Present)
}

/// The same for a run. Most of them find nothing new, and read nothing of the past.
/// It is the one command that nobody looks at, so it says all that is worth fixing.
pub(crate) fn load_to_run(app: &App, landing: Landing) -> Result<Workspace, CommandError> {
    let workspace = load_from(&app.ui, open_to_land(app, landing)?)?;
    refuse_empty(workspace.tree().files()?.as_ref())?;
    faults::warn(&app.ui, &warnings(app, &workspace)?);
    Ok(workspace)
}

fn open_to_land(app: &App, landing: Landing) -> Result<Repository, CommandError> {
    let repository = open(app)?;
    if landing == Landing::Commit {
        settle::settle(app, &repository)?;
        push::refresh(app, &repository)?;
    }
    Ok(repository)
}

/// The same for the machines of one run, which all need the newest state.
pub(crate) fn load_newest(app: &App) -> Result<Workspace, CommandError> {
    let repository = open(app)?;
    settle::settle(app, &repository)?;
    push::refresh_always(app, &repository)?;
    finish(app, repository, Depth::Present)
}

fn finish(app: &App, repository: Repository, depth: Depth) -> Result<Workspace, CommandError> {
    let workspace = match depth {
        Depth::Present => load_from(&app.ui, repository)?,
        Depth::Past => load_with_past(&app.ui, repository)?,
    };
    refuse_empty(workspace.tree().files()?.as_ref())?;
    faults::mention(&app.ui, &workspace.state.warnings);
    Ok(workspace)
}

/// Everything that is worth fixing in the documents, in themselves and beside each other.
pub(crate) fn warnings(app: &App, workspace: &Workspace) -> Result<Vec<Diagnostic>, CommandError> {
    let (state, catalog) = (&workspace.state, &workspace.catalog);
    let files = workspace.tree().files()?;
    let root = workspace.repository.work_dir();
    let mut out = state.warnings.clone();
    out.extend(cross_check::check(
        app,
        state,
        catalog,
        files.as_ref(),
        root,
    ));
    out.sort_by(|a, b| (&a.path, a.line, a.column).cmp(&(&b.path, b.line, b.column)));
    Ok(out)
}
