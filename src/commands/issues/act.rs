//! `fractary issues resolve`, `note`, `assign` and their like: one commit each, all or nothing.

use crate::app::decide::outlook::World;
use crate::app::decide::write;
use crate::app::options::Format;
use crate::app::publish;
use crate::app::workspace::landing;
use crate::app::workspace::landing::Proposal;
use crate::app::workspace::load::Loaded;
use crate::app::workspace::open;
use crate::app::workspace::push;
use crate::app::{App, Outcome};
use crate::commands::issues::{Action, find, text_of};
use crate::core::issues::actions::{self, ActionError};
use crate::core::issues::{ChangeKind, IssueChange};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::git::Transaction;
use crate::model::issue::Issue;
use crate::render::json;
use crate::text::Untrusted;

pub(super) fn run(app: &App, action: &Action) -> Outcome {
    let formats = [Format::Text, Format::Json, Format::Markdown];
    let format = publish::format_of(app, "issues", &formats)?;
    let landing = landing::landing(app, true);
    let loaded = open::load_to_land(app, landing)?;
    let (loaded, issues, landed) = landing::decide_and_land(app, loaded, landing, |loaded| {
        let changes = changed(app, loaded, action)?;
        let mut transaction = Transaction::new();
        let mut world = World::of(loaded, app.clock.now())?;
        for change in &changes {
            write::write_issue(loaded, change, &mut transaction)?;
            world.apply_issue(change);
        }
        write::write_dashboard(loaded, &world, app.clock.now(), &mut transaction)?;
        Ok(Proposal {
            transaction,
            message: message(action, &changes),
            facts: changes.into_iter().map(|change| change.after).collect(),
        })
    })?;
    let (landed, pushed) = push::after(app, &loaded.repository, landed);
    publish::landed(app, format, &landed, || {
        answer(app, &loaded, &issues, format)
    })?;
    landing::say(app, &landed);
    pushed.map(|()| ExitCode::Ok)
}

/// One document for one issue, an array for several.
fn answer(
    app: &App,
    loaded: &Loaded,
    issues: &Vec<Issue>,
    format: Format,
) -> Result<String, CommandError> {
    match (issues.as_slice(), format) {
        ([one], _) => text_of(app, loaded, one, format),
        (_, Format::Json) => json::pretty(issues).map_err(CommandError::bug),
        _ => {
            let texts: Result<Vec<_>, _> = issues
                .iter()
                .map(|issue| text_of(app, loaded, issue, format))
                .collect();
            Ok(texts?.join("\n"))
        }
    }
}

fn changed(app: &App, loaded: &Loaded, action: &Action) -> Result<Vec<IssueChange>, CommandError> {
    let now = app.clock.now();
    let person = landing::person(app, loaded)?;
    let by = person.as_ref();
    let text = |text: &String| Untrusted::from(text.as_str());
    let each = |ids: &[String], kind, act: &dyn Fn(Issue) -> Result<Issue, ActionError>| {
        let mut out: Vec<IssueChange> = Vec::new();
        for id in ids {
            let before = find(loaded, id)?;
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
        Action::Merge { ids, into } => merged(app, loaded, ids, into),
    }
}

fn merged(
    app: &App,
    loaded: &Loaded,
    ids: &[String],
    into: &str,
) -> Result<Vec<IssueChange>, CommandError> {
    let now = app.clock.now();
    let person = landing::person(app, loaded)?;
    let before = find(loaded, into)?;
    let mut target = before.clone();
    let mut out: Vec<IssueChange> = Vec::new();
    for id in ids {
        let duplicate = find(loaded, id)?;
        if out.iter().any(|change| change.after.id == duplicate.id) {
            continue;
        }
        let (after, with) =
            actions::merge(duplicate.clone(), target, person.as_ref(), now).map_err(refused)?;
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
