//! Publishing: the answer on standard output or in a file, and what GitHub Actions shows.

use std::fs::OpenOptions;
use std::io::Write;

use crate::cli::{FailOn, Format};
use crate::commands::App;
use crate::error::{CommandError, ExitCode};
use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;
use crate::model::report::HealthReport;
use crate::model::status::Status;
use crate::render::github;
use crate::render::github::Outputs;

/// Prints the answer, or writes it into the file of `--output`.
pub(crate) fn answer(app: &App, text: &str) -> Result<(), CommandError> {
    let Some(path) = &app.global.output else {
        return app.ui.answer(text).map_err(|error| {
            CommandError::usage(format!("could not write to standard output: {error}"))
        });
    };
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(|error| cannot_write(path, &error))?;
    }
    std::fs::write(path, text).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &std::path::Path, error: &std::io::Error) -> CommandError {
    CommandError::usage(format!("could not write {}: {error}", path.display()))
}

/// Refuses a format that a command does not have.
pub(crate) fn format_of(
    app: &App,
    command: &str,
    formats: &[Format],
) -> Result<Format, CommandError> {
    let format = app.global.format.unwrap_or(formats[0]);
    if formats.contains(&format) {
        return Ok(format);
    }
    let names: Vec<String> = formats
        .iter()
        .map(|format| format!("{format:?}").to_lowercase())
        .collect();
    Err(CommandError::usage(format!(
        "`{command}` has no format `{}`",
        format!("{format:?}").to_lowercase()
    ))
    .hint(format!("formats it has: {}", names.join(", "))))
}

/// What a run tells GitHub Actions.
pub(crate) struct ForGithub<'a> {
    /// Reports, worst first is not needed.
    pub(crate) reports: Vec<&'a HealthReport>,
    /// Markdown for the step summary.
    pub(crate) summary: String,
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
        append(app, path, &github::step_summary(&facts.summary));
    }
    if let Some(path) = &app.environment.github_output {
        let outputs = Outputs {
            overall_health: worst(&facts.reports),
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

fn append(app: &App, path: &str, text: &str) {
    let result = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    if let Err(error) = result {
        app.ui.warn(&format!("could not write {path}: {error}"));
    }
}

/// Worst of the reports; UNKNOWN where there is none.
pub(crate) fn worst(reports: &[&HealthReport]) -> Status {
    reports
        .iter()
        .map(|report| report.overall_health)
        .max()
        .unwrap_or(Status::Unknown)
}

/// 1 at or above the level; else 3 where something was not seen; else 0.
pub(crate) fn exit_code(fail_on: FailOn, reports: &[&HealthReport]) -> ExitCode {
    if fail_on.reached_by(worst(reports)) {
        return ExitCode::Found;
    }
    let unknown = reports
        .iter()
        .any(|report| report.overall_health == Status::Unknown || report.resources.unknown > 0);
    if unknown {
        ExitCode::Unknown
    } else {
        ExitCode::Ok
    }
}
