//! `fractary infra verify`.

use clap::Args;

use crate::app::formats::{AnswerFormat, ReportFormat};
use crate::app::infra::preview::InfraSession;
use crate::app::infra::verify;
use crate::app::observe::environments::Only;
use crate::app::occasion::Occasion;
use crate::app::pass::Pass;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::error::ExitCode;

/// Arguments of `infra verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The directory of the configuration [default: that of devops.json]
    #[arg(long = "dir", value_name = "DIR")]
    pub directory: Option<String>,
}

impl VerifyArgs {
    pub(super) fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        let workspace = open::load_to_look(app, Landing::Nothing)?;
        let session = InfraSession::open(app, &workspace, self.directory.as_deref())?;
        let mismatches = verify::mismatches(&workspace, &session);
        for one in &mismatches {
            app.ui.warn(one);
        }
        let names = [session.target.name().clone()];
        let pass = Pass {
            names: &names,
            only: Only::Everything,
            occasion: Occasion::Look,
            landing: Landing::Nothing,
        };
        let format = match format {
            AnswerFormat::Json => ReportFormat::Json,
            AnswerFormat::Text => ReportFormat::Text,
        };
        let healthy = pass.run(app, workspace, format)?;
        Ok(match (mismatches.is_empty(), healthy) {
            (false, ExitCode::Ok) => ExitCode::Found,
            (_, code) => code,
        })
    }
}
