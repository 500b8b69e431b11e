//! `fractary infra preview`.

use clap::Args;

use crate::app::answer::output;
use crate::app::formats::AnswerFormat;
use crate::app::infra::known_fixes;
use crate::app::infra::preview::InfraSession;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::open;
use crate::app::{App, Outcome, review};
use crate::error::{CommandError, ExitCode};
use crate::model::deployments::DeploymentOperation;
use crate::render::{json, text};

/// Arguments of `infra preview`.
#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// The directory of the configuration [default: that of devops.json]
    #[arg(long = "dir", value_name = "DIR")]
    pub directory: Option<String>,
}

impl PreviewArgs {
    pub(super) fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        let workspace = open::load_to_look(app, Landing::Nothing)?;
        let session = InfraSession::open(app, &workspace, self.directory.as_deref())?;
        let ready = session.plan(app, &workspace, DeploymentOperation::Deploy)?;
        review::mask(app, &ready.secrets);
        known_fixes::offer_before(app, &workspace, session.target.name(), &ready.steps);
        let answer = match format {
            AnswerFormat::Json => json::pretty(&ready.preview).map_err(CommandError::bug)?,
            AnswerFormat::Text => {
                let mut shown = text::preview(&ready.preview, &app.ui.style());
                if ready.preview.changes {
                    shown.push_str(&format!(
                        "\nNext:\n  fractary infra deploy --env {}\n",
                        session.target.name()
                    ));
                }
                shown
            }
        };
        output::write(app, &answer)?;
        Ok(ExitCode::Ok)
    }
}
