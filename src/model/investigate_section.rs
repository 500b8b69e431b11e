//! `[investigate]` of monitoring.toml: which incidents `run` investigates by itself.

use serde::{Deserialize, Serialize};

use crate::model::duration_text::DurationText;

/// `[investigate]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct InvestigateSection {
    /// Whether `run` looks for the cause of each new CRITICAL or HIGH incident (default false;
    /// `init` writes true). It reads metrics, logs and changes, and commits a report with the
    /// issues.
    pub auto: Option<bool>,
    /// Most calls that the investigations of one run may make together (default 300). The last
    /// read may exceed it.
    pub max_calls: Option<u64>,
    /// Most US dollars that they may cost together (default 0.5).
    #[schemars(range(min = 0))]
    pub max_cost: Option<f64>,
    /// How long they may take together, before the run records what it has (default `2m`).
    pub timeout: Option<DurationText>,
}
