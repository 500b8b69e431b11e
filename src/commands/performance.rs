//! `fractary performance`: how a metric went over a long span.

use std::path::PathBuf;

use clap::Args;

use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::formats::ReportFormat;
use crate::app::performance;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::{json, markdown, text};

/// Arguments of `performance`.
#[derive(Debug, Args)]
pub struct PerformanceArgs {
    /// Read this series: columns `timestamp` and `value`; no AWS and no repository is needed
    #[arg(long, value_name = "FILE")]
    pub csv: PathBuf,
    /// Write the score of every row to FILE: `timestamp,anomaly_score`, from 0 to 1
    #[arg(long, value_name = "FILE")]
    pub scores: Option<PathBuf>,
    /// Say when this value is reached
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    pub limit: Option<f64>,
}

/// The entry of `performance` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<PerformanceArgs>(
    "performance",
    "Show how a metric went: percentiles, trend, anomalies, time to a limit",
);

impl Command for PerformanceArgs {
    type Formats = ReportFormat;

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let report = performance::read_file(&self.csv, self.scores.as_deref(), self.limit)?;
        let answer = match format {
            ReportFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            ReportFormat::Markdown => markdown::performance(&report),
            ReportFormat::Text => text::performance(&report, &app.ui.style()),
        };
        output::write(app, &answer)?;
        Ok(if report.quantiles.is_none() {
            ExitCode::Unknown
        } else {
            ExitCode::Ok
        })
    }
}
