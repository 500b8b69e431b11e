//! The type of text from outside.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{escape, redact};

/// Text that someone outside this program wrote: a resource name, a tag, an alarm's
/// reason, an error message, a line of a log.
///
/// It has no `Display`, and its `Debug` shows the redacted form, so that it cannot reach an
/// output by accident. `Serialize` writes what [`escape::json`] gives: secrets redacted,
/// control and bidirectional characters shown as visible escapes. Both are idempotent, so
/// a document can be read and written again without changing.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Untrusted(String);

impl Untrusted {
    /// Takes text from outside as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it came, for comparing and for putting into a request to the system
    /// that it came from. Never for output.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For a terminal: one line, secrets redacted, control characters visible.
    pub fn terminal(&self) -> String {
        escape::terminal(&self.0)
    }

    /// For Markdown running text.
    pub fn markdown(&self) -> String {
        escape::markdown(&self.0)
    }

    /// For Markdown as a code span, which may stand in a table.
    pub fn markdown_code(&self) -> String {
        escape::markdown_code(&self.0)
    }

    /// For the message of a GitHub Actions workflow command.
    pub fn workflow(&self) -> String {
        escape::workflow_message(&self.0)
    }

    /// For HTML text or a quoted attribute.
    pub fn html(&self) -> String {
        escape::html(&self.0)
    }

    /// With secrets removed and control characters visible, not yet escaped for a format.
    pub fn redacted(&self) -> String {
        escape::json(&self.0)
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let redacted: Cow<'_, str> = redact::redact(&self.0);
        write!(f, "Untrusted({redacted:?})")
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Serialize for Untrusted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&escape::json(&self.0))
    }
}

impl<'de> Deserialize<'de> for Untrusted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

impl schemars::JsonSchema for Untrusted {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }

    fn inline_schema() -> bool {
        true
    }
}
