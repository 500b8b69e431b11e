//! `fractary iam-policy COMMAND`: the least-privilege policy, from the same list that the
//! client enforces.

use clap::Args;

use crate::catalog::Catalog;
use crate::cli::Format;
use crate::cloud::permissions;
use crate::cloud::permissions::Command;
use crate::commands::pipeline::{connect, load, publish};
use crate::commands::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::json;

/// Arguments of `iam-policy`.
#[derive(Debug, Args)]
pub struct IamPolicyArgs {
    /// The command, for instance `run`
    pub command: String,
}

pub(crate) fn run(args: &IamPolicyArgs, app: &App) -> Outcome {
    publish::format_of(app, "iam-policy", &[Format::Json])?;
    let catalog = catalog(app)?;
    let command: Command = args.command.parse().map_err(|_| {
        let names: Vec<&str> = Command::ALL.iter().map(|command| command.name()).collect();
        CommandError::usage(format!(
            "there is no policy for `{}`",
            crate::text::escape::terminal(&args.command)
        ))
        .hint(format!("commands that have one: {}", names.join(", ")))
    })?;
    let policy = permissions::policy(command, &catalog);
    publish::answer(app, &json::pretty(&policy).map_err(load::bug)?)?;
    for note in permissions::notes(command, &catalog) {
        app.ui.note(note);
    }
    Ok(ExitCode::Ok)
}

/// The repository's catalogue, so that a user's own kinds count; the built-in one elsewhere.
fn catalog(app: &App) -> Result<Catalog, CommandError> {
    match crate::git::Repository::discover(&app.global.repo) {
        Ok(_) => Ok(load::load(app)?.catalog),
        Err(_) => connect::built_in_catalog(),
    }
}
