//! What the resources of an environment cost: spending as Cost Explorer bills it, and what could be
//! saved.
//!
//! Amounts are US dollars unless a currency stands beside them. A figure is ACTUAL where it was billed
//! or measured, and ESTIMATED where it was computed; what could not be read has no figure at all.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::ids::Region;
use crate::text::Untrusted;

/// Days in UTC, the last one excluded, as Cost Explorer counts them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct CostDays {
    /// First day, `YYYY-MM-DD`.
    #[schemars(with = "String", extend("format" = "date"))]
    pub start: Date,
    /// The day behind the last one, `YYYY-MM-DD`.
    #[schemars(with = "String", extend("format" = "date"))]
    pub end: Date,
}

impl CostDays {
    /// Returns how many days there are; 0 where the end is not behind the start.
    pub fn len(&self) -> usize {
        let days = self.start.until(self.end).map_or(0, |span| span.get_days());
        usize::try_from(days).unwrap_or(0)
    }

    /// Whether there are no days.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the days in order.
    pub fn iter(&self) -> impl Iterator<Item = Date> {
        self.start
            .series(jiff::Span::new().days(1))
            .take(self.len())
    }
}

/// What a sum of Cost Explorer is made of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CostMetric {
    /// What was charged on the day.
    Unblended,
    /// Reservations and Savings Plans spread over their term, and discounts subtracted.
    NetAmortized,
}

impl CostMetric {
    /// Returns the name of Cost Explorer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unblended => "UnblendedCost",
            Self::NetAmortized => "NetAmortizedCost",
        }
    }
}

/// What spending is grouped by. Cost Explorer takes two keys at most.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpendGrouping {
    /// Service and usage type, without credits, refunds, tax and support.
    UsageType,
    /// Service and type of record: usage, credits, refunds, tax.
    RecordType,
    /// The values of a cost allocation tag, and service, without credits, refunds, tax and support.
    Tag(String),
}

/// Types of record that are not usage, as Cost Explorer calls them.
pub const NOT_USAGE: [&str; 4] = ["Credit", "Refund", "Tax", "Support"];

/// Spending a day, by one or two keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SpendTable {
    /// The days that amounts are for.
    pub days: CostDays,
    /// Which of the days AWS has not closed yet, in order.
    pub estimated: Vec<bool>,
    /// Currency of the amounts (`USD`), as Cost Explorer names it.
    pub currency: Untrusted,
    /// One entry for each combination of keys.
    pub groups: Vec<SpendGroup>,
}

/// Spending of one combination of keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SpendGroup {
    /// The keys, in the order of the grouping.
    pub keys: Vec<Untrusted>,
    /// Unblended cost of each day.
    pub unblended: Vec<f64>,
    /// Net amortized cost of each day.
    pub net_amortized: Vec<f64>,
    /// What was used on each day, in `usage_unit`.
    pub usage: Vec<f64>,
    /// Unit of the usage, for instance `Hrs` or `GB-Mo`; empty where AWS has none.
    #[serde(default)]
    pub usage_unit: Untrusted,
}

impl SpendGroup {
    /// Returns the amounts of each day.
    pub fn amounts(&self, metric: CostMetric) -> &[f64] {
        match metric {
            CostMetric::Unblended => &self.unblended,
            CostMetric::NetAmortized => &self.net_amortized,
        }
    }
}

/// A metric over some days, as CloudWatch is asked for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UtilisationMetric {
    /// The region.
    pub region: Region,
    /// Namespace, for instance `AWS/RDS`.
    pub namespace: String,
    /// Name.
    pub metric: String,
    /// Dimensions.
    pub dimensions: BTreeMap<String, String>,
    /// Statistic of each period, for instance `Maximum`.
    pub statistic: String,
    /// Length of a period in seconds.
    pub period_seconds: u32,
    /// The days.
    pub days: CostDays,
}

/// How far a figure can be trusted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FigureSource {
    /// Billed or measured.
    Actual,
    /// Computed from prices, or from what was measured before.
    Estimated,
}

impl FigureSource {
    /// Returns the word of reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Actual => "ACTUAL",
            Self::Estimated => "ESTIMATED",
        }
    }
}
