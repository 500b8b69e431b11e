//! `fractary investigate`: from a symptom to its cause.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::app::answer::named_files::NamedFiles;
use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::formats::ReportFormat;
use crate::app::investigate;
use crate::app::{App, Outcome};
use crate::core::investigate::cause::{Measure, Symptom};
use crate::error::{CommandError, ExitCode};
use crate::render::{json, markdown, text};

/// A metric in which users feel a fault.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SymptomMetric {
    /// Seconds that a request takes
    Latency,
    /// Percent of requests that succeed
    Availability,
}

/// Arguments of `investigate`.
#[derive(Debug, Args)]
pub struct InvestigateArgs {
    /// The metrics around the symptom, as CSV: a time, then columns `NODE|METRIC|STATISTIC`
    #[arg(long, value_name = "FILE")]
    pub metrics: PathBuf,
    /// The same metrics at a time when nothing was wrong
    #[arg(long, value_name = "FILE")]
    pub normal: Option<PathBuf>,
    /// Who calls whom, as JSON: `nodes` and `edges_caller_to_callee`
    #[arg(long, value_name = "FILE")]
    pub graph: Option<PathBuf>,
    /// Where the symptom was noticed
    #[arg(long, value_name = "NODE")]
    pub target: String,
    /// In which metric
    #[arg(long, value_enum, value_name = "METRIC")]
    pub symptom: SymptomMetric,
}

/// The entry of `investigate` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<InvestigateArgs>(
    "investigate",
    "Find the cause of a symptom in metrics and a call graph",
);

impl Command for InvestigateArgs {
    type Formats = ReportFormat;

    fn named_files(&self) -> NamedFiles<'_> {
        let all = [
            Some(&self.metrics),
            self.normal.as_ref(),
            self.graph.as_ref(),
        ];
        NamedFiles::default().reading(all.into_iter().flatten())
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let at = app.global.at.ok_or_else(|| {
            CommandError::usage("requires `--at TIME`, when the symptom was noticed")
                .hint("write it like 2026-11-29T14:03:00Z, or in seconds since 1970")
        })?;
        let measure = match self.symptom {
            SymptomMetric::Latency => Measure::Latency,
            SymptomMetric::Availability => Measure::Availability,
        };
        let files = investigate::IncidentFiles {
            metrics: &self.metrics,
            normal: self.normal.as_deref(),
            graph: self.graph.as_deref(),
            symptom: Symptom {
                node: self.target.clone(),
                measure,
                at: at.as_second() as f64,
            },
        };
        let (report, left_out) = investigate::read_files(&files)?;
        for text in &left_out {
            app.ui.warn(text);
        }
        let answer = match format {
            ReportFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            ReportFormat::Markdown => markdown::incident(&report),
            ReportFormat::Text => text::incident(&report, &app.ui.style()),
        };
        output::write(app, &answer)?;
        let unknown = report.symptom.deviation.is_none();
        Ok(if unknown {
            ExitCode::Unknown
        } else {
            ExitCode::Ok
        })
    }
}
