//! `fractary permissions preflight`.

use std::path::PathBuf;

use clap::Args;

use crate::app::answer::output;
use crate::app::formats::ReportFormat;
use crate::app::permissions::preflight::{PreflightIdentity, examine_file, only_environment};
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::{json, markdown, text};

/// Arguments of `permissions preflight`.
#[derive(Debug, Args)]
pub struct PreflightArgs {
    /// The plan, as `terraform show -json PLANFILE` prints it; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
    /// Look at the policies of this user or role instead of those of the credentials
    #[arg(long, value_name = "ARN", conflicts_with = "offline")]
    pub identity: Option<String>,
    /// Make no AWS calls: take the policies from files
    #[arg(long, requires = "policy")]
    pub offline: bool,
    /// A policy of the identity; may be given more than once
    #[arg(long, value_name = "FILE", requires = "offline")]
    pub policy: Vec<PathBuf>,
    /// The permissions boundary of the identity
    #[arg(long, value_name = "FILE", requires = "offline")]
    pub boundary: Option<PathBuf>,
}

impl PreflightArgs {
    pub(super) fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let workspace = open::load(app)?;
        let environment = only_environment(app, &workspace)?;
        let identity = match (&self.identity, self.offline) {
            (Some(arn), _) => PreflightIdentity::Named(arn),
            (None, true) => PreflightIdentity::Files {
                policies: &self.policy,
                boundary: self.boundary.as_ref(),
            },
            (None, false) => PreflightIdentity::Own,
        };
        let report = examine_file(app, &workspace, &environment, &self.plan, identity)?;
        let answer = match format {
            ReportFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            ReportFormat::Markdown => markdown::preflight(&report),
            ReportFormat::Text => text::preflight(&report, &app.ui.style()),
        };
        output::write(app, &answer)?;
        Ok(
            match (report.missing.is_empty(), report.unknown.is_empty()) {
                (false, _) => ExitCode::Found,
                (true, false) => ExitCode::Unknown,
                (true, true) => ExitCode::Ok,
            },
        )
    }
}
