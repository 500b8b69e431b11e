//! `fractary run`: the scheduled job.

use clap::Args;

use crate::cli::Format;
use crate::cloud::permissions::Command;
use crate::commands::pipeline::judge::Judge;
use crate::commands::pipeline::{land, load, publish};
use crate::commands::{App, Outcome};
use crate::error::CommandError;

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Every monitored environment
    #[arg(long)]
    pub all: bool,
}

pub(crate) fn run(args: &RunArgs, app: &App) -> Outcome {
    let format = publish::format_of(app, "run", &[Format::Text, Format::Json, Format::Markdown])?;
    let landing = land::landing(app, true);
    let loaded = load::load_to_land(app, landing)?;
    let names = if args.all {
        loaded.monitored()
    } else {
        loaded.chosen(app)?
    };
    if names.is_empty() {
        return Err(CommandError::usage("no environment is monitored")
            .hint(
                "list them as `environments` of [helm-cloud] in .fractary/plugins/helm-cloud/config/monitoring.toml",
            ));
    }
    let judge = Judge {
        names: &names,
        only: None,
        command: Command::Run,
        landing,
    };
    judge.run(app, loaded, format)
}
