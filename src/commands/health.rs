//! `fractary health`: look at the resources of one or more environments.

use clap::Args;

use crate::cli::Format;
use crate::cloud::permissions::Command;
use crate::commands::pipeline::land::{self, Landed};
use crate::commands::pipeline::{decide, load, observe, publish};
use crate::commands::{App, Outcome, run};
use crate::error::CommandError;
use crate::model::report::HealthReport;
use crate::render::{json, markdown, text};

/// Arguments of `health`.
#[derive(Debug, Args)]
pub struct HealthArgs {
    /// Only this resource: its name, id or ARN
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
}

pub(crate) fn run(args: &HealthArgs, app: &App) -> Outcome {
    let format = publish::format_of(
        app,
        "health",
        &[Format::Text, Format::Json, Format::Markdown],
    )?;
    let landing = land::landing(app, false);
    if args.service.is_some() && landing != land::Landing::Nothing {
        return Err(CommandError::usage(
            "`--service` looks at one resource; a record of the environment needs all of them",
        )
        .hint("leave out `--service`, or `--commit`, `--write` and `--dry-run`"));
    }
    let loaded = load::load(app)?;
    let names = loaded.chosen(app)?;
    if landing != land::Landing::Nothing {
        return run::observe_and_land(app, loaded, &names, Command::Health, landing, format);
    }
    let snapshots = observe::all(
        app,
        &loaded,
        &names,
        Command::Health,
        args.service.as_deref(),
    )?;
    let decision = decide::decide(&loaded, &snapshots, Command::Health, false, app.clock.now())?;
    let reports: Vec<&HealthReport> = decision
        .environments
        .iter()
        .map(|one| &one.report)
        .collect();
    publish::answer(app, &show(app, &loaded, format, &reports)?)?;
    publish::github(app, &run::for_github(&loaded, &decision, &Landed::Nothing)?);
    Ok(publish::exit_code(app.global.fail_on, &reports))
}

fn bug(error: serde_json::Error) -> CommandError {
    CommandError::new(crate::error::ErrorKind::Bug, error)
}

/// Reports in a format. Several environments make one JSON array, or follow one another.
pub(crate) fn show(
    app: &App,
    loaded: &load::Loaded,
    format: Format,
    reports: &[&HealthReport],
) -> Result<String, CommandError> {
    let style = app.ui.style();
    Ok(match format {
        Format::Json => match reports {
            [one] => json::pretty(one).map_err(bug)?,
            many => json::pretty(&many).map_err(bug)?,
        },
        Format::Text => reports
            .iter()
            .map(|report| text::health(report, &style))
            .collect::<Vec<_>>()
            .join("\n"),
        Format::Markdown => {
            let texts: Result<Vec<_>, _> = reports
                .iter()
                .map(|report| markdown::health(report, &loaded.templates))
                .collect();
            texts
                .map_err(|error| CommandError::new(crate::error::ErrorKind::Usage, error))?
                .join("\n")
        }
    })
}
