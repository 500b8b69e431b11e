//! PagerDuty: Events API v2, <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>.
//! Show everything about one issue has one `dedup_key`, so that repetitions join one incident and
//! its end resolves it.

use serde_json::{Value, json};

use super::{Address, AddressError, Limits, Message, NotifyError, cut, links, taken};
use crate::http::{Client, Request};
use crate::model::alert::{Alert, Digest};
use crate::model::issue::AlertKind;
use crate::model::status::Severity;
use crate::text::Untrusted;
use crate::text::secret::Secret;

/// Characters of a summary.
const MOST_SUMMARY: usize = 1_024;
/// Characters of a `dedup_key`.
const MOST_KEY: usize = 255;
/// Characters of one of our own details; an event may have 512 KB.
const MOST_DETAIL: usize = 1_000;

/// Issues of a digest that an event names, and characters of what it says of one.
const MOST_LINES: usize = 400;
const MOST_LINE: usize = 300;

/// A service of PagerDuty.
#[derive(Debug)]
pub struct PagerdutyChannel {
    client: Client,
    routing_key: Secret,
}

impl PagerdutyChannel {
    /// The service that a routing key belongs to.
    ///
    /// # Errors
    /// Where the address is not one that may be used.
    pub fn new(base: &str, routing_key: Secret, limits: Limits) -> Result<Self, AddressError> {
        let base = Address::new(base)?;
        Ok(Self {
            client: Client::new(base, vec![routing_key.clone()], limits),
            routing_key,
        })
    }

    pub(super) async fn send(
        &self,
        message: Message<'_>,
    ) -> Result<Option<Untrusted>, NotifyError> {
        let key = dedup_key(message);
        let mut event = match message {
            Message::Alert(alert) => event(alert),
            // Some of them are over, and the page stays open for the others.
            Message::Digest(digest) if digest.kind() == AlertKind::Trigger && !digest.has_news => {
                return Ok(Some(Untrusted::new(key)));
            }
            Message::Digest(digest) => digest_event(digest),
        };
        event["routing_key"] = json!(self.routing_key.expose());
        let request = Request {
            method: "POST",
            path: "/v2/enqueue",
            headers: &[],
            body: Some(&event.to_string()),
            repeatable: true,
        };
        let answer = self.client.send(request).await;
        let answer = taken(&self.client, answer)?;
        let reply: Value = serde_json::from_slice(&answer.body)
            .map_err(|_| NotifyError::say("its answer is not that of PagerDuty"))?;
        if reply["status"] != "success" {
            return Err(NotifyError::say("its answer is not that of PagerDuty"));
        }
        Ok(Some(Untrusted::new(key)))
    }
}

fn dedup_key(message: Message<'_>) -> String {
    let thread = match message {
        Message::Alert(alert) => alert.thread(),
        Message::Digest(digest) => digest.thread(),
    };
    cut(&thread, MOST_KEY)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "info",
    }
}

/// The event without the routing key.
pub(super) fn event(alert: &Alert) -> Value {
    let issue = &alert.issue;
    let dedup_key = dedup_key(Message::Alert(alert));
    if alert.kind == AlertKind::Resolve {
        return json!({ "event_action": "resolve", "dedup_key": dedup_key });
    }
    let symptoms: Vec<String> = issue
        .symptoms
        .iter()
        .take(10)
        .map(|symptom| cut(&symptom.redacted(), MOST_DETAIL))
        .collect();
    let links: Vec<Value> = links(alert)
        .map(|(title, url)| json!({ "href": url, "text": title }))
        .collect();
    let mut event = json!({
        "event_action": "trigger",
        "dedup_key": dedup_key,
        "payload": {
            "summary": cut(&alert.headline(), MOST_SUMMARY),
            "source": cut(&issue.resource.subject.identity().redacted(), MOST_SUMMARY),
            "severity": severity(issue.severity),
            "timestamp": issue.detected_at.to_string(),
            "component": cut(&issue.resource.name.redacted(), MOST_DETAIL),
            "group": issue.environment.as_str(),
            "class": cut(&issue.check, MOST_DETAIL),
            "custom_details": {
                "issue": issue.id.as_str(),
                "domain": issue.domain.as_str(),
                "kind": issue.resource.kind,
                "region": issue.resource.region.as_str(),
                "event": alert.event.word(),
                "slo_breach": issue.slo_breach,
                "occurrences": issue.occurrences,
                "symptoms": symptoms,
                "rules": alert.rules,
                "command": format!("fractary issues show {}", issue.id),
                "idempotency_key": alert.key,
            },
        },
        "links": links,
        "client": "fractary",
    });
    add_cause(&mut event, alert.cause());
    event
}

/// Adds the cause, where it is known.
fn add_cause(event: &mut Value, cause: Option<String>) {
    if let Some(cause) = cause {
        event["payload"]["custom_details"]["cause"] = json!(cut(&cause, MOST_DETAIL));
    }
}

/// The event of a digest without the routing key: a page that names all of its issues.
pub(super) fn digest_event(digest: &Digest) -> Value {
    let dedup_key = dedup_key(Message::Digest(digest));
    let Some(worst) = digest.open.first() else {
        return json!({ "event_action": "resolve", "dedup_key": dedup_key });
    };
    let since = digest.open.iter().map(|issue| issue.detected_at).min();
    let lines = digest.lines().take(digest.open.len());
    let mut issues: Vec<String> = lines.take(MOST_LINES).map(|l| cut(&l, MOST_LINE)).collect();
    if let Some(more) = digest.open.len().checked_sub(MOST_LINES).filter(|n| *n > 0) {
        issues.push(format!("and {more} more: {}", digest.command()));
    }
    let mut event = json!({
        "event_action": "trigger",
        "dedup_key": dedup_key,
        "payload": {
            "summary": cut(&digest.headline(), MOST_SUMMARY),
            "source": cut(&worst.resource.subject.identity().redacted(), MOST_SUMMARY),
            "severity": severity(worst.severity),
            "timestamp": since.unwrap_or(worst.detected_at).to_string(),
            "group": digest.environment.as_str(),
            "class": "digest",
            "custom_details": {
                "issues_open": digest.open.len(),
                "issues_over": digest.over.len(),
                "issues": issues,
                "event": digest.event.word(),
                "rules": digest.rules,
                "command": digest.command(),
                "idempotency_key": digest.key,
            },
        },
        "links": [],
        "client": "fractary",
    });
    add_cause(&mut event, digest.cause());
    event
}
