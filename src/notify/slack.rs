//! Slack: incoming webhooks, <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
//!
//! The address of a webhook is its password. Text from outside is put into `plain_text`
//! elements, where Slack sees no mentions, links or formatting, and `&`, `<` and `>` are
//! escaped everywhere, which is what keeps `<!channel>` from being one.

use serde_json::{Value, json};

use super::{AddressError, Limits, Message, NotifyError, Place, cut, links, taken};
use crate::http::Request;
use crate::model::alert::{Alert, Digest};
use crate::model::issue::AlertKind;
use crate::text::Untrusted;
use crate::text::secret::Secret;

/// Characters of a header block.
const MOST_HEADER: usize = 150;
/// Characters of a field of a section.
const MOST_FIELD: usize = 2_000;
/// Characters of the text of a section.
const MOST_TEXT: usize = 3_000;
/// Characters of a line of a digest.
const MOST_LINE: usize = 200;
/// Sections of a digest: a message takes 50 blocks, and its head, its cause and its foot are three.
const MOST_SECTIONS: usize = 45;

/// An incoming webhook.
#[derive(Debug)]
pub struct SlackChannel(Place);

impl SlackChannel {
    /// The webhook at this address.
    ///
    /// # Errors
    /// Where it is not one that may be used.
    pub fn new(url: &Secret, limits: Limits) -> Result<Self, AddressError> {
        Place::new(url, Vec::new(), limits).map(Self)
    }

    pub(super) async fn send(
        &self,
        message: Message<'_>,
    ) -> Result<Option<Untrusted>, NotifyError> {
        let body = match message {
            Message::Alert(alert) => payload(alert),
            Message::Digest(digest) => digest_payload(digest),
        };
        let body = body.to_string();
        let request = Request {
            method: "POST",
            path: self.0.path.expose(),
            headers: &[],
            body: Some(&body),
            // Slack cannot tell a repetition from a second message.
            repeatable: false,
        };
        let client = &self.0.client;
        taken(client, client.send(request).await).map(|_| None)
    }
}

/// `&`, `<` and `>` are the only characters that Slack wants escaped.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn plain(text: &str, most: usize) -> Value {
    // Slack counts what arrives: cut to a length that the escapes stay within.
    let mut room = most;
    let mut shown = escaped(&cut(text, room));
    while shown.chars().count() > most && room > 1 {
        room = room.saturating_sub(shown.chars().count() - most).max(1);
        shown = escaped(&cut(text, room));
    }
    json!({ "type": "plain_text", "text": shown, "emoji": false })
}

fn field(title: &str, value: &str) -> Value {
    plain(&format!("{title}: {value}"), MOST_FIELD)
}

pub(super) fn payload(alert: &Alert) -> Value {
    let issue = &alert.issue;
    let mut fields = vec![
        field(
            "Resource",
            &format!(
                "{} ({})",
                issue.resource.name.redacted(),
                issue.resource.kind
            ),
        ),
        field(
            "Environment",
            &format!("{} · {}", issue.environment, issue.resource.region),
        ),
        field("Since", &issue.detected_at.to_string()),
        field("Issue", &alert.about()),
    ];
    if issue.slo_breach {
        fields.push(field("Service level", "missed"));
    }
    if issue.occurrences > 1 {
        fields.push(field("Occurrences", &issue.occurrences.to_string()));
    }
    let mut blocks = vec![
        // The id of a block is kept by Slack: whoever sees two can tell that they are one.
        json!({ "type": "header", "block_id": format!("fractary-{}", alert.key), "text": plain(&alert.headline(), MOST_HEADER) }),
        json!({ "type": "section", "fields": fields }),
    ];
    let evidence: Vec<String> = issue
        .symptoms
        .iter()
        .take(5)
        .map(Untrusted::redacted)
        .collect();
    if !evidence.is_empty() && alert.kind == AlertKind::Trigger {
        let text: Vec<String> = evidence.iter().map(|line| format!("• {line}")).collect();
        blocks.push(json!({ "type": "section", "text": plain(&text.join("\n"), MOST_TEXT) }));
    }
    if let Some(cause) = alert.cause() {
        let text = format!("Cause: {cause}");
        blocks.push(json!({ "type": "section", "text": plain(&text, MOST_TEXT) }));
    }
    // Ids and commands are our own words, and links are checked: these may be formatted.
    let mut next = vec![format!("`fractary issues show {}`", issue.id)];
    next.extend(links(alert).map(|(title, url)| format!("<{}|{}>", escaped(url), escaped(title))));
    blocks.push(json!({
        "type": "context",
        "elements": [{ "type": "mrkdwn", "text": cut(&next.join(" · "), MOST_TEXT), "verbatim": true }],
    }));
    json!({
        "text": escaped(&cut(&alert.headline(), MOST_TEXT)),
        "blocks": blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

/// A digest: a header, its issues line by line in as many sections as they need, and the
/// command that lists them.
pub(super) fn digest_payload(digest: &Digest) -> Value {
    let headline = digest.headline();
    let mut blocks = vec![json!({
        "type": "header",
        "block_id": format!("fractary-{}", digest.key),
        "text": plain(&headline, MOST_HEADER),
    })];
    let mut sections: Vec<String> = vec![String::new()];
    let mut left_out = 0_usize;
    for line in digest.lines() {
        let line = format!("• {}\n", cut(&line.replace('\n', " "), MOST_LINE));
        // Counted as it arrives, with its escapes.
        let size = |text: &str| escaped(text).chars().count();
        let last = sections.pop().unwrap_or_default();
        if size(&last) + size(&line) <= MOST_TEXT {
            sections.push(last + &line);
        } else if sections.len() + 1 < MOST_SECTIONS {
            sections.extend([last, line]);
        } else {
            sections.push(last);
            left_out += 1;
        }
    }
    for text in &sections {
        let text = plain(text.trim_end(), MOST_TEXT);
        blocks.push(json!({ "type": "section", "text": text }));
    }
    if let Some(cause) = digest.cause() {
        let text = format!("Cause: {cause}");
        blocks.push(json!({ "type": "section", "text": plain(&text, MOST_TEXT) }));
    }
    let mut next = format!("`{}`", digest.command());
    if left_out > 0 {
        next = format!("and {left_out} more: {next}");
    }
    blocks.push(json!({
        "type": "context",
        "elements": [{ "type": "mrkdwn", "text": next, "verbatim": true }],
    }));
    json!({
        "text": escaped(&cut(&headline, MOST_TEXT)),
        "blocks": blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}
