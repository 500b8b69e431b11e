//! `fractary drift`: what is not as Terraform left it.

use clap::Args;

use crate::app::command::{Besides, Command, Effect, Entry};
use crate::app::formats::AnswerFormat;
use crate::app::infra::drift;
use crate::app::infra::preview::InfraSession;
use crate::app::options::FailOn;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::workspace::{landing, open, push};
use crate::app::{App, Outcome, publish};
use crate::error::{CommandError, ExitCode};
use crate::render::{json, text};

/// Arguments of `drift`.
#[derive(Debug, Args)]
pub struct DriftArgs {
    /// The directory of the configuration [default: that of devops.json]
    #[arg(long = "dir", value_name = "DIR")]
    pub directory: Option<String>,
}

/// The entry of `drift` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<DriftArgs>(
    "drift",
    "Compare what is deployed with the state of Terraform or OpenTofu",
)
.besides(Besides::Terraform)
.uses(&[SharedOption::Env, SharedOption::FailOn])
.tools(&[AssistantTool::reading(&[], &[ToolDocument::One("drift")]).without(&["directory"])]);

impl Command for DriftArgs {
    type Formats = AnswerFormat;

    fn effect(&self) -> Effect {
        Effect::CommitsOnRequest
    }

    fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        let landing = landing::choose(app, Command::effect(self));
        let workspace = open::load_to_look(app, landing)?;
        let session = InfraSession::open(app, &workspace, self.directory.as_deref())?;
        let report = drift::look(app, &workspace, &session)?;
        let (workspace, (), landed) =
            landing::decide_and_land(app, workspace, landing, |workspace| {
                drift::propose(app, workspace, &report)
            })?;
        let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
        publish::landed(app, format, &landed, || match format {
            AnswerFormat::Json => json::pretty(&report).map_err(CommandError::bug),
            AnswerFormat::Text => Ok(text::drift(&report, &app.ui.style())),
        })?;
        landing::report(app, &landed);
        pushed?;
        Ok(
            match (report.drifted.is_empty(), report.unknown.is_empty()) {
                _ if app.global.fail_on == FailOn::Never => ExitCode::Ok,
                (false, _) => ExitCode::Found,
                (true, false) => ExitCode::Unknown,
                (true, true) => ExitCode::Ok,
            },
        )
    }
}
