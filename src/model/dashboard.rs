//! What a dashboard shows. Built by `core`, drawn by `render`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::alert::UndeliveredAlerts;
use crate::model::audit::AuditStatus;
use crate::model::history::HistoryEntry;
use crate::model::ids::{CommitId, DomainName, EnvironmentName, IssueId};
use crate::model::issue::IssueStatus;
use crate::model::kpi_report::KpiStatus;
use crate::model::optimization::CycleOutcome;
use crate::model::receipt::Receipt;
use crate::model::report::{Recommendation, ResourceCounts};
use crate::model::slo_report::BudgetRow;
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
    /// Open incidents of several issues, and those whose cause a run found, the worst first, at
    /// most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<IncidentRow>,
    /// Open incidents in all; an issue that belongs to no other is one.
    #[serde(default)]
    pub incidents_total: u32,
    /// Open issues, the one to look at first on top, cut to the asked number.
    pub top_issues: Vec<IssueRow>,
    /// Open issues in all.
    pub issues_total: u32,
    /// Open issues by severity.
    pub issues_by_severity: BTreeMap<Severity, u32>,
    /// Alerts that a channel has not accepted, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undelivered: Vec<UndeliveredAlerts>,
    /// Three to five things to do next.
    pub recommended_actions: Vec<Recommendation>,
    /// Overall status over time by environment, oldest first, at most 288 entries each.
    pub trend: BTreeMap<EnvironmentName, Vec<HistoryEntry>>,
    /// Error budgets, the one that lasts shortest on top, at most 10: those of which half the
    /// window was observed, or that are burning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<BudgetRow>,
    /// Total number of error budgets.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub budgets_total: u32,
    /// The last audit of each environment that was audited, or that `run` should audit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audits: Vec<AuditRow>,
    /// The score of the key figures of each environment that keeps them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kpis: Vec<KpiScoreRow>,
    /// Resolved in the last 7 days, newest first, at most 5.
    #[serde(default)]
    pub recently_resolved: Vec<IssueRow>,
    /// Overall status by environment over the last 24 hours and, where anything was observed
    /// before those, 7 and 30 days.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub history: BTreeMap<EnvironmentName, Vec<HistorySpan>>,
    /// The last deployments, newest first, at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deployments: Vec<DeploymentRow>,
    /// The last remediations, newest first, at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remediations: Vec<RemediationRow>,
    /// Remediations that were proposed and wait for a decision, by environment and id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<ProposalRow>,
    /// What the AWS calls of committed runs cost, by environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub spend: BTreeMap<EnvironmentName, Spend>,
    /// What of this dashboard could not be read, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Untrusted>,
    /// Where its files lie for people, where the remote is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<Links>,
}

/// The score of the key figures of one environment, as they were collected last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct KpiScoreRow {
    /// The environment.
    pub environment: EnvironmentName,
    /// When they were collected, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub collected_at: Timestamp,
    /// What the score means.
    pub status: KpiStatus,
    /// The score, 0 to 100; absent where nothing was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Share of the weight that was measured, 0 to 100.
    pub coverage_percent: f64,
    /// Key figures that were measured.
    pub measured: u32,
    /// How many of them miss their target.
    pub missed: u32,
    /// The scores that were kept, oldest first, at most 30.
    #[serde(default)]
    pub scores: Vec<Option<f64>>,
    /// The last optimisation cycle that did something; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_cycle: Option<CycleRow>,
}

/// An optimisation cycle in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CycleRow {
    /// When it began, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub began_at: Timestamp,
    /// What it came to.
    pub outcome: CycleOutcome,
    /// Tasks that improved what they were for.
    pub improved: u32,
    /// Tasks that made it worse.
    pub made_worse: u32,
    /// How many of those were undone.
    pub undone: u32,
    /// Tasks of which neither can be said.
    pub inconclusive: u32,
    /// Tasks that are still watched.
    pub watched: u32,
}

/// The last audit of one environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditRow {
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was audited, RFC 3339 UTC; absent where it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub generated_at: Option<Timestamp>,
    /// What was audited, for instance `security`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub audit_type: Option<String>,
    /// The verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overall_status: Option<AuditStatus>,
    /// Score from 0 to 100; absent where too little could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Share of the weight that could not be evaluated, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_percent: Option<f64>,
    /// Open findings by severity.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open: BTreeMap<Severity, usize>,
    /// Open findings that the audit before did not have.
    pub new: usize,
    /// Findings of the audit before that were fixed.
    pub fixed: usize,
    /// Whether the next one should have been made by now.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_overdue: bool,
}

