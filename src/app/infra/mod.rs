//! The life of infrastructure, as commands do it: designs, the code made of them, and what is deployed.
//! What changes AWS is in [`crate::app::apply`].

pub(crate) mod architect;
pub(crate) mod close;
pub(crate) mod deploy;
pub(crate) mod drift;
pub(crate) mod engineer;
pub(crate) mod errored;
mod files;
pub(crate) mod fix;
pub(crate) mod folder;
pub(crate) mod known_fixes;
mod missing_grants;
pub(crate) mod preview;
pub(crate) mod proposals;
pub(crate) mod record;
pub(crate) mod run;
pub(crate) mod show_resources;
pub(crate) mod source;
pub(crate) mod target;
mod terraform_check;
pub(crate) mod testing;
pub(crate) mod tool;
pub(crate) mod validate;
pub(crate) mod verify;

use std::path::Path;

use crate::app::workspace::Workspace;
use crate::error::CommandError;
use crate::model::paths::RepoPath;
use crate::text::escape;

/// Returns the path in the repository of a design that a command line names, from the current
/// folder or from the root.
pub(crate) fn design_argument(
    workspace: &Workspace,
    given: &Path,
) -> Result<RepoPath, CommandError> {
    let shown = escape::terminal(&given.display().to_string());
    let outside = || {
        CommandError::usage(format!("{shown} is not in the repository"))
            .hint("name a design in .fractary/plugins/faber-cloud/designs")
    };
    let root = workspace.repository.work_dir();
    let full = given.canonicalize().ok();
    let inside = root
        .and_then(|root| root.canonicalize().ok())
        .zip(full)
        .and_then(|(root, full)| full.strip_prefix(root).ok().map(Path::to_owned));
    let relative = match (inside, given.is_absolute()) {
        (Some(inside), _) => inside,
        (None, true) => return Err(outside()),
        (None, false) => given.to_owned(),
    };
    let text = relative.to_str().ok_or_else(outside)?;
    RepoPath::new(text.trim_start_matches("./")).map_err(|_| outside())
}
