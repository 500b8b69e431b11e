//! `fractary infra deploy`.

use clap::Args;

use crate::app::answer::output;
use crate::app::formats::AnswerFormat;
use crate::app::infra::deploy::{self, DeployManner};
use crate::app::infra::fix;
use crate::app::{App, Outcome};
use crate::error::CommandError;
use crate::model::deployments::DeploymentOperation;
use crate::render::{json, text};

/// Arguments of `infra deploy`.
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// The directory of the configuration [default: that of devops.json]
    #[arg(long = "dir", value_name = "DIR")]
    pub directory: Option<String>,
    /// Apply it without asking; not in environments that require confirmation
    #[arg(long)]
    pub yes: bool,
    /// Commit a proposal instead of deploying; merging it into the default branch is consent
    #[arg(long, conflicts_with = "yes")]
    pub propose: bool,
    /// Grant the identity that deploys what the plan needs, before the apply and up to three times
    /// after a denial; the identity that grants does it, and it is recorded
    #[arg(long)]
    pub fix_permissions: bool,
    /// With `--fix-permissions`, also grant what allows privilege escalation
    #[arg(long, requires = "fix_permissions")]
    pub i_know: bool,
}

impl DeployArgs {
    pub(super) fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        if app.global.write {
            return Err(CommandError::usage(
                "what was changed in AWS is always committed, so `--write` is not possible",
            )
            .hint("`--dry-run` shows the plan and changes nothing"));
        }
        let manner = DeployManner {
            operation: DeploymentOperation::Deploy,
            directory: self.directory.as_deref(),
            yes: self.yes,
            emptied: false,
            propose: self.propose,
        };
        let report = match self.fix_permissions {
            true => fix::deploy(app, manner, self.i_know)?,
            false => deploy::deploy(app, manner)?,
        };
        let answer = match format {
            AnswerFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            AnswerFormat::Text => text::deployment(&report, &app.ui.style()),
        };
        output::write(app, &answer)?;
        Ok(deploy::exit_code(&report))
    }
}
