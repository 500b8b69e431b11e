//! `attestations.toml`: controls that only a person can answer for, and what they said.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::text::Untrusted;

/// Controls that people have answered for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "attestations.toml")]
pub struct Attestations {
    /// Version of this format, `1.0.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// One entry for each control.
    #[serde(default, rename = "attest")]
    pub entries: Vec<Attestation>,
}

/// What someone says of a control that no check evaluates. It is shown beside the percentage
/// of its framework, and never counts in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Attestation {
    /// Id of the framework (`cis-aws-7.0`).
    pub framework: String,
    /// Id of the control in it (`2.6`).
    pub control: String,
    /// What is so.
    pub statement: Untrusted,
    /// Who says it.
    pub by: Untrusted,
    /// When they said it, `YYYY-MM-DD`.
    #[schemars(with = "String", extend("format" = "date"))]
    pub date: Date,
    /// The last day on which it counts, `YYYY-MM-DD`, in UTC.
    #[schemars(with = "String", extend("format" = "date"))]
    pub until: Date,
    /// What proves it: a path in the repository, or an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Untrusted>,
}

impl Attestation {
    /// Whether it is about this control.
    pub fn is_about(&self, framework: &str, control: &str) -> bool {
        self.framework == framework && self.control == control
    }
}
