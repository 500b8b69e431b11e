//! What `fractary kpi` reports.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::delivery::DeliveryReport;
use crate::model::ids::EnvironmentName;
use crate::model::kpi::KpiCategory;
use crate::model::report::Better;
use crate::model::status::Severity;
use crate::text::Untrusted;

/// The key figures of an environment.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct KpiReport {
    /// Of the layout of this document.
    pub version: &'static str,
    /// `kpi`.
    pub kind: &'static str,
    /// The environment.
    pub environment: EnvironmentName,
    /// When they were collected.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub generated_at: Timestamp,
    /// What the score means.
    pub status: KpiStatus,
    /// The score of all.
    pub score: KpiScore,
    /// By category, those that have a key figure with a source.
    pub categories: BTreeMap<KpiCategory, CategoryScore>,
    /// Why the score differs from that of the last collection; null where there is none to compare.
    pub change: Option<ScoreChange>,
    /// Those that have a source: most points lost first, unmeasured ones last.
    pub kpis: Vec<KpiRow>,
    /// Those without a source.
    pub off: Vec<String>,
    /// What is worth a person's attention, most urgent first.
    pub alerts: Vec<KpiAlert>,
    /// Delivery over the last 30 days; null where deployments.json is missing.
    pub delivery: Option<DeliveryReport>,
    /// The scores of the collections that were kept, oldest first.
    pub history: Vec<ScorePoint>,
}

/// A score that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, schemars::JsonSchema)]
pub struct ScorePoint {
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The score; null where nothing was measured.
    pub value: Option<f64>,
}

/// What a score means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KpiStatus {
    /// Above 70.
    Healthy,
    /// From 50 to 70.
    Degraded,
    /// Below 50.
    Critical,
    /// Too little was measured to say.
    Unknown,
}

impl KpiStatus {
    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Critical => "critical",
            Self::Unknown => "unknown",
        }
    }
}

/// A score, and how far it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct KpiScore {
    /// 0 to 100; null where nothing was measured.
    pub value: Option<f64>,
    /// Share of the weight that was measured, 0 to 100.
    pub coverage_percent: f64,
    /// Whether at least 80 % of the weight was measured.
    pub reliable: bool,
}

/// The score of a category.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, schemars::JsonSchema)]
pub struct CategoryScore {
    /// 0 to 100; null where nothing was measured.
    pub value: Option<f64>,
    /// Share of the weight that was measured, 0 to 100.
    pub coverage_percent: f64,
    /// Whether at least 80 % of the weight was measured.
    pub reliable: bool,
    /// Key figures that meet their target, of 100 that were measured; null where none was.
    pub met_percent: Option<f64>,
}

/// A key figure.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct KpiRow {
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: KpiCategory,
    /// Its unit.
    pub unit: String,
    /// Its priority.
    pub priority: u8,
    /// Where its value is from, in words.
    pub source: String,
    /// Its value; null where it could not be measured.
    pub value: Option<f64>,
    /// Its target.
    pub target: f64,
    /// Which way is good.
    pub better: Better,
    /// Its score, 0 to 100; null where it could not be measured.
    pub score: Option<f64>,
    /// How much it counts.
    pub weight: f64,
    /// Points that it takes from the score; what was not measured takes none.
    pub points_lost: f64,
    /// The score of all, if only this one met its target; null where it was not measured.
    pub score_if_met: Option<f64>,
    /// How it moves.
    pub trend: KpiTrend,
    /// How it moves in the units of the target: change over the time that was looked at, in percent
    /// of the target, above 0 for better; null where the trend is unknown.
    pub trend_percent: Option<f64>,
    /// Why it could not be measured.
    pub reason: Option<Untrusted>,
    /// The values of the collections that were kept, oldest first.
    pub history: Vec<Option<f64>>,
}

/// How a key figure moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KpiTrend {
    /// Towards its target, or further beyond it.
    Improving,
    /// By no more than 5 % of its target.
    Stable,
    /// The other way.
    Declining,
    /// Too few values, or too much noise, to say.
    Unknown,
}

impl KpiTrend {
    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Improving => "improving",
            Self::Stable => "stable",
            Self::Declining => "declining",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a score differs from the last one. The three parts add up to the difference.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct ScoreChange {
    /// When the last one was collected.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub since: Timestamp,
    /// The last score.
    pub from: f64,
    /// The difference.
    pub points: f64,
    /// Points by changes of key figures.
    pub by_values: f64,
    /// Points because other key figures could be measured.
    pub by_coverage: f64,
    /// Points because kpis.toml was edited.
    pub by_configuration: f64,
    /// What was edited: names of key figures whose target, direction, priority or category is
    /// another, that are new, or that are gone.
    pub targets_changed: Vec<String>,
}

/// Something worth a person's attention.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct KpiAlert {
    /// What it is.
    pub kind: KpiAlertKind,
    /// How urgent.
    pub severity: Severity,
    /// The key figure; null where it is about the score.
    pub kpi: Option<String>,
    /// In a sentence.
    pub message: Untrusted,
}

/// Sorts of alerts about key figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KpiAlertKind {
    /// A key figure of priority 1 is worse by more than 20 % of its target than in one of the last
    /// two collections.
    RapidDegradation,
    /// The score is below 50, and reliable.
    LowScore,
    /// Less than 80 % of the weight could be measured.
    UnreliableScore,
    /// A key figure misses its target.
    TargetMiss,
}
