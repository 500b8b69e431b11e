//! The examples in the files of signatures.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalog::registry::{Example, Shows};
use crate::model::incident::Grade;

/// What was seen of a resource and its callers, and what the signature makes of it.
///
/// What is not given was read, and there was nothing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureExample {
    /// What people call it.
    pub name: String,
    /// What the signature comes to.
    pub verdict: SignatureVerdict,
    /// The grade, where it matches.
    #[serde(default)]
    pub grade: Option<Grade>,
    /// Lines of the resource that were not there before.
    #[serde(default)]
    pub logs: Vec<String>,
    /// Lines of the resource that were as frequent before.
    #[serde(default)]
    pub steady_logs: Vec<String>,
    /// Lines of what calls it that were not there before.
    #[serde(default)]
    pub caller_logs: Vec<String>,
    /// Metrics and indicators: what is usual, then the values from the symptom on.
    #[serde(default)]
    pub metrics: BTreeMap<String, Vec<f64>>,
    /// The same of what calls it.
    #[serde(default)]
    pub caller_metrics: BTreeMap<String, Vec<f64>>,
    /// Changes ten minutes before the symptom: source and summary, `deployment: deployed 1a2b`.
    #[serde(default)]
    pub changes: Vec<String>,
    /// The same half an hour after it began.
    #[serde(default)]
    pub later_changes: Vec<String>,
    /// What AWS says of the state of the resource.
    #[serde(default)]
    pub states: Vec<String>,
    /// What could not be read: `logs`, `caller_logs`, `changes`, `states`, `metrics.NAME`,
    /// `caller_metrics.NAME`.
    #[serde(default)]
    pub unreadable: Vec<String>,
}

/// What a signature comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureVerdict {
    /// The cause is there.
    Match,
    /// It is not.
    NoMatch,
    /// Something speaks for it, and what would prove it could not be read.
    Unknown,
}

impl Example for SignatureExample {
    fn name(&self) -> &str {
        &self.name
    }

    fn shows(&self) -> Shows {
        match self.verdict {
            SignatureVerdict::Match => Shows::Failing,
            SignatureVerdict::NoMatch => Shows::Passing,
            SignatureVerdict::Unknown => Shows::Unknown,
        }
    }
}
