//! One client for everything that is not AWS.

use std::io::Write;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use crate::http::Address;
use crate::text::secret::Secret;

/// Most bytes of an answer that are read: a hundred pull requests with full texts.
const MOST_BYTES: usize = 32 << 20;
/// Most redirects that are followed, as for a renamed repository.
const MOST_REDIRECTS: usize = 3;

/// What a request may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For one attempt, its answer included.
    pub attempt: Duration,
    /// Attempts at one request.
    pub attempts: u32,
    /// The pause before the second attempt; each later one is twice as long.
    pub pause: Duration,
    /// The longest pause that the other side may ask for.
    pub longest_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(20),
            attempts: 3,
            pause: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
        }
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// Seconds that it asks to wait.
    pub(crate) retry_after: Option<u64>,
    /// Whether the allowance of requests is used up.
    exhausted: bool,
    location: Option<String>,
}

impl Answer {
    /// Whether it asks to slow down, by whichever of its ways.
    pub(crate) fn is_rate_limit(&self) -> bool {
        self.status == 429 || (self.status == 403 && (self.exhausted || self.retry_after.is_some()))
    }

    fn is_worth_another_try(&self) -> bool {
        self.status >= 500 || self.is_rate_limit()
    }
}

/// One request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'static str,
    /// Path and query, from a slash on.
    pub(crate) path: &'a str,
    /// Besides `user-agent`, and `content-type` where there is a body.
    pub(crate) headers: &'a [(&'static str, &'a str)],
    /// JSON.
    pub(crate) body: Option<&'a str>,
    /// Whether doing it twice is as good as once.
    pub(crate) repeatable: bool,
}

/// Why there is no answer. Holds no secret of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HttpError {
    /// No connection, no answer, or none in time.
    Unanswered(String),
    /// It sends us elsewhere.
    Redirected,
    /// An answer that is too long.
    TooLong(String),
}

/// A client of one base address.
#[derive(Debug)]
pub(crate) struct Client {
    address: Address,
    /// Removed from whatever is reported of a failure.
    secrets: Vec<Secret>,
    connector: Connector,
    limits: Limits,
}

impl Client {
    pub(crate) fn new(address: Address, secrets: Vec<Secret>, limits: Limits) -> Self {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(limits.attempt.min(Duration::from_secs(5)))
            .build();
        let connector = Connector::builder()
            .proxy_config(ProxyConfig::from_env())
            .connector_settings(settings)
            .tls_provider(tls::Provider::Rustls(
                tls::rustls_provider::CryptoMode::Ring,
            ))
            .build();
        Self {
            address,
            secrets,
            connector,
            limits,
        }
    }

    /// A text without the secrets of this client.
    pub(crate) fn without_secrets(&self, text: &str) -> String {
        let clean = self.secrets.iter();
        clean.fold(text.to_owned(), |text, secret| secret.remove_from(&text))
    }

    /// Sends a request, again after failures that may pass.
    pub(crate) async fn send(&self, ask: Request<'_>) -> Result<Answer, HttpError> {
        let mut pause = self.limits.pause;
        let mut attempt = 1;
        loop {
            let last = attempt >= self.limits.attempts;
            let failure = match self.follow(ask).await {
                Ok(answer) if !answer.is_worth_another_try() => return Ok(answer),
                Ok(answer) => {
                    let wanted = answer.retry_after.map(Duration::from_secs);
                    let too_long = wanted.is_some_and(|wait| wait > self.limits.longest_wait);
                    // Without a time to wait for, an allowance that is used up stays so.
                    let hopeless = answer.exhausted && wanted.is_none();
                    // A limit is answered before anything is done; a failure may come after.
                    let may_repeat = ask.repeatable || answer.is_rate_limit();
                    if last || too_long || hopeless || !may_repeat {
                        return Ok(answer);
                    }
                    pause = pause.max(wanted.unwrap_or_default());
                    None
                }
                Err(error) => Some(error),
            };
            if let Some(error) = failure {
                let passing = matches!(error, HttpError::Unanswered(_));
                if last || !passing || !ask.repeatable {
                    return Err(error);
                }
            }
            tokio::time::sleep(pause).await;
            pause = self.limits.pause * 2_u32.pow(attempt.min(8));
            attempt += 1;
        }
    }

