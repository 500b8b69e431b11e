//! `fractary issues`: list and show, and what is done to one by hand.

mod act;
mod args;
mod scope;

use jiff::Timestamp;

use crate::app::answer::{faults, output};
use crate::app::command::{Command, Effect, Entry};
use crate::app::formats::ReportFormat;
use crate::app::issues::render_issue;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::core::issues::priority::{self, Filter};
use crate::error::{CommandError, ExitCode};
use crate::model::issue::{Issue, IssueStatus};
use crate::model::status::Severity;
use crate::render::{json, markdown, text};

pub use args::{IssueAction, IssuesArgs};

/// The entry of `issues` in the list of commands.
pub(crate) const COMMAND: Entry =
    Entry::new::<IssuesArgs>("issues", "List, show, resolve and annotate issues")
        .uses(&[SharedOption::Env])
        .tools(&[
            AssistantTool::reading(&[], &[ToolDocument::List("issue-row")]),
            AssistantTool::reading(&["show"], &[ToolDocument::One("issue")]),
        ]);

impl Command for IssuesArgs {
    type Formats = ReportFormat;

    fn effect(&self) -> Effect {
        match self.acts() {
            true => Effect::Commits,
            false => Effect::None,
        }
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        match &self.action {
            None => list(self, app, format),
            Some(IssueAction::Show { id }) => show(app, id, format),
            Some(action) => act::run(app, action, format),
        }
    }
}

fn list(args: &IssuesArgs, app: &App, format: ReportFormat) -> Outcome {
    let workspace = open::load(app)?;
    let (settings, store) = (workspace.settings(), workspace.issues());
    if let Some(domain) = &args.domain {
        scope::expect_domain(domain, settings, store)?;
    }
    let filter = Filter {
        environment: scope::environment(app, settings, store)?,
        ..args.filter(app.clock.now())
    };
    let resolved = args.wants_resolved()?;
    let issues: Vec<&Issue> = if resolved {
        let documents = store.resolved()?.values();
        documents.map(|document| &document.value).collect()
    } else {
        store.active().collect()
    };
    let all = issues.len();
    let rows = filter.apply(priority::rows(
        issues,
        &settings.weights(),
        app.clock.now(),
        settings.helm.priority.age_cap_hours,
    ));
    let answer = match format {
        ReportFormat::Json => json::pretty(&rows).map_err(CommandError::bug)?,
        ReportFormat::Markdown => {
            markdown::issues(&rows, &workspace.templates).map_err(faults::template)?
        }
        ReportFormat::Text if rows.is_empty() && all > 0 => scope::nothing_matches(all, resolved),
        ReportFormat::Text if all == 0 && !resolved => {
            let new = scope::nothing_observed(workspace.records(), store)?;
            new.unwrap_or_else(|| text::issues(&rows, &app.ui.style()))
        }
        ReportFormat::Text => text::issues(&rows, &app.ui.style()),
    };
    output::write(app, &answer)?;
    Ok(ExitCode::Ok)
}

fn show(app: &App, id: &str, format: ReportFormat) -> Outcome {
    let workspace = open::load(app)?;
    let issue = workspace.issues().find(id)?;
    output::write(
        app,
        &render_issue(app, &workspace.templates, issue, format)?,
    )?;
    Ok(ExitCode::Ok)
}

impl IssuesArgs {
    /// Returns what is listed, of every environment.
    fn filter(&self, now: Timestamp) -> Filter {
        let chosen = [
            (self.critical, Severity::Critical),
            (self.high, Severity::High),
            (self.medium, Severity::Medium),
            (self.low, Severity::Low),
        ];
        let chosen = chosen.iter().filter(|(on, _)| *on);
        Filter {
            severities: chosen.map(|(_, severity)| *severity).collect(),
            domain: self.domain.clone(),
            environment: None,
            statuses: self.status.clone(),
            assignee: self.assignee.clone(),
            since: self.since.map(|since| since.time(now)),
            top: self.top,
        }
    }

    /// Whether resolved issues are listed: asking for the state is asking for those in it,
    /// wherever they lie.
    fn wants_resolved(&self) -> Result<bool, CommandError> {
        let resolved = self.resolved || self.status.contains(&IssueStatus::Resolved);
        if resolved && self.status.iter().any(|one| *one != IssueStatus::Resolved) {
            return Err(CommandError::usage(
                "resolved issues and open ones are listed apart; ask for one or the other",
            ));
        }
        Ok(resolved)
    }
}
