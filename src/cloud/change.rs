//! What can be changed in AWS. Apart from questions: who may ask cannot change anything, and
//! only `app/apply` may open a [`Changer`], which `tests/layers` holds.
//!
//! To add a change: a variant of [`Change`] and of [`Changed`], and a file in `aws/change/`
//! that makes it.

use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};

use crate::catalog::actions::Keep;
use crate::model::fact::Gap;
use crate::model::ids::Region;
use crate::model::topic::Topic;
use crate::text::Untrusted;

/// Something that can change things in a cloud.
pub(crate) trait Changer: std::fmt::Debug {
    /// Makes a change. A [`Gap`] means that it was refused, or that it is unknown: after
    /// `TimedOut`, `Unreachable` and `Garbled` it may have been made nevertheless.
    fn apply<'a>(&'a self, change: &'a Change) -> LocalBoxFuture<'a, Result<Changed, Gap>>;
}

/// A change to make.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// Publishes a message to a topic of SNS.
    Publish(Publication),
    /// Sends a write of an action.
    Operate(OperationCall),
}

/// What was changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Changed {
    /// The message was taken.
    Published {
        /// Its id, as the provider gave it.
        message_id: Untrusted,
    },
    /// The write was taken.
    Operated {
        /// The plain members of the answer; what is below them may be secret, and is left out.
        answer: Map<String, Value>,
    },
}

/// A message to a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Publication {
    /// The topic.
    pub(crate) topic: Topic,
    /// One line of at most 100 printable ASCII characters.
    pub(crate) subject: String,
    /// The text.
    pub(crate) text: String,
    /// Attributes of type `String`, none of them empty.
    pub(crate) attributes: Vec<(&'static str, String)>,
    /// What a FIFO topic keeps in order; not sent to other topics.
    pub(crate) group: String,
    /// What a FIFO topic drops duplicates by; not sent to other topics.
    pub(crate) deduplication: String,
}

/// A write of an action.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OperationCall {
    /// The operation: `ecs:UpdateService`.
    pub(crate) operation: String,
    /// What it is about, for a [`Gap`].
    pub(crate) subject: String,
    /// The region of the resource.
    pub(crate) region: Region,
    /// Its input.
    pub(crate) input: Map<String, Value>,
    /// The map that it replaces as a whole, and which is completed just before.
    pub(crate) keep: Option<Keep>,
    /// What the entry of that map is set to.
    pub(crate) entry_value: String,
}

impl Change {
    /// Returns what is changed, for a [`Gap`].
    pub(crate) fn subject(&self) -> String {
        match self {
            Self::Publish(publication) => publication.topic.arn.to_string(),
            Self::Operate(call) => call.subject.clone(),
        }
    }
}
