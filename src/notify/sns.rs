//! Amazon SNS: one message to a topic, <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>.
//!
//! Says what is published. Who publishes it comes from outside: credentials and clients of AWS
//! are not this module's business.

use std::fmt;

use futures_util::future::LocalBoxFuture;

use super::{Message, NotifyError, cut, links};
use crate::model::alert::{Alert, Digest};
use crate::model::ids::EnvironmentName;
use crate::model::issue::AlertKind;
use crate::text::Untrusted;

/// Characters of a subject: "less than 100".
const MOST_SUBJECT: usize = 99;
/// Bytes of a text. SNS takes 256 KB together with the attributes, which are short.
const MOST_TEXT: usize = 200 * 1_024;
/// Symptoms and suggestions that are said.
const MOST_LINES: usize = 20;
/// Characters of one of them.
const MOST_LINE: usize = 2_000;

/// What is published about an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicMessage {
    /// One line of printable ASCII.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// What subscriptions can filter by: name and value, none of them empty.
    pub attributes: Vec<(&'static str, String)>,
    /// What a topic keeps in order: everything about one issue.
    pub group: String,
    /// What a topic drops duplicates by, and a receiver can: the same for every attempt.
    pub key: String,
}

/// Something that publishes to one topic.
pub trait Publish: fmt::Debug {
    /// Publishes with the credentials of an environment. Gives back the id of the message.
    fn publish<'a>(
        &'a self,
        environment: &'a EnvironmentName,
        message: &'a TopicMessage,
    ) -> LocalBoxFuture<'a, Result<Untrusted, NotifyError>>;
}

/// A topic.
#[derive(Debug)]
pub struct SnsChannel(Box<dyn Publish>);

impl SnsChannel {
    /// The topic that this one publishes to.
    pub fn new(publisher: Box<dyn Publish>) -> Self {
        Self(publisher)
    }

    pub(super) async fn send(&self, what: Message<'_>) -> Result<Option<Untrusted>, NotifyError> {
        let (environment, message) = match what {
            Message::Alert(alert) => (&alert.issue.environment, message(alert)),
            Message::Digest(digest) => (&digest.environment, digest_message(digest)),
        };
        let published = self.0.publish(environment, &message).await?;
        Ok(Some(published))
    }
}

pub(super) fn message(alert: &Alert) -> TopicMessage {
    let issue = &alert.issue;
    let attributes = vec![
        ("domain", issue.domain.to_string()),
        ("environment", issue.environment.to_string()),
        ("event", alert.event.word().to_owned()),
        ("idempotency_key", alert.key.clone()),
        ("issue_id", issue.id.to_string()),
        ("severity", issue.severity.word().to_owned()),
    ];
    TopicMessage {
        subject: subject(&alert.headline()),
        text: text(alert),
        attributes,
        group: issue.id.to_string(),
        key: alert.key.clone(),
    }
}

/// A digest holds issues of one domain, severity and event, so that subscriptions filter it as
/// they filter a single alert; it has no `issue_id`.
pub(super) fn digest_message(digest: &Digest) -> TopicMessage {
    let worst = digest.worst();
    let mut attributes = vec![
        ("environment", digest.environment.to_string()),
        ("event", digest.event.word().to_owned()),
        ("idempotency_key", digest.key.clone()),
    ];
    attributes.extend(worst.map(|issue| ("domain", issue.domain.to_string())));
    attributes.extend(worst.map(|issue| ("severity", issue.severity.word().to_owned())));
    let mut text = format!("{}\n\n", one_line(&digest.headline()));
    let (mut size, mut left_out) = (0, 0_usize);
    for line in digest.lines() {
        let line = format!("- {}\n", one_line(&line));
        size += line.len();
        match size > MOST_TEXT - 1_024 {
            true => left_out += 1,
            false => text.push_str(&line),
        }
    }
    if left_out > 0 {
        text.push_str(&format!("- and {left_out} more\n"));
    }
    if let Some(cause) = digest.cause() {
        text.push_str(&format!("\nCause: {}\n", one_line(&cause)));
    }
    text.push_str(&format!("\nMore:\n- {}\n", digest.command()));
    TopicMessage {
        subject: subject(&digest.headline()),
        text: within(text),
        attributes,
        group: format!("digest-{}", digest.environment),
        key: digest.key.clone(),
    }
}

/// Printable ASCII on one line: SNS refuses anything else.
fn subject(headline: &str) -> String {
    let ascii: String = headline
        .chars()
        .map(|character| match character {
            ' '..='~' => character,
            '–' | '—' => '-',
            '‘' | '’' => '\'',
            '“' | '”' => '"',
            other if other.is_whitespace() => ' ',
            _ => '?',
        })
        .collect();
    let words: Vec<&str> = ascii.split_whitespace().collect();
    let line = words.join(" ");
    if line.len() <= MOST_SUBJECT {
        return line;
    }
    // All of it is ASCII, so bytes are characters.
    format!("{}...", line[..MOST_SUBJECT - 3].trim_end())
}

fn text(alert: &Alert) -> String {
    let issue = &alert.issue;
    let resource = &issue.resource;
    let mut out = format!("{}\n\n", one_line(&alert.headline()));
    let mut row = |title: &str, value: &str| {
        out.push_str(&format!("{title:<15}{}\n", one_line(value)));
    };
    let name = resource.name.redacted();
    row("Resource:", &format!("{name} ({})", resource.kind));
    let written_as_arn = resource.subject.is_written_as_arn();
    let title = if written_as_arn { "ARN:" } else { "Subject:" };
    row(title, &resource.subject.identity().redacted());
    let place = format!("{}, {}", issue.environment, resource.region);
    row("Environment:", &place);
    row("Check:", &issue.check);
    row("Since:", &issue.detected_at.to_string());
    if let Some(at) = issue
        .resolved_at
        .filter(|_| alert.kind == AlertKind::Resolve)
    {
        row("Until:", &at.to_string());
    }
    row("Issue:", &alert.about());
    if issue.slo_breach {
        row("Service level:", "missed");
    }
    if issue.occurrences > 1 {
        row("Occurrences:", &issue.occurrences.to_string());
    }
    if alert.kind == AlertKind::Trigger {
        list(&mut out, "Symptoms", &issue.symptoms);
        if let Some(cause) = alert.cause() {
            out.push_str(&format!("\nCause: {}\n", one_line(&cause)));
        }
        let show = format!("fractary issues show {}", issue.id);
        let others = issue.suggested_actions.iter();
        let others: Vec<Untrusted> = others.filter(|one| one.raw() != show).cloned().collect();
        list(&mut out, "Worth trying", &others);
    }
    out.push_str(&format!("\nMore:\n- fractary issues show {}\n", issue.id));
    for (title, url) in links(alert) {
        out.push_str(&format!("- {}: {url}\n", one_line(title)));
    }
    within(out)
}

fn list(out: &mut String, title: &str, lines: &[Untrusted]) {
    if lines.is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}:\n"));
    for line in lines.iter().take(MOST_LINES) {
        out.push_str(&format!("- {}\n", one_line(&line.redacted())));
    }
    if let Some(more) = lines.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
        out.push_str(&format!("- and {more} more\n"));
    }
}

/// Nothing from outside may look like a line of ours.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    cut(&words.join(" "), MOST_LINE)
}

/// People may link as much as they like.
fn within(mut text: String) -> String {
    if text.len() > MOST_TEXT {
        let mark = "…\n";
        let mut end = MOST_TEXT - mark.len();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str(mark);
    }
    text
}
