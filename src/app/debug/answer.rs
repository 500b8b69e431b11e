//! What `fractary debug` answers: errors explained, what was recorded of them, and the log.

use crate::app::answer::output;
use crate::app::command::Effect;
use crate::app::debug::record::{self, RecordRequest};
use crate::app::debug::{complete, diagnose, read};
use crate::app::formats::ReportFormat;
use crate::app::publish;
use crate::app::workspace::landing::{self, Landing};
use crate::app::workspace::{Workspace, load, open, push};
use crate::app::{App, Outcome};
use crate::core::debug;
use crate::error::{CommandError, ExitCode};
use crate::model::debug::DebugReport;
use crate::model::ids::EnvironmentName;
use crate::model::issue_log::{IssueLog, IssueLogReport, LoggedIssue};
use crate::render::{json, markdown, text};
use crate::text::phrases;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DebugRequest<'a> {
    /// File, `-` or words.
    pub(crate) error: Option<&'a str>,
    /// An issue of the log.
    pub(crate) issue: Option<&'a str>,
    /// What was tried.
    pub(crate) tried: Option<&'a str>,
    /// Whether it worked.
    pub(crate) worked: bool,
    /// Whether the commands of the fix are shown.
    pub(crate) complete: bool,
}

/// Explains, and records where that is asked for.
pub(crate) fn answer(
    app: &App,
    request: DebugRequest<'_>,
    effect: Effect,
    format: ReportFormat,
) -> Outcome {
    let said = match (request.error, request.issue) {
        (None, Some(_)) => None,
        (error, _) => Some(read(error)?),
    };
    let landing = landing::choose(app, effect);
    match (landing, said) {
        (Landing::Nothing, Some(said)) => {
            let report = diagnose(app, &said, log_if_readable(app).as_ref());
            output::write(app, &shown(app, &report, request.complete, format)?)?;
            Ok(exit_code(&report))
        }
        (_, None) if request.tried.is_none() => {
            show_issue(app, request.issue.unwrap_or_default(), format)
        }
        (landing, said) => record(app, request, said.as_deref(), landing, format),
    }
}

fn record(
    app: &App,
    request: DebugRequest<'_>,
    said: Option<&str>,
    landing: Landing,
    format: ReportFormat,
) -> Outcome {
    let workspace = open::load_to_land(app, landing)?;
    named_environments(app, &workspace)?;
    let log = record::read(&workspace)?;
    let report = said.map(|said| diagnose(app, said, log.as_ref()));
    if report
        .as_ref()
        .is_some_and(|report| report.errors.is_empty())
        && request.issue.is_none()
    {
        return Err(
            CommandError::usage("nothing was recorded: no known error is in this text")
                .hint("give what the tool printed, not a description of it"),
        );
    }
    let to_record = RecordRequest {
        report: report.as_ref(),
        issue: request.issue,
        tried: request.tried,
        worked: request.worked,
    };
    let (workspace, recorded, landed) =
        landing::decide_and_land(app, workspace, landing, |workspace| {
            record::propose(app, workspace, to_record)
        })?;
    let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
    publish::landed(app, format, &landed, || match &report {
        Some(report) => shown(app, report, request.complete, format),
        None => issues_shown(app, &recorded.issues, format),
    })?;
    for line in &recorded.lines {
        app.ui.note(line);
    }
    landing::report(app, &landed);
    pushed.map(|()| ExitCode::Ok)
}

/// The environments that were given; none where none was. One that is not defined is an error.
fn named_environments(
    app: &App,
    workspace: &Workspace,
) -> Result<Vec<EnvironmentName>, CommandError> {
    match app.global.env.as_slice() {
        [] => Ok(Vec::new()),
        given => workspace.settings().choose(given),
    }
}

/// Whether an issue was met in an environment.
fn has_occurred(issue: &LoggedIssue, name: &EnvironmentName) -> bool {
    let context = &issue.error.context;
    let last = context.environment.as_deref();
    context.environments.contains_key(name.as_str()) || last == Some(name.as_str())
}

