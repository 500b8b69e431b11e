//! `fractary performance`: how metrics went over a long span.

use std::path::PathBuf;

use clap::Args;

use crate::app::access::Access;
use crate::app::answer::named_files::NamedFiles;
use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::formats::SheetFormat;
use crate::app::options::{Since, parse_finite, parse_offset};
use crate::app::performance::metrics::{PerformanceRequest, read_metrics};
use crate::app::performance::{csv, show};
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};

/// Arguments of `performance`.
#[derive(Debug, Args)]
pub struct PerformanceArgs {
    /// Only this resource: its name, id or ARN [default: all that are registered]
    #[arg(value_name = "RESOURCE", conflicts_with_all = ["service", "csv"])]
    pub resource: Option<String>,
    /// The same as RESOURCE
    #[arg(long, value_name = "NAME", conflicts_with = "csv")]
    pub service: Option<String>,
    /// Only metrics with this in their name, such as `errors`, `p95` or `latency`
    #[arg(long, value_name = "METRIC", conflicts_with = "csv")]
    pub metric: Option<String>,
    /// Start here: a time, or how long ago [default: 7d]
    #[arg(long, value_name = "TIME", value_parser = Since::parse, conflicts_with = "csv")]
    pub since: Option<Since>,
    /// End here: a time, or how long ago [default: now]
    #[arg(long, value_name = "TIME", value_parser = Since::parse, conflicts_with = "csv")]
    pub until: Option<Since>,
    /// Show times with this offset from UTC, such as `+02:00`
    #[arg(long, value_name = "OFFSET", value_parser = parse_offset, default_value = "+00:00", allow_hyphen_values = true)]
    pub utc_offset: i32,
    /// Read this series: columns `timestamp` and `value`; no AWS and no repository is needed
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write the score of every row to FILE: `timestamp,anomaly_score`, from 0 to 1
    #[arg(long, value_name = "FILE", requires = "csv")]
    pub scores: Option<PathBuf>,
    /// Say when this value is reached
    #[arg(long, value_name = "VALUE", value_parser = parse_finite, allow_negative_numbers = true)]
    pub limit: Option<f64>,
}

/// The entry of `performance` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<PerformanceArgs>(
    "performance",
    "Show how metrics behaved: percentiles, trend, anomalies, time to a limit",
)
.sends(&[Access::LookBack.only("without `--csv`")])
.uses(&[SharedOption::Env])
.tools(&[AssistantTool::reading(
    &[],
    &[
        ToolDocument::One("performance"),
        ToolDocument::One("performance-set"),
    ],
)
.without(&["resource"])]);

impl Command for PerformanceArgs {
    type Formats = SheetFormat;

    fn is_offline(&self) -> bool {
        self.csv.is_some()
    }

    fn named_files(&self) -> NamedFiles<'_> {
        NamedFiles::default()
            .reading(&self.csv)
            .writing("--scores", self.scores.as_ref())
    }

    fn run(&self, app: &App, format: SheetFormat) -> Outcome {
        if let Some(path) = &self.csv {
            let report = csv::read_file(path, self.scores.as_deref(), self.limit)?;
            output::write(app, &show::one(app, &report, format)?)?;
            return Ok(match report.quantiles {
                None => ExitCode::Unknown,
                Some(_) => ExitCode::Ok,
            });
        }
        let now = app.clock.now();
        let start = self.since.unwrap_or(Since::Ago(7 * 86_400)).time(now);
        let end = self.until.unwrap_or(Since::Ago(0)).time(now);
        if start >= end {
            return Err(
                CommandError::usage(format!("the span from {start} to {end} is empty"))
                    .hint("`--since` has to be before `--until`, which is now by default"),
            );
        }
        let request = PerformanceRequest {
            resource: self.resource.clone().or_else(|| self.service.clone()),
            metric: self.metric.clone(),
            start,
            end,
            limit: self.limit,
        };
        let workspace = open::load(app)?;
        let report = read_metrics(app, &workspace, &request)?;
        output::write(app, &show::set(app, &report, format, self.utc_offset)?)?;
        Ok(show::exit_code(&report))
    }
}
