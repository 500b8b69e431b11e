//! What a run cost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Calls made to the provider by one run, and what they cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Receipt {
    /// Requests that left the process, retries included.
    pub calls: u64,
    /// The same by operation (`cloudwatch:GetMetricData`).
    #[serde(default)]
    pub by_operation: BTreeMap<String, u64>,
    /// Requests that were repeats of a failed one.
    #[serde(default)]
    pub retries: u64,
    /// Requests refused inside the process because the command's list does not hold them.
    #[serde(default)]
    pub refused: u64,
    /// Metrics requested, the unit in which CloudWatch bills `GetMetricData`.
    #[serde(default)]
    pub metrics_requested: u64,
    /// ESTIMATED cost in US dollars, at the price list of `price_date`.
    pub estimated_cost_usd: f64,
    /// Date of the price list, `YYYY-MM-DD`.
    #[serde(default)]
    pub price_date: String,
    /// Wall-clock milliseconds spent observing.
    pub duration_ms: u64,
}
