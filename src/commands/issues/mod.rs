//! `fractary issues`: list and show, and what is done to one by hand.

mod act;
mod args;

use crate::app::answer::faults;
use crate::app::answer::output;
use crate::app::command::{Command, Effect, Entry};
use crate::app::issues::render_issue;
use crate::app::options::Format;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::core::issues::priority::{self, Filter};
use crate::error::{CommandError, ExitCode};
use crate::model::issue::{Issue, IssueStatus};
use crate::model::status::Severity;
use crate::render::{json, markdown, text};

pub use args::{Action, IssuesArgs};

/// The entry of `issues` in the list of commands.
pub(crate) const COMMAND: Entry =
    Entry::new::<IssuesArgs>("issues", "List, show, resolve and annotate issues").formats(&[
        Format::Text,
        Format::Json,
        Format::Markdown,
    ]);

impl Command for IssuesArgs {
    fn effect(&self) -> Effect {
        match self.acts() {
            true => Effect::Commits,
            false => Effect::None,
        }
    }

    fn run(&self, app: &App, format: Format) -> Outcome {
        match &self.action {
            None => list(self, app, format),
            Some(Action::Show { id }) => show(app, id, format),
            Some(action) => act::run(app, action, format),
        }
    }
}

fn list(args: &IssuesArgs, app: &App, format: Format) -> Outcome {
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

fn show(app: &App, id: &str, format: Format) -> Outcome {
    let workspace = open::load(app)?;
    let issue = workspace.issues().find(id)?;
    output::write(
        app,
        &render_issue(app, &workspace.templates, issue, format)?,
    )?;
    Ok(ExitCode::Ok)
}
