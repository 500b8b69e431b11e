//! `fractary doctor`: is this set up? Each failure with its mend.

use clap::Args;

use crate::app::answer::output;
use crate::app::doctor;
use crate::app::doctor::examine;
use crate::app::doctor::examine::Verdict;
use crate::app::options::Format;
use crate::app::publish;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::json;

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Ask AWS nothing
    #[arg(long)]
    pub offline: bool,
}

pub(crate) fn run(args: &DoctorArgs, app: &App) -> Outcome {
    let format = publish::format_of(app, "doctor", &[Format::Text, Format::Json])?;
    let findings = doctor::examine(app, args.offline)?;
    let answer = match format {
        Format::Json => json::pretty(&findings).map_err(CommandError::bug)?,
        _ => examine::text(&findings),
    };
    output::write(app, &answer)?;
    let has = |verdict| findings.iter().any(|finding| finding.verdict == verdict);
    Ok(if has(Verdict::Failed) {
        ExitCode::Usage
    } else if has(Verdict::Unknown) && !args.offline {
        ExitCode::Unknown
    } else {
        ExitCode::Ok
    })
}
