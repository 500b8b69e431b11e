//! A fault in a user's file, with its place and its fix.

pub(crate) mod explain;
pub(crate) mod locate;
pub(crate) mod problem;
mod render;
pub(crate) mod source;

use std::ops::Range;

use crate::model::answers::Fault;
use crate::model::paths::RepoPath;
use crate::text::escape;

pub use locate::PathStep;
pub use problem::Problem;
pub use render::render;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiagnosticLevel {
    /// Nothing runs until it is fixed.
    Error,
    /// Worth fixing; everything runs.
    Warning,
}

impl DiagnosticLevel {
    /// The word, as GitHub's workflow commands and JSON have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// The line that a diagnostic is about, safe to show: control characters replaced and
/// secrets removed, without moving what is underlined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, without its end.
    pub text: String,
    /// Bytes of `text` that are underlined. May be empty: a place between characters.
    pub span: Range<usize>,
}

/// One fault in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: DiagnosticLevel,
    /// The file.
    pub path: RepoPath,
    /// Line, from 1; 0 where the fault is about the file as a whole.
    pub line: usize,
    /// Column in characters, from 1; 0 where the fault is about the file as a whole.
    pub column: usize,
    /// The line to show, where there is one.
    pub excerpt: Option<Excerpt>,
    /// Stable name of this sort of fault, for instance `state/duplicate-key`.
    pub code: &'static str,
    /// What is wrong, in a few words. Safe on a terminal.
    pub message: String,
    /// What was expected there; the label of the underline. Safe on a terminal.
    pub expected: Option<String>,
    /// How to fix it. Safe on a terminal.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error about a file as a whole.
    pub fn error(path: &RepoPath, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: DiagnosticLevel::Error,
            path: path.clone(),
            line: 0,
            column: 0,
            excerpt: None,
            code,
            message: message.into(),
            expected: None,
            help: None,
        }
    }

    /// A warning about a file as a whole.
    pub fn warning(path: &RepoPath, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: DiagnosticLevel::Warning,
            ..Self::error(path, code, message)
        }
    }

    /// With what was expected.
    #[must_use]
    pub fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// With the fix.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether it stops a run.
    pub fn is_error(&self) -> bool {
        self.severity == DiagnosticLevel::Error
    }

    /// Returns it for `--format json`.
    pub fn to_fault(&self) -> Fault {
        let place = |at: usize| (self.line > 0).then_some(at);
        let safe = |text: &String| escape::json(text);
        Fault {
            severity: self.severity.word(),
            code: self.code,
            path: self.path.as_str().to_owned(),
            line: place(self.line),
            column: place(self.column),
            message: safe(&self.message),
            expected: self.expected.as_ref().map(safe),
            help: self.help.as_ref().map(safe),
        }
    }

    /// For GitHub Actions: one `::error file=…,line=…::…` command, without a line end.
    pub fn to_github(&self) -> String {
        let place = if self.line > 0 {
            format!(",line={},col={}", self.line, self.column)
        } else {
            String::new()
        };
        let mut message = self.message.clone();
        for more in [&self.expected, &self.help].into_iter().flatten() {
            message.push_str(" — ");
            message.push_str(more);
        }
        format!(
            "::{} file={}{place},title={}::{}",
            self.severity.word(),
            escape::workflow_property(self.path.as_str()),
            escape::workflow_property(self.code),
            escape::workflow_message(&message)
        )
    }
}

/// Documents that cannot be used: at least one error, and every warning there was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", crate::state::diagnostic::render::summary(.diagnostics))]
pub struct Invalid {
    /// All of them, sorted by file and place.
    pub diagnostics: Vec<Diagnostic>,
}
