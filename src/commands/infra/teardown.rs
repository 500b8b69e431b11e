//! `fractary infra teardown`.

use clap::Args;

use crate::app::answer::output;
use crate::app::formats::AnswerFormat;
use crate::app::infra::deploy::{self, DeployManner};
use crate::app::{App, Outcome};
use crate::error::CommandError;
use crate::model::deployments::DeploymentOperation;
use crate::render::{json, text};

/// Arguments of `infra teardown`.
#[derive(Debug, Args)]
pub struct TeardownArgs {
    /// The directory of the configuration [default: that of devops.json]
    #[arg(long = "dir", value_name = "DIR")]
    pub directory: Option<String>,
    /// Destroy it without asking; not in environments that require confirmation
    #[arg(long)]
    pub yes: bool,
    /// Confirm that the buckets and repositories that must be empty are empty
    #[arg(long)]
    pub emptied: bool,
}

impl TeardownArgs {
    pub(super) fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        if app.global.write {
            return Err(CommandError::usage(
                "what was changed in AWS is always committed, so `--write` is not possible",
            )
            .hint("`--dry-run` shows what would be lost and destroys nothing"));
        }
        let report = deploy::deploy(
            app,
            DeployManner {
                operation: DeploymentOperation::Teardown,
                directory: self.directory.as_deref(),
                yes: self.yes,
                emptied: self.emptied,
                propose: false,
            },
        )?;
        let answer = match format {
            AnswerFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            AnswerFormat::Text => text::deployment(&report, &app.ui.style()),
        };
        output::write(app, &answer)?;
        Ok(deploy::exit_code(&report))
    }
}
