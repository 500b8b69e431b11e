//! Publishing: the answer on standard output or in a file, and what GitHub Actions shows.

use std::fs::OpenOptions;
use std::io::Write;

use crate::app::App;
use crate::app::answer::output;
use crate::app::formats::Formats;
use crate::app::options::{FailOn, Format};
use crate::app::workspace::landing::Landed;
use crate::error::{CommandError, ExitCode};
use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;
use crate::model::report::HealthReport;
use crate::model::status::Status;
use crate::render::github;
use crate::render::github::Outputs;

/// The answer of a command that may land something. With `--dry-run` the diff is the answer;
/// where JSON is asked for, that document is, and the diff goes where people look.
pub(crate) fn landed(
    app: &App,
    format: impl Formats,
    landed: &Landed,
    text: impl FnOnce() -> Result<String, CommandError>,
) -> Result<(), CommandError> {
    match landed {
        Landed::Diff(diff) if format.format() != Format::Json => output::write(app, diff),
        Landed::Diff(diff) => {
            app.ui.note(diff.trim_end());
            output::write(app, &text()?)
        }
        _ => output::write(app, &text()?),
    }
}

/// What a run reports to GitHub Actions.
pub(crate) struct ForGithub<'a> {
    /// Reports of environments, in any order.
    pub(crate) reports: Vec<&'a HealthReport>,
    /// Worst of all that was observed, domains included.
    pub(crate) overall_health: Status,
    /// Markdown for the step summary: one for each environment, then one for each domain.
    pub(crate) summary: Vec<String>,
    /// Issues opened or reopened.
    pub(crate) opened: u32,
    /// Issues resolved.
    pub(crate) resolved: u32,
    /// Path of the stored report, where one was stored.
    pub(crate) report_path: Option<RepoPath>,
    /// The commit, where there is one.
    pub(crate) commit: Option<CommitId>,
}

/// Appends to the step summary and the outputs, and prints annotations. A file that cannot be
/// written is a warning: the run itself has landed.
pub(crate) fn github(app: &App, facts: &ForGithub<'_>) {
    if let Some(path) = &app.environment.github_step_summary {
        add_summary(app, path, facts);
    }
    if let Some(path) = &app.environment.github_output {
        let outputs = Outputs {
            overall_health: facts.overall_health,
            issues_opened: facts.opened,
            issues_resolved: facts.resolved,
            report_path: facts.report_path.clone(),
            commit: facts.commit.clone(),
        };
        append(app, path, &github::outputs(&outputs));
    }
    let all: Vec<_> = facts
        .reports
        .iter()
        .flat_map(|report| github::health_annotations(report, facts.report_path.as_ref()))
        .collect();
    app.ui.annotate(&github::annotations(&all));
}

/// Other commands of the step may have written into it already, and all of it counts.
fn add_summary(app: &App, path: &str, facts: &ForGithub<'_>) {
    let there = written(path);
    let totals = github::totals(&facts.reports);
    match github::step_summary(&totals, &facts.summary, there) {
        Some(text) => append(app, path, &text),
        None => app.ui.warn(&format!(
            "the summary of this step is full ({there} bytes): GitHub shows no more than 1 MiB, so nothing was added"
        )),
    }
}

/// Bytes that a file of the runner has already; 0 where it is not there.
pub(crate) fn written(path: &str) -> usize {
    let there = std::fs::metadata(path).map_or(0, |found| found.len());
    usize::try_from(there).unwrap_or(usize::MAX)
}

/// Appends to a file of the runner. One that cannot be written is a warning.
pub(crate) fn append(app: &App, path: &str, text: &str) {
    let result = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    if let Err(error) = result {
        app.ui.warn(&format!("could not write {path}: {error}"));
    }
}

/// 1 at or above the level; else 3 where something was not seen; else 0.
pub(crate) fn exit_code(fail_on: FailOn, worst: Status, has_unknown: bool) -> ExitCode {
    if fail_on.reached_by(worst) {
        ExitCode::Found
    } else if has_unknown {
        ExitCode::Unknown
    } else {
        ExitCode::Ok
    }
}
