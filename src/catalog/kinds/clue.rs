//! What AWS keeps for a while of what went wrong with a resource: calls that list it, and the
//! texts in their answers. Only investigations ask for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalog::kinds::log_source::texts;
use crate::catalog::placeholders::check_names;
use crate::catalog::reads::Reads;
use crate::catalog::reads::path::Path;
use crate::catalog::registry::{Fault, Step};

/// A list of what went wrong. Names in braces are those of the resource (`{name}`, attributes).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClueSource {
    /// What is listed, for people: `stopped tasks`.
    pub title: String,
    /// Calls, the last of which gives the list.
    pub steps: Vec<ClueStep>,
    /// Path to the items in the answer of the last step.
    pub items: String,
    /// Path to the time in an item.
    pub at: String,
    /// What an item says, in this order.
    pub says: Vec<ClueText>,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClueStep {
    /// The operation, for instance `ecs:ListTasks`.
    pub operation: String,
    /// Its input; texts in it may have names in braces.
    pub input: BTreeMap<String, Value>,
    /// Members of the input that are lists of the answer before: member → path. Where one is
    /// empty there is nothing, and the call is not made.
    #[serde(default)]
    pub lists: BTreeMap<String, String>,
}

/// A text in an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClueText {
    /// Path to it.
    pub path: String,
    /// What stands in front of it.
    #[serde(default)]
    pub before: String,
    /// Values that say nothing.
    #[serde(default)]
    pub not: Vec<String>,
}

impl ClueSource {
    /// Reports what is invalid. `known` are the names that may stand in braces.
    pub(super) fn check(&self, index: usize, known: &dyn Fn(&str) -> bool) -> Result<(), Fault> {
        let at = |key: &str| -> [Step; 3] { ["clues".into(), index.into(), key.into()] };
        let is_path = |key: &str, path: &str| {
            let parsed = Path::parse(path).map(|_| ());
            parsed.map_err(|message| Fault::new(at(key), message))
        };
        if self.steps.is_empty() {
            return Err(Fault::new(at("steps"), "a call is required"));
        }
        for step in &self.steps {
            if Reads::built_in().operation(&step.operation).is_none() {
                let message = format!("no service has the operation `{}`", step.operation);
                return Err(Fault::new(at("steps"), message));
            }
            for text in step.input.values().flat_map(texts) {
                check_names(text, known).map_err(|message| Fault::new(at("steps"), message))?;
            }
            for path in step.lists.values() {
                is_path("steps", path)?;
            }
        }
        is_path("items", &self.items)?;
        is_path("at", &self.at)?;
        self.says
            .iter()
            .try_for_each(|one| is_path("says", &one.path))
    }

    /// Returns the operations that it sends.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|step| step.operation.as_str())
    }
}
