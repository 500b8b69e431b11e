//! Handing an issue over to people, as a work item.

use crate::app::App;
use crate::app::alerts::work_item;
use crate::app::alerts::work_item::{Tracker, WorkItem};
use crate::app::decide::write::write_changes;
use crate::app::wait;
use crate::app::workspace::landing::{Landing, Proposal};
use crate::app::workspace::views::Documents;
use crate::core::alerts;
use crate::core::issues::priority;
use crate::core::issues::{ChangeKind, IssueChange};
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::model::issue::Issue;
use crate::notify::WorkItemText;
use crate::text::Untrusted;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EscalationRequest<'a> {
    /// Id of the issue, or the start of it.
    pub(crate) id: &'a str,
    /// Priority of the work item, in the words of the tracker; by default the dashboard's.
    pub(crate) priority: Option<&'a str>,
    /// Why it is handed over.
    pub(crate) reason: Option<&'a str>,
}

fn compose(
    app: &App,
    request: &EscalationRequest<'_>,
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
    let priority = request.priority.map(str::to_owned).or(computed);
    let why = request.reason.map(Untrusted::from);
    work_item::compose(
        app,
        documents.dashboard.templates,
        issue,
        why.as_ref(),
        priority.as_deref(),
    )
}

/// Makes the work item; with a landing that commits nothing, a file is all there would be.
pub(crate) fn make(
    app: &App,
    request: &EscalationRequest<'_>,
    documents: &Documents<'_>,
    issue: &Issue,
    landing: Landing,
) -> Result<WorkItem, CommandError> {
    let tracker = match landing {
        Landing::Commit => Tracker::own(app),
        Landing::Nothing | Landing::Diff | Landing::Files => Tracker::File,
    };
    let text = compose(app, request, documents, issue)?;
    let labels: Vec<String> = request
        .priority
        .iter()
        .map(|priority| format!("priority: {priority}"))
        .collect();
    let left = "it may be there: look for it in the tracker before you run this again";
    wait::wait_for_sending(app, "making the work item", left, async {
        tracker.make(issue, &text, &labels).await.map_err(|error| {
            CommandError::new(ErrorKind::Unknown, error).hint(
                "nothing was recorded; without GITHUB_REPOSITORY or GITHUB_TOKEN the work item is a file in this repository",
            )
        })
    })
}

/// Proposes the issue with the work item that was made for it.
pub(crate) fn propose(
    app: &App,
    request: &EscalationRequest<'_>,
    documents: &Documents<'_>,
    person: Option<&Untrusted>,
    made: &WorkItem,
) -> Result<Proposal<Issue>, CommandError> {
    let before = documents.issues.find(request.id)?.clone();
    let mut after = before.clone();
    let mut transaction = Transaction::new();
    let now = app.clock.now();
    let why = match (request.reason, person) {
        (Some(reason), Some(by)) => Some(format!("{reason} (by {})", by.raw())),
        (Some(reason), None) => Some(reason.to_owned()),
        (None, Some(by)) => Some(format!("by {}", by.raw())),
        (None, None) => None,
    };
    // Another run may have been faster; then there is one work item, and this says so.
    if !alerts::has_open_work_item(&before) {
        let text = compose(app, request, documents, &before)?;
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
