//! Channels: services that are notified about issues. Payloads are as the services document them;
//! what is said in them comes with the alert. Knows nothing of rules, files or commits.

mod github;
mod pagerduty;
mod sign;
mod slack;
mod sns;
mod webhook;

use std::time::Duration;

use crate::http::{Answer, Client, HttpError};
use crate::model::alert::{Alert, Digest};
use crate::text::Untrusted;
use crate::text::secret::Secret;

pub use crate::http::{Address, AddressError, Limits};
pub use github::{GithubChannel, WorkItemText, mark};
pub use pagerduty::PagerdutyChannel;
pub use slack::SlackChannel;
pub use sns::{Publish, SnsChannel, TopicMessage};
pub use webhook::WebhookChannel;

/// Where PagerDuty takes events.
pub const PAGERDUTY: &str = "https://events.pagerduty.com";

/// A channel that can be used.
#[derive(Debug)]
pub enum Channel {
    /// GitHub issues.
    Github(GithubChannel),
    /// An incoming webhook of Slack.
    Slack(SlackChannel),
    /// PagerDuty's Events API v2.
    Pagerduty(PagerdutyChannel),
    /// Any address that takes a JSON document.
    Webhook(WebhookChannel),
    /// A topic of Amazon SNS.
    Sns(SnsChannel),
}

/// Why a message could not be sent to a channel. Holds no address and no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .reason.terminal())]
pub struct NotifyError {
    /// The reason.
    pub reason: Untrusted,
    /// How long the channel wants to be left alone, where that is why; zero where it does not
    /// say for how long.
    pub pause: Option<Duration>,
}

impl NotifyError {
    /// From a sentence of ours.
    pub fn say(text: impl Into<String>) -> Self {
        Self {
            reason: Untrusted::new(text),
            pause: None,
        }
    }
}

impl Channel {
    /// Sends one message. Gives back what the channel calls it.
    ///
    /// # Errors
    /// Where it could not be sent.
    pub async fn send(
        &self,
        message: Message<'_>,
        text: Option<&WorkItemText>,
    ) -> Result<Option<Untrusted>, NotifyError> {
        match self {
            Self::Github(channel) => channel.send(message, text).await,
            Self::Slack(channel) => channel.send(message).await,
            Self::Pagerduty(channel) => channel.send(message).await,
            Self::Webhook(channel) => match message {
                Message::Alert(alert) => channel.send(alert).await,
                // Its document is about one issue.
                Message::Digest(_) => Err(NotifyError::say("a webhook takes no digests")),
            },
            Self::Sns(channel) => channel.send(message).await,
        }
    }
}

/// What is sent: an alert by itself, or several in one message.
#[derive(Debug, Clone, Copy)]
pub enum Message<'a> {
    /// About one issue.
    Alert(&'a Alert),
    /// About several.
    Digest(&'a Digest),
}

/// An address whose every part may be a secret, ready to be asked.
#[derive(Debug)]
struct Place {
    client: Client,
    path: Secret,
}

impl Place {
    fn new(url: &Secret, mut secrets: Vec<Secret>, limits: Limits) -> Result<Self, AddressError> {
        let (base, path) = Address::of_place(url.expose())?;
        // Whoever echoes it may echo it in part.
        secrets.push(url.clone());
        if path.len() > 1 {
            secrets.push(Secret::new(path.clone()));
        }
        Ok(Self {
            client: Client::new(base, secrets, limits),
            path: Secret::new(path),
        })
    }
}

/// Turns what came back into "taken" or a reason.
fn taken(client: &Client, answer: Result<Answer, HttpError>) -> Result<Answer, NotifyError> {
    let answer = answer.map_err(|error| {
        NotifyError::say(match error {
            HttpError::Unanswered(message) => format!("no answer: {message}"),
            HttpError::Redirected => {
                "it redirects to another place, which is not followed".to_owned()
            }
            HttpError::TooLong(message) => format!("a strange answer: {message}"),
        })
    })?;
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    let said: String = String::from_utf8_lossy(&answer.body)
        .chars()
        .take(200)
        .collect();
    let said = client.without_secrets(said.trim());
    let said = if said.is_empty() {
        String::new()
    } else {
        format!(": {said}")
    };
    let status = answer.status;
    if !answer.is_rate_limit() {
        let reason = format!("it answered with status {status}{said}");
        return Err(NotifyError::say(reason));
    }
    let reason = format!("too many requests (status {status}){said}");
    Err(NotifyError {
        pause: Some(Duration::from_secs(answer.retry_after.unwrap_or(0))),
        ..NotifyError::say(reason)
    })
}

/// At most so many characters, the last of them `…` where something was cut.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(most.saturating_sub(1)).collect();
    out.push('…');
    out
}

/// Links that may stand in a payload: https, and nothing that ends one early.
fn links(alert: &Alert) -> impl Iterator<Item = &(String, String)> {
    let harmless = |url: &str| {
        url.starts_with("https://")
            && url
                .bytes()
                .all(|b| b.is_ascii_graphic() && !b"<>|\"'`\\".contains(&b))
    };
    alert.links.iter().filter(move |(_, url)| harmless(url))
}

#[cfg(test)]
mod tests;
