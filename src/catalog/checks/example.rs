//! Examples in the files of checks: a resource, and the verdict on it.

use serde::{Deserialize, Serialize};

use crate::catalog::registry::{Example, Shows};
use crate::model::audit::CheckVerdict;
use crate::model::monitoring::ComplianceSection;
use crate::model::status::Severity;

/// A resource, and the verdict on it.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckExample {
    /// What people call it, for instance `a bucket behind the block of its account`.
    pub name: String,
    /// Type of the resource (default: the first that the check applies to).
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// Facts of the resource. What is not here is absent.
    #[serde(default)]
    #[schemars(with = "serde_json::Value")]
    pub resource: toml::Table,
    /// Settings of the account.
    #[serde(default)]
    #[schemars(with = "serde_json::Value")]
    pub account: toml::Table,
    /// Settings of the region.
    #[serde(default)]
    #[schemars(with = "serde_json::Value")]
    pub region: toml::Table,
    /// Other resources, each with its `type` and its facts.
    #[serde(default)]
    #[schemars(with = "serde_json::Value")]
    pub others: Vec<toml::Table>,
    /// What could not be read: facts (`policy`, `resource.region` where the name is also that of
    /// a type, `account.root_mfa_enabled`, `region.…`), or
    /// types of which no resource could be listed (`aws_cloudtrail`).
    #[serde(default)]
    pub unreadable: Vec<String>,
    /// Whether it is what a plan makes, instead of what is there.
    #[serde(default)]
    pub planned: bool,
    /// Whether the environment is one where an outage matters.
    #[serde(default)]
    pub critical: bool,
    /// The rules of `[compliance]` in monitoring.toml.
    #[serde(default)]
    pub compliance: ComplianceSection,
    /// When it is read, as RFC 3339 (default: 2026-11-30).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<toml::value::Datetime>,
    /// The verdict.
    pub verdict: CheckVerdict,
    /// The severity of the first finding. Not compared where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Keys of findings, where the check has several for one resource. Not compared where they
    /// are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<String>>,
    /// What an unknown verdict names, among other things: permissions or facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

impl Example for CheckExample {
    fn name(&self) -> &str {
        &self.name
    }

    fn shows(&self) -> Shows {
        match self.verdict {
            CheckVerdict::Pass | CheckVerdict::NotApplicable => Shows::Passing,
            CheckVerdict::Fail => Shows::Failing,
            CheckVerdict::Unknown => Shows::Unknown,
        }
    }
}
