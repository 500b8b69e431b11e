//! What a file comes to.

use crate::text::Untrusted;

/// One service level to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The resource: its name, or its ARN where one environment is meant.
    pub resource: String,
    /// The indicator.
    pub sli: String,
    /// Its target, in the unit of the indicator.
    pub target: f64,
    /// Days of its error budget, where the document says so.
    pub window_days: Option<u32>,
    /// The document's name for it.
    pub slo: String,
    /// The line it comes from, from 1.
    pub line: usize,
}

/// How bad it is that something was not taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is lost.
    Noted,
    /// A part of it is not taken over.
    Partly,
    /// The whole service level is left out.
    LeftOut,
}

/// Something that was not taken over.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// The line that it is about, from 1.
    pub line: usize,
    /// How bad.
    pub level: Level,
    /// What, and why.
    pub text: Untrusted,
}

/// What a file comes to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Import {
    /// Service levels to write, in the order of the file.
    pub edits: Vec<Edit>,
    /// What was not taken over, in the order of the file.
    pub notes: Vec<Note>,
}

/// A line, from 1, and why something is not taken over.
pub(super) type Fault = (usize, String);

/// A name of a document, for a message.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", crate::text::escape::cut(text, 80))
}
