//! `helios/kpis/<env>/kpi-history.json`: what the key figures were.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::EnvironmentName;
use crate::model::kpi::KpiCategory;
use crate::model::report::Better;

/// The key figures of one environment over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "kpi-history.json")]
pub struct KpiHistory {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// The environment, which is that of the folder.
    pub environment: EnvironmentName,
    /// What each key figure was measured by in the newest collection, by name.
    #[serde(default)]
    pub definitions: BTreeMap<String, KpiDefinition>,
    /// The collections that were kept, oldest first: all of 6 hours, one an hour of 7 days, one a
    /// day of 180 days.
    pub collections: Vec<KpiCollection>,
}

/// What a key figure is measured by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct KpiDefinition {
    /// Its category.
    pub category: KpiCategory,
    /// Which way is good.
    pub better: Better,
    /// Its target.
    pub target: f64,
    /// Its priority.
    pub priority: u8,
}

/// One collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct KpiCollection {
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The score, 0 to 100; missing where nothing was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Share of the weight that was measured, 0 to 100.
    pub coverage_percent: f64,
    /// The values by name; what was not measured is left out.
    pub values: BTreeMap<String, f64>,
}
