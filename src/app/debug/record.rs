//! Recording errors and attempts in `issue-log.json`.

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing::Proposal;
use crate::catalog::errors::KnownErrors;
use crate::core::debug;
use crate::core::debug::{Attempt, Experience, RecordContext, Recorded};
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::model::debug::{DebugReport, DiagnosedError};
use crate::model::fact::Gap;
use crate::model::ids::EnvironmentName;
use crate::model::issue_log::{IssueLog, LoggedIssue};
use crate::state::documents::paths;
use crate::state::log::{NewEntry, TimeKey, record_with};
use crate::text::Untrusted;
use crate::text::escape;
use crate::text::phrases::counted;
use crate::text::similar::nearest;

/// What is to be recorded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordRequest<'a> {
    /// The errors that occurred.
    pub(crate) report: Option<&'a DebugReport>,
    /// The issue that was solved or not.
    pub(crate) issue: Option<&'a str>,
    /// What was tried: a solution's id, or its words.
    pub(crate) tried: Option<&'a str>,
    /// Whether that worked.
    pub(crate) worked: bool,
}

/// What was recorded.
#[derive(Debug, Clone)]
pub(crate) struct RecordSummary {
    /// A line for people about each thing.
    pub(crate) lines: Vec<String>,
    /// The issues that it is about, as they are afterwards.
    pub(crate) issues: Vec<LoggedIssue>,
}

/// Reads the log of the repository; `None` where there is none yet.
pub(crate) fn read(workspace: &Workspace) -> Result<Option<IssueLog>, CommandError> {
    let path = paths::issue_log();
    let Some(text) = workspace.tree().read_text(&path)? else {
        return Ok(None);
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let log = serde_json::from_str(text).map_err(|error| {
        let why = Untrusted::new(error.to_string()).terminal();
        CommandError::usage(format!("could not read {path}: {why}"))
            .hint("`fractary check` shows where it is not valid")
    })?;
    Ok(Some(log))
}

/// Proposes the log with what is to be recorded.
pub(crate) fn propose(
    app: &App,
    workspace: &Workspace,
    request: RecordRequest<'_>,
) -> Result<Proposal<RecordSummary>, CommandError> {
    let environment = app.global.env.first().map(ToString::to_string);
    let occasion = RecordContext {
        environment: environment.as_deref(),
        command: None,
        at: app.clock.now(),
    };
    let mut issues = read(workspace)?.unwrap_or_default().issues;
    let mut summary = Changes::default();
    if let Some(report) = request.report {
        summary.occurred(&mut issues, report, request.tried.is_some(), occasion);
    }
    if let Some(tried) = request.tried {
        let (id, attempt) = attempt(&issues, request, tried)?;
        let entry = debug::tried(&mut issues, &id, &attempt, occasion);
        let entry = entry.ok_or_else(|| no_issue(&issues, &id))?;
        summary.tried(&id, &attempt, entry);
    }
    summary
        .recorded
        .extend(debug::tidy(&mut issues, occasion.at));
    let about = issues
        .iter()
        .filter(|one| summary.ids.contains(&one.issue_id));
    let about = about.cloned().collect();
    let mut transaction = Transaction::new();
    write(
        workspace,
        issues,
        summary.recorded,
        occasion.at,
        &mut transaction,
    )?;
    Ok(Proposal {
        transaction,
        message: message(&summary.lines, environment.as_deref()),
        facts: RecordSummary {
            lines: summary.lines,
            issues: about,
        },
    })
}

/// What a run of ours was refused in one environment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnRun<'a> {
    /// The environment.
    pub(crate) environment: &'a EnvironmentName,
    /// The command.
    pub(crate) command: &'a str,
    /// What AWS did not answer.
    pub(crate) gaps: &'a [Gap],
    /// Whether everything that the command asks was asked, so that what is not among the gaps is
    /// over.
    pub(crate) is_complete: bool,
}

