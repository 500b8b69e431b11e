//! Text that must never be shown.

use std::fmt;

/// A token or password from the environment. It has no `Display` and no `Serialize`, and its
/// `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one header that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text with every occurrence of this secret replaced, should a program echo it.
    pub fn remove_from(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        text.replace(&self.0, "[REDACTED]")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
