//! What is audited.

use clap::ValueEnum;

use crate::app::formats::{FindingFormat, Formats, ReportFormat};
use crate::app::options::Format;

/// What is audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuditKind {
    /// Who can reach, read and change what.
    Security,
    /// The same, and how far controls of frameworks are met.
    Compliance,
    /// What is spent, how it is going on, and what could be saved.
    Cost,
    /// All of it.
    All,
}

impl AuditKind {
    /// Returns the word in reports.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Compliance => "compliance",
            Self::Cost => "cost",
            Self::All => "all",
        }
    }

    /// Returns the formats of its report.
    pub(super) fn formats(self) -> &'static [Format] {
        match self {
            Self::Security | Self::Compliance | Self::All => FindingFormat::ALL,
            Self::Cost => ReportFormat::ALL,
        }
    }
}
