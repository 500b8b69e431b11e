//! `fractary infra architect`.

use std::path::PathBuf;

use clap::Args;

use crate::app::answer::output;
use crate::app::command::Effect;
use crate::app::formats::AnswerFormat;
use crate::app::infra::architect::{ArchitectRequest, Designed, architect};
use crate::app::infra::design_argument;
use crate::app::workspace::landing;
use crate::app::workspace::landing::{Landed, Landing};
use crate::app::workspace::open;
use crate::app::workspace::push;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::model::ids::FeatureName;
use crate::render::{json, text};

/// Arguments of `infra architect`.
#[derive(Debug, Args)]
pub struct ArchitectArgs {
    /// What to build, in words
    #[arg(long, value_name = "WORDS", required_unless_present = "design")]
    pub feature: Option<String>,

    /// Set a parameter: `memory_mb=512`, or with its blueprint `http-api.memory_mb=512`
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,

    /// An existing design to update
    #[arg(long, value_name = "FILE", conflicts_with = "feature")]
    pub design: Option<PathBuf>,

    /// The name of a new design [default: derived from the words]
    #[arg(long, conflicts_with = "design", value_parser = |text: &str| FeatureName::new(text))]
    pub name: Option<FeatureName>,

    /// Overwrite edits of the document that cannot be merged
    #[arg(long)]
    pub overwrite: bool,
}

pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write `key=value`")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

pub(super) fn run(app: &App, args: &ArchitectArgs, format: AnswerFormat) -> Outcome {
    let landing = landing::choose(app, Effect::CommitsOnRequest);
    let workspace = open::load_to_land(app, landing)?;
    let path = args.design.as_deref();
    let path = path
        .map(|path| design_argument(&workspace, path))
        .transpose()?;
    let request = ArchitectRequest {
        feature: args.feature.as_deref(),
        design: path.as_ref(),
        name: args.name.as_ref(),
        set: &args.set,
        overwrite: args.overwrite,
        for_all_environments: false,
    };
    let (workspace, designed, landed) = architect(app, workspace, &request, landing)?;
    let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
    let answer = match (&landed, format) {
        (Landed::Diff(diff), AnswerFormat::Text) => diff.clone(),
        (_, AnswerFormat::Json) => json::pretty(&designed.report).map_err(CommandError::bug)?,
        (_, AnswerFormat::Text) => text::design(&designed.report, &app.ui.style()),
    };
    output::write(app, &answer)?;
    say(app, &designed, landing);
    landing::report(app, &landed);
    pushed?;
    Ok(match designed.conflicts.is_empty() {
        true => ExitCode::Ok,
        false => ExitCode::Found,
    })
}

fn say(app: &App, designed: &Designed, landing: Landing) {
    let path = &designed.path;
    if !designed.conflicts.is_empty() {
        for conflict in &designed.conflicts {
            app.ui.warn(&format!(
                "{path}: the document is edited where it would change"
            ));
            app.ui.lines(&text::conflict(conflict));
        }
        app.ui.note(&format!(
            "{path} was left alone; `--overwrite` takes what is generated"
        ));
    } else if landing == Landing::Nothing {
        app.ui.note(&format!(
            "{path}: `--write` writes the design, `--dry-run` shows it"
        ));
    } else if matches!(landing, Landing::Files | Landing::Commit) {
        app.ui.note(&format!(
            "{path}: edit the block at its top, then run `fractary infra engineer --design {path}`"
        ));
    }
}
