//! What rules of helm.toml may ask about an issue.

use std::sync::LazyLock;

use crate::expr::{Expression, Fault, Schema, Type};
use crate::model::status::Severity;

/// What an issue is about just now. Rules can tell the moments apart by `event`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IssueEvent {
    /// New.
    Opened,
    /// Was resolved, and is back.
    Reopened,
    /// More urgent than before.
    SeverityRaised,
    /// Less urgent than before.
    SeverityLowered,
    /// Still there.
    Ongoing,
    /// Over.
    Resolved,
}

impl IssueEvent {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Opened,
        Self::Reopened,
        Self::SeverityRaised,
        Self::SeverityLowered,
        Self::Ongoing,
        Self::Resolved,
    ];

    /// Returns the word that rules and alerts write.
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::SeverityRaised => "severity_raised",
            Self::SeverityLowered => "severity_lowered",
            Self::Ongoing => "ongoing",
            Self::Resolved => "resolved",
        }
    }
}

const STATUSES: [&str; 6] = [
    "active",
    "investigating",
    "remediating",
    "remediation_failed",
    "escalated",
    "resolved",
];

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let mut severities = Severity::ALL;
    severities.sort_unstable();
    let names = [
        ("alerts", Type::Number),
        ("assigned", Type::Flag),
        ("check", Type::Text),
        ("domain", Type::Text),
        ("duration_minutes", Type::Number),
        ("environment", Type::Text),
        ("escalated", Type::Flag),
        ("event", Type::word(IssueEvent::ALL.map(IssueEvent::word))),
        ("id", Type::Text),
        ("kind", Type::Text),
        ("occurrences", Type::Number),
        ("region", Type::Text),
        ("resource", Type::Text),
        (
            "severity",
            Type::ordered_word(severities.map(Severity::word)),
        ),
        ("slo_breach", Type::Flag),
        ("status", Type::word(STATUSES)),
    ];
    names.map(|(name, of)| (name.to_owned(), of)).into()
});

/// Compiles the condition of a rule: `severity == "CRITICAL" && slo_breach`.
///
/// # Errors
/// With the place, and with what to write instead.
pub fn compile(when: &str) -> Result<Expression, Fault> {
    Expression::compile(when, &SCHEMA, &Type::Flag)
}

/// Returns the names that a rule may ask about.
pub fn names() -> impl Iterator<Item = &'static str> {
    SCHEMA.keys().map(String::as_str)
}
