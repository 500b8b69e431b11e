//! `monitoring/<env>/monitoring-history.json`: one compact entry per committed run.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::{EnvironmentName, RunId};
use crate::model::report::ResourceCounts;
use crate::model::status::Status;

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
}

/// One committed run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HistoryEntry {
    /// The run.
    pub run_id: RunId,
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// Start of the span that was judged, RFC 3339 UTC.
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
