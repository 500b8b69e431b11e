//! `fractary doctor`: is this set up? Each failure with its fix.

use clap::Args;

use crate::app::access::Access;
use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::doctor;
use crate::app::doctor::examine;
use crate::app::doctor::examine::SetupVerdict;
use crate::app::formats::AnswerFormat;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::json;

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Make no AWS calls
    #[arg(long)]
    pub offline: bool,
}

/// The entry of `doctor` in the list of commands.
pub(crate) const COMMAND: Entry =
    Entry::new::<DoctorArgs>("doctor", "Check the setup and show how to fix each problem")
        .sends(&[Access::Identify.only("without `--offline`")])
        .uses(&[SharedOption::Env])
        .tools(&[AssistantTool::reading(
            &[],
            &[ToolDocument::List("set-up-finding")],
        )]);

impl Command for DoctorArgs {
    type Formats = AnswerFormat;

    fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        let findings = doctor::examine(app, self.offline)?;
        let answer = match format {
            AnswerFormat::Json => json::pretty(&findings).map_err(CommandError::bug)?,
            AnswerFormat::Text => examine::render_text(&findings, &app.ui.style()),
        };
        output::write(app, &answer)?;
        let has = |verdict| findings.iter().any(|finding| finding.verdict == verdict);
        Ok(if has(SetupVerdict::Failed) {
            ExitCode::Usage
        } else if has(SetupVerdict::Unknown) && !self.offline {
            ExitCode::Unknown
        } else {
            ExitCode::Ok
        })
    }
}
