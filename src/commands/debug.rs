//! `fractary debug`: what an error of Terraform or AWS means, and what has solved it.

use clap::Args;

use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::debug;
use crate::app::formats::ReportFormat;
use crate::app::shared_options::SharedOption;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::{json, markdown, text};

/// Arguments of `debug`.
///
/// Takes whatever there is: Terraform's output with its boxes, `-json` lines, an error of the AWS
/// CLI or of an SDK, a log of a pipeline, or a few words. Nothing is sent anywhere.
///
/// Exit code 0 if something is known about it, 1 if not.
#[derive(Debug, Args)]
pub struct DebugArgs {
    /// A file with the error, `-` for standard input, or the words of the error [default: standard input]
    #[arg(value_name = "FILE|WORDS")]
    pub error: Option<String>,
}

/// The entry of `debug` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<DebugArgs>(
    "debug",
    "Explain an error of Terraform or AWS, and what solves it",
)
.uses(&[SharedOption::Env]);

impl Command for DebugArgs {
    type Formats = ReportFormat;

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let said = debug::read(self.error.as_deref())?;
        let report = debug::diagnose(app, &said, None);
        let answer = match format {
            ReportFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            ReportFormat::Markdown => markdown::debug(&report),
            ReportFormat::Text => text::debug(&report, &app.ui.style()),
        };
        output::write(app, &answer)?;
        Ok(
            match report.errors.is_empty() && report.similar.is_empty() {
                true => ExitCode::Found,
                false => ExitCode::Ok,
            },
        )
    }
}
