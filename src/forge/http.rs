//! Requests as GitHub wants them, over the client that all services share.

use crate::forge::address::Address;
use crate::forge::error::ForgeError;
use crate::http::{Client as Http, HttpError, Request};
use crate::text::secret::Secret;

pub(crate) use crate::http::{Answer, Limits};

/// One request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    /// In words, for errors: `open a pull request`.
    pub(crate) action: &'static str,
    pub(crate) method: &'static str,
    /// Path and query, from a slash on.
    pub(crate) path: &'a str,
    pub(crate) body: Option<&'a str>,
    /// Whether doing it twice is as good as once.
    pub(crate) repeatable: bool,
}

#[derive(Debug)]
pub(crate) struct Client {
    http: Http,
    token: Secret,
}

impl Client {
    pub(crate) fn new(address: Address, token: Secret, limits: Limits) -> Self {
        Self {
            http: Http::new(address.0, vec![token.clone()], limits),
            token,
        }
    }

    /// Sends a request, again after failures that may pass.
    pub(crate) async fn send(&self, ask: Ask<'_>) -> Result<Answer, ForgeError> {
        let bearer = format!("Bearer {}", self.token.expose());
        let request = Request {
            method: ask.method,
            path: ask.path,
            headers: &[
                ("accept", "application/vnd.github+json"),
                ("x-github-api-version", "2022-11-28"),
                ("authorization", &bearer),
            ],
            body: ask.body,
            repeatable: ask.repeatable,
        };
        let action = ask.action;
        self.http.send(request).await.map_err(|error| match error {
            HttpError::Unanswered(message) => ForgeError::Unanswered { action, message },
            HttpError::Redirected => ForgeError::Redirected { action },
            HttpError::TooLong(message) => ForgeError::Garbled { action, message },
        })
    }
}