/// Shows the issues that were recorded, or figures over them.
pub(crate) fn show_log(app: &App, with_issues: bool, format: ReportFormat) -> Outcome {
    let workspace = open::load_to_look(app, Landing::Nothing)?;
    let mut log = record::read(&workspace)?.unwrap_or_default();
    let names = named_environments(app, &workspace)?;
    if !names.is_empty() {
        let all = log.issues.len();
        log.issues
            .retain(|issue| names.iter().any(|name| has_occurred(issue, name)));
        let others = all - log.issues.len();
        if others > 0 {
            let others = phrases::counted(others as u64, "issue");
            app.ui.note(&format!(
                "{others} of other environments, or of none, not shown"
            ));
        }
    }
    let answer = match with_issues {
        true => issues_shown(app, &log.issues, format)?,
        false => log_shown(app, &log.issues, None, format)?,
    };
    output::write(app, &answer)?;
    Ok(ExitCode::Ok)
}

fn show_issue(app: &App, id: &str, format: ReportFormat) -> Outcome {
    let workspace = open::load_to_look(app, Landing::Nothing)?;
    named_environments(app, &workspace)?;
    let mut log = record::read(&workspace)?.unwrap_or_default();
    let id = record::find_issue(&log.issues, id)?;
    log.issues.retain(|issue| issue.issue_id == id);
    output::write(app, &issues_shown(app, &log.issues, format)?)?;
    Ok(ExitCode::Ok)
}

fn issues_shown(
    app: &App,
    issues: &[LoggedIssue],
    format: ReportFormat,
) -> Result<String, CommandError> {
    let mut shown = issues.to_vec();
    shown.sort_by(|a, b| {
        let newest_first = b.last_seen.cmp(&a.last_seen);
        newest_first.then_with(|| a.issue_id.cmp(&b.issue_id))
    });
    log_shown(app, issues, Some(shown), format)
}

fn log_shown(
    app: &App,
    all: &[LoggedIssue],
    shown: Option<Vec<LoggedIssue>>,
    format: ReportFormat,
) -> Result<String, CommandError> {
    let report = IssueLogReport {
        version: "1.0.0".to_owned(),
        kind: "issue-log-list".to_owned(),
        issues: shown,
        statistics: debug::statistics(all),
    };
    Ok(match format {
        ReportFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
        ReportFormat::Markdown => markdown::issue_log(&report),
        ReportFormat::Text => text::issue_log(&report, &app.ui.style()),
    })
}

fn shown(
    app: &App,
    report: &DebugReport,
    with_completion: bool,
    format: ReportFormat,
) -> Result<String, CommandError> {
    if with_completion {
        let report = complete(report);
        return Ok(match format {
            ReportFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            ReportFormat::Markdown => markdown::completion(&report),
            ReportFormat::Text => text::completion(&report, &app.ui.style()),
        });
    }
    Ok(match format {
        ReportFormat::Json => json::pretty(report).map_err(CommandError::bug)?,
        ReportFormat::Markdown => markdown::debug(report),
        ReportFormat::Text => text::debug(report, &app.ui.style()),
    })
}

fn exit_code(report: &DebugReport) -> ExitCode {
    match report.errors.is_empty() && report.similar.is_empty() {
        true => ExitCode::Found,
        false => ExitCode::Ok,
    }
}

/// The log, where there is a repository: an error is explained anywhere. A log that cannot be read
/// is not the same as none.
fn log_if_readable(app: &App) -> Option<IssueLog> {
    let repository = open::open(app).ok()?;
    let log = load::load_from(&app.ui, repository).and_then(|workspace| record::read(&workspace));
    log.unwrap_or_else(|_| {
        app.ui.warn("what was recorded before is not shown, because it could not be read; `fractary check` says why");
        None
    })
}
