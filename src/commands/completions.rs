//! `fractary completions SHELL`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::app::answer::output;
use crate::app::options::Format;
use crate::app::publish;
use crate::app::{App, Outcome};
use crate::cli::Cli;
use crate::error::ExitCode;

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs, app: &App) -> Outcome {
    publish::format_of(app, "completions", &[Format::Text])?;
    let mut bytes = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "fractary", &mut bytes);
    output::write(app, &String::from_utf8_lossy(&bytes))?;
    Ok(ExitCode::Ok)
}
