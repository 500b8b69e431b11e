//! `fractary issues`: list and show, and what is done to one by hand.

mod act;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use crate::app::answer::faults;
use crate::app::answer::output;
use crate::app::options::Format;
use crate::app::publish;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::core::issues::priority::{self, Filter};
use crate::error::{CommandError, ExitCode};
use crate::model::ids::DomainName;
use crate::model::issue::{Issue, IssueStatus};
use crate::model::monitoring::DurationText;
use crate::model::status::Severity;
use crate::render::templates::Templates;
use crate::render::{json, markdown, text};

/// Arguments of `issues`.
#[derive(Debug, Args)]
pub struct IssuesArgs {
    /// What to do; without it, list
    #[command(subcommand)]
    pub action: Option<Action>,
    /// Only CRITICAL
    #[arg(long)]
    pub critical: bool,
    /// Only HIGH
    #[arg(long)]
    pub high: bool,
    /// Only MEDIUM
    #[arg(long)]
    pub medium: bool,
    /// Only LOW
    #[arg(long)]
    pub low: bool,
    /// Only this domain
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<DomainName>,
    /// At most this many
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// Only those that this person works on; an empty name for nobody's
    #[arg(long, value_name = "WHO")]
    pub assignee: Option<String>,
    /// Only in this state; may be given more than once
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub status: Vec<IssueStatus>,
    /// Only those that began since this time or in this span (`24h`); with `--resolved`, that ended
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub since: Option<Since>,
    /// Resolved issues instead of open ones
    #[arg(long)]
    pub resolved: bool,
}

/// What to do with issues. An id may be cut short while it stays unique.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Everything about one issue
    Show {
        /// Its id, or the start of it
        id: String,
    },
    /// Close issues by hand; they open again if the trouble is still there
    Resolve {
        /// Their ids, or the starts of them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Why they are over
        #[arg(long)]
        reason: String,
    },
    /// Add a note
    Note {
        /// Its id, or the start of it
        id: String,
        /// The note
        text: String,
    },
    /// Say who works on it
    Assign {
        /// Its id, or the start of it
        id: String,
        /// Who
        who: String,
    },
    /// Say that nobody works on them any more
    Unassign {
        /// Their ids, or the starts of them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
    /// Add the address of something that belongs to it: a pull request, a runbook, a post
    Link {
        /// Its id, or the start of it
        id: String,
        /// The address
        url: String,
        /// What it is, in a few words
        #[arg(long)]
        title: Option<String>,
    },
    /// Say that issues are duplicates of another: it gets their notes, and while it is open they stay resolved
    Merge {
        /// Ids of the duplicates, or the starts of them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Id of the issue that stays, or the start of it
        #[arg(long, value_name = "ID")]
        into: String,
    },
    /// Open resolved issues again
    Reopen {
        /// Their ids, or the starts of them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

/// A time, or how long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// This time.
    At(Timestamp),
    /// So many seconds ago.
    Ago(u64),
}

fn since(text: &str) -> Result<Since, String> {
    if let Ok(at) = text.parse() {
        return Ok(Since::At(at));
    }
    let ago = text.parse::<DurationText>();
    ago.map(|text| Since::Ago(text.seconds))
        .map_err(|_| "write a time (2026-11-21T10:00:00Z) or how long ago (`12h`, `7d`)".to_owned())
}

fn status(text: &str) -> Result<IssueStatus, String> {
    serde_json::from_value(serde_json::Value::from(text)).map_err(|_| {
        "one of active, investigating, remediating, remediation_failed, escalated, resolved"
            .to_owned()
    })
}

impl Since {
    fn time(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(seconds) => {
                let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
                let start = now.as_second().saturating_sub(seconds);
                Timestamp::from_second(start).unwrap_or(Timestamp::MIN)
            }
        }
    }
}

impl IssuesArgs {
    /// Whether this changes an issue.
    pub(crate) fn acts(&self) -> bool {
        !matches!(&self.action, None | Some(Action::Show { .. }))
    }
}

pub(crate) fn run(args: &IssuesArgs, app: &App) -> Outcome {
    match &args.action {
        None => list(args, app),
        Some(Action::Show { id }) => show(app, id),
        Some(action) => act::run(app, action),
    }
}

fn list(args: &IssuesArgs, app: &App) -> Outcome {
    let format = publish::format_of(
        app,
        "issues",
        &[Format::Text, Format::Json, Format::Markdown],
    )?;
    let workspace = open::load(app)?;
    let (settings, store) = (workspace.settings(), workspace.issues());
    let chosen = [
        (args.critical, Severity::Critical),
        (args.high, Severity::High),
        (args.medium, Severity::Medium),
        (args.low, Severity::Low),
    ];
    let environment = match app.global.env.as_slice() {
        [] => None,
        [one] => Some(one),
        _ => {
            return Err(CommandError::usage(
                "`issues` lists one environment, or all of them without `--env`",
            ));
        }
    };
    if let Some(name) = environment {
        let resolved = store.resolved()?.values().map(|document| &document.value);
        let mut issues = store.active().chain(resolved);
        // One that is gone may have left issues; any other is a slip of the pen.
        if !issues.any(|issue| &issue.environment == name) {
            settings.environment(name)?;
        }
    }
    let filter = Filter {
        severities: chosen
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, severity)| *severity)
            .collect(),
        domain: args.domain.clone(),
        environment: environment.cloned(),
        statuses: args.status.clone(),
        assignee: args.assignee.clone(),
        since: args.since.map(|since| since.time(app.clock.now())),
        top: args.top,
    };
    // Asking for the state is asking for those in it, wherever they lie.
    let resolved = args.resolved || args.status.contains(&IssueStatus::Resolved);
    if resolved && args.status.iter().any(|one| *one != IssueStatus::Resolved) {
        return Err(CommandError::usage(
            "resolved issues and open ones are listed apart; ask for one or the other",
        ));
    }
    let issues: Vec<&Issue> = if resolved {
        store
            .resolved()?
            .values()
            .map(|document| &document.value)
            .collect()
    } else {
        store.active().collect()
    };
    let rows = priority::rows(
        issues,
        &settings.weights(),
        app.clock.now(),
        settings.helm.priority.age_cap_hours,
    );
    let rows = filter.apply(rows);
    let answer = match format {
        Format::Json => json::pretty(&rows).map_err(CommandError::bug)?,
        Format::Markdown => {
            markdown::issues(&rows, &workspace.templates).map_err(faults::template)?
        }
        _ => text::issues(&rows, &app.ui.style()),
    };
    output::write(app, &answer)?;
    Ok(ExitCode::Ok)
}

fn show(app: &App, id: &str) -> Outcome {
    let format = publish::format_of(
        app,
        "issues show",
        &[Format::Text, Format::Json, Format::Markdown],
    )?;
    let workspace = open::load(app)?;
    let issue = workspace.issues().find(id)?;
    output::write(app, &text_of(app, &workspace.templates, issue, format)?)?;
    Ok(ExitCode::Ok)
}

/// One issue in a format.
pub(super) fn text_of(
    app: &App,
    templates: &Templates,
    issue: &Issue,
    format: Format,
) -> Result<String, CommandError> {
    match format {
        Format::Json => json::pretty(issue).map_err(CommandError::bug),
        Format::Markdown => markdown::issue(issue, templates).map_err(faults::template),
        _ => Ok(text::issue(issue, &app.ui.style())),
    }
}