/// Adds to a transaction what runs of ours were refused: an error when it first occurs, and again
/// when it is over, not in every run. What cannot be recorded is said, and holds nothing else up.
pub(crate) fn add_own_runs(
    app: &App,
    workspace: &Workspace,
    runs: &[OwnRun<'_>],
    transaction: &mut Transaction,
) {
    let added = try_add(app, workspace, runs, transaction);
    if let Err(error) = added {
        app.ui.warn(&format!(
            "what AWS refused is not recorded in the log of errors: {error}"
        ));
    }
}

fn try_add(
    app: &App,
    workspace: &Workspace,
    runs: &[OwnRun<'_>],
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let log = read(workspace)?;
    if log.is_none() && runs.iter().all(|run| run.gaps.is_empty()) {
        return Ok(());
    }
    let now = app.clock.now();
    let mut issues = log.map(|log| log.issues).unwrap_or_default();
    let mut recorded = Vec::new();
    for run in runs {
        let experience = Experience {
            known: KnownErrors::built_in(),
            log: None,
            environment: Some(run.environment.as_str()),
            now,
        };
        let occasion = RecordContext {
            environment: Some(run.environment.as_str()),
            command: Some(run.command),
            at: now,
        };
        let mut errors = debug::own_errors(run.gaps, experience);
        if run.is_complete && debug::answers_the_rest(run.gaps) {
            recorded.extend(debug::passed(&mut issues, &errors, occasion));
        }
        errors.retain(|one| !debug::is_open(&issues, &one.issue_id));
        recorded.extend(debug::occurred(&mut issues, &errors, occasion));
    }
    if !recorded.is_empty() {
        recorded.extend(debug::tidy(&mut issues, now));
    }
    write(workspace, issues, recorded, now, transaction)
}

/// What happened, before it is written.
#[derive(Debug, Default)]
struct Changes {
    lines: Vec<String>,
    ids: Vec<String>,
    recorded: Vec<Recorded>,
}

impl Changes {
    /// Records errors. Of those that an attempt is about, only what is not open already: it is the
    /// occurrence that was recorded before.
    fn occurred(
        &mut self,
        issues: &mut Vec<LoggedIssue>,
        report: &DebugReport,
        for_attempt: bool,
        occasion: RecordContext<'_>,
    ) {
        let known = |one: &DiagnosedError| for_attempt && debug::is_open(issues, &one.issue_id);
        let new: Vec<DiagnosedError> = report
            .errors
            .iter()
            .filter(|one| !known(one))
            .cloned()
            .collect();
        self.recorded
            .extend(debug::occurred(issues, &new, occasion));
        for one in new.iter().filter(|one| one.follows.is_none()) {
            self.ids.push(one.issue_id.clone());
            let title = one.title.terminal();
            self.lines
                .push(format!("recorded issue {}: {title}", one.issue_id));
        }
    }

    fn tried(&mut self, id: &str, attempt: &Attempt, entry: Recorded) {
        let came = match attempt.worked {
            true => "worked",
            false => "did not work",
        };
        let solution = Untrusted::from(attempt.solution_id.as_str()).terminal();
        self.lines
            .push(format!("recorded that {solution} {came} for issue {id}"));
        self.ids.push(id.to_owned());
        self.recorded.push(entry);
    }
}

/// Adds the log with these issues, and the archives of months that are over, to a transaction.
fn write(
    workspace: &Workspace,
    issues: Vec<LoggedIssue>,
    recorded: Vec<Recorded>,
    now: Timestamp,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    if recorded.is_empty() {
        return Ok(());
    }
    let entries = recorded.into_iter().map(|rest| new_entry(rest, now));
    let statistics = debug::statistics(&issues);
    let files = workspace.tree().files()?;
    let changed = record_with(
        files.as_ref(),
        &paths::issue_log(),
        entries.collect(),
        IssueLog::log,
        |log| IssueLog::new(issues, log, statistics),
    );
    let changed = changed.map_err(|error| {
        CommandError::new(ErrorKind::Usage, error).hint("`fractary check` says what is wrong")
    })?;
    for (path, bytes) in changed {
        transaction.write(path, bytes);
    }
    Ok(())
}

fn message(lines: &[String], environment: Option<&str>) -> String {
    let subject = match lines {
        [one] => escape::commit_message_line(one),
        [] => "tidy the log of errors".to_owned(),
        many => format!("record {}", counted(many.len() as u64, "error")),
    };
    let mut message = format!("fractary(debug): {subject}\n\n");
    if lines.len() > 1 {
        for line in lines {
            message.push_str(&format!("- {}\n", escape::commit_message_line(line)));
        }
        message.push('\n');
    }
    message.push_str("Fractary-Command: debug\n");
    if let Some(environment) = environment {
        message.push_str(&format!("Fractary-Env: {environment}\n"));
    }
    message
}

/// An entry of the chain. What two branches record of the same thing at the same time has one id.
fn new_entry(rest: Recorded, at: Timestamp) -> NewEntry {
    let text = Value::Object(rest.clone()).to_string();
    let digest = hex::encode(Sha256::digest(format!("{at}\u{1f}{text}").as_bytes()));
    NewEntry {
        id: digest[..16].to_owned(),
        at,
        time_key: TimeKey::At,
        rest,
    }
}

/// The issue and the attempt that are meant.
fn attempt(
    issues: &[LoggedIssue],
    request: RecordRequest<'_>,
    tried: &str,
) -> Result<(String, Attempt), CommandError> {
    let errors = request.report.map(|report| report.errors.as_slice());
    let own = errors.unwrap_or_default().iter();
    let own: Vec<&DiagnosedError> = own.filter(|one| one.follows.is_none()).collect();
    let id = match (request.issue, &own[..]) {
        (Some(issue), _) => find_issue(issues, issue)?,
        (None, [one]) => one.issue_id.clone(),
        (None, []) => {
            return Err(CommandError::usage("no error is named that was solved")
                .hint("give the text of the error, or `--issue ID`; `fractary debug --list` shows the ids"));
        }
        (None, many) => {
            let ids: Vec<&str> = many.iter().map(|one| one.issue_id.as_str()).collect();
            let ids = ids.join(", ");
            return Err(
                CommandError::usage("the text has several errors").hint(format!(
                    "name the one that was solved with `--issue`: {ids}"
                )),
            );
        }
    };
    let report = own.into_iter().find(|one| one.issue_id == id);
    let attempt = debug::find_solution(issues, &id, report, tried);
    let attempt = attempt.map_err(|known| no_solution(tried, &id, &known))?;
    let worked = request.worked;
    Ok((id, Attempt { worked, ..attempt }))
}

fn no_solution(tried: &str, issue: &str, known: &[String]) -> CommandError {
    let shown = Untrusted::from(tried).terminal();
    let listed = Untrusted::new(known.join(", ")).terminal();
    if known.len() > 1 && known.iter().all(|id| id.starts_with(tried.trim())) {
        return CommandError::usage(format!("several solutions begin with `{shown}`"))
            .hint(format!("give more of one of these: {listed}"));
    }
    let meant = nearest(tried, known.iter().map(String::as_str));
    let hint = match meant {
        Some(meant) => format!("did you mean `{}`?", Untrusted::from(meant).terminal()),
        None => format!("known solutions: {listed}"),
    };
    CommandError::usage(format!("no solution `{shown}` is known for issue {issue}"))
        .hint(hint)
        .hint("a new one is described in words: `--tried \"raised the timeout\"`")
}

/// The issue whose id, or whose id alone, begins so.
pub(crate) fn find_issue(issues: &[LoggedIssue], given: &str) -> Result<String, CommandError> {
    let fits = |issue: &&LoggedIssue| {
        let aliases = issue.aliases.iter().chain([&issue.issue_id]);
        !given.is_empty() && aliases.into_iter().any(|id| id.starts_with(given))
    };
    let found: Vec<&LoggedIssue> = issues.iter().filter(fits).collect();
    match found[..] {
        [one] => Ok(one.issue_id.clone()),
        [] => Err(no_issue(issues, given)),
        _ => {
            let ids: Vec<&str> = found.iter().map(|one| one.issue_id.as_str()).collect();
            let shown = Untrusted::from(given).terminal();
            Err(
                CommandError::usage(format!("several issues begin with `{shown}`"))
                    .hint(format!("give more of one of these: {}", ids.join(", "))),
            )
        }
    }
}

fn no_issue(issues: &[LoggedIssue], id: &str) -> CommandError {
    let shown = Untrusted::from(id).terminal();
    let error = CommandError::usage(format!("the log of errors has no issue `{shown}`"));
    match nearest(id, issues.iter().map(|issue| issue.issue_id.as_str())) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None => error.hint("`fractary debug --list` shows the issues of the log"),
    }
}
