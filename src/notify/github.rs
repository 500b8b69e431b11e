//! GitHub: one issue there for an issue here, kept up to date, closed when it is over.

use super::NotifyError;
use crate::forge::{ForgeError, GitHub, Ticket, TicketDraft};
use crate::model::alert::Alert;
use crate::model::issue::{AlertKind, Issue};
use crate::model::rules::IssueEvent;
use crate::text::Untrusted;

/// The label that everything of ours has.
const LABEL: &str = "fractary";

/// What an issue on GitHub says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItemText {
    /// One line, not escaped: titles are no Markdown.
    pub title: String,
    /// Markdown.
    pub body: String,
}

/// A repository whose issues are used.
#[derive(Debug)]
pub struct GithubChannel(GitHub);

/// The mark that an issue on GitHub is found again by.
pub fn mark(issue: &Issue) -> String {
    format!(
        "<!-- fractary issue: {}/{} -->",
        issue.environment, issue.id
    )
}

impl GithubChannel {
    /// The issues of a repository.
    pub fn new(github: GitHub) -> Self {
        Self(github)
    }

    pub(super) async fn send(
        &self,
        alert: &Alert,
        text: Option<&WorkItemText>,
    ) -> Result<Option<Untrusted>, NotifyError> {
        let text = text.ok_or_else(|| NotifyError::say("there is no text for it"))?;
        // People may close it while the problem lasts; only news opens it again. A work item
        // with an assignee is theirs to close.
        let news = alert.first || alert.event == IssueEvent::SeverityRaised;
        let open = match alert.kind {
            AlertKind::Resolve if alert.issue.escalation.is_some() => None,
            AlertKind::Resolve => Some(false),
            AlertKind::Trigger => news.then_some(true),
        };
        let known = alert
            .reference
            .as_ref()
            .and_then(|number| number.raw().parse().ok());
        let draft = draft(&alert.issue, text, &alert.labels, open);
        let kept = self.0.keep_ticket(known, &draft).await.map_err(told)?;
        Ok(kept.map(|(ticket, _)| Untrusted::new(ticket.number.to_string())))
    }

    /// Makes the work item of an issue, or finds the one there is, and opens it.
    ///
    /// # Errors
    /// Where it could not be sent to GitHub.
    pub async fn work_item(
        &self,
        issue: &Issue,
        text: &WorkItemText,
        labels: &[String],
    ) -> Result<Ticket, NotifyError> {
        let known = issue.escalation.as_ref();
        let known =
            known.and_then(|item| item.work_item_id.raw().trim_start_matches('#').parse().ok());
        let draft = draft(issue, text, labels, Some(true));
        let kept = self.0.keep_ticket(known, &draft).await.map_err(told)?;
        kept.map(|(ticket, _)| ticket)
            .ok_or_else(|| NotifyError::say("GitHub has not made the issue"))
    }

    /// Whether a work item is open; `None` where it is gone.
    ///
    /// # Errors
    /// Where GitHub did not say.
    pub async fn is_open(&self, number: u64) -> Result<Option<bool>, NotifyError> {
        let ticket = self.0.ticket(number).await.map_err(told)?;
        Ok(ticket.map(|ticket| ticket.open))
    }
}

fn draft(issue: &Issue, text: &WorkItemText, labels: &[String], open: Option<bool>) -> TicketDraft {
    let own = [LABEL.to_owned()];
    TicketDraft {
        title: text.title.clone(),
        body: text.body.clone(),
        mark: mark(issue),
        labels: own.iter().chain(labels).cloned().collect(),
        open,
    }
}

fn told(error: ForgeError) -> NotifyError {
    let mend = match &error {
        ForgeError::Denied { .. } => "; give the job `permissions: issues: write`",
        ForgeError::NotFound { .. } => "; check `repository`, and that its issues are turned on",
        _ => "",
    };
    NotifyError::say(format!("{error}{mend}"))
}
