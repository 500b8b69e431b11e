//! Where a resource logs: calls that say it, and what their answers hold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalog::placeholders::check_names;
use crate::catalog::reads::Reads;
use crate::catalog::reads::path::Path;
use crate::catalog::registry::{Fault, Step};

/// One sort of logs that a resource writes. Names in braces are those of the resource
/// (`{name}`, `{id}`, `{region}`, attributes), and what earlier steps found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogSource {
    /// What the logs are of, for people: `function`, `access logs`.
    pub title: String,
    /// Calls that say where they are, each with what those before found. Without any, `otherwise`
    /// is the name.
    #[serde(default)]
    pub steps: Vec<LogStep>,
    /// Path to the names or ARNs of the log groups in the answer of the last step.
    #[serde(default)]
    pub groups: Option<String>,
    /// The name of a group, where the path leads to a part of it: `{item}` is what is there
    /// (default: `{item}`).
    #[serde(default)]
    pub group: Option<String>,
    /// The name of the group where the answer names none. Without it that is said: such logs are
    /// switched off.
    #[serde(default)]
    pub otherwise: Option<String>,
    /// Path to what says where else logs may go.
    #[serde(default)]
    pub drivers: Option<String>,
    /// What it says where they go to CloudWatch Logs.
    #[serde(default)]
    pub driver: Option<String>,
    /// How to switch them on, where they are off.
    #[serde(default)]
    pub enable: Option<String>,
}

/// A call that says where logs are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogStep {
    /// The operation, for instance `ecs:DescribeServices`.
    pub operation: String,
    /// Its input; texts in it may have names in braces.
    pub input: BTreeMap<String, Value>,
    /// What later steps call values of the answer: name → path.
    #[serde(default)]
    pub finds: BTreeMap<String, String>,
}

impl LogSource {
    /// Reports what is invalid. `known` are the names that may stand in braces.
    pub(super) fn check(&self, index: usize, known: &dyn Fn(&str) -> bool) -> Result<(), Fault> {
        let at = |key: &str| -> [Step; 3] { ["logs".into(), index.into(), key.into()] };
        if self.groups.is_none() && self.otherwise.is_none() {
            return Err(Fault::new(
                at("groups"),
                "`groups` or `otherwise` is required",
            ));
        }
        if self.steps.is_empty() && self.groups.is_some() {
            return Err(Fault::new(
                at("groups"),
                "a path requires `steps` whose answer it is in",
            ));
        }
        if self.drivers.is_some() != self.driver.is_some() {
            return Err(Fault::new(
                at("drivers"),
                "`drivers` and `driver` need each other",
            ));
        }
        for (key, path) in [("groups", &self.groups), ("drivers", &self.drivers)] {
            if let Some(path) = path {
                Path::parse(path).map_err(|message| Fault::new(at(key), message))?;
            }
        }
        let mut found: Vec<&str> = Vec::new();
        for step in &self.steps {
            if Reads::built_in().operation(&step.operation).is_none() {
                let message = format!("no service has the operation `{}`", step.operation);
                return Err(Fault::new(at("steps"), message));
            }
            for text in step.input.values().flat_map(texts) {
                let fits = |name: &str| known(name) || found.contains(&name);
                check_names(text, &fits).map_err(|message| Fault::new(at("steps"), message))?;
            }
            for path in step.finds.values() {
                Path::parse(path).map_err(|message| Fault::new(at("steps"), message))?;
            }
            found.extend(step.finds.keys().map(String::as_str));
        }
        let fits = |name: &str| known(name) || found.contains(&name);
        let or_item = |name: &str| fits(name) || name == "item";
        if let Some(text) = &self.group {
            check_names(text, &or_item).map_err(|message| Fault::new(at("group"), message))?;
        }
        if let Some(text) = &self.otherwise {
            check_names(text, &fits).map_err(|message| Fault::new(at("otherwise"), message))?;
        }
        Ok(())
    }

    /// Returns the operations that it sends.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|step| step.operation.as_str())
    }
}

/// Returns every text of an input.
pub fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
