//! A state that the tool could not write: it leaves it in the directory of the configuration, with
//! every secret in it. Without it the next plan would make everything again.

use std::path::PathBuf;

use crate::app::App;
use crate::app::infra::folder;
use crate::app::infra::preview::InfraSession;
use crate::error::{CommandError, ErrorKind};

/// The name that Terraform and OpenTofu give it.
const FILE: &str = "errored.tfstate";
/// How often it is pushed.
const ATTEMPTS: usize = 3;

fn path(session: &InfraSession) -> PathBuf {
    session.target.folder.join(FILE)
}

fn push_command(session: &InfraSession) -> String {
    format!(
        "{} -chdir={} state push {FILE}",
        session.runner.program_name(),
        session.target.folder.display()
    )
}

/// Refuses to deploy while the state of an earlier run is still there.
///
/// # Errors
/// It is there.
pub(crate) fn refuse_left(session: &InfraSession) -> Result<(), CommandError> {
    let file = path(session);
    if !file.exists() {
        return Ok(());
    }
    Err(CommandError::say(
        ErrorKind::Refused,
        format!(
            "{} is the state of a run that could not write it, so what is deployed is not known here; nothing was changed",
            file.display()
        ),
    )
    .hint(format!("write it: `{}`, and delete the file then", push_command(session)))
    .hint("it holds secrets: it must not be committed"))
}

/// Writes the state that an apply could not write, where there is one. Returns what a person has to
/// do where that fails, too.
pub(crate) fn rescue(app: &App, session: &InfraSession) -> Result<Option<String>, CommandError> {
    let file = path(session);
    let Some(bytes) = folder::read(&file)? else {
        return Ok(None);
    };
    let pushed = (0..ATTEMPTS).find_map(|_| session.runner.push_state(app, FILE).ok());
    if pushed.is_none() {
        return Ok(Some(format!(
            "the state could not be written, and is in {} (SHA-256 {}). It holds secrets: do not commit it. Run `{}`, and delete the file then",
            file.display(),
            folder::sha256(&bytes),
            push_command(session)
        )));
    }
    folder::remove(&file)?;
    app.ui
        .warn("the state could not be written at first; it was written afterwards");
    Ok(None)
}
