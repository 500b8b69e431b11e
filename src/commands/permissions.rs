//! `fractary permissions`: what AWS denied, and what helps.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::app::answer::named_files::NamedFiles;
use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::formats::ReportFormat;
use crate::app::permissions;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::{json, markdown, text};

/// Arguments of `permissions`.
#[derive(Debug, Args)]
pub struct PermissionsArgs {
    /// What to do
    #[command(subcommand)]
    pub action: PermissionsAction,
}

/// What to do about permissions.
#[derive(Debug, Subcommand)]
pub enum PermissionsAction {
    /// Say what an error of AWS denied to whom, which policy did, and what helps
    ///
    /// Takes whatever there is: a line, Terraform's output with its box, a log of a pipeline, JSON.
    /// Every denial is found, and each once. Nothing is sent anywhere.
    ///
    /// Exit code 0 if a denial was found, 1 if none was.
    Explain {
        /// The error; without it, standard input
        #[arg(conflicts_with = "file")]
        error: Option<String>,
        /// Read the error from FILE; `-` is standard input
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// The entry of `permissions` in the list of commands.
pub(crate) const COMMAND: Entry =
    Entry::new::<PermissionsArgs>("permissions", "Explain what AWS denied, and what helps");

impl Command for PermissionsArgs {
    type Formats = ReportFormat;

    fn named_files(&self) -> NamedFiles<'_> {
        let PermissionsAction::Explain { file, .. } = &self.action;
        NamedFiles::default().reading(file)
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let PermissionsAction::Explain { error, file } = &self.action;
        let said = match (error, file) {
            (Some(error), _) => error.clone(),
            (None, Some(file)) => permissions::read(file)?,
            (None, None) => permissions::read(&PathBuf::from("-"))?,
        };
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
