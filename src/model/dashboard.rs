//! What a dashboard and a list of deployed resources show. Built by `core`, drawn by `render`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::budget::BudgetRow;
use crate::model::history::HistoryEntry;
use crate::model::ids::{Arn, DomainName, EnvironmentName, IssueId, Region};
use crate::model::issue::IssueStatus;
use crate::model::receipt::Receipt;
use crate::model::report::{Recommendation, ResourceCounts};
use crate::model::status::{Severity, Status};
use crate::text::Untrusted;

/// The dashboard of all domains and environments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "dashboard.json")]
pub struct Dashboard {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// Always `dashboard`.
    pub kind: String,
    /// When it was made, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub generated_at: Timestamp,
    /// Worst of all domains.
    pub overall_health: Status,
    /// One row per domain and environment.
    pub domains: Vec<DomainRow>,
    /// Open issues, the one to look at first on top, cut to the asked number.
    pub top_issues: Vec<IssueRow>,
    /// Open issues in all.
    pub issues_total: u32,
    /// Open issues by severity.
    pub issues_by_severity: BTreeMap<Severity, u32>,
    /// Three to five things to do next.
    pub recommended_actions: Vec<Recommendation>,
    /// Overall status over time by environment, oldest first, at most 288 entries each.
    pub trend: BTreeMap<EnvironmentName, Vec<HistoryEntry>>,
    /// Error budgets, the one that lasts shortest on top.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<BudgetRow>,
    /// Resolved in the last 7 days, newest first, at most 5.
    #[serde(default)]
    pub recently_resolved: Vec<IssueRow>,
}

/// Health of one domain in one environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DomainRow {
    /// The domain.
    pub domain: DomainName,
    /// The environment.
    pub environment: EnvironmentName,
    /// Who says so: the plugin, and the program where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Untrusted>,
    /// Its status.
    pub status: Status,
    /// Its services, where its monitor names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceRow>,
    /// Its resources by status.
    pub resources: ResourceCounts,
    /// Issues open in it.
    pub issues: u32,
    /// When it was last observed, RFC 3339 UTC; `None` if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub observed_at: Option<Timestamp>,
    /// Why it is UNKNOWN, or what is partial about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Untrusted>,
    /// What the last observation cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<Receipt>,
}

/// One service of a domain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ServiceRow {
    /// Its name.
    pub name: Untrusted,
    /// Its status.
    pub status: Status,
    /// What there is to say of it, in a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Untrusted>,
}

/// One issue in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IssueRow {
    /// Its id.
    pub id: IssueId,
    /// Severity.
    pub severity: Severity,
    /// Where it stands.
    pub status: IssueStatus,
    /// Domain.
    pub domain: DomainName,
    /// Environment.
    pub environment: EnvironmentName,
    /// Resource name.
    pub resource: Untrusted,
    /// Resource kind.
    pub kind: String,
    /// One line.
    pub title: Untrusted,
    /// Whether a service level is missed.
    pub slo_breach: bool,
    /// `severity × domain weight + 2 if SLO breach + age_minutes / 60` (age bounded if set).
    pub priority: f64,
    /// When it was first seen, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub detected_at: Timestamp,
    /// Minutes since then.
    pub age_minutes: i64,
    /// How often it came back.
    pub occurrences: u32,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Untrusted>,
    /// The command to run next.
    pub next_command: Untrusted,
    /// When it was resolved, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub resolved_at: Option<Timestamp>,
}

/// What `DEPLOYED.md` shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deployed {
    /// The environment.
    pub environment: EnvironmentName,
    /// The project.
    pub project: Option<String>,
    /// When it was last deployed or adopted.
    pub last_deployed: Option<Timestamp>,
    /// Groups by type, sorted by title.
    pub groups: Vec<DeployedGroup>,
    /// Resources in all.
    pub total: u32,
}

/// Resources of one type.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeployedGroup {
    /// `Lambda functions`, or the Terraform type where the catalogue has no kind for it.
    pub title: String,
    /// Whether `fractary health` watches this type.
    pub monitored: bool,
    /// The resources, sorted by name.
    pub rows: Vec<DeployedRow>,
}

/// One deployed resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeployedRow {
    /// Name.
    pub name: Untrusted,
    /// ARN.
    pub arn: Arn,
    /// Region.
    pub region: Region,
    /// Address in Terraform.
    pub terraform_address: Option<Untrusted>,
    /// Link to the console.
    pub console_url: Option<Untrusted>,
    /// When it was created or adopted.
    pub created: Option<Timestamp>,
}
