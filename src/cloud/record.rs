//! Answers of a cloud, kept by request: what `--record` writes and `--replay` reads.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cloud::Cloud;
use crate::cloud::DiscoverRequest;
use crate::cloud::Discovered;
use crate::cloud::ObserveRequest;
use crate::model::domain_health::MonitorAnswer;
use crate::model::fact::Gap;
use crate::model::ids::{Arn, DomainName, EnvironmentName, Region};
use crate::model::monitoring::EnabledCheck;
use crate::model::receipt::Receipt;
use crate::model::snapshot::{Identity, Snapshot};
use crate::model::window::Window;
use crate::text::escape;
use crate::text::redact::redact_value;

/// Version of the format that this program writes.
const VERSION: &str = "1.0.0";
const KIND: &str = "recording";

/// Requests and their replies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Version of this format.
    pub version: String,
    /// Always `recording`.
    pub kind: String,
    /// The program that wrote it.
    pub recorded_by: String,
    /// One entry a request. The order means nothing.
    pub calls: Vec<Call>,
}

/// One request and its reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// What was asked.
    pub request: Request,
    /// What was answered.
    pub reply: Reply,
}

/// What was asked, as far as it tells requests apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum Request {
    /// Who are we.
    Identity {
        /// The environment whose credentials were used.
        environment: EnvironmentName,
    },
    /// Facts.
    Observe {
        /// The environment.
        environment: EnvironmentName,
        /// The span of the metrics.
        window: Window,
        /// Checks that were on.
        checks: Vec<EnabledCheck>,
        /// Resources that were asked for.
        resources: Vec<Arn>,
    },
    /// What the program of a domain says.
    Monitor {
        /// The domain.
        domain: DomainName,
        /// The environment.
        environment: EnvironmentName,
        /// Where the span of the metrics of the same run ends.
        until: Timestamp,
    },
    /// What exists.
    Discover {
        /// The environment.
        environment: EnvironmentName,
        /// Regions to look in.
        regions: Vec<Region>,
        /// Tags.
        tags: Vec<(String, String)>,
    },
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Who we are.
    Identity(Identity),
    /// Facts, with gaps of their own.
    Snapshot(Box<Snapshot>),
    /// What exists.
    Discovered(Vec<Discovered>),
    /// What the program of a domain says, or why nothing.
    Monitor(Box<MonitorAnswer>),
    /// There was no answer.
    Gap(Gap),
}

/// A text that is no recording.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// Not JSON of this form.
    #[error("not a recording: {0}")]
    Invalid(#[from] serde_json::Error),
    /// A document of another kind.
    #[error("not a recording but a document of the kind {0:?}")]
    OtherKind(String),
    /// Written by a newer program.
    #[error("the recording has version {0:?}; this program reads 1.x")]
    Newer(String),
}

impl Default for Recording {
    fn default() -> Self {
        Self {
            version: VERSION.to_owned(),
            kind: KIND.to_owned(),
            recorded_by: concat!("fractary ", env!("CARGO_PKG_VERSION")).to_owned(),
            calls: Vec::new(),
        }
    }
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// Where it is none, or of a newer format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordingError> {
        let value: serde_json::Value = serde_json::from_slice(bytes)?;
        let word = |key: &str| value.get(key).and_then(serde_json::Value::as_str);
        match word("kind") {
            Some(KIND) => {}
            other => {
                let kind = escape::cut(other.unwrap_or("none"), 40);
                return Err(RecordingError::OtherKind(kind));
            }
        }
        match word("version") {
            Some(version) if version.starts_with("1.") => {}
            other => {
                let version = escape::cut(other.unwrap_or("none"), 40);
                return Err(RecordingError::Newer(version));
            }
        }
        Ok(serde_json::from_value(value)?)
    }

    /// Writes it: JSON with two spaces and a newline at the end. Secrets in text are removed on
    /// the way. An ARN stays as it is: requests are found by it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut tree =
            serde_json::to_value(self).expect("plain data with text keys always serialises");
        escape::json_tree(&mut tree, |text| Arn::new(text).is_ok());
        let mut bytes = serde_json::to_vec_pretty(&tree).expect("a tree has text keys");
        bytes.push(b'\n');
        bytes
    }

    /// Adds a call; a reply to the same request is replaced.
    pub fn put(&mut self, request: Request, reply: Reply) {
        match self.calls.iter_mut().find(|call| call.request == request) {
            Some(call) => call.reply = reply,
            None => self.calls.push(Call { request, reply }),
        }
    }

    /// Adds all calls of another recording.
    pub fn append(&mut self, other: Self) {
        for call in other.calls {
            self.put(call.request, call.reply);
        }
    }
}

impl Request {
    /// The request behind an observation.
    pub fn observe(ask: &ObserveRequest) -> Self {
        Self::Observe {
            environment: ask.environment.clone(),
            window: ask.window,
            checks: ask.checks.clone(),
            resources: ask.resources.iter().map(|r| r.arn.clone()).collect(),
        }
    }

    /// The request behind a discovery.
    pub fn discover(ask: &DiscoverRequest) -> Self {
        Self::Discover {
            environment: ask.environment.clone(),
            regions: ask.regions.clone(),
            tags: ask
                .tags
                .iter()
                .map(|(name, value)| (escape::json(name), redact_value(name, value).into_owned()))
                .collect(),
        }
    }
}

/// Passes everything on to another cloud and keeps what it says.
#[derive(Debug)]
pub struct Recorder<C> {
    inner: C,
    environment: EnvironmentName,
    recording: RefCell<Recording>,
}

impl<C: Cloud> Recorder<C> {
    /// Records what this cloud says in this environment.
    pub fn new(inner: C, environment: EnvironmentName) -> Self {
        Self {
            inner,
            environment,
            recording: RefCell::default(),
        }
    }

    /// What was recorded so far.
    pub fn recording(&self) -> Recording {
        self.recording.borrow().clone()
    }

    fn keep(&self, request: Request, reply: Reply) {
        self.recording.borrow_mut().put(request, reply);
    }
}

impl<C: Cloud> Cloud for Rc<Recorder<C>> {
    fn identity(&self) -> LocalBoxFuture<'_, Result<Identity, Gap>> {
        async move {
            let answer = self.inner.identity().await;
            let reply = match &answer {
                Ok(identity) => Reply::Identity(identity.clone()),
                Err(gap) => Reply::Gap(gap.clone()),
            };
            let environment = self.environment.clone();
            self.keep(Request::Identity { environment }, reply);
            answer
        }
        .boxed_local()
    }

    fn observe<'a>(&'a self, ask: &'a ObserveRequest) -> LocalBoxFuture<'a, Snapshot> {
        async move {
            let snapshot = self.inner.observe(ask).await;
            let reply = Reply::Snapshot(Box::new(snapshot.clone()));
            self.keep(Request::observe(ask), reply);
            snapshot
        }
        .boxed_local()
    }

    fn discover<'a>(
        &'a self,
        ask: &'a DiscoverRequest,
    ) -> LocalBoxFuture<'a, Result<Vec<Discovered>, Gap>> {
        async move {
            let answer = self.inner.discover(ask).await;
            let reply = match &answer {
                Ok(found) => Reply::Discovered(found.clone()),
                Err(gap) => Reply::Gap(gap.clone()),
            };
            self.keep(Request::discover(ask), reply);
            answer
        }
        .boxed_local()
    }

    fn receipt(&self) -> Receipt {
        self.inner.receipt()
    }
}
