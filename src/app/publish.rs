//! Publishing: the answer on standard output or in a file, and what GitHub Actions shows.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use crate::app::App;
use crate::app::options::{FailOn, Format};
use crate::app::workspace::landing::Landed;
use crate::error::{CommandError, ExitCode};
use crate::model::ids::CommitId;
use crate::model::paths::RepoPath;
use crate::model::report::HealthReport;
use crate::model::status::Status;
use crate::render::github;
use crate::render::github::Outputs;

/// Prints the answer, or writes it into the file of `--output`.
pub(crate) fn answer(app: &App, text: &str) -> Result<(), CommandError> {
    answer_to(app, app.global.output.as_deref(), text)
}

/// The same, where the file is not the one that `--output` names.
pub(crate) fn answer_to(app: &App, path: Option<&Path>, text: &str) -> Result<(), CommandError> {
    let Some(path) = path else {
        return app.ui.answer(text).map_err(|error| {
            CommandError::usage(format!("could not write to standard output: {error}"))
        });
    };
    make_folder(path)?;
    std::fs::write(path, text).map_err(|error| cannot_write(path, &error))
}

/// The answer of a command that may land something. With `--dry-run` the diff is the answer;
/// where JSON is asked for, that document is, and the diff goes where people look.
pub(crate) fn landed(
    app: &App,
    format: Format,
    landed: &Landed,
    text: impl FnOnce() -> Result<String, CommandError>,
) -> Result<(), CommandError> {
    match landed {
        Landed::Diff(diff) if format != Format::Json => answer(app, diff),
        Landed::Diff(diff) => {
            app.ui.note(diff.trim_end());
            answer(app, &text()?)
        }
        _ => answer(app, &text()?),
    }
}

/// Refuses a file for the answer that cannot be written, before anything is asked or changed.
pub(crate) fn check_output(path: &Path) -> Result<(), CommandError> {
    let refuse = |error: std::io::Error| cannot_write(path, &error);
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(refuse(std::io::ErrorKind::IsADirectory.into())),
        // Opening a pipe would wait for its reader.
        Ok(found) if !found.is_file() => Ok(()),
        Ok(_) => OpenOptions::new()
            .append(true)
            .open(path)
            .map(drop)
            .map_err(refuse),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            make_folder(path)?;
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            tempfile::tempfile_in(folder.unwrap_or(Path::new(".")))
                .map(drop)
                .map_err(refuse)
        }
        Err(error) => Err(refuse(error)),
    }
}

fn make_folder(path: &Path) -> Result<(), CommandError> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::fs::create_dir_all(folder).map_err(|error| cannot_write(path, &error))
        }
        _ => Ok(()),
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::usage(format!("could not write {}: {error}", path.display()))
        .hint("free some space there and make it writable, or name another file with `--output`")
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
