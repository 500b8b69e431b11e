//! `fractary slo`: service levels with their error budgets, and taking them over from OpenSLO.

mod import;
mod look;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::app::answer::named_files::NamedFiles;
use crate::app::command::{Command, Effect, Entry};
use crate::app::formats::{AnswerFormat, Formats, ReportFormat};
use crate::app::options::Format;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::{App, Outcome};

/// Arguments of `slo`.
#[derive(Debug, Args)]
pub struct SloArgs {
    /// What to do; without it, list
    #[command(subcommand)]
    pub action: Option<SloAction>,
}

/// What to do with service levels.
#[derive(Debug, Subcommand)]
pub enum SloAction {
    /// List every service level: current value, target, error budget and burn rate, as last
    /// observed
    List,
    /// Show one service level, or all of one resource, in full
    Show {
        /// An indicator (`error_rate_percent`), or a resource by its name or ARN
        name: String,
    },
    /// Import service levels from OpenSLO v1 documents into monitoring.toml
    ///
    /// Shows the change as a diff; `--write` makes it, `--commit` commits it. What cannot be
    /// said in monitoring.toml is reported with its line. With `--env` the resources of that
    /// environment are meant, and named by their ARNs.
    Import {
        /// The file, YAML with one or more documents; `-` for standard input
        file: PathBuf,
    },
}

/// The entry of `slo` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<SloArgs>(
    "slo",
    "Show service levels with their error budgets; import them from OpenSLO",
)
.uses(&[SharedOption::Env])
.tools(&[
    AssistantTool::reading(&["list"], &[ToolDocument::One("service-levels")]),
    AssistantTool::reading(&["show"], &[ToolDocument::One("service-levels")]),
]);

impl Command for SloArgs {
    type Formats = ReportFormat;

    fn effect(&self) -> Effect {
        match self.action {
            Some(SloAction::Import { .. }) => Effect::CommitsOnRequest,
            Some(SloAction::Show { .. } | SloAction::List) | None => Effect::None,
        }
    }

    fn formats(&self) -> &'static [Format] {
        match self.action {
            Some(SloAction::Import { .. }) => AnswerFormat::ALL,
            Some(SloAction::Show { .. } | SloAction::List) | None => ReportFormat::ALL,
        }
    }

    fn named_files(&self) -> NamedFiles<'_> {
        match &self.action {
            Some(SloAction::Import { file }) => NamedFiles::default().reading([file]),
            _ => NamedFiles::default(),
        }
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        match &self.action {
            Some(SloAction::Import { file }) => import::run(app, file, format),
            Some(SloAction::Show { name }) => look::run(app, Some(name), format),
            Some(SloAction::List) | None => look::run(app, None, format),
        }
    }
}
