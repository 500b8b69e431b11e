//! `fractary health`: look at the resources of one or more environments.

use clap::Args;

use crate::app::access;
use crate::app::access::Access;
use crate::app::command::{Command, Effect, Entry};
use crate::app::formats::ReportFormat;
use crate::app::observe::environments::Only;
use crate::app::occasion::Occasion;
use crate::app::pass::Pass;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::workspace::landing;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::error::CommandError;

/// Arguments of `health`.
#[derive(Debug, Args)]
pub struct HealthArgs {
    /// Only this resource: its name, id or ARN
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
}

/// The entry of `health` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<HealthArgs>(
    "health",
    "Check every deployed resource against its service levels",
)
.sends(&[Access::Observe.always(), access::ALERTS])
.uses(&[SharedOption::Env, SharedOption::FailOn])
.tools(&[AssistantTool::reading(
    &[],
    &[
        ToolDocument::OneOrList("health-check"),
        ToolDocument::Mixed("health-check", "domain-report"),
    ],
)]);

impl Command for HealthArgs {
    type Formats = ReportFormat;

    fn effect(&self) -> Effect {
        Effect::CommitsOnRequest
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let landing = landing::choose(app, Command::effect(self));
        if self.service.is_some() && landing != landing::Landing::Nothing {
            return Err(CommandError::usage(
                "`--service` checks one resource; a record of the environment needs all of them",
            )
            .hint("leave out `--service`, or `--commit`, `--write` and `--dry-run`"));
        }
        let workspace = open::load_to_look(app, landing)?;
        let names = workspace.settings().choose(&app.global.env)?;
        let pass = Pass {
            names: &names,
            only: self
                .service
                .as_deref()
                .map_or(Only::Everything, Only::Named),
            occasion: Occasion::Look,
            landing,
        };
        pass.run(app, workspace, format)
    }
}
