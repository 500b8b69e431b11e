//! `fractary dashboard`: domains, top issues and what to do next, from the last observations.

use clap::Args;

use crate::cli::Format;
use crate::commands::pipeline::land::Proposal;
use crate::commands::pipeline::world::World;
use crate::commands::pipeline::{files, land, load, publish};
use crate::commands::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::git::Transaction;
use crate::render::{json, markdown, text};

/// Arguments of `dashboard`.
#[derive(Debug, Args)]
pub struct DashboardArgs {
    /// Issues to show
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
}

pub(crate) fn run(args: &DashboardArgs, app: &App) -> Outcome {
    let loaded = load::load(app)?;
    let format = match (
        app.global.format,
        loaded.helm.dashboard.default_output.as_deref(),
    ) {
        (Some(_), _) => publish::format_of(
            app,
            "dashboard",
            &[Format::Text, Format::Json, Format::Markdown],
        )?,
        (None, Some("json")) => Format::Json,
        (None, Some("markdown")) => Format::Markdown,
        (None, _) => Format::Text,
    };
    let environment = match app.global.env.as_slice() {
        [] => loaded.helm.dashboard.default_environment.clone(),
        [one] => Some(one.clone()),
        _ => {
            return Err(CommandError::usage(
                "`dashboard` shows one environment, or all of them without `--env`",
            ));
        }
    };
    if let Some(name) = &environment {
        loaded.environment(name)?;
    }
    let now = app.clock.now();
    let landing = land::landing(app, false);
    let (loaded, dashboard, landed) = land::decide_and_land(app, loaded, landing, |loaded| {
        let world = World::of(loaded);
        let mut transaction = Transaction::new();
        files::write_dashboard(loaded, &world, now, &mut transaction)?;
        Ok(Proposal {
            transaction,
            message: "fractary(dashboard): render\n\nFractary-Command: dashboard\n".to_owned(),
            facts: files::build_dashboard(loaded, &world, environment.as_ref(), args.top, now)?,
        })
    })?;
    publish::landed(app, format, &landed, || match format {
        Format::Json => json::pretty(&dashboard).map_err(load::bug),
        Format::Text => Ok(text::dashboard(&dashboard, &app.ui.style())),
        Format::Markdown => {
            markdown::dashboard(&dashboard, &loaded.templates).map_err(load::template)
        }
    })?;
    land::say(app, &landed);
    Ok(ExitCode::Ok)
}
