//! `monitoring/<env>/monitoring-history.json`: one compact entry per committed run, and what
//! older ones sum up to.

mod sums;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::{EnvironmentName, RunId};
use crate::model::report::ResourceCounts;
use crate::model::status::Status;

pub use sums::{DAY, HOUR, start};

/// History of one environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "monitoring-history.json")]
pub struct History {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// Entries, oldest first, of the last 7 days.
    pub entries: Vec<HistoryEntry>,
    /// What the runs before those sum up to, by hour, oldest first, of the last 30 days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hourly: Vec<RollUp>,
    /// What the runs before those sum up to, by day (UTC), oldest first, of the last 400 days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub daily: Vec<RollUp>,
}

/// One committed run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HistoryEntry {
    /// The run.
    pub run_id: RunId,
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// Start of the span that was evaluated, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub window_start: Timestamp,
    /// End of that span, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub window_end: Timestamp,
    /// Overall status.
    pub overall_health: Status,
    /// Resources by status.
    pub resources: ResourceCounts,
    /// Issues opened by this run.
    #[serde(default)]
    pub issues_opened: u32,
    /// Issues resolved by this run.
    #[serde(default)]
    pub issues_resolved: u32,
    /// Issues open after this run.
    #[serde(default)]
    pub issues_active: u32,
    /// Requests in the window, where any kind counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_total: Option<f64>,
    /// Failed requests in the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_failed: Option<f64>,
    /// Whether something could not be read.
    #[serde(default)]
    pub partial: bool,
    /// ESTIMATED cost of the run's AWS calls in US dollars.
    #[serde(default)]
    pub estimated_cost_usd: f64,
}

/// What the runs of an hour or a day sum up to. Sums, never averages, so that sums of sums
/// are right. A run is counted in one place only: its entry, its hour, or its day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RollUp {
    /// Start of the hour or day, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub start: Timestamp,
    /// Committed runs.
    pub runs: u64,
    /// The worst overall status among them.
    pub worst: Status,
    /// The same runs by their overall status.
    pub by_status: RunsByStatus,
    /// Sum of requests, as whole numbers, where any run counted them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_total: Option<u64>,
    /// Sum of failed requests, as whole numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_failed: Option<u64>,
    /// Issues opened.
    #[serde(default, skip_serializing_if = "none")]
    pub issues_opened: u64,
    /// Issues resolved.
    #[serde(default, skip_serializing_if = "none")]
    pub issues_resolved: u64,
    /// Runs that could not read something.
    #[serde(default, skip_serializing_if = "none")]
    pub partial_runs: u64,
    /// Sum of the ESTIMATED cost of the AWS calls, in US dollars with 9 decimals.
    #[serde(default)]
    pub estimated_cost_usd: f64,
}

/// Runs by overall status.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(default)]
pub struct RunsByStatus {
    /// HEALTHY.
    #[serde(skip_serializing_if = "none")]
    pub healthy: u64,
    /// UNKNOWN.
    #[serde(skip_serializing_if = "none")]
    pub unknown: u64,
    /// DEGRADED.
    #[serde(skip_serializing_if = "none")]
    pub degraded: u64,
    /// UNHEALTHY.
    #[serde(skip_serializing_if = "none")]
    pub unhealthy: u64,
}

/// There are about a thousand sums, and most of their counts are zero: those are not written.
fn none(count: &u64) -> bool {
    *count == 0
}
