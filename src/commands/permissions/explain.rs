//! `fractary permissions explain`.

use std::path::PathBuf;

use clap::Args;

use crate::app::answer::output;
use crate::app::formats::ReportFormat;
use crate::app::permissions;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::{json, markdown, text};

/// Arguments of `permissions explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The error; without it, standard input
    #[arg(conflicts_with = "file")]
    pub error: Option<String>,
    /// Read the error from FILE; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

impl ExplainArgs {
    pub(super) fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let said = permissions::said(self.error.as_deref(), self.file.as_deref())?;
        let report = permissions::explain(&said);
        let answer = match format {
            ReportFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            ReportFormat::Markdown => markdown::denials(&report),
            ReportFormat::Text => text::denials(&report, &app.ui.style()),
        };
        output::write(app, &answer)?;
        Ok(match report.denials.is_empty() {
            true => ExitCode::Found,
            false => ExitCode::Ok,
        })
    }
}
