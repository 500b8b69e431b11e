//! A fault of an expression: where it is, what is wrong, what to write instead.

use std::fmt;
use std::ops::Range;

use crate::text::escape;
use crate::text::similar;

/// Longest piece of somebody's text that a message quotes, in characters.
const MOST_QUOTED: usize = 60;

/// Why a text is not an expression, or not one that makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The bytes of the expression that are at fault. Empty where something is missing.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead, where that is known.
    pub hint: Option<String>,
}

impl Fault {
    pub(super) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the nearest of the names there are, or all of them where none is near.
    pub(super) fn instead<'n>(self, wrong: &str, names: impl Iterator<Item = &'n str>) -> Self {
        let names: Vec<&str> = names.collect();
        match similar::nearest(wrong, names.iter().copied()) {
            Some(meant) => self.hint(format!("did you mean `{meant}`?")),
            None if names.is_empty() => self,
            None => self.hint(format!("write one of: {}", names.join(", "))),
        }
    }

    /// Returns line and column, from 1, in characters.
    pub fn place(&self, source: &str) -> (usize, usize) {
        let before = source.get(..self.at.start).unwrap_or(source);
        let line = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before[line..].chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }

    /// Returns the fault as one line with its place in `source`.
    pub fn show(&self, source: &str) -> String {
        let (line, column) = self.place(source);
        format!("{line}:{column}: {self}")
    }
}

/// Returns where a part of an expression lies in the file that holds it as a quoted text: all of
/// the text, where an escape moves what comes after it.
pub fn locate(at: &Range<usize>, file: &str, text: Range<usize>) -> Range<usize> {
    let Some(quote @ ('"' | '\'')) = file[text.start..].chars().next() else {
        return text;
    };
    let inner = text.start + 1;
    let moved = |c: char| c == quote || c == '\n' || (c == '\\' && quote == '"');
    match file.get(inner..inner + at.end) {
        Some(before) if !before.contains(moved) => {
            inner + at.start..inner + at.end.max(at.start + 1)
        }
        _ => text,
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        self.hint.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

impl std::error::Error for Fault {}

/// Quotes what a person wrote, harmless on a terminal.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", escape::terminal(&escape::cut(text, MOST_QUOTED)))
}
