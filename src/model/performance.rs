//! How a series of measurements went: percentiles, trend, what was unusual.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::fact::Gap;
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::investigation::{ChangeSet, Timeline};
use crate::text::Untrusted;

/// A series, looked at over a long span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PerformanceReport {
    /// Of the layout of this document.
    pub version: String,
    /// `performance`.
    pub kind: String,
    /// The file.
    pub source: Untrusted,
    /// The first row.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub start: Timestamp,
    /// The last row.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub end: Timestamp,
    /// The usual seconds between two rows.
    pub period_seconds: i64,
    /// Rows with a value.
    pub values: usize,
    /// Rows without one, and rows that are missing.
    pub gaps: usize,
    /// Quantiles of the values; absent without values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantiles: Option<Quantiles>,
    /// The trend of the daily maxima; absent with fewer than seven days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<TrendReport>,
    /// When the limit is reached, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitReport>,
    /// Changes of the level, the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shifts: Vec<ShiftRow>,
    /// What is usual at each hour of the week, where earlier weeks were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekly: Option<WeeklyReport>,
    /// Rows that were unusual when they came, the earliest first.
    pub anomalies: Vec<AnomalyRow>,
    /// Whether too few rows are known for any to be unusual.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub too_short: bool,
    /// The highest value of each of sixty parts of the span; absent in a part without values.
    pub picture: Vec<Option<f64>>,
}

/// Quantiles of the values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Quantiles {
    /// The smallest value.
    pub min: f64,
    /// Half are below.
    pub p50: f64,
    /// 95 % are below.
    pub p95: f64,
    /// 99 % are below.
    pub p99: f64,
    /// The largest value.
    pub max: f64,
}

/// The trend of the daily maxima (Theil–Sen).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TrendReport {
    /// Units a day.
    pub slope_per_day: f64,
    /// The 95 % interval of the slope.
    pub interval: (f64, f64),
    /// Whether the interval leaves 0 out.
    pub certain: bool,
    /// Days that were used.
    pub days: usize,
}

/// When a limit is reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LimitReport {
    /// The limit.
    pub value: f64,
    /// `reached`, `within`, `no-trend` or `not-enough-history`.
    pub outlook: String,
    /// Days from the last row, at the earliest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest_days: Option<f64>,
    /// Days from the last row, at the latest; absent when it may never be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_days: Option<f64>,
}

/// A change of the level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ShiftRow {
    /// The first row of the new level.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The median before.
    pub before: f64,
    /// The median after it.
    pub after: f64,
}

/// A span against the same hours of earlier weeks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct WeeklyReport {
    /// Hours of the week, of 168, of which at least three earlier weeks are known.
    pub hours_known: usize,
    /// Hours that were not as usual, the earliest first.
    pub off: Vec<OffHoursRow>,
}

/// Hours in a row that were not as usual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OffHoursRow {
    /// When they began.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub start: Timestamp,
    /// When they ended.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub end: Timestamp,
    /// The mean of the hour that was off most.
    pub value: f64,
    /// What is usual at that hour of the week.
    pub usual: f64,
    /// The earlier weeks that say so.
    pub weeks: usize,
}

/// How the metrics of resources went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PerformanceSet {
    /// Of the layout of this document.
    pub version: String,
    /// `performance-set`.
    pub kind: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// The start of the span.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub start: Timestamp,
    /// Its end, which is not part of it.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub end: Timestamp,
    /// The metrics, resource by resource.
    pub metrics: Vec<MetricPerformance>,
    /// What was changed in the span, and what of it could not be seen.
    pub changes: ChangeSet,
    /// What was unusual and what was changed, in order of time.
    pub timeline: Timeline,
}

/// How a metric of a resource went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MetricPerformance {
    /// The resource, as people call it.
    pub resource: Untrusted,
    /// Its ARN.
    pub arn: Arn,
    /// Id of the metric in its kind.
    pub metric: String,
    /// `Sum`, `Average`, `Minimum`, `Maximum` or a percentile.
    pub statistic: String,
    /// Its unit.
    pub unit: String,
    /// How it went; absent without any values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<PerformanceReport>>,
    /// Why there are no values, where that is not because there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
}

/// A row that was unusual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AnomalyRow {
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The value.
    pub value: f64,
    /// From 0 to 1.
    pub score: f64,
    /// `unusual`, or `strong` when it may stand alone.
    pub grade: String,
}
