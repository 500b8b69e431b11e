//! `helm/issues/{active,resolved}/<id>.json`: one trouble, one file.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::{Arn, DomainName, EnvironmentName, IssueId, Region};
use crate::model::status::Severity;
use crate::text::Untrusted;

/// An issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "issue.json")]
pub struct Issue {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// Its id: the domain's prefix and the first 6 hex digits of SHA-256 over
    /// domain, environment, resource ARN and check.
    pub id: IssueId,
    /// The domain.
    pub domain: DomainName,
    /// The environment.
    pub environment: EnvironmentName,
    /// How urgent. Rises during an issue; falls only when it resolves.
    pub severity: Severity,
    /// Where it stands.
    pub status: IssueStatus,
    /// One line.
    pub title: Untrusted,
    /// The check that found it.
    pub check: String,
    /// The resource.
    pub resource: IssueResource,
    /// Whether a service level is missed.
    #[serde(default)]
    pub slo_breach: bool,
    /// First seen (of this occurrence), RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub detected_at: Timestamp,
    /// Last seen by a committed run, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub last_seen_at: Timestamp,
    /// When it was resolved, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub resolved_at: Option<Timestamp>,
    /// How often it came back, the first time included.
    #[serde(default = "one")]
    pub occurrences: u32,
    /// Consecutive healthy runs since it was last seen.
    #[serde(default)]
    pub healthy_streak: u32,
    /// What it does to users.
    #[serde(default)]
    pub impact: Impact,
    /// Sentences of evidence, newest state.
    #[serde(default)]
    pub symptoms: Vec<Untrusted>,
    /// The cause, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_cause: Option<Untrusted>,
    /// Commands worth trying, most useful first.
    #[serde(default)]
    pub suggested_actions: Vec<Untrusted>,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Untrusted>,
    /// Notes by people.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// What happened, oldest first: the last 100 events.
    #[serde(default)]
    pub timeline: Vec<Event>,
    /// Events that were dropped from the timeline.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub timeline_dropped: u32,
}

/// Most events that a timeline keeps.
pub const MOST_EVENTS: usize = 100;

/// Where an issue stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IssueStatus {
    /// Open.
    Active,
    /// Somebody or something looks for the cause.
    Investigating,
    /// A remediation is under way.
    Remediating,
    /// A remediation did not help.
    RemediationFailed,
    /// Handed over.
    Escalated,
    /// Over.
    Resolved,
}

/// The resource of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IssueResource {
    /// Name for people.
    pub name: Untrusted,
    /// Kind or type.
    pub kind: String,
    /// ARN.
    pub arn: Arn,
    /// Region.
    pub region: Region,
}

/// What an issue does to users, over the window that last saw it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Impact {
    /// Requests in the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_total: Option<f64>,
    /// Failed requests among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_failed: Option<f64>,
    /// The indicator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slo_metric: Option<String>,
    /// Its target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slo_target: Option<f64>,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slo_current: Option<f64>,
    /// Unit of target and value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A note by a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Note {
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Untrusted>,
    /// What.
    pub text: Untrusted,
}

/// Something that happened to an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Event {
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// What: `opened`, `severity_raised`, `alert`, `resolved`, `reopened`, `note` …
    pub event: String,
    /// Details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Untrusted>,
}

fn one() -> u32 {
    1
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}
