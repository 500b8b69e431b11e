//! `fractary logs`: the patterns of log lines.

use std::path::PathBuf;

use clap::Args;

use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::formats::ReportFormat;
use crate::app::logs;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::{json, markdown, text};

/// Arguments of `logs`.
#[derive(Debug, Args)]
pub struct LogsArgs {
    /// Read these files; no AWS and no repository is needed
    #[arg(long = "file", value_name = "FILE", required = true, num_args = 1..)]
    pub files: Vec<PathBuf>,
    /// Compare with these files, which hold the time before
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub baseline: Vec<PathBuf>,
    /// Write the pattern of every line to FILE as CSV: `LineId,Cluster,Template`
    #[arg(long, value_name = "FILE")]
    pub assign: Option<PathBuf>,
}

/// The entry of `logs` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<LogsArgs>(
    "logs",
    "Group log lines into patterns, and compare them with the time before",
);

impl Command for LogsArgs {
    type Formats = ReportFormat;

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let files = logs::LogFiles {
            files: &self.files,
            baseline: &self.baseline,
            assign: self.assign.as_deref(),
        };
        let report = logs::read_files(&files)?;
        let answer = match format {
            ReportFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            ReportFormat::Markdown => markdown::log_report(&report),
            ReportFormat::Text => text::log_report(&report, &app.ui.style()),
        };
        output::write(app, &answer)?;
        Ok(ExitCode::Ok)
    }
}
