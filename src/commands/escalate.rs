//! `fractary escalate`: hands an issue over to people, as a work item.

use clap::Args;

use crate::app::answer::output;
use crate::app::command::{Command, Effect, Entry};
use crate::app::escalate;
use crate::app::escalate::EscalationRequest;
use crate::app::formats::ReportFormat;
use crate::app::issues::render_issue;
use crate::app::publish;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::workspace::landing;
use crate::app::workspace::landing::Landed;
use crate::app::workspace::open;
use crate::app::workspace::push;
use crate::app::{App, Outcome};
use crate::core::alerts;
use crate::error::{CommandError, ExitCode};
use crate::model::issue::{Issue, IssueStatus};

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

/// The entry of `escalate` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<EscalateArgs>(
    "escalate",
    "Hand over an issue as a work item: in the tracker, or as a file",
)
.tools(&[AssistantTool::proposing(&[], &[ToolDocument::One("issue")])]);

impl Command for EscalateArgs {
    type Formats = ReportFormat;

    fn effect(&self) -> Effect {
        Effect::Commits
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let landing = landing::choose(app, Command::effect(self));
        let workspace = open::load_to_land(app, landing)?;
        let issue = workspace.issues().find(&self.id)?.clone();
        if issue.status == IssueStatus::Resolved {
            return Err(
                CommandError::usage(format!("issue {} is resolved", issue.id))
                    .hint("`fractary issues reopen` undoes that"),
            );
        }
        if alerts::has_open_work_item(&issue) {
            if self.priority.is_some() || self.reason.is_some() {
                let error = CommandError::usage(describe_work_item(&issue));
                return Err(error.hint(format!(
                    "change its priority there; `fractary issues note {} TEXT` records why",
                    issue.id
                )));
            }
            app.ui.note(&describe_work_item(&issue));
            let answer = render_issue(app, &workspace.templates, &issue, format)?;
            output::write(app, &answer)?;
            return Ok(ExitCode::Ok);
        }
        let request = &EscalationRequest {
            id: &self.id,
            priority: self.priority.as_deref(),
            reason: self.reason.as_deref(),
        };
        let made = escalate::make(app, request, &workspace.documents(), &issue, landing)?;
        let (workspace, issue, landed) =
            landing::decide_and_land(app, workspace, landing, |workspace| {
                let person = landing::find_person(app, workspace)?;
                escalate::propose(app, request, &workspace.documents(), person.as_ref(), &made)
            })?;
        let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
        publish::landed(app, format, &landed, || {
            render_issue(app, &workspace.templates, &issue, format)
        })?;
        landing::report(app, &landed);
        if matches!(landed, Landed::Commit(_) | Landed::Files(_)) {
            app.ui
                .note(&format!("the work item is {}", made.url.terminal()));
        }
        pushed.map(|()| ExitCode::Ok)
    }
}

fn describe_work_item(issue: &Issue) -> String {
    let item = issue.escalation.as_ref();
    let place = item.map_or_else(String::new, |item| {
        let place = item.work_item_url.as_ref().unwrap_or(&item.work_item_id);
        place.terminal()
    });
    format!("issue {} has a work item already: {place}", issue.id)
}
