//! `fractary infra engineer`.

use std::path::PathBuf;

use clap::Args;

use crate::app::answer::output;
use crate::app::command::Effect;
use crate::app::formats::AnswerFormat;
use crate::app::infra::design_argument;
use crate::app::infra::engineer::{EngineerRequest, engineer};
use crate::app::workspace::landing;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::open;
use crate::app::workspace::push;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::model::design::EngineerReport;
use crate::render::{json, text};
use crate::text::escape;

/// Arguments of `infra engineer`.
#[derive(Debug, Args)]
pub struct EngineerArgs {
    /// The design
    #[arg(long, value_name = "FILE")]
    pub design: PathBuf,

    /// A file of the code whose edits may be lost where they cannot be merged; may be given more
    /// than once
    #[arg(long, value_name = "FILE")]
    pub overwrite: Vec<PathBuf>,
}

pub(super) fn run(app: &App, args: &EngineerArgs, format: AnswerFormat) -> Outcome {
    let landing = landing::choose(app, Effect::CommitsOnRequest);
    let workspace = open::load_to_land(app, landing)?;
    let design = design_argument(&workspace, &args.design)?;
    let overwrite = args
        .overwrite
        .iter()
        .map(|path| design_argument(&workspace, path));
    let overwrite = overwrite.collect::<Result<Vec<_>, _>>()?;
    let request = EngineerRequest {
        design: &design,
        overwrite: &overwrite,
    };
    let (workspace, report, landed) = engineer(app, workspace, &request, landing)?;
    let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
    let answer = match format {
        AnswerFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
        AnswerFormat::Text => report.diff.clone(),
    };
    output::write(app, &answer)?;
    say(app, &report, landing);
    landing::report(app, &landed);
    pushed?;
    let is_open = report
        .files
        .iter()
        .any(|file| file.outcome.needs_decision());
    Ok(match is_open {
        true => ExitCode::Found,
        false => ExitCode::Ok,
    })
}

fn say(app: &App, report: &EngineerReport, landing: Landing) {
    for file in &report.files {
        let path = escape::terminal(&file.path);
        let text = format!("{path}: {}", file.outcome.words());
        if !file.outcome.needs_decision() {
            app.ui.note(&text);
            continue;
        }
        app.ui.warn(&text);
        for conflict in &file.conflicts {
            app.ui.lines(&text::conflict(conflict));
        }
        app.ui
            .note(&format!("`--overwrite {path}` takes what is generated"));
    }
    for note in &report.notes {
        app.ui
            .lines(&note.lines().map(escape::terminal).collect::<Vec<_>>());
    }
    if landing == Landing::Nothing && !report.diff.is_empty() {
        app.ui
            .note("nothing was written; `--write` or `--commit` makes the change");
    }
}
