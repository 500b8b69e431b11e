//! `fractary infra show-resources`.

use clap::Args;

use crate::app::answer::output;
use crate::app::formats::AnswerFormat;
use crate::app::infra::show_resources;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::{json, text};

/// Arguments of `infra show-resources`.
#[derive(Debug, Args)]
pub struct ShowResourcesArgs {
    /// Only this Terraform type, or types that start with it (`aws_lambda`)
    #[arg(long = "type", value_name = "TYPE")]
    pub resource_type: Option<String>,
    /// Only resources with this text in their name, address or ARN
    #[arg(value_name = "TEXT")]
    pub text: Option<String>,
}

impl ShowResourcesArgs {
    pub(super) fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        let workspace = open::load_to_look(app, Landing::Nothing)?;
        let names = workspace.settings().choose(&app.global.env)?;
        let list = show_resources::list(
            &workspace,
            &names,
            self.resource_type.as_deref(),
            self.text.as_deref(),
        )?;
        let answer = match format {
            AnswerFormat::Json => json::pretty(&list).map_err(CommandError::bug)?,
            AnswerFormat::Text => text::resources(&list, &app.ui.style()),
        };
        output::write(app, &answer)?;
        Ok(ExitCode::Ok)
    }
}
