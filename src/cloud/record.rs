//! Answers of a cloud, kept by request: what `--record` writes and `--replay` reads.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cloud::Cloud;
use crate::cloud::question::{Answer, IdentityQuestion, ObserveKey, Question};
use crate::model::fact::Fact;
use crate::model::ids::Arn;
use crate::model::monitoring::EnabledCheck;
use crate::model::receipt::Receipt;
use crate::model::snapshot::Snapshot;
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
    pub reply: Answer,
}

/// A question as a recording keeps it: JSON with the word for its sort in `call`, and without
/// secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Request(Value);

/// A text that is no recording.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// Not JSON of this form.
    #[error("not a recording: {0}")]
    Invalid(#[from] serde_json::Error),
    /// A document of another kind.
    #[error("not a recording but a document of the kind {0:?}")]
    OtherKind(String),
    /// A document that does not say what it is.
    #[error("not a recording: it names no `kind`")]
    NoKind,
    /// Written by a newer program.
    #[error("the recording has version {0:?}; this program reads 1.x")]
    Newer(String),
}

impl Request {
    /// Returns the request behind a question. What is secret in it is removed before anything
    /// is compared, so that a question finds its reply in a file that was written without.
    pub fn new(question: &impl Serialize) -> Self {
        let mut tree =
            serde_json::to_value(question).expect("plain data with text keys always serialises");
        remove_secrets(&mut tree);
        Self(tree)
    }

    /// Returns the word for its sort: `identity`, `observe`, `discover`, `monitor`.
    pub fn call(&self) -> Option<&str> {
        self.0.get("call")?.as_str()
    }

    /// Returns whether this asked the same as `other` and for more of what `list` names; an empty
    /// list is everything.
    pub(crate) fn is_wider(&self, other: &Self, list: &str) -> bool {
        let (mut one, mut two) = (self.0.clone(), other.0.clone());
        let mut taken = [&mut one, &mut two].map(|tree| {
            let list = tree
                .as_object_mut()
                .and_then(|tree| tree.shift_remove(list));
            list.and_then(|list| list.as_array().cloned())
                .unwrap_or_default()
        });
        let [all, some] = &mut taken;
        let holds = all.is_empty() || !some.is_empty() && some.iter().all(|it| all.contains(it));
        holds && one == two
    }

