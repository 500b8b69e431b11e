//! The examples in the files of opportunities.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalog::registry::{Example, Shows};

/// A resource, and whether something could be saved on it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpportunityExample {
    /// What people call it.
    pub name: String,
    /// What the rule comes to.
    pub verdict: OpportunityVerdict,
    /// Facts of the resource.
    #[serde(default)]
    pub resource: toml::Table,
    /// Metrics by their names in `usage`.
    #[serde(default)]
    pub usage: BTreeMap<String, GivenUsage>,
    /// Days since it was created; it is older than any window where this is not given.
    #[serde(default)]
    pub age_days: Option<f64>,
    /// Facts and metrics that could not be read (`resource.engine`, `usage.cpu`, `related.ami`).
    #[serde(default)]
    pub unreadable: Vec<String>,
    /// The image that uses the snapshot.
    #[serde(default)]
    pub used_by_ami: Option<String>,
    /// What the bill says for each usage type of `costs`, by their names, over 30 days.
    #[serde(default)]
    pub billed: BTreeMap<String, f64>,
    /// Whether the values of metrics are those of the hours of a working day, in turn from
    /// midnight UTC, and weekends are zero.
    #[serde(default)]
    pub working_days_only: bool,
    /// Region (default `us-east-1`).
    #[serde(default)]
    pub region: Option<String>,
    /// Whether the environment is critical.
    #[serde(default)]
    pub critical: bool,
    /// What it would save a month, to the cent.
    #[serde(default)]
    pub savings_usd: Option<f64>,
    /// Whether something must be done first.
    #[serde(default)]
    pub blocked: bool,
}

/// What a metric says over the window: one value for every period, or several in turn. An empty
/// list is a metric without points.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "UsageForm")]
pub struct GivenUsage(pub Vec<f64>);

#[derive(Deserialize)]
#[serde(untagged)]
enum UsageForm {
    One(f64),
    Several(Vec<f64>),
}

impl From<UsageForm> for GivenUsage {
    fn from(form: UsageForm) -> Self {
        Self(match form {
            UsageForm::One(value) => vec![value],
            UsageForm::Several(values) => values,
        })
    }
}

/// What a rule comes to for one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpportunityVerdict {
    /// Something can be saved.
    Found,
    /// Nothing can be saved.
    Nothing,
    /// The rule says nothing about it.
    NotApplicable,
    /// It cannot be known.
    Unknown,
}

impl Example for OpportunityExample {
    fn name(&self) -> &str {
        &self.name
    }

    fn shows(&self) -> Shows {
        match self.verdict {
            OpportunityVerdict::Found => Shows::Failing,
            OpportunityVerdict::Nothing | OpportunityVerdict::NotApplicable => Shows::Passing,
            OpportunityVerdict::Unknown => Shows::Unknown,
        }
    }
}
