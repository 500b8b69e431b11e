//! `fractary permissions diff`, `sync` and `import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::app::answer::output;
use crate::app::command::Effect;
use crate::app::formats::ReportFormat;
use crate::app::permissions::compare;
use crate::app::permissions::preflight::only_environment;
use crate::app::workspace::{landing, open};
use crate::app::{App, Outcome, input};
use crate::error::{CommandError, ExitCode};
use crate::model::iam_audit::GrantDifferenceReport;
use crate::render::{json, text};
use crate::text::Untrusted;
use crate::text::phrases::counted;

/// Most bytes of an older record.
const MOST_BYTES: u64 = 16 << 20;

/// Arguments of `permissions diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {}

/// Which side counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SyncTarget {
    /// The record gets what AWS has
    Record,
    /// AWS gets what the record has
    Aws,
}

/// Arguments of `permissions sync`.
#[derive(Debug, Args)]
pub struct SyncArgs {
    /// The side that is changed
    #[arg(long, value_enum)]
    pub to: SyncTarget,
    /// Change AWS without asking; not in environments that require confirmation
    #[arg(long)]
    pub yes: bool,
}

/// Arguments of `permissions import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The older record
    pub file: PathBuf,
}

impl DiffArgs {
    pub(super) fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let workspace = open::load(app)?;
        let name = only_environment(app, &workspace)?;
        let report = compare::read(app, &workspace, &name)?.report(None);
        show(app, format, &report)?;
        Ok(match report.differences.is_empty() {
            true => ExitCode::Ok,
            false => ExitCode::Found,
        })
    }
}

impl SyncArgs {
    pub(super) fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let workspace = super::grant::workspace(app)?;
        let name = only_environment(app, &workspace)?;
        let compared = compare::read(app, &workspace, &name)?;
        let synced = match self.to {
            SyncTarget::Aws => compare::to_aws(app, workspace, &compared, self.yes)?,
            SyncTarget::Record => {
                let landing = landing::choose(app, Effect::Commits);
                let (done, landed) = compare::to_record(app, workspace, &compared, landing)?;
                landing::report(app, &landed);
                done
            }
        };
        show(app, format, &compared.report(Some(synced)))?;
        Ok(ExitCode::Ok)
    }
}

fn show(
    app: &App,
    format: ReportFormat,
    report: &GrantDifferenceReport,
) -> Result<(), CommandError> {
    let answer = match format {
        ReportFormat::Json => json::pretty(report).map_err(CommandError::bug)?,
        ReportFormat::Text | ReportFormat::Markdown => {
            text::grant_differences(report, &app.ui.style())
        }
    };
    output::write(app, &answer)
}

impl ImportArgs {
    pub(super) fn run(&self, app: &App, _: ReportFormat) -> Outcome {
        let landing = landing::choose(app, Effect::Commits);
        let workspace = open::load_to_land(app, landing)?;
        let name = only_environment(app, &workspace)?;
        let said = input::read_text(&self.file, MOST_BYTES)?;
        let file = self.file.file_name().unwrap_or_default().to_string_lossy();
        let (count, landed) = compare::import(app, workspace, &name, (&file, &said), landing)?;
        let file = Untrusted::new(file).terminal();
        let what = format!("{} read from {file}\n", counted(count as u64, "grant"));
        output::write(app, &what)?;
        landing::report(app, &landed);
        Ok(ExitCode::Ok)
    }
}
