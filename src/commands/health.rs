//! `fractary health`: look at the resources of one or more environments.

use clap::Args;

use crate::app::observe::environments::Only;
use crate::app::occasion::Occasion;
use crate::app::options::Format;
use crate::app::pass::Pass;
use crate::app::publish;
use crate::app::workspace::landing;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
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
    let landing = landing::choose(app, false);
    if args.service.is_some() && landing != landing::Landing::Nothing {
        return Err(CommandError::usage(
            "`--service` looks at one resource; a record of the environment needs all of them",
        )
        .hint("leave out `--service`, or `--commit`, `--write` and `--dry-run`"));
    }
    let workspace = open::load_to_run(app, landing)?;
    let names = workspace.settings().choose(&app.global.env)?;
    let pass = Pass {
        names: &names,
        only: args
            .service
            .as_deref()
            .map_or(Only::Everything, Only::Named),
        occasion: Occasion::Look,
        landing,
    };
    pass.run(app, workspace, format)
}