/// How far back a part of the history goes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum SpanLength {
    /// The last 24 hours, by half hours.
    #[serde(rename = "24h")]
    Day,
    /// The last 7 days, by three hours.
    #[serde(rename = "7d")]
    Week,
    /// The last 30 days, by days (UTC).
    #[serde(rename = "30d")]
    Month,
}

impl SpanLength {
    /// All of them, the shortest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// `24h`, `7d`, `30d`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    /// Seconds of one part.
    pub fn cell_seconds(self) -> i64 {
        match self {
            Self::Day => 1_800,
            Self::Week => 10_800,
            Self::Month => 86_400,
        }
    }

    /// How many parts there are; the last one holds the present.
    pub fn cells(self) -> i64 {
        match self {
            Self::Day => 48,
            Self::Week => 56,
            Self::Month => 30,
        }
    }
}

/// Status over a span of time, in equal parts that begin at whole parts of a UTC day, so
/// that the same history looks the same until the next part begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HistorySpan {
    /// How far back it goes.
    pub span: SpanLength,
    /// Its parts, oldest first.
    pub cells: Vec<HistoryCell>,
}

/// One part of a span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HistoryCell {
    /// Its start, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub start: Timestamp,
    /// The worst overall status in it; absent where nothing was observed, which is neither
    /// health nor failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst: Option<Status>,
}

/// One deployment in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DeploymentRow {
    /// Its id.
    pub id: Untrusted,
    /// Where it went.
    pub environment: EnvironmentName,
    /// The domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainName>,
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Untrusted>,
    /// The commit that was deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Untrusted>,
    /// `success`, `failed`, `partial` or `adopted`.
    pub status: Untrusted,
    /// Resources that it left behind.
    pub resources: u32,
}

/// One remediation in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RemediationRow {
    /// Its id.
    pub id: Untrusted,
    /// Where it was done.
    pub environment: EnvironmentName,
    /// When it was recorded, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// What was done, for instance `restart_lambda`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Untrusted>,
    /// The issue that it was done for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<Untrusted>,
    /// The resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Untrusted>,
    /// What came of it, for instance `success`; absent where the log does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Untrusted>,
}

/// One proposal in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ProposalRow {
    /// Its id, which is the name of its file.
    pub id: Untrusted,
    /// The environment that it is for.
    pub environment: EnvironmentName,
}

/// ESTIMATED cost of AWS calls in US dollars, from the receipts of committed runs. What the
/// infrastructure itself costs is not in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Spend {
    /// Over the last 24 hours.
    pub last_24h_usd: f64,
    /// Over the last 7 days.
    pub last_7d_usd: f64,
    /// Over the last 30 days.
    pub last_30d_usd: f64,
    /// Committed runs of the last 30 days.
    pub runs_30d: u64,
    /// The oldest run among them, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub since: Timestamp,
}

/// Addresses of the files behind a dashboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Links {
    /// The repository, for instance `https://github.com/acme/operations`.
    pub repository: String,
    /// The commit that the dashboard was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitId>,
    /// Files and commits of issues.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub issues: BTreeMap<IssueId, IssueLinks>,
}

/// Where one issue lies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IssueLinks {
    /// Path of its file in the repository.
    pub path: String,
    /// The commit that last changed that file; absent where it lies too far back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitId>,
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
    /// Incidents that they are; an issue that belongs to no other is one.
    #[serde(default)]
    pub incidents: u32,
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
    /// A summary in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Untrusted>,
}

/// One open incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IncidentRow {
    /// Its id, where it has several issues or had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Environment.
    pub environment: EnvironmentName,
    /// The worst severity of its issues.
    pub severity: Severity,
    /// Name of the resource that the others depend on.
    pub resource: Untrusted,
    /// What is wrong with it, in one line.
    pub title: Untrusted,
    /// Its issues, the one about that resource first.
    pub issues: Vec<IssueId>,
    /// When the first of them was seen, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub began_at: Timestamp,
    /// Minutes since then.
    pub age_minutes: i64,
    /// The cause, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Untrusted>,
    /// The page of its investigation in this repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Untrusted>,
}

/// One issue in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IssueRow {
    /// Its id.
    pub id: IssueId,
    /// Severity.
    pub severity: Severity,
    /// Its status.
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
    /// Its place in its incident, where others belong to that:
    /// `incident inc-7f3a2c: 2 others follow from it`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Untrusted>,
    /// The command to run next.
    pub next_command: Untrusted,
    /// When it was resolved, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub resolved_at: Option<Timestamp>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}
