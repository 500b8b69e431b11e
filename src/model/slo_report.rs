//! Service levels and their error budgets, as lists and dashboards show them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::{DomainName, EnvironmentName};
use crate::model::report::{ResourceRef, SliResult};
use crate::model::status::Severity;

/// The error budget of one indicator of one resource, as reports and dashboards show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct BudgetRow {
    /// The domain.
    pub domain: DomainName,
    /// The environment.
    pub environment: EnvironmentName,
    /// The resource.
    pub resource: ResourceRef,
    /// The indicator, for instance `error_rate_percent`.
    pub sli: String,
    /// Its name for people, for instance `error rate`.
    pub title: String,
    /// What share of events is to be good, 0–100.
    pub objective_percent: f64,
    /// Days that the budget is for.
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
    /// What is left at the end of each day of the window, oldest first; absent on days without
    /// observation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remaining_by_day: Vec<Option<f64>>,
}

impl BudgetRow {
    /// Whether it is the same budget as another indicator's of the same resource: the same
    /// promise, and the same of it is left, however it is looked at.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let promise = |row: &Self| (row.objective_percent, row.window_days, row.coverage_percent);
        let use_of = |row: &Self| {
            (
                row.consumed_percent,
                row.burn_rate,
                row.exhausted_in_seconds,
            )
        };
        self.environment == other.environment
            && self.resource == other.resource
            && promise(self) == promise(other)
            && use_of(self) == use_of(other)
            && self.remaining_by_day == other.remaining_by_day
    }
}

/// A service level objective in a list: the indicator now, its target, its error budget.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct SloRow {
    /// The environment.
    pub environment: EnvironmentName,
    /// The resource.
    pub resource: ResourceRef,
    /// The indicator as it was last seen.
    pub level: SliResult,
    /// Its error budget over time, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetRow>,
}

/// What `slo list` and `slo show` print.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct SloList {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// Always `slo-list`.
    pub kind: String,
    /// When it was made, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub generated_at: Timestamp,
    /// Environments that were never observed.
    pub never_observed: Vec<EnvironmentName>,
    /// One entry for each indicator of each resource: alerts first, then what lasts shortest.
    pub slos: Vec<SloRow>,
}
