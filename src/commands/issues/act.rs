//! `fractary issues resolve`, `note`, `assign` and their like: one commit each, all or nothing.

use jiff::Timestamp;

use crate::app::command::Effect;
use crate::app::formats::ReportFormat;
use crate::app::issues::{act, change_each, join, merge, render_issues, resolve};
use crate::app::publish;
use crate::app::workspace::landing;
use crate::app::workspace::push;
use crate::app::workspace::views::issues::IssueStore;
use crate::app::{App, Outcome};
use crate::commands::issues::args::IssueAction;
use crate::core::issues::actions;
use crate::core::issues::{ChangeKind, IssueChange};
use crate::error::{CommandError, ExitCode};
use crate::model::ids::IssueId;
use crate::text::Untrusted;

pub(super) fn run(app: &App, action: &IssueAction, format: ReportFormat) -> Outcome {
    let (workspace, acted, landed) = act(
        app,
        landing::choose(app, Effect::Commits),
        |issues, by, now| change(issues, action, by, now),
        |changes| describe(action, changes),
    )?;
    let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
    publish::landed(app, format, &landed, || {
        render_issues(app, &workspace.templates, &acted.issues, format)
    })?;
    for id in &acted.same {
        app.ui.note(&unchanged(action, id));
    }
    landing::report(app, &landed);
    pushed.map(|()| ExitCode::Ok)
}

fn change(
    issues: IssueStore<'_>,
    action: &IssueAction,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<Vec<IssueChange>, CommandError> {
    let text = |text: &String| Untrusted::from(text.as_str());
    let one = |id: &String| vec![id.clone()];
    match action {
        IssueAction::Show { .. } => Ok(Vec::new()),
        IssueAction::Resolve { ids, reason, cause } => {
            let reason = reason.as_ref().map(text);
            resolve(issues, ids, reason.as_ref(), cause.as_deref(), by, now)
        }
        IssueAction::Reopen { ids, reason } => {
            change_each(issues, ids, ChangeKind::Reopened, |issue| {
                actions::reopen(issue, &text(reason), by, now)
            })
        }
        IssueAction::Note { id, text: note } => {
            change_each(issues, &one(id), ChangeKind::Updated, |issue| {
                actions::note(issue, &text(note), by, now)
            })
        }
        IssueAction::Assign { id, who } => {
            change_each(issues, &one(id), ChangeKind::Updated, |issue| {
                actions::assign(issue, Some(&text(who)), by, now)
            })
        }
        IssueAction::Unassign { ids } => change_each(issues, ids, ChangeKind::Updated, |issue| {
            actions::assign(issue, None, by, now)
        }),
        IssueAction::Link { id, url, title } => {
            change_each(issues, &one(id), ChangeKind::Updated, |issue| {
                let title = title.as_ref().map(text);
                actions::link(issue, &text(url), title.as_ref(), by, now)
            })
        }
        IssueAction::Merge { ids, into } => merge(issues, ids, into, by, now),
        IssueAction::Join { ids, with } => join(issues, ids, with, by, now),
        IssueAction::Split { ids } => change_each(issues, ids, ChangeKind::Updated, |issue| {
            actions::split(issue, issues.active(), by, now)
        }),
    }
}

/// Says that an issue is as it is to be.
fn unchanged(action: &IssueAction, id: &IssueId) -> String {
    match action {
        IssueAction::Resolve { .. } => {
            format!("issue {id} is resolved already; `fractary issues note` adds to its reason")
        }
        IssueAction::Reopen { .. } => format!("issue {id} is open already"),
        IssueAction::Unassign { .. } => format!("issue {id} has no assignee already"),
        IssueAction::Assign { .. } => format!("issue {id} is assigned so already"),
        IssueAction::Link { .. } => format!("issue {id} has this link already"),
        IssueAction::Join { .. } => format!("issue {id} belongs to that incident already"),
        IssueAction::Show { .. }
        | IssueAction::Note { .. }
        | IssueAction::Merge { .. }
        | IssueAction::Split { .. } => format!("issue {id} did not change"),
    }
}

/// Describes in the subject of the commit what is done to which issues.
fn describe(action: &IssueAction, changes: &[IssueChange]) -> String {
    let verb = match action {
        IssueAction::Show { .. } => "show",
        IssueAction::Resolve { .. } => "resolve",
        IssueAction::Note { .. } => "note on",
        IssueAction::Assign { .. } => "assign",
        IssueAction::Unassign { .. } => "unassign",
        IssueAction::Link { .. } => "link",
        IssueAction::Merge { .. } => "merge into",
        IssueAction::Join { .. } => "join",
        IssueAction::Split { .. } => "split",
        IssueAction::Reopen { .. } => "reopen",
    };
    match changes {
        [first] => format!("{verb} {}", first.after.id),
        [first, ..] if matches!(action, IssueAction::Merge { .. }) => {
            format!("{verb} {}", first.after.id)
        }
        many => format!("{verb} {} issues", many.len()),
    }
}
