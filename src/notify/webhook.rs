//! Any address that takes a JSON document. The key of the message is in `Idempotency-Key`,
//! and where a key to sign with is set, `Fractary-Signature` is `sha256=` and the HMAC-SHA256
//! of the body.

use super::sign::hmac_sha256;
use super::{AddressError, Limits, NotifyError, Place, links, taken};
use crate::http::Request;
use crate::model::alert::{Alert, AlertDocument, AlertLink};
use crate::model::issue::Alerts;
use crate::text::Untrusted;
use crate::text::secret::Secret;

/// An address that takes a JSON document.
#[derive(Debug)]
pub struct WebhookChannel {
    place: Place,
    key: Option<Secret>,
}

impl WebhookChannel {
    /// What is at this address, signed with a key where there is one.
    ///
    /// # Errors
    /// Where the address is not one that may be used.
    pub fn new(url: &Secret, key: Option<Secret>, limits: Limits) -> Result<Self, AddressError> {
        let secrets = key.iter().cloned().collect();
        let place = Place::new(url, secrets, limits)?;
        Ok(Self { place, key })
    }

    pub(super) async fn send(&self, alert: &Alert) -> Result<Option<Untrusted>, NotifyError> {
        let body = serde_json::to_string(&document(alert))
            .map_err(|error| NotifyError::say(error.to_string()))?;
        let signature = self.key.as_ref().map(|key| {
            let code = hmac_sha256(key.expose().as_bytes(), body.as_bytes());
            format!("sha256={code}")
        });
        let mut headers = vec![("idempotency-key", alert.key.as_str())];
        if let Some(signature) = &signature {
            headers.push(("fractary-signature", signature));
        }
        let request = Request {
            method: "POST",
            path: self.place.path.expose(),
            headers: &headers,
            body: Some(&body),
            repeatable: true,
        };
        let client = &self.place.client;
        taken(client, client.send(request).await).map(|_| None)
    }
}

pub(super) fn document(alert: &Alert) -> AlertDocument {
    let mut issue = alert.issue.clone();
    // What was sent to others stays with them.
    issue.alerts = Alerts::default();
    AlertDocument {
        version: "1.0.0".to_owned(),
        key: alert.key.clone(),
        kind: alert.kind,
        event: alert.event.word().to_owned(),
        rules: alert.rules.clone(),
        channel: alert.channel.clone(),
        labels: alert.labels.clone(),
        sent_at: alert.at,
        headline: Untrusted::new(alert.headline()),
        thread: alert.thread(),
        issue,
        links: links(alert)
            .map(|(title, url)| AlertLink {
                title: Untrusted::from(title.as_str()),
                url: Untrusted::from(url.as_str()),
            })
            .collect(),
    }
}
