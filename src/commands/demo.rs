//! `fractary demo`: the whole loop on a recorded world, in a throw-away repository.

use std::path::PathBuf;

use clap::Args;

use crate::app::answer::output;
use crate::app::command::{Command, Effect, Entry};
use crate::app::demo;
use crate::app::formats::OnlyText;
use crate::app::{App, Outcome};
use crate::error::ExitCode;

#[doc(hidden)]
pub use crate::app::demo::{STEPS, StoryStep};

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to put the repository (default: a new folder for temporary files)
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// The entry of `demo` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<DemoArgs>(
    "demo",
    "Show the whole loop on a recorded world, in a throw-away repository, without an AWS account",
);

impl Command for DemoArgs {
    type Formats = OnlyText;

    fn effect(&self) -> Effect {
        Effect::Writes
    }

    fn run(&self, app: &App, _: OnlyText) -> Outcome {
        output::write(app, &demo::play(app, self.dir.as_deref())?)?;
        Ok(ExitCode::Ok)
    }
}
