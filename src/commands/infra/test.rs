//! `fractary infra test`.

use clap::Args;

use crate::app::answer::output;
use crate::app::formats::AnswerFormat;
use crate::app::infra::preview::InfraSession;
use crate::app::infra::testing;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::{json, text};

/// Arguments of `infra test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// The directory of the configuration [default: that of devops.json]
    #[arg(long = "dir", value_name = "DIR")]
    pub directory: Option<String>,
}

impl TestArgs {
    pub(super) fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        let workspace = open::load_to_look(app, Landing::Nothing)?;
        let session = InfraSession::open(app, &workspace, self.directory.as_deref())?;
        let report = testing::test(app, workspace, &session)?;
        let answer = match format {
            AnswerFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            AnswerFormat::Text => text::code_report(&report, &app.ui.style()),
        };
        output::write(app, &answer)?;
        Ok(match (report.has_failed(), report.is_partial()) {
            (true, _) => ExitCode::Found,
            (false, true) => ExitCode::Unknown,
            (false, false) => ExitCode::Ok,
        })
    }
}
