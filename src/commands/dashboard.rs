//! `fractary dashboard`: domains, top issues and what to do next, from the last observations.

use clap::Args;

use crate::cli::Format;
use crate::commands::pipeline::decide::World;
use crate::commands::pipeline::{decide, land, load, publish};
use crate::commands::{App, Outcome};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::git::Transaction;
use crate::render::{json, markdown, text};
use crate::state::paths;

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
    let world = World::of(&loaded);
    let dashboard = decide::build_dashboard(
        &loaded,
        &world,
        environment.as_ref(),
        args.top,
        app.clock.now(),
    )?;
    let markdown = || {
        markdown::dashboard(&dashboard, &loaded.templates)
            .map_err(|error| CommandError::new(ErrorKind::Usage, error))
    };
    let answer = match format {
        Format::Json => {
            json::pretty(&dashboard).map_err(|error| CommandError::new(ErrorKind::Bug, error))?
        }
        Format::Text => text::dashboard(&dashboard, &app.ui.style()),
        Format::Markdown => markdown()?,
    };
    publish::answer(app, &answer)?;
    let landing = land::landing(app, false);
    if landing != land::Landing::Nothing {
        let mut transaction = Transaction::new();
        transaction.write(paths::dashboard_md(), markdown()?);
        super::say_landed(
            app,
            &land::land(
                app,
                &loaded,
                &transaction,
                "fractary(dashboard): render",
                landing,
            )?,
        )?;
    }
    Ok(ExitCode::Ok)
}
