//! Conditions over an issue: `severity == "CRITICAL" and slo_breach`.
//!
//! A language of its own, and a small one: names of the issue, words, numbers, comparisons,
//! `and`, `or`, `not`, `in`. Every name has a type and every fault has a place, so that a rule
//! that can never be true is refused when it is written, not found out about at three in the
//! morning. It cannot loop, call anything or cost more than its length.

pub mod eval;
mod parse;
mod token;

use std::cmp::Ordering;
use std::fmt;

use crate::model::status::Severity;

/// Longest condition in bytes.
pub const MOST_LENGTH: usize = 1_000;

/// What an issue is about just now. Rules can tell the moments apart by `event`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IssueEvent {
    /// New.
    Opened,
    /// Was resolved, and is back.
    Reopened,
    /// More urgent than before.
    SeverityRaised,
    /// Still there.
    Ongoing,
    /// Over.
    Resolved,
}

impl IssueEvent {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Opened,
        Self::Reopened,
        Self::SeverityRaised,
        Self::Ongoing,
        Self::Resolved,
    ];

    /// The word, as rules and alerts have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::SeverityRaised => "severity_raised",
            Self::Ongoing => "ongoing",
            Self::Resolved => "resolved",
        }
    }
}

/// Type of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A severity, which has an order.
    Severity,
    /// Yes or no.
    Truth,
    /// A number.
    Number,
}

const STATUSES: [&str; 6] = [
    "active",
    "investigating",
    "remediating",
    "remediation_failed",
    "escalated",
    "resolved",
];

const EVENTS: [&str; 5] = [
    "opened",
    "reopened",
    "severity_raised",
    "ongoing",
    "resolved",
];

/// The names there are, sorted.
pub(crate) const NAMES: [(&str, Type); 16] = [
    ("alerts", Type::Number),
    ("assigned", Type::Truth),
    ("check", Type::Text),
    ("domain", Type::Text),
    ("duration_minutes", Type::Number),
    ("environment", Type::Text),
    ("escalated", Type::Truth),
    ("event", Type::Word(&EVENTS)),
    ("id", Type::Text),
    ("kind", Type::Text),
    ("occurrences", Type::Number),
    ("region", Type::Text),
    ("resource", Type::Text),
    ("severity", Type::Severity),
    ("slo_breach", Type::Truth),
    ("status", Type::Word(&STATUSES)),
];

pub(crate) fn entry_of(name: &str) -> Option<(&'static str, Type)> {
    NAMES.iter().find(|(known, _)| *known == name).copied()
}

/// Every name of the language, for "did you mean".
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

/// What is known of a name.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A text or a word.
    Text(String),
    /// A severity.
    Severity(Severity),
    /// Yes or no.
    Truth(bool),
    /// A number.
    Number(f64),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Term {
    Truth(bool),
    Name(&'static str),
    Compare(&'static str, Relation, Fact),
    In(&'static str, Vec<Fact>),
    Not(Box<Term>),
    And(Vec<Term>),
    Or(Vec<Term>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A condition that can be decided.
#[derive(Clone, PartialEq)]
pub struct Condition {
    source: String,
    root: Term,
}

/// Why a text is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at character {}", .at + 1)]
pub struct ConditionError {
    /// Where, in characters from 0.
    pub at: usize,
    /// What is wrong.
    pub message: String,
    /// The word that is wrong, and those that would do.
    pub instead: Option<(String, Vec<&'static str>)>,
}

impl Condition {
    /// Parses one.
    ///
    /// # Errors
    /// With the place and the words that would do.
    pub fn new(source: &str) -> Result<Self, ConditionError> {
        parse::parse(source).map(|root| Self {
            source: source.to_owned(),
            root,
        })
    }

    /// The text that it was made from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it asks about a name.
    pub fn mentions(&self, name: &str) -> bool {
        mentions(&self.root, name)
    }

    /// Decides. A fact that is not of its name's type makes the comparison false.
    pub fn holds(&self, fact: &dyn Fn(&str) -> Option<Fact>) -> bool {
        holds(&self.root, fact)
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition({:?})", self.source)
    }
}

fn mentions(term: &Term, wanted: &str) -> bool {
    match term {
        Term::Truth(_) => false,
        Term::Name(name) | Term::Compare(name, _, _) | Term::In(name, _) => *name == wanted,
        Term::Not(inner) => mentions(inner, wanted),
        Term::And(parts) | Term::Or(parts) => parts.iter().any(|part| mentions(part, wanted)),
    }
}

fn holds(term: &Term, fact: &dyn Fn(&str) -> Option<Fact>) -> bool {
    match term {
        Term::Truth(value) => *value,
        Term::Name(name) => fact(name) == Some(Fact::Truth(true)),
        Term::Compare(name, relation, other) => {
            fact(name).is_some_and(|value| compare(&value, *relation, other))
        }
        Term::In(name, list) => fact(name).is_some_and(|value| list.contains(&value)),
        Term::Not(inner) => !holds(inner, fact),
        Term::And(parts) => parts.iter().all(|part| holds(part, fact)),
        Term::Or(parts) => parts.iter().any(|part| holds(part, fact)),
    }
}

fn compare(value: &Fact, relation: Relation, other: &Fact) -> bool {
    let order = match (value, other) {
        (Fact::Text(a), Fact::Text(b)) => Some(a.cmp(b)),
        (Fact::Severity(a), Fact::Severity(b)) => Some(a.cmp(b)),
        (Fact::Truth(a), Fact::Truth(b)) => Some(a.cmp(b)),
        (Fact::Number(a), Fact::Number(b)) => a.partial_cmp(b),
        _ => None,
    };
    let Some(order) = order else { return false };
    match relation {
        Relation::Equal => order == Ordering::Equal,
        Relation::Unequal => order != Ordering::Equal,
        Relation::Less => order == Ordering::Less,
        Relation::LessOrEqual => order != Ordering::Greater,
        Relation::Greater => order == Ordering::Greater,
        Relation::GreaterOrEqual => order != Ordering::Less,
    }
}

#[cfg(test)]
mod tests;