    /// Sends a request once and writes the body of the answer, at most so many bytes, to `into`.
    /// The answer has no body then. One that ends early is an error.
    pub(crate) async fn download(
        &self,
        ask: Request<'_>,
        most: u64,
        into: &mut (dyn Write + Send),
    ) -> Result<Answer, HttpError> {
        let address = self.address.join(ask.path);
        let all = self.copy(ask, &address, most, into);
        let limit = self.limits.attempt;
        let late = |_| HttpError::Unanswered(format!("it took longer than {limit:?}"));
        tokio::time::timeout(limit, all).await.map_err(late)?
    }

    async fn copy(
        &self,
        ask: Request<'_>,
        address: &str,
        most: u64,
        into: &mut (dyn Write + Send),
    ) -> Result<Answer, HttpError> {
        let request = self.request(ask, address).map_err(HttpError::Unanswered)?;
        let unanswered = |error: &dyn std::error::Error| {
            HttpError::Unanswered(self.without_secrets(&chain(error)))
        };
        let response = self.connector.call(request).await;
        let response = response.map_err(|error| unanswered(&error))?;
        let head = head_of(&response);
        let mut written: u64 = 0;
        let mut stream = ByteStream::new(response.into_body());
        while let Some(chunk) = stream
            .try_next()
            .await
            .map_err(|error| unanswered(&error))?
        {
            written += chunk.len() as u64;
            if written > most {
                return Err(HttpError::TooLong(format!(
                    "it is longer than {most} bytes"
                )));
            }
            into.write_all(&chunk).map_err(|error| unanswered(&error))?;
        }
        Ok(head)
    }

    async fn follow(&self, ask: Request<'_>) -> Result<Answer, HttpError> {
        let mut address = self.address.join(ask.path);
        for _ in 0..=MOST_REDIRECTS {
            let one = self.send_to(ask, &address);
            let answer = tokio::time::timeout(self.limits.attempt, one)
                .await
                .map_err(|_| {
                    let limit = self.limits.attempt;
                    HttpError::Unanswered(format!("it took longer than {limit:?}"))
                })??;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            // The token is for one host; it is shown to no other.
            address = answer
                .location
                .as_deref()
                .and_then(|location| self.address.redirect(location))
                .ok_or(HttpError::Redirected)?;
        }
        Err(HttpError::Redirected)
    }

    async fn send_to(&self, ask: Request<'_>, address: &str) -> Result<Answer, HttpError> {
        let request = self.request(ask, address).map_err(HttpError::Unanswered)?;
        let unanswered = |error: &dyn std::error::Error| {
            HttpError::Unanswered(self.without_secrets(&chain(error)))
        };
        let response = self
            .connector
            .call(request)
            .await
            .map_err(|error| unanswered(&error))?;
        let head = head_of(&response);
        let mut body = Vec::new();
        let mut stream = ByteStream::new(response.into_body());
        while let Some(chunk) = stream
            .try_next()
            .await
            .map_err(|error| unanswered(&error))?
        {
            if body.len() + chunk.len() > MOST_BYTES {
                let message = format!("it is longer than {MOST_BYTES} bytes");
                return Err(HttpError::TooLong(message));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { body, ..head })
    }

    fn request(&self, ask: Request<'_>, address: &str) -> Result<HttpRequest, String> {
        let body = ask.body.map_or_else(SdkBody::empty, SdkBody::from);
        let mut request = HttpRequest::new(body);
        // No error may show the headers.
        let refuse = |_| "the request could not be made".to_owned();
        request.set_method(ask.method).map_err(refuse)?;
        request
            .set_uri(address)
            .map_err(|_| "the address could not be read".to_owned())?;
        let mut headers = vec![(
            "user-agent",
            concat!("fractary/", env!("CARGO_PKG_VERSION")),
        )];
        headers.extend_from_slice(ask.headers);
        if ask.body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        for (name, value) in headers {
            request
                .headers_mut()
                .try_insert(name, value.to_owned())
                .map_err(refuse)?;
        }
        Ok(request)
    }
}

fn head_of(response: &HttpResponse) -> Answer {
    let header = |name: &str| response.headers().get(name);
    Answer {
        status: response.status().as_u16(),
        body: Vec::new(),
        retry_after: header("retry-after").and_then(|value| value.trim().parse().ok()),
        exhausted: header("x-ratelimit-remaining") == Some("0"),
        location: header("location").map(str::to_owned),
    }
}

/// An error and its causes on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut parts = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !parts.contains(&text) {
            parts.push(text);
        }
        next = cause.source();
    }
    crate::text::escape::terminal(&parts.join(": "))
}
