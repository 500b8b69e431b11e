//! `fractary health`: look at the resources of one or more environments.

use clap::Args;

use crate::cli::Format;
use crate::cloud::permissions::Command;
use crate::commands::pipeline::judge::Judge;
use crate::commands::pipeline::{land, load, publish};
use crate::commands::{App, Outcome};
use crate::error::CommandError;

/// Arguments of `health`.
#[derive(Debug, Args)]
pub struct HealthArgs {
    /// Only this resource: its name, id or ARN
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
}

pub(crate) fn run(args: &HealthArgs, app: &App) -> Outcome {
    let formats = [Format::Text, Format::Json, Format::Markdown];
    let format = publish::format_of(app, "health", &formats)?;
    let landing = land::landing(app, false);
    if args.service.is_some() && landing != land::Landing::Nothing {
        return Err(CommandError::usage(
            "`--service` looks at one resource; a record of the environment needs all of them",
        )
        .hint("leave out `--service`, or `--commit`, `--write` and `--dry-run`"));
    }
    let loaded = load::load_to_run(app, landing)?;
    let names = loaded.chosen(app)?;
    let judge = Judge {
        names: &names,
        only: args.service.as_deref(),
        command: Command::Health,
        landing,
    };
    judge.run(app, loaded, format)
}
