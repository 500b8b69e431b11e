//! `fractary logs`: events of log groups, and the patterns of log lines.

mod request;

use std::path::PathBuf;

use clap::Args;

use crate::app::access::Access;
use crate::app::answer::named_files::NamedFiles;
use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::formats::ReportFormat;
use crate::app::logs::{files, follow, read, show};
use crate::app::options::{Since, parse_dollars, parse_level, parse_offset};
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::error::ExitCode;
use crate::model::log_events::LogLevel;

/// Arguments of `logs`.
#[derive(Debug, Args)]
pub struct LogsArgs {
    /// Only this resource: its name, id or ARN [default: all that are registered]
    #[arg(value_name = "RESOURCE", conflicts_with_all = ["service", "groups", "files"])]
    pub resource: Option<String>,
    /// The same as RESOURCE
    #[arg(long, value_name = "NAME", conflicts_with_all = ["groups", "files"])]
    pub service: Option<String>,
    /// Read this log group; `*` matches anything; may be given more than once
    #[arg(long = "group", value_name = "NAME", conflicts_with = "files")]
    pub groups: Vec<String>,
    /// Start here: a time, or how long ago [default: 1h; 10m with --follow]
    #[arg(long, value_name = "TIME", value_parser = Since::parse, conflicts_with = "files")]
    pub since: Option<Since>,
    /// End here: a time, or how long ago [default: now]
    #[arg(long, value_name = "TIME", value_parser = Since::parse, conflicts_with_all = ["files", "follow"])]
    pub until: Option<Since>,
    /// Show events with this text, `/expression/` or `field=value`; `!` in front excludes them;
    /// given more than once, all must match
    #[arg(long, value_name = "FILTER", conflicts_with = "files")]
    pub filter: Vec<String>,
    /// Show events of this level and above: trace, debug, info, warn, error, fatal
    #[arg(long, value_name = "LEVEL", value_parser = parse_level, conflicts_with = "files")]
    pub level: Option<LogLevel>,
    /// Follow new events as they are written, until Ctrl-C
    #[arg(long, conflicts_with_all = ["files", "patterns"])]
    pub follow: bool,
    /// Group events into patterns, and compare them with the span before (always done for files)
    #[arg(long)]
    pub patterns: bool,
    /// Show times with this offset from UTC, such as `+02:00`
    #[arg(long, value_name = "OFFSET", value_parser = parse_offset, default_value = "+00:00", allow_hyphen_values = true)]
    pub utc_offset: i32,
    /// Read at most this many events
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub max_events: u64,
    /// Read at most this many megabytes
    #[arg(long, value_name = "MB", default_value_t = 100)]
    pub max_megabytes: u64,
    /// Spend at most this many US dollars on Logs Insights
    #[arg(long, value_name = "USD", value_parser = parse_dollars, default_value_t = 0.5)]
    pub max_cost: f64,
    /// Read these files; no AWS and no repository is needed
    #[arg(long = "file", value_name = "FILE", num_args = 1..)]
    pub files: Vec<PathBuf>,
    /// Compare with these files, which hold the time before
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "files")]
    pub baseline: Vec<PathBuf>,
    /// Write the pattern of every line to FILE as CSV: `LineId,Cluster,Template`
    #[arg(long, value_name = "FILE", requires = "files")]
    pub assign: Option<PathBuf>,
}

/// The entry of `logs` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<LogsArgs>(
    "logs",
    "Show the logs of resources, follow them, or group them into patterns",
)
.sends(&[Access::Logs.only("without `--file`")])
.uses(&[SharedOption::Env])
.tools(&[AssistantTool::reading(
    &[],
    &[
        ToolDocument::List("log-entry"),
        ToolDocument::One("log-patterns"),
    ],
)
.without(&["resource", "follow"])]);

impl Command for LogsArgs {
    type Formats = ReportFormat;

    fn is_offline(&self) -> bool {
        !self.files.is_empty()
    }

    fn named_files(&self) -> NamedFiles<'_> {
        NamedFiles::default()
            .reading(&self.files)
            .reading(&self.baseline)
            .writing("--assign", self.assign.as_ref())
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        if !self.files.is_empty() {
            let report = files::read_files(&files::LogFiles {
                files: &self.files,
                baseline: &self.baseline,
                assign: self.assign.as_deref(),
            })?;
            output::write(app, &show::patterns(app, &report, format)?)?;
            return Ok(ExitCode::Ok);
        }
        let request = self.request(app)?;
        let workspace = open::load(app)?;
        if self.follow {
            let mut printer = show::Follow::new(app, format, self.utc_offset)?;
            return follow::follow(app, &workspace, &request, |line| printer.print(app, line));
        }
        if self.patterns {
            let report = read::patterns(app, &workspace, &request)?;
            output::write(app, &show::patterns(app, &report, format)?)?;
            return Ok(show::exit_code(report.coverage.as_ref()));
        }
        let report = read::events(app, &workspace, &request)?;
        output::write(app, &show::events(app, &report, format, self.utc_offset)?)?;
        Ok(show::exit_code(Some(&report.coverage)))
    }
}
