//! `fractary mcp`: a server of the Model Context Protocol.

use clap::Args;

use crate::app::command::{Besides, Command, Entry};
use crate::app::formats::OnlyText;
use crate::app::mcp;
use crate::app::shared_options::SharedOption;
use crate::app::{App, Outcome};
use crate::error::ExitCode;

/// Arguments of `mcp`.
#[derive(Debug, Args)]
pub struct McpArgs {}

/// The entry of `mcp` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<McpArgs>(
    "mcp",
    "Serve the commands as tools for an assistant (Model Context Protocol)",
)
.besides(Besides::Tools)
.uses(&[SharedOption::Env]);

impl Command for McpArgs {
    type Formats = OnlyText;

    fn run(&self, app: &App, _: OnlyText) -> Outcome {
        mcp::serve(app)?;
        Ok(ExitCode::Ok)
    }
}
