//! `fractary issues resolve`, `note`, `assign` and their like: one commit each, all or nothing.

use crate::app::decide::write::write_changes;
use crate::app::options::Format;
use crate::app::publish;
use crate::app::workspace::landing;
use crate::app::workspace::landing::Proposal;
use crate::app::workspace::open;
use crate::app::workspace::push;
use crate::app::workspace::views::issues::IssueStore;
use crate::app::{App, Outcome};
use crate::commands::issues::{Action, text_of};
use crate::core::issues::actions::{self, ActionError};
use crate::core::issues::{ChangeKind, IssueChange};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::git::Transaction;
use crate::model::issue::Issue;
use crate::render::json;
use crate::render::templates::Templates;
use crate::text::Untrusted;

pub(super) fn run(app: &App, action: &Action) -> Outcome {
    let formats = [Format::Text, Format::Json, Format::Markdown];
    let format = publish::format_of(app, "issues", &formats)?;
    let landing = landing::choose(app, true);
    let workspace = open::load_to_land(app, landing)?;
    let (workspace, issues, landed) =
        landing::decide_and_land(app, workspace, landing, |workspace| {
            let documents = workspace.documents();
            let person = landing::find_person(app, workspace)?;
            let changes = change(app, documents.issues, person.as_ref(), action)?;
            let mut transaction = Transaction::new();
            write_changes(&documents, &changes, app.clock.now(), &mut transaction)?;
            Ok(Proposal {
                transaction,
                message: message(action, &changes),
                facts: changes.into_iter().map(|change| change.after).collect(),
            })
        })?;
    let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
    publish::landed(app, format, &landed, || {
        answer(app, &workspace.templates, &issues, format)
    })?;
    landing::report(app, &landed);
    pushed.map(|()| ExitCode::Ok)
}

/// One document for one issue, an array for several.
fn answer(
    app: &App,
    templates: &Templates,
    issues: &Vec<Issue>,
    format: Format,
) -> Result<String, CommandError> {
    match (issues.as_slice(), format) {
        ([one], _) => text_of(app, templates, one, format),
        (_, Format::Json) => json::pretty(issues).map_err(CommandError::bug),
        _ => {
            let texts: Result<Vec<_>, _> = issues
                .iter()
                .map(|issue| text_of(app, templates, issue, format))
                .collect();
            Ok(texts?.join("\n"))
        }
    }
}

fn change(
    app: &App,
    issues: IssueStore<'_>,
    by: Option<&Untrusted>,
    action: &Action,
) -> Result<Vec<IssueChange>, CommandError> {
    let now = app.clock.now();
    let text = |text: &String| Untrusted::from(text.as_str());
    let each = |ids: &[String], kind, act: &dyn Fn(Issue) -> Result<Issue, ActionError>| {
        let mut out: Vec<IssueChange> = Vec::new();
        for id in ids {
            let before = issues.find(id)?.clone();
            // Named twice is meant once.
            if out.iter().any(|change| change.after.id == before.id) {
                continue;
            }
            let after = act(before.clone()).map_err(refused)?;
            out.push(IssueChange {
                kind,
                before: Some(before),
                after,
            });
        }
        Ok(out)
    };
    let one = |id: &String| vec![id.clone()];
    match action {
        Action::Show { .. } => Ok(Vec::new()),
        Action::Resolve { ids, reason } => each(ids, ChangeKind::Resolved, &|issue| {
            actions::resolve(issue, &text(reason), by, now)
        }),
        Action::Reopen { ids, reason } => each(ids, ChangeKind::Reopened, &|issue| {
            actions::reopen(issue, &text(reason), by, now)
        }),
        Action::Note { id, text: note } => each(&one(id), ChangeKind::Updated, &|issue| {
            actions::note(issue, &text(note), by, now)
        }),
        Action::Assign { id, who } => each(&one(id), ChangeKind::Updated, &|issue| {
            actions::assign(issue, Some(&text(who)), by, now)
        }),
        Action::Unassign { ids } => each(ids, ChangeKind::Updated, &|issue| {
            actions::assign(issue, None, by, now)
        }),
        Action::Link { id, url, title } => each(&one(id), ChangeKind::Updated, &|issue| {
            let title = title.as_ref().map(text);
            actions::link(issue, &text(url), title.as_ref(), by, now)
        }),
        Action::Merge { ids, into } => merge(app, issues, by, ids, into),
    }
}

fn merge(
    app: &App,
    issues: IssueStore<'_>,
    by: Option<&Untrusted>,
    ids: &[String],
    into: &str,
) -> Result<Vec<IssueChange>, CommandError> {
    let now = app.clock.now();
    let before = issues.find(into)?.clone();
    let mut target = before.clone();
    let mut out: Vec<IssueChange> = Vec::new();
    for id in ids {
        let duplicate = issues.find(id)?.clone();
        if out.iter().any(|change| change.after.id == duplicate.id) {
            continue;
        }
        let (after, with) = actions::merge(duplicate.clone(), target, by, now).map_err(refused)?;
        target = with;
        out.push(IssueChange {
            kind: ChangeKind::Resolved,
            before: Some(duplicate),
            after,
        });
    }
    let change = IssueChange {
        kind: ChangeKind::Updated,
        before: Some(before),
        after: target,
    };
    out.insert(0, change);
    Ok(out)
}

fn refused(error: ActionError) -> CommandError {
    CommandError::new(ErrorKind::Usage, error)
}

fn message(action: &Action, changes: &[IssueChange]) -> String {
    let verb = match action {
        Action::Show { .. } => "show",
        Action::Resolve { .. } => "resolve",
        Action::Note { .. } => "note on",
        Action::Assign { .. } => "assign",
        Action::Unassign { .. } => "unassign",
        Action::Link { .. } => "link",
        Action::Merge { .. } => "merge into",
        Action::Reopen { .. } => "reopen",
    };
    let mut text = format!("fractary(issues): {verb} ");
    match changes {
        [first] => text.push_str(first.after.id.as_str()),
        [first, ..] if matches!(action, Action::Merge { .. }) => {
            text.push_str(first.after.id.as_str());
        }
        many => text.push_str(&format!("{} issues", many.len())),
    }
    text.push_str("\n\n");
    for change in changes {
        let title = crate::text::escape::commit_message_line(change.after.title.raw());
        match changes {
            [_] => text.push_str(&format!("{title}\n")),
            _ => text.push_str(&format!("- {} {title}\n", change.after.id)),
        }
    }
    text.push_str("\nFractary-Command: issues\n");
    let mut environments: Vec<&str> = changes
        .iter()
        .map(|change| change.after.environment.as_str())
        .collect();
    environments.sort_unstable();
    environments.dedup();
    for environment in environments {
        text.push_str(&format!("Fractary-Env: {environment}\n"));
    }
    text
}
