//! What a source found, and how far it looked: what decisions on issues are made from.
//!
//! Whoever examines an environment says both. What is wrong are its findings; what was looked
//! at and is well is clean; what could not be judged is unknown. Of everything else it says
//! nothing, and so it changes nothing: a source resolves only what it could see.

use std::collections::BTreeSet;

use crate::model::ids::{DomainName, EnvironmentName, SourceName};
use crate::model::issue::Impact;
use crate::model::status::Severity;
use crate::model::subject::{Subject, SubjectRef};
use crate::text::Untrusted;

/// One thing that is wrong with one subject: it is or may become an issue.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What it is about.
    pub about: SubjectRef,
    /// The check that found it. One that can fail in several places of a subject names the
    /// place behind a slash by what it means, never by an index or a line, so that it is the
    /// same on every run: `alarm/orders-5xx`, `open_port/tcp:22:0.0.0.0/0`.
    pub check: String,
    /// How urgent.
    pub severity: Severity,
    /// One line, for instance `error rate 3.2 % (target 0.1 %)`.
    pub title: Untrusted,
    /// Sentences that prove it.
    pub evidence: Vec<Untrusted>,
    /// Commands or steps worth trying, most useful first.
    pub recommendation: Vec<Untrusted>,
    /// What it does to users.
    pub impact: Impact,
    /// Whether a service level is missed.
    pub slo_breach: bool,
    /// Consecutive runs that saw it, this one included.
    pub seen: u32,
}

/// What one source says of one domain in one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Examination {
    /// Who looked. What one source found no other resolves.
    pub source: SourceName,
    /// The domain.
    pub domain: DomainName,
    /// The environment.
    pub environment: EnvironmentName,
    /// What is wrong. Where a subject and check are named twice, the more urgent one counts.
    pub findings: Vec<Finding>,
    /// What was looked at and shows nothing else.
    pub clean: Vec<Clean>,
    /// What was not judged. Wins over `clean`.
    pub unknown: Vec<Unjudged>,
    /// Every subject that there is, where the source knows them all: an issue about another
    /// one is over. `None` says nothing about what is gone.
    pub inventory: Option<BTreeSet<Subject>>,
}

impl Examination {
    /// Returns an examination that has looked at nothing.
    pub fn new(source: SourceName, domain: DomainName, environment: EnvironmentName) -> Self {
        Self {
            source,
            domain,
            environment,
            findings: Vec::new(),
            clean: Vec::new(),
            unknown: Vec::new(),
            inventory: None,
        }
    }

    /// Notes that checks on a subject show nothing but what is found.
    pub fn mark_clean(&mut self, subject: &Subject, checks: Checks, why: CleanReason) {
        self.clean.push(Clean {
            subject: subject.clone(),
            checks,
            why,
        });
    }

    /// Notes that checks on a subject were not judged.
    pub fn mark_unknown(&mut self, subject: &Subject, checks: Checks) {
        self.unknown.push(Unjudged {
            subject: subject.clone(),
            checks,
        });
    }
}

/// Checks on a subject that were looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clean {
    /// The subject.
    pub subject: Subject,
    /// Its checks. Where several entries speak of one check, the most specific counts.
    pub checks: Checks,
    /// Why nothing is wrong.
    pub why: CleanReason,
}

/// Why a check shows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CleanReason {
    /// It was made and is well.
    Healthy,
    /// The subject was looked at and has no such check any more.
    NotChecked,
}

/// Checks on a subject that could not be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjudged {
    /// The subject.
    pub subject: Subject,
    /// Its checks.
    pub checks: Checks,
}

/// Some of the checks on a subject. Ordered from the most specific to the least.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Checks {
    /// The one of this name.
    Only(String),
    /// Those that begin like this.
    StartingWith(String),
    /// All.
    All,
}

impl Checks {
    /// Parses a name, or the beginning of names in front of a `*`.
    pub fn from_pattern(pattern: &str) -> Self {
        match pattern.strip_suffix('*') {
            None => Self::Only(pattern.to_owned()),
            Some("") => Self::All,
            Some(start) => Self::StartingWith(start.to_owned()),
        }
    }

    /// Whether a check is among them.
    pub fn contains(&self, check: &str) -> bool {
        match self {
            Self::Only(name) => name == check,
            Self::StartingWith(start) => check.starts_with(start.as_str()),
            Self::All => true,
        }
    }
}
