//! `audits/<env>/audit-history.json`: the audits that were kept, and what the newest of them
//! knows. The next audit says by it what is new and what is fixed, and dashboards show it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::audit_status::AuditStatus;
use crate::model::ids::{EnvironmentName, Region};
use crate::model::status::Severity;
use crate::text::Untrusted;

/// The audits of one environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "audit-history.json")]
pub struct AuditHistory {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// The environment, which is that of the folder.
    pub environment: EnvironmentName,
    /// One entry for each audit that was kept, oldest first; at most 400.
    pub audits: Vec<AuditEntry>,
    /// The findings of the newest audit, and earlier ones that it could not evaluate; sorted
    /// by id.
    #[serde(default)]
    pub findings: Vec<KnownFinding>,
}

/// One audit in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditEntry {
    /// When the configuration was read, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub generated_at: Timestamp,
    /// What was audited: `security`, `compliance` or `all`.
    #[serde(rename = "type")]
    pub audit_type: String,
    /// The verdict.
    pub overall_status: AuditStatus,
    /// Score from 0 to 100; missing where too little could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Share of the weight that is unknown, 0 to 100.
    pub unknown_percent: f64,
    /// Open findings by severity.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open: BTreeMap<Severity, usize>,
    /// Open findings that the audit before did not have.
    pub new: usize,
    /// Findings of the audit before that were fixed.
    pub fixed: usize,
    /// Findings that are suppressed.
    pub suppressed: usize,
    /// Calls that the audit made.
    pub calls: u64,
}

impl AuditEntry {
    /// Returns the number of open findings, whatever their severity.
    pub fn all_open(&self) -> usize {
        self.open.values().sum()
    }
}

/// A finding that earlier audits had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct KnownFinding {
    /// Its id.
    pub id: String,
    /// The check.
    pub check: String,
    /// How urgent it was.
    pub severity: Severity,
    /// What it is about: the ARN, or what identifies it where it has none.
    pub subject: Untrusted,
    /// Name of the resource.
    pub resource: Untrusted,
    /// Terraform type of the resource.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// Region of the resource, `global` where it has none.
    pub region: Region,
    /// The first audit that had it, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub first_seen: Timestamp,
    /// The last audit that had it, RFC 3339 UTC: older than the newest audit where that could
    /// not evaluate it.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub last_seen: Timestamp,
}
