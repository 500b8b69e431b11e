//! An error of a text, with everything that it says.

use crate::model::debug::{ErrorCategory, ErrorFacts};
use crate::text::Untrusted;

/// An error of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundError {
    /// The id of its issue.
    pub id: String,
    /// What it is about.
    pub category: ErrorCategory,
    /// What the text says.
    pub facts: ErrorFacts,
    /// What was done: `create`, `read`, `update`, `delete`, `wait`, `other`; empty where nothing
    /// says it.
    pub action: &'static str,
    /// The message with placeholders.
    pub normalised: String,
    /// The other addresses where the same happened.
    pub also_at: Vec<Untrusted>,
    /// The error that it follows from, by its index.
    pub follows: Option<usize>,
}
