//! GitHub: one issue there for an issue here, kept up to date, closed when it is over.

use super::{Message, NotifyError};
use crate::forge::{ForgeError, GitHub, Ticket, TicketDraft};
use crate::model::alert::{Alert, Digest};
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
        message: Message<'_>,
        text: Option<&WorkItemText>,
    ) -> Result<Option<Untrusted>, NotifyError> {
        let text = text.ok_or_else(|| NotifyError::say("there is no text for it"))?;
        let (reference, draft) = match message {
            Message::Alert(alert) => (&alert.reference, Self::of_alert(alert, text)),
            Message::Digest(digest) => (&digest.reference, Self::of_digest(digest, text)),
        };
        let known = reference
            .as_ref()
            .and_then(|number| number.raw().parse().ok());
        let kept = self.0.keep_ticket(known, &draft).await.map_err(explain)?;
        Ok(kept.map(|(ticket, _)| Untrusted::new(ticket.number.to_string())))
    }

    fn of_alert(alert: &Alert, text: &WorkItemText) -> TicketDraft {
        // People may close it while the problem lasts; only news opens it again. A work item
        // with an assignee is theirs to close.
        let news = alert.first || alert.event == IssueEvent::SeverityRaised;
        let open = match alert.kind {
            AlertKind::Resolve if alert.issue.escalation.is_some() => None,
            AlertKind::Resolve => Some(false),
            AlertKind::Trigger => news.then_some(true),
        };
        draft(mark(&alert.issue), text, &alert.labels, open)
    }

    /// One issue there for several here: closed when none of them is open any more.
    fn of_digest(digest: &Digest, text: &WorkItemText) -> TicketDraft {
        let open = match digest.kind() {
            AlertKind::Resolve => Some(false),
            AlertKind::Trigger => digest.first.then_some(true),
        };
        let (environment, key) = (&digest.environment, &digest.key);
        let mark = format!("<!-- fractary digest: {environment}/{key} -->");
        draft(mark, text, &digest.labels, open)
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
        let draft = draft(mark(issue), text, labels, Some(true));
        let kept = self.0.keep_ticket(known, &draft).await.map_err(explain)?;
        kept.map(|(ticket, _)| ticket)
            .ok_or_else(|| NotifyError::say("GitHub has not made the issue"))
    }

    /// Whether a work item is open; `None` where it is gone.
    ///
    /// # Errors
    /// Where GitHub did not say.
    pub async fn is_open(&self, number: u64) -> Result<Option<bool>, NotifyError> {
        let ticket = self.0.ticket(number).await.map_err(explain)?;
        Ok(ticket.map(|ticket| ticket.open))
    }
}

fn draft(mark: String, text: &WorkItemText, labels: &[String], open: Option<bool>) -> TicketDraft {
    let own = [LABEL.to_owned()];
    TicketDraft {
        title: text.title.clone(),
        body: text.body.clone(),
        mark,
        labels: own.iter().chain(labels).cloned().collect(),
        open,
    }
}

fn explain(error: ForgeError) -> NotifyError {
    let fix = match &error {
        ForgeError::Denied { .. } => "; give the job `permissions: issues: write`",
        ForgeError::NotFound { .. } => "; check `repository`, and that its issues are turned on",
        _ => "",
    };
    NotifyError::say(format!("{error}{fix}"))
}
