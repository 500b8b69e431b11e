//! What `optimize` may do about key figures: `[optimize]` and `[[playbook]]` of kpis.toml.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::duration_text::DurationText;

/// How `optimize cycle` works.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct OptimizeSection {
    /// `run` does a cycle so often, with actions of `auto_remediate` alone (default: never).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<DurationText>,
    /// The score below which a cycle acts on an emergency, 0 to 100 (default 50).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub threshold: Option<f64>,
    /// Share of choices, 0 to 1, in which another playbook than the best is tried (default 0.1);
    /// never in an environment that requires confirmation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub explore: Option<f64>,
    /// Pause between two uses of one action on one resource, from the outcome of the first (default
    /// `60s`). The brakes of `[remediation]` count as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<DurationText>,
}

impl OptimizeSection {
    /// Returns the score below which there is an emergency.
    pub fn threshold(&self) -> f64 {
        self.threshold.unwrap_or(50.0)
    }

    /// Returns the share of choices that try something else.
    pub fn explore(&self) -> f64 {
        self.explore.unwrap_or(0.1)
    }

    /// Returns the pause between two uses of one action on one resource, in seconds.
    pub fn cooldown_seconds(&self) -> i64 {
        let seconds = self.cooldown.map_or(60, |text| text.seconds);
        i64::try_from(seconds).unwrap_or(i64::MAX)
    }
}

/// An action on a resource that may help key figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Playbook {
    /// Its name, unique in this file: `a-z`, `0-9`, `_` and `-`, a letter first.
    #[schemars(extend("pattern" = "^[a-z][a-z0-9_-]*$"))]
    pub name: String,
    /// The key figures that it is for. It is evaluated by these, and by no others.
    #[schemars(extend("minItems" = 1))]
    pub kpis: Vec<String>,
    /// The action, as `fractary remediate --list` names it.
    pub action: String,
    /// The name, id or ARN of the resource.
    pub resource: String,
    /// Parameters of the action by name, as `--set` takes them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// Time after the change before measurements count (default: that of the action).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settle: Option<DurationText>,
}
