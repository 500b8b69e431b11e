//! `fractary infra validate`.

use clap::Args;

use crate::app::answer::output;
use crate::app::formats::AnswerFormat;
use crate::app::infra::validate::validate;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::{json, text};

/// Arguments of `infra validate`.
#[derive(Debug, Args)]
pub struct ValidateArgs {}

pub(super) fn run(app: &App, _: &ValidateArgs, format: AnswerFormat) -> Outcome {
    let workspace = open::load(app)?;
    let report = validate(app, &workspace)?;
    let answer = match format {
        AnswerFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
        AnswerFormat::Text => text::code_report(&report, &app.ui.style()),
    };
    output::write(app, &answer)?;
    if report.is_partial() {
        app.ui.note("what was not run says nothing about the code");
    }
    Ok(match report.has_failed() {
        true => ExitCode::Found,
        false => ExitCode::Ok,
    })
}
