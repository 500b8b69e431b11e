//! The examples in the files of blueprints.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::catalog::registry::{Example, Shows};

/// Values of parameters, and what comes of them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlueprintExample {
    /// What people call it.
    pub name: String,
    /// What comes of it.
    pub verdict: BlueprintVerdict,
    /// Values of parameters.
    #[serde(default)]
    pub parameters: BTreeMap<String, Value>,
    /// The region that prices are asked for.
    #[serde(default)]
    pub region: Option<String>,
    /// Values in the code, by address, attribute and steps into it.
    #[serde(default)]
    pub gives: BTreeMap<String, Value>,
    /// Addresses that are not in the code.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// A part of what is said where a value is refused.
    #[serde(default)]
    pub says: Option<String>,
}

/// What comes of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlueprintVerdict {
    /// Code.
    Passes,
    /// A refusal.
    Refused,
    /// Code whose price is not known.
    Unpriced,
}

impl Example for BlueprintExample {
    fn name(&self) -> &str {
        &self.name
    }

    fn shows(&self) -> Shows {
        match self.verdict {
            BlueprintVerdict::Passes => Shows::Passing,
            BlueprintVerdict::Refused => Shows::Failing,
            BlueprintVerdict::Unpriced => Shows::Unknown,
        }
    }
}
