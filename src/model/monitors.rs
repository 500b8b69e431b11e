//! `helm/registry/domain-monitors.json`: who watches which domain.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::ids::{DomainName, EnvironmentName};
use crate::model::monitoring::DurationText;

/// The domains and their monitors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "domain-monitors.json")]
pub struct DomainMonitors {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// Monitors that exist.
    pub monitors: Vec<DomainMonitor>,
    /// Domains that will have one.
    #[serde(default)]
    pub planned_domains: Vec<PlannedDomain>,
}

/// One monitor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DomainMonitor {
    /// The domain, for instance `infrastructure`.
    pub domain: DomainName,
    /// The plugin that watches it, for instance `fractary-helm-cloud`.
    pub plugin: String,
    /// Its manager, for instance `ops-manager`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Environments that it watches.
    #[serde(default)]
    pub environments: Vec<EnvironmentName>,
    /// Weight of this domain's issues in the priority (default 1.0).
    #[serde(default = "one")]
    pub priority_weight: f64,
    /// Prefix of its issue ids (default: from the domain's name).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_prefix: Option<String>,
    /// What to run, by operation: a slash name, or a program.
    #[serde(default)]
    pub commands: BTreeMap<String, MonitorCommand>,
    /// `active` monitors are asked.
    pub status: MonitorStatus,
}

/// A built-in command or a program.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum MonitorCommand {
    /// A slash name such as `/fractary-helm-cloud:health`.
    BuiltIn(String),
    /// A program that prints a document of the domain-health schema.
    Program(MonitorProgram),
}

/// A program to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MonitorProgram {
    /// Program and arguments, without a shell. A relative path begins at the repository's root.
    /// `{environment}` and `{domain}` are replaced.
    #[schemars(length(min = 1))]
    pub exec: Vec<String>,
    /// Time limit (default `30s`); the program and everything that it started is ended then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<DurationText>,
    /// Environment variables besides the few that every monitor gets. The value `${NAME}` is
    /// that of the variable NAME of fractary itself: the way for a token, which no file may hold.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}

impl<'de> Deserialize<'de> for MonitorCommand {
    // By hand because serde's `untagged` loses the place and the cause of an error.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(name) => Ok(Self::BuiltIn(name)),
            other => MonitorProgram::deserialize(other)
                .map(Self::Program)
                .map_err(serde::de::Error::custom),
        }
    }
}

/// Whether a monitor is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MonitorStatus {
    /// Asked on every run.
    Active,
    /// Switched off.
    Inactive,
    /// Not there yet.
    Planned,
}

/// A domain that will have a monitor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PlannedDomain {
    /// The domain.
    pub domain: DomainName,
    /// The plugin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// Always `planned`.
    pub status: MonitorStatus,
}

fn one() -> f64 {
    1.0
}

impl DomainMonitor {
    /// Prefix of this domain's issue ids.
    pub fn prefix(&self) -> String {
        self.issue_prefix
            .clone()
            .unwrap_or_else(|| domain_prefix(&self.domain))
    }
}

/// Prefix of the issue ids of a domain: `infra` for infrastructure, `app` for application,
/// else the domain's name up to its first separator, at most eight characters.
pub fn domain_prefix(domain: &DomainName) -> String {
    match domain.as_str() {
        "infrastructure" => "infra".to_owned(),
        "application" => "app".to_owned(),
        other => other
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(8)
            .collect(),
    }
}
