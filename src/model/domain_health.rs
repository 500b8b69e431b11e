//! What a domain monitor says, and what is kept of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::alert::UndeliveredAlerts;
use crate::model::dashboard::{DomainRow, KpiScoreRow};
use crate::model::ids::{CheckName, DomainName, EnvironmentName, KindId};
use crate::model::issue::Impact;
use crate::model::status::{Severity, Status};
use crate::text::Untrusted;

/// Health of one domain in one environment, as a domain monitor prints it on standard output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "domain-health.json")]
pub struct DomainHealth {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// The domain. Refused where it is not the one that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainName>,
    /// The environment. Refused where it is not the one that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
    /// Status of the whole domain. Never taken for better than the services and issues below.
    pub status: Status,
    /// Why, in a line; most useful where the status is UNKNOWN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Untrusted>,
    /// Its services.
    #[serde(default)]
    #[schemars(length(max = 500))]
    pub services: Vec<ServiceHealth>,
    /// Numbers worth keeping.
    #[serde(default)]
    #[schemars(length(max = 500))]
    pub metrics: Vec<DomainMetric>,
    /// Everything that is wrong. An issue that is no longer named counts as healthy.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub issues: Vec<DomainIssue>,
}

/// Health of one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ServiceHealth {
    /// Its name, the same on every run.
    #[schemars(length(min = 1, max = 200))]
    pub name: Untrusted,
    /// Its status.
    pub status: Status,
    /// A summary in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Untrusted>,
    /// Where to look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Untrusted>,
}

/// One number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DomainMetric {
    /// Its name, for instance `checkout_latency`.
    #[schemars(length(min = 1, max = 200))]
    pub name: Untrusted,
    /// Its value.
    pub value: f64,
    /// Its unit: `percent`, `milliseconds`, `seconds`, `ratio`, `count`, `bytes` or another.
    #[schemars(length(max = 40))]
    pub unit: Untrusted,
}

/// One thing that is wrong with one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DomainIssue {
    /// The check that found it, for instance `http_status`. With the resource it is the
    /// identity of the issue: the same on every run.
    pub check: CheckName,
    /// How urgent. Wins over `status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// How bad, DEGRADED by default; the severity follows from it and from the environment.
    /// UNKNOWN says that the check could not be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// One line.
    #[schemars(length(min = 1))]
    pub title: Untrusted,
    /// What it is about.
    pub resource: DomainResource,
    /// Whether a service level is missed.
    #[serde(default)]
    pub slo_breach: bool,
    /// Sentences of evidence; 20 are kept.
    #[serde(default)]
    pub symptoms: Vec<Untrusted>,
    /// Commands or steps worth trying, most useful first; 10 are kept.
    #[serde(default)]
    pub suggested_actions: Vec<Untrusted>,
    /// What it does to users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
}

/// What an issue of a domain is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DomainResource {
    /// Name for people; that of a service where it is one.
    #[schemars(length(min = 1, max = 200))]
    pub name: Untrusted,
    /// Kind, for instance `url`, `pipeline`, `distribution` (default `resource`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<KindId>,
    /// What identifies it, the same on every run (default: its name). An ARN, a URL, anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    pub id: Option<Untrusted>,
    /// Region, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 60))]
    pub region: Option<Untrusted>,
    /// Where to look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Untrusted>,
}

/// What asking one monitor gave: its document, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonitorAnswer {
    /// The domain.
    pub domain: DomainName,
    /// The environment.
    pub environment: EnvironmentName,
    /// The document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<DomainHealth>,
    /// Why there is none, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Untrusted>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// `helm/domains/<domain>/<environment>/latest.json`: the newest observation of a domain that
/// a program monitors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "domain-report.json")]
pub struct DomainReport {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// Always `domain-report`.
    pub kind: String,
    /// The domain.
    pub domain: DomainName,
    /// The environment.
    pub environment: EnvironmentName,
    /// Who says so: the plugin, and its program.
    pub source: Untrusted,
    /// When the monitor was asked, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub generated_at: Timestamp,
    /// The worst of what the monitor says; UNKNOWN where it gave no answer.
    pub status: Status,
    /// Why it is UNKNOWN, or what is odd about the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Untrusted>,
    /// How long the monitor took, in milliseconds.
    pub duration_ms: u64,
    /// Its services.
    #[serde(default)]
    pub services: Vec<ServiceHealth>,
    /// Its numbers.
    #[serde(default)]
    pub metrics: Vec<DomainMetric>,
    /// What is wrong, as the monitor says.
    #[serde(default)]
    pub issues: Vec<DomainIssue>,
    /// Consecutive runs that saw a problem, by resource and check, this one included. Those
    /// of a monitor that gave no answer are kept.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seen: BTreeMap<String, u32>,
}

/// What `status --format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct StatusReport {
    /// Version of this format, `1.0.0`.
    pub version: &'static str,
    /// Always `status`.
    pub kind: &'static str,
    /// When it was made, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub generated_at: Timestamp,
    /// Worst of all; UNKNOWN where there is none.
    pub overall_health: Status,
    /// One entry per domain and environment.
    pub domains: Vec<DomainRow>,
    /// The score of the key figures of each environment that keeps them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kpis: Vec<KpiScoreRow>,
    /// Alerts that a channel has not accepted, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undelivered: Vec<UndeliveredAlerts>,
}
