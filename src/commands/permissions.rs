//! `fractary permissions`: what AWS denied, what helps, and what a plan will need.

mod preflight;
mod propose;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::app::access::Access;
use crate::app::answer::named_files::NamedFiles;
use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::formats::ReportFormat;
use crate::app::permissions;
use crate::app::shared_options::SharedOption;
use crate::app::tool::AssistantTool;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::{json, markdown, text};

use preflight::PreflightArgs;
use propose::ProposeArgs;

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
    /// Say before an apply which permissions a plan needs and which of them are missing
    ///
    /// Reads the policies of the user or role that the credentials belong to, and holds what the
    /// types of the plan need against them. Nothing is changed. What is missing becomes one policy,
    /// narrowed to the names in the plan or to the naming pattern of devops.json.
    ///
    /// Exit code 0 if everything is allowed, 1 if something is missing, 3 if something is unknown.
    Preflight(PreflightArgs),
    /// Write one policy for everything that an error says was denied
    ///
    /// Takes the same text as `explain`. Each action is on what it was denied on, and never on `*`
    /// where it can be narrowed; what no grant helps with, and what the text leaves open, is named
    /// with the reason. Nothing is sent, and nothing is granted.
    ///
    /// Exit code 0 if everything that was denied is in a policy, 1 if something is not, or if
    /// nothing was denied.
    Propose(ProposeArgs),
}

/// The entry of `permissions` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<PermissionsArgs>(
    "permissions",
    "Explain what AWS denied, and find what a plan may not do",
)
.sends(&[Access::Preflight.only("by `preflight` without `--offline`")])
.uses(&[SharedOption::Env])
.tools(&[AssistantTool::reading(&["explain"]).with_input("error")]);

impl Command for PermissionsArgs {
    type Formats = ReportFormat;

    fn is_offline(&self) -> bool {
        !matches!(self.action, PermissionsAction::Preflight(_))
    }

    fn named_files(&self) -> NamedFiles<'_> {
        let files = NamedFiles::default();
        match &self.action {
            PermissionsAction::Explain { file, .. } => files.reading(file),
            PermissionsAction::Propose(args) => files.reading(&args.file),
            PermissionsAction::Preflight(args) => files
                .reading([&args.plan])
                .reading(&args.policy)
                .reading(&args.boundary),
        }
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        match &self.action {
            PermissionsAction::Explain { error, file } => {
                explain(app, format, error.as_deref(), file.as_deref())
            }
            PermissionsAction::Preflight(args) => args.run(app, format),
            PermissionsAction::Propose(args) => args.run(app, format),
        }
    }
}

fn explain(app: &App, format: ReportFormat, error: Option<&str>, file: Option<&Path>) -> Outcome {
    let said = permissions::said(error, file)?;
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
