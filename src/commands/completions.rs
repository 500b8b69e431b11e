//! `fractary completions SHELL`.

use clap::Args;
use clap_complete::Shell;

use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::formats::OnlyText;
use crate::app::{App, Outcome};
use crate::error::ExitCode;

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// The entry of `completions` in the list of commands.
pub(crate) const COMMAND: Entry =
    Entry::new::<CompletionsArgs>("completions", "Print completions for a shell");

impl Command for CompletionsArgs {
    type Formats = OnlyText;

    fn run(&self, app: &App, _: OnlyText) -> Outcome {
        let mut bytes = Vec::new();
        let mut definition = app.command_line.definition();
        clap_complete::generate(self.shell, &mut definition, "fractary", &mut bytes);
        output::write(app, &String::from_utf8_lossy(&bytes))?;
        Ok(ExitCode::Ok)
    }
}
