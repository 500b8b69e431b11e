//! A problem of a document's tree, not yet placed in its text.

use std::ops::Range;

use crate::state::diagnostic::DiagnosticLevel;
use crate::state::diagnostic::locate::PathStep;
use crate::text::similar;

/// What is wrong with a value, and where in the tree it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(crate) severity: DiagnosticLevel,
    pub(crate) path: Vec<PathStep>,
    /// Whether it is the key at the path that is at fault, not its value.
    pub(crate) on_key: bool,
    /// The part that is at fault of an expression that is the value at the path.
    pub(crate) inside: Option<Range<usize>>,
    /// Whether the value must not be shown.
    pub(crate) secret: bool,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) expected: Option<String>,
    pub(crate) help: Option<String>,
}

impl Problem {
    pub(crate) fn error(path: &[PathStep], code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: DiagnosticLevel::Error,
            path: path.to_vec(),
            on_key: false,
            inside: None,
            secret: false,
            code,
            message: message.into(),
            expected: None,
            help: None,
        }
    }

    pub(crate) fn warning(
        path: &[PathStep],
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity: DiagnosticLevel::Warning,
            ..Self::error(path, code, message)
        }
    }

    pub(crate) fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says which known name was probably meant; where none is near, what `otherwise` adds.
    pub(crate) fn did_you_mean<'a>(
        self,
        wrong: &str,
        known: impl Iterator<Item = &'a str>,
        otherwise: impl FnOnce(Self) -> Self,
    ) -> Self {
        match similar::nearest(wrong, known) {
            Some(meant) => self.expecting(format!("did you mean `{meant}`?")),
            None => otherwise(self),
        }
    }

    /// Of the expression that is the value at the path, only this part is at fault.
    pub(crate) fn inside(mut self, part: Range<usize>) -> Self {
        self.inside = Some(part);
        self
    }

    pub(crate) fn on_key(mut self) -> Self {
        self.on_key = true;
        self
    }
}
