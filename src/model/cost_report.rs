//! What an audit of costs reports.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::cost::{CostDays, CostMetric};
use crate::model::fact::Gap;
use crate::model::ids::EnvironmentName;
use crate::model::opportunity::{Opportunity, RealisedSaving, SavingsTotal, UndecidedOpportunity};
use crate::model::receipt::Receipt;
use crate::model::status::Status;
use crate::text::Untrusted;

/// The cost part of an audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CostReport {
    /// The days that are reported: 30, up to the last complete one.
    pub current: CostDays,
    /// As many days before them, which they are compared with.
    pub previous: CostDays,
    /// What is counted, in words: an account, or tags.
    pub scope: Untrusted,
    /// What was spent; absent where that is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spending: Option<Spending>,
    /// What could be saved, largest first.
    pub opportunities: Vec<Opportunity>,
    /// The opportunities together.
    pub savings: SavingsTotal,
    /// Opportunities that could not be evaluated.
    pub undecided: Vec<UndecidedOpportunity>,
    /// Savings of earlier audits and what became of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub realised: Vec<RealisedSaving>,
    /// What could not be read. The total is unknown where Cost Explorer is among it.
    pub gaps: Vec<Gap>,
}

/// What was spent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Spending {
    /// What the amounts are made of.
    pub metric: CostMetric,
    /// Currency of the amounts of the bill.
    pub currency: Untrusted,
    /// Cost of usage in the days reported, without credits, refunds, tax and support.
    pub total: f64,
    /// The same of the days before; absent where there was no spending at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_total: Option<f64>,
    /// Days among those reported that AWS has not closed yet.
    pub open_days: usize,
    /// Days at the end that have no amounts at all yet.
    pub missing_days: usize,
    /// Credits, refunds, tax and support, each by itself.
    pub adjustments: Vec<CostAdjustment>,
    /// By service, largest first.
    pub drivers: Vec<CostDriver>,
    /// By the values of a tag, where `[cost] group_by_tag` names one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_tag: Vec<TagShare>,
    /// Days that cost far more than the same weekday before.
    pub spikes: Vec<CostSpike>,
    /// What the month is going to cost; absent where too few days are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<CostForecast>,
    /// The budgets of monitoring.toml.
    pub budgets: Vec<SpendingLimit>,
}

/// What is on the bill and was not used: a credit, a refund, tax or support.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CostAdjustment {
    /// What it is, as AWS calls it, for instance `Credit`.
    pub record_type: Untrusted,
    /// Amount in the days reported; credits and refunds are negative.
    pub amount: f64,
    /// The services that it is for, largest amounts first.
    pub services: Vec<Untrusted>,
}

/// What one service costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CostDriver {
    /// The service as people call it, for instance `RDS`.
    pub service: Untrusted,
    /// The service as the bill calls it.
    pub billed_as: Untrusted,
    /// The one resource of the registry that it is for, where there is exactly one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Untrusted>,
    /// Cost in the days reported.
    pub amount: f64,
    /// Share of the total, 0–100.
    pub share_percent: f64,
    /// Cost in the days before.
    pub previous_amount: f64,
    /// Change against the days before; absent where there was nothing to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_percent: Option<f64>,
    /// Credits for this service in the days reported, 0 or negative.
    pub credits: f64,
    /// The usage types that cost most, largest first.
    pub usage_types: Vec<UsageShare>,
}

/// What one usage type of a service costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UsageShare {
    /// The usage type, as the bill calls it.
    pub usage_type: Untrusted,
    /// Cost in the days reported.
    pub amount: f64,
    /// What was used, in `unit`.
    pub usage: f64,
    /// Unit of the usage.
    pub unit: Untrusted,
}

/// What one value of a tag costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TagShare {
    /// The value; empty for what has no such tag.
    pub value: Untrusted,
    /// Cost in the days reported.
    pub amount: f64,
    /// Share of the total, 0–100.
    pub share_percent: f64,
}

/// A day that cost far more than the same weekday before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CostSpike {
    /// The service as people call it.
    pub service: Untrusted,
    /// The usage type.
    pub usage_type: Untrusted,
    /// The day, `YYYY-MM-DD`.
    #[schemars(with = "String", extend("format" = "date"))]
    pub day: Date,
    /// What it cost.
    pub amount: f64,
    /// Median of the same weekday before; absent for what is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<f64>,
    /// By how much it is above; absent for what is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above_percent: Option<f64>,
}

/// What a month is going to cost. ESTIMATED.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CostForecast {
    /// The days of the month.
    pub month: CostDays,
    /// Cost of the complete days of it. ACTUAL.
    pub so_far: f64,
    /// Cost of the whole month, from what the same weekdays cost in the last four weeks.
    pub expected: f64,
    /// With the cheapest of these weekdays.
    pub low: f64,
    /// With the most expensive of these weekdays.
    pub high: f64,
}

/// A budget of monitoring.toml.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SpendingLimit {
    /// The setting, for instance `monthly_budget_usd`.
    pub setting: String,
    /// The limit.
    pub limit: f64,
    /// What was spent of it: this month so far, or the most expensive day.
    pub spent: f64,
    /// What the month is going to cost, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<f64>,
    /// Days in the window that were above a daily limit.
    pub days_above: usize,
    /// How it stands.
    pub state: LimitState,
}

/// How spending stands against a limit.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LimitState {
    /// Below it.
    Within,
    /// The forecast is above it.
    ExpectedAbove,
    /// Above it.
    Above,
}

/// What `audit --type cost` prints of an environment.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct CostAuditDocument<'a> {
    /// Version of this format, `1.0.0`.
    pub version: &'static str,
    /// Always `audit`.
    pub kind: &'static str,
    /// Always `cost`.
    #[serde(rename = "type")]
    pub audit_type: &'static str,
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// When it was made, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub generated_at: Timestamp,
    /// How bad it is.
    pub status: Status,
    /// Whether something could not be read.
    pub partial: bool,
    /// What is spent, how it is going on, and what could be saved.
    pub cost: &'a CostReport,
    /// What reading it cost.
    pub api: &'a Receipt,
}
