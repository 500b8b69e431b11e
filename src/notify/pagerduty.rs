//! PagerDuty: Events API v2, <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>.
//! Everything about one issue has one `dedup_key`, so that repetitions join one incident and
//! its end resolves it.

use serde_json::{Value, json};

use super::{Address, AddressError, Limits, NotifyError, cut, links, taken};
use crate::http::{Client, Request};
use crate::model::alert::Alert;
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

    pub(super) async fn send(&self, alert: &Alert) -> Result<Option<Untrusted>, NotifyError> {
        let mut event = event(alert);
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
        Ok(Some(Untrusted::new(dedup_key(alert))))
    }
}

fn dedup_key(alert: &Alert) -> String {
    cut(&alert.thread(), MOST_KEY)
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
    let dedup_key = dedup_key(alert);
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
    json!({
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
    })
}
