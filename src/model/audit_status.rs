//! The verdict on an audit as a whole.

use serde::{Deserialize, Serialize};

/// Verdict on an audit as a whole, ordered from best to worst.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AuditStatus {
    /// Nothing is open.
    Pass,
    /// Nothing is open, but not everything could be read.
    Unknown,
    /// Findings of MEDIUM or LOW severity are open.
    Warning,
    /// A finding of HIGH severity is open.
    Error,
    /// A finding of CRITICAL severity is open.
    Critical,
}

impl AuditStatus {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Unknown => "UNKNOWN",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }
}
