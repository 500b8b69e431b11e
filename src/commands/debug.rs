//! `fractary debug`: what an error of Terraform or AWS means, and what has solved it.

use clap::Args;

use crate::app::command::{Command, Effect, Entry};
use crate::app::debug::answer::{self, DebugRequest};
use crate::app::formats::ReportFormat;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::{App, Outcome};
use crate::error::CommandError;

/// Arguments of `debug`.
///
/// Takes whatever there is: Terraform's output with its boxes, `-json` lines, an error of the AWS
/// CLI or of an SDK, a log of a pipeline, or a few words. Nothing is sent anywhere. `--commit`
/// records the errors in `issue-log.json`.
///
/// Exit code 0 if something is known about it, 1 if not.
#[derive(Debug, Args)]
pub struct DebugArgs {
    /// A file with the error, `-` for standard input, or the words of the error [default: standard input]
    #[arg(value_name = "FILE|WORDS")]
    pub error: Option<String>,

    /// Show the commands that complete the fix, and which of them need consent; runs none of them
    #[arg(long)]
    pub complete: bool,

    /// Record whether a solution worked: its id or the start of it, or a new one in words
    #[arg(long, value_name = "SOLUTION", conflicts_with = "complete")]
    pub tried: Option<String>,

    /// The solution worked
    #[arg(long, requires = "tried", conflicts_with = "failed")]
    pub worked: bool,

    /// The solution did not work
    #[arg(long, requires = "tried")]
    pub failed: bool,

    /// An issue of the log, by its id or the start of it
    #[arg(long, value_name = "ID", conflicts_with = "complete")]
    pub issue: Option<String>,

    /// Show the issues that were recorded
    #[arg(long, conflicts_with_all = ["error", "tried", "issue", "complete"])]
    pub list: bool,

    /// Show figures over all issues that were recorded
    #[arg(long, conflicts_with_all = ["error", "tried", "issue", "complete", "list"])]
    pub stats: bool,
}

/// The entry of `debug` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<DebugArgs>(
    "debug",
    "Explain an error of Terraform or AWS, and what solves it",
)
.uses(&[SharedOption::Env])
.tools(&[
    AssistantTool::reading(
        &[],
        &[
            ToolDocument::One("diagnosis"),
            ToolDocument::One("completion"),
        ],
    )
    .without(&["tried", "worked", "failed", "issue", "list", "stats"])
    .with_input("error"),
    AssistantTool::reading(&["--list"], &[ToolDocument::One("issues-of-the-log")]).fixed(),
    AssistantTool::reading(&["--stats"], &[ToolDocument::One("issues-of-the-log")]).fixed(),
]);

impl Command for DebugArgs {
    type Formats = ReportFormat;

    fn effect(&self) -> Effect {
        match (self.list || self.stats, &self.tried) {
            (true, _) => Effect::None,
            (false, Some(_)) => Effect::Commits,
            (false, None) => Effect::CommitsOnRequest,
        }
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        if self.list || self.stats {
            return answer::show_log(app, self.list, format);
        }
        if self.tried.is_some() && !self.worked && !self.failed {
            return Err(
                CommandError::usage("it is not said what came of the solution")
                    .hint("add `--worked` or `--failed`"),
            );
        }
        let request = DebugRequest {
            error: self.error.as_deref(),
            issue: self.issue.as_deref(),
            tried: self.tried.as_deref(),
            worked: self.worked,
            complete: self.complete,
        };
        answer::answer(app, request, Command::effect(self), format)
    }
}
