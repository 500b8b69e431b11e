//! `fractary issues resolve`, `note`, `assign` and `reopen`: one commit each.

use crate::cli::Format;
use crate::commands::issues::{Action, find, text_of};
use crate::commands::pipeline::land::{self, Proposal};
use crate::commands::pipeline::load::Loaded;
use crate::commands::pipeline::world::World;
use crate::commands::pipeline::{files, load, publish, push};
use crate::commands::{App, Outcome};
use crate::core::issues::actions;
use crate::core::issues::{ChangeKind, IssueChange};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::git::Transaction;
use crate::text::Untrusted;

pub(super) fn run(app: &App, action: &Action) -> Outcome {
    let formats = [Format::Text, Format::Json, Format::Markdown];
    let format = publish::format_of(app, "issues", &formats)?;
    let landing = land::landing(app, true);
    let loaded = load::load_to_land(app, landing)?;
    let (loaded, issue, landed) = land::decide_and_land(app, loaded, landing, |loaded| {
        let change = changed(app, loaded, action)?;
        let mut transaction = Transaction::new();
        files::write_issue(loaded, &change, &mut transaction);
        let mut world = World::of(loaded);
        world.apply_issue(&change);
        files::write_dashboard(loaded, &world, app.clock.now(), &mut transaction)?;
        Ok(Proposal {
            transaction,
            message: message(action, &change),
            facts: change.after,
        })
    })?;
    let (landed, pushed) = push::after(app, &loaded.repository, landed);
    publish::landed(app, format, &landed, || {
        text_of(app, &loaded, &issue, format)
    })?;
    land::say(app, &landed);
    pushed.map(|()| ExitCode::Ok)
}

fn changed(app: &App, loaded: &Loaded, action: &Action) -> Result<IssueChange, CommandError> {
    let (id, verb) = match action {
        Action::Show { id }
        | Action::Resolve { id, .. }
        | Action::Note { id, .. }
        | Action::Assign { id, .. }
        | Action::Reopen { id, .. } => (id, action),
    };
    let before = find(loaded, id)?;
    let now = app.clock.now();
    let person = land::person(app, loaded)?;
    let by = person.as_ref();
    let after = match verb {
        Action::Resolve { reason, .. } => {
            actions::resolve(before.clone(), &Untrusted::from(reason.as_str()), by, now)
        }
        Action::Note { text, .. } => {
            actions::note(before.clone(), &Untrusted::from(text.as_str()), by, now)
        }
        Action::Assign { who, .. } => actions::assign(
            before.clone(),
            Some(&Untrusted::from(who.as_str())),
            by,
            now,
        ),
        Action::Reopen { reason, .. } => {
            actions::reopen(before.clone(), &Untrusted::from(reason.as_str()), by, now)
        }
        Action::Show { .. } => Ok(before.clone()),
    }
    .map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    let kind = match action {
        Action::Resolve { .. } => ChangeKind::Resolved,
        Action::Reopen { .. } => ChangeKind::Reopened,
        _ => ChangeKind::Updated,
    };
    Ok(IssueChange {
        kind,
        before: Some(before),
        after,
    })
}

fn message(action: &Action, change: &IssueChange) -> String {
    let verb = match action {
        Action::Show { .. } => "show",
        Action::Resolve { .. } => "resolve",
        Action::Note { .. } => "note on",
        Action::Assign { .. } => "assign",
        Action::Reopen { .. } => "reopen",
    };
    let issue = &change.after;
    format!(
        "fractary(issues): {verb} {}\n\n{}\n\nFractary-Command: issues\nFractary-Env: {}\n",
        issue.id,
        crate::text::escape::commit_message_line(issue.title.raw()),
        issue.environment
    )
}