    /// Returns what was to be observed, where that was the question.
    pub fn observed(&self) -> Option<ObserveKey> {
        let is_it = self.call() == Some("observe");
        is_it
            .then(|| ObserveKey::deserialize(&self.0).ok())
            .flatten()
    }
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
        let value: Value = serde_json::from_slice(bytes)?;
        let word = |key: &str| value.get(key).and_then(Value::as_str);
        match word("kind") {
            Some(KIND) => {}
            Some(other) => return Err(RecordingError::OtherKind(escape::cut(other, 40))),
            None => return Err(RecordingError::NoKind),
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

    /// Writes it: JSON with two spaces and a newline at the end, without secrets.
    pub fn to_bytes(&self) -> Vec<u8> {
        to_bytes(self)
    }

    /// Adds a call; a reply to the same request is replaced.
    pub fn put(&mut self, request: Request, reply: Answer) {
        match self.calls.iter_mut().find(|call| call.request == request) {
            Some(call) => call.reply = reply,
            None => self.calls.push(Call { request, reply }),
        }
    }

    /// Adds what was seen of an environment with these checks on, and who saw it.
    pub fn put_snapshot(&mut self, checks: &[EnabledCheck], snapshot: Snapshot) {
        let environment = snapshot.environment.clone();
        let identity = match &snapshot.identity {
            Fact::Known(identity) => Some(Answer::Identity(identity.clone())),
            Fact::Unreadable(gap) => snapshot.gap(*gap).cloned().map(Answer::Gap),
            Fact::Absent => None,
        };
        if let Some(identity) = identity {
            let environment = environment.clone();
            self.put(Request::new(&IdentityQuestion { environment }), identity);
        }
        let key = ObserveKey {
            environment,
            window: snapshot.window,
            checks: checks.to_vec(),
            resources: snapshot
                .resources
                .iter()
                .map(|observed| observed.resource.arn.clone())
                .collect(),
        };
        let snapshot = Answer::Snapshot(Box::new(snapshot));
        self.put(Request::new(&key), snapshot);
    }

    /// Returns the reply to a request.
    pub fn reply(&self, request: &Request) -> Option<&Answer> {
        let call = self.calls.iter().find(|call| call.request == *request);
        call.map(|call| &call.reply)
    }

    /// Adds all calls of another recording.
    pub fn append(&mut self, other: Self) {
        for call in other.calls {
            self.put(call.request, call.reply);
        }
    }
}

/// Writes a document that holds calls. Secrets in text are removed on the way. An ARN stays as
/// it is: requests are found by it.
pub(crate) fn to_bytes(document: &impl Serialize) -> Vec<u8> {
    let mut tree =
        serde_json::to_value(document).expect("plain data with text keys always serialises");
    remove_secrets(&mut tree);
    let mut bytes = serde_json::to_vec_pretty(&tree).expect("a tree has text keys");
    bytes.push(b'\n');
    bytes
}

fn remove_secrets(tree: &mut Value) {
    hide_named(tree);
    escape::json_tree(tree, |text| Arn::new(text).is_ok());
}

/// Hides facts that only their name gives away: variables of a function, of a container.
fn hide_named(tree: &mut Value) {
    match tree {
        Value::Array(items) => items.iter_mut().for_each(hide_named),
        Value::Object(fields) => {
            for (name, value) in fields {
                if let Some(Value::String(text)) = value.get_mut("known") {
                    hide(name, text);
                } else {
                    hide_named(value);
                }
            }
        }
        _ => {}
    }
}

fn hide(name: &str, text: &mut String) {
    let document = text
        .starts_with(['[', '{'])
        .then(|| serde_json::from_str(text).ok());
    if let Some(mut document) = document.flatten() {
        if hide_pairs(&mut document) {
            *text = document.to_string();
        }
        return;
    }
    if let Cow::Owned(clean) = redact_value(name, text) {
        *text = clean;
    }
}

/// Hides values whose name stands beside them; whether there was one.
fn hide_pairs(document: &mut Value) -> bool {
    let mut any = false;
    match document {
        Value::Array(items) => {
            for item in items {
                any |= hide_pairs(item);
            }
        }
        Value::Object(fields) => {
            let name = fields.get("name").and_then(Value::as_str);
            let name = name.map(str::to_owned);
            for value in fields.values_mut() {
                any |= hide_pairs(value);
            }
            if let (Some(name), Some(Value::String(value))) = (name, fields.get_mut("value"))
                && let Cow::Owned(clean) = redact_value(&name, value)
            {
                *value = clean;
                any = true;
            }
        }
        _ => {}
    }
    any
}

/// Passes everything on to another cloud and keeps what it says.
#[derive(Debug)]
pub struct Recorder<C> {
    inner: C,
    recording: RefCell<Recording>,
}

impl<C: Cloud> Recorder<C> {
    /// Records what this cloud says.
    pub fn new(inner: C) -> Self {
        Self {
            inner,
            recording: RefCell::default(),
        }
    }

    /// Returns what was recorded so far.
    pub fn recording(&self) -> Recording {
        self.recording.borrow().clone()
    }
}

impl<C: Cloud> Cloud for Rc<Recorder<C>> {
    fn ask<'a>(&'a self, question: &'a Question) -> LocalBoxFuture<'a, Answer> {
        async move {
            let answer = self.inner.ask(question).await;
            let mut recording = self.recording.borrow_mut();
            recording.put(Request::new(question), answer.clone());
            answer
        }
        .boxed_local()
    }

    fn receipt(&self) -> Receipt {
        self.inner.receipt()
    }
}
