//! `fractary escalate`: hands an issue over to people, as a work item.

use clap::Args;

use crate::app::alerts::work_item;
use crate::app::alerts::work_item::{Made, Tracker};
use crate::app::answer::output;
use crate::app::decide::write::write_changes;
use crate::app::options::Format;
use crate::app::publish;
use crate::app::wait;
use crate::app::workspace::landing;
use crate::app::workspace::landing::{Landed, Landing, Proposal};
use crate::app::workspace::open;
use crate::app::workspace::push;
use crate::app::workspace::views::Documents;
use crate::app::{App, Outcome};
use crate::commands::issues::text_of;
use crate::core::alerts;
use crate::core::issues::priority;
use crate::core::issues::{ChangeKind, IssueChange};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::git::Transaction;
use crate::model::issue::{Issue, IssueStatus};
use crate::notify::WorkItemText;
use crate::text::Untrusted;

/// Arguments of `escalate`.
#[derive(Debug, Args)]
pub struct EscalateArgs {
    /// Id of the issue, or the start of it
    pub id: String,
    /// Priority of the work item, in the words of your tracker: `P1`, `urgent` [default: the priority in the dashboard]
    #[arg(long, value_name = "PRIORITY")]
    pub priority: Option<String>,
    /// Why it is handed over
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

pub(crate) fn run(args: &EscalateArgs, app: &App) -> Outcome {
    let formats = [Format::Text, Format::Json, Format::Markdown];
    let format = publish::format_of(app, "escalate", &formats)?;
    let landing = landing::choose(app, true);
    let workspace = open::load_to_land(app, landing)?;
    let issue = workspace.issues().find(&args.id)?.clone();
    if issue.status == IssueStatus::Resolved {
        return Err(
            CommandError::usage(format!("issue {} is resolved", issue.id))
                .hint("`fractary issues reopen` takes that back"),
        );
    }
    if alerts::has_open_work_item(&issue) {
        app.ui.note(&already(&issue));
        let answer = text_of(app, &workspace.templates, &issue, format)?;
        output::write(app, &answer)?;
        return Ok(ExitCode::Ok);
    }
    let made = make(args, app, &workspace.documents(), &issue, landing)?;
    let (workspace, issue, landed) =
        landing::decide_and_land(app, workspace, landing, |workspace| {
            let person = landing::find_person(app, workspace)?;
            propose(args, app, &workspace.documents(), person.as_ref(), &made)
        })?;
    let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
    publish::landed(app, format, &landed, || {
        text_of(app, &workspace.templates, &issue, format)
    })?;
    landing::report(app, &landed);
    if matches!(landed, Landed::Commit(_) | Landed::Files(_)) {
        app.ui
            .note(&format!("the work item is {}", made.url.terminal()));
    }
    pushed.map(|()| ExitCode::Ok)
}

fn already(issue: &Issue) -> String {
    let item = issue.escalation.as_ref();
    let place = item.map_or_else(String::new, |item| {
        let place = item.work_item_url.as_ref().unwrap_or(&item.work_item_id);
        place.terminal()
    });
    format!("issue {} has a work item already: {place}", issue.id)
}

fn text(
    args: &EscalateArgs,
    app: &App,
    documents: &Documents<'_>,
    issue: &Issue,
) -> Result<WorkItemText, CommandError> {
    let settings = documents.settings;
    let rows = priority::rows(
        [issue],
        &settings.weights(),
        app.clock.now(),
        settings.helm.priority.age_cap_hours,
    );
    let computed = rows.first().map(|row| format!("{:.1}", row.priority));
    let priority = args.priority.clone().or(computed);
    let why = args.reason.as_deref().map(Untrusted::from);
    work_item::compose(
        app,
        documents.dashboard.templates,
        issue,
        why.as_ref(),
        priority.as_deref(),
    )
}

/// Makes the work item; with a landing that commits nothing, a file is all there would be.
fn make(
    args: &EscalateArgs,
    app: &App,
    documents: &Documents<'_>,
    issue: &Issue,
    landing: Landing,
) -> Result<Made, CommandError> {
    let tracker = match landing {
        Landing::Commit => Tracker::own(app),
        Landing::Nothing | Landing::Diff | Landing::Files => Tracker::File,
    };
    let text = text(args, app, documents, issue)?;
    let labels: Vec<String> = args
        .priority
        .iter()
        .map(|priority| format!("priority: {priority}"))
        .collect();
    wait::wait_for(app, "making the work item", async {
        tracker.make(issue, &text, &labels).await.map_err(|error| {
            CommandError::new(ErrorKind::Unknown, error).hint(
                "nothing was changed; without GITHUB_REPOSITORY or GITHUB_TOKEN the work item is a file in this repository",
            )
        })
    })
}

fn propose(
    args: &EscalateArgs,
    app: &App,
    documents: &Documents<'_>,
    person: Option<&Untrusted>,
    made: &Made,
) -> Result<Proposal<Issue>, CommandError> {
    let before = documents.issues.find(&args.id)?.clone();
    let mut after = before.clone();
    let mut transaction = Transaction::new();
    let now = app.clock.now();
    let why = match (&args.reason, person) {
        (Some(reason), Some(by)) => Some(format!("{reason} (by {})", by.raw())),
        (Some(reason), None) => Some(reason.clone()),
        (None, Some(by)) => Some(format!("by {}", by.raw())),
        (None, None) => None,
    };
    // Another run may have been faster; then there is one work item, and this says so.
    if !alerts::has_open_work_item(&before) {
        let text = text(args, app, documents, &before)?;
        let why = why.map(Untrusted::from);
        work_item::hand_over(&mut after, made, &text, why, now, &mut transaction);
    }
    let change = IssueChange {
        kind: ChangeKind::Updated,
        before: Some(before),
        after,
    };
    write_changes(
        documents,
        std::slice::from_ref(&change),
        now,
        &mut transaction,
    )?;
    let issue = change.after;
    let message = format!(
        "fractary(issues): escalate {}\n\n{}\n\nFractary-Command: escalate\nFractary-Env: {}\n",
        issue.id,
        crate::text::escape::commit_message_line(issue.title.raw()),
        issue.environment
    );
    Ok(Proposal {
        transaction,
        message,
        facts: issue,
    })
}
