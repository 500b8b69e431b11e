//! Error budgets: what of the failures that an objective allows is used up.

use serde::{Deserialize, Serialize};

use crate::model::monitoring::WhenNoData;
use crate::model::status::Severity;

/// What share of its window must be observed, 0–100, before the figure of a budget says
/// something: before that the requests of a few hours stand for those of a month.
pub const SEEN_ENOUGH_PERCENT: f64 = 50.0;

/// The error budget of one indicator, as a health report has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SliBudget {
    /// What share of events is to be good, 0–100.
    pub objective_percent: f64,
    /// Days that the budget is for, today (UTC) included.
    pub window_days: u32,
    /// What of the budget is used, 0–100 and more when it is overdrawn; absent without events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumed_percent: Option<f64>,
    /// What is left, 100 minus what is used; negative when it is overdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_percent: Option<f64>,
    /// How fast it is used over the last hour: 1 uses it up exactly at the window's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burn_rate: Option<f64>,
    /// Seconds until it is exhausted at that rate; absent where it is not being consumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exhausted_in_seconds: Option<u64>,
    /// What share of the window was observed, 0–100.
    pub coverage_percent: f64,
    /// The burn-rate alert that is on, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<Severity>,
    /// What time without data means to it.
    #[serde(default, skip_serializing_if = "WhenNoData::is_unknown")]
    pub when_no_data: WhenNoData,
}
