//! Faults in data files, and their places: a path of keys becomes line and column.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::expr;
use crate::text::escape;

/// A fault in a data file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}{}", fix_as_tail(.fix.as_deref()))]
pub struct DataError {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Bytes of the file that are at fault.
    pub span: Range<usize>,
    /// What is wrong. Safe to show.
    pub message: String,
    /// What would be right, where `message` does not say it. Safe to show.
    pub fix: Option<String>,
}

fn fix_as_tail(fix: Option<&str>) -> String {
    fix.map_or_else(String::new, |fix| format!(": {fix}"))
}

/// A fault whose place is a path of keys, as a proof finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    path: Vec<Step>,
    /// The part that is at fault of an expression that is the value at the path.
    inside: Option<Range<usize>>,
    message: String,
    fix: Option<String>,
}

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into a table.
    Key(String),
    /// Into a list.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl Fault {
    /// A fault of the value at `path`, or of the deepest part of it that is there.
    pub fn new(path: impl IntoIterator<Item = Step>, message: impl Into<String>) -> Self {
        Self {
            path: path.into_iter().collect(),
            inside: None,
            message: message.into(),
            fix: None,
        }
    }

    /// A fault inside the expression at `path`.
    pub(crate) fn of_expression(path: impl IntoIterator<Item = Step>, fault: expr::Fault) -> Self {
        Self {
            inside: Some(fault.at),
            fix: fault.hint,
            ..Self::new(path, fault.message)
        }
    }

    /// The same, with what would be right.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// The same fault, of a value below another one.
    #[must_use]
    pub(crate) fn below(mut self, path: impl IntoIterator<Item = Step>) -> Self {
        self.path = path.into_iter().chain(self.path).collect();
        self
    }
}

/// The text of one file, for the places in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl Places<'_> {
    pub(super) fn of_fault(self, fault: Fault) -> DataError {
        let value = self.find(&fault.path);
        let at = match fault.inside {
            Some(inside) => expr::locate(&inside, self.text, value),
            None => value,
        };
        let error = self.of_span(at, &fault.message);
        DataError {
            fix: fault.fix.map(|fix| escape::json(&fix)),
            ..error
        }
    }

    pub(super) fn of_span(self, span: Range<usize>, message: &str) -> DataError {
        let before = self.text.get(..span.start).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        DataError {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            span,
            // It quotes the file, which may hold anything.
            message: escape::json(message),
            fix: None,
        }
    }

    /// Bytes of the deepest part of the path that is there.
    fn find(self, path: &[Step]) -> Range<usize> {
        let Ok(table) = DeTable::parse(self.text) else {
            return 0..0;
        };
        let mut found = 0..0;
        let root = table.into_inner();
        let mut current: Option<&Spanned<DeValue<'_>>> = None;
        for step in path {
            let next = match (step, current.map(Spanned::get_ref)) {
                (Step::Key(key), None) => root.get(key.as_str()),
                (Step::Key(key), Some(DeValue::Table(table))) => table.get(key.as_str()),
                (Step::Index(index), Some(DeValue::Array(array))) => array.get(*index),
                _ => None,
            };
            let Some(next) = next else { break };
            found = next.span();
            current = Some(next);
        }
        found
    }
}
