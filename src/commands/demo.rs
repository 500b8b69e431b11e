//! `fractary demo`: the whole loop on a recorded world, in a throw-away repository.

use std::path::PathBuf;

use clap::Args;

use crate::app::answer::output;
use crate::app::demo;
use crate::app::options::Format;
use crate::app::publish;
use crate::app::{App, Outcome};
use crate::error::ExitCode;

#[doc(hidden)]
pub use crate::app::demo::{STEPS, Step};

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to put the repository (default: a new folder for temporary files)
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

pub(crate) fn run(args: &DemoArgs, app: &App) -> Outcome {
    publish::format_of(app, "demo", &[Format::Text])?;
    output::write(app, &demo::play(app, args.dir.as_deref())?)?;
    Ok(ExitCode::Ok)
}
