//! Examples in kind files: what was seen of a resource, and how that is judged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::kinds::states::GivenValue;
use crate::catalog::registry::{Example, Fault, Shows, Step};
use crate::model::ids::Arn;
use crate::model::snapshot::Condition;
use crate::model::status::{Status, Verdict};

/// Everything that `unreadable` may name besides metrics and facts.
pub(super) const GROUPS: [&str; 3] = ["alarms", "metrics", "state"];

/// What was seen of a resource, and how it is judged with the default targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindExample {
    /// What people call it, for instance `one call in thirty fails`.
    pub name: String,
    /// Metrics and facts that were seen, over one period of five minutes; `id@part` is a part of
    /// a metric that has parts. What is not here has no data. Where it holds AWS's word for the state, the kind's table says what that means.
    #[serde(default)]
    pub given: BTreeMap<String, GivenValue>,
    /// What could not be read: names of metrics and facts, `metrics` for all of them, `state`
    /// for the state and its facts, `alarms`.
    #[serde(default)]
    pub unreadable: Vec<String>,
    /// The resource's state (default: `good`; `unchecked` where the kind has no status call).
    #[serde(default)]
    pub state: Option<GivenState>,
    /// How the resource is evaluated.
    pub status: Status,
    /// Whether there was nothing to do.
    #[serde(default)]
    pub idle: bool,
    /// Values of indicators, to nine digits.
    #[serde(default)]
    pub values: BTreeMap<String, f64>,
    /// Verdicts on indicators.
    #[serde(default)]
    pub verdicts: BTreeMap<String, Verdict>,
    /// Everything that is a problem, in any order: indicators, `resource_state`,
    /// `registry_drift`. Not compared where it is left out.
    #[serde(default)]
    pub problems: Option<Vec<String>>,
}

/// The state of the resource of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GivenState {
    /// Working.
    Good,
    /// Working while it changes.
    Changing,
    /// Working with a fault.
    Impaired,
    /// Not working.
    Broken,
    /// In the registry, and not in AWS.
    Gone,
}

impl GivenState {
    /// The condition of a resource that is there.
    pub fn condition(self) -> Option<Condition> {
        match self {
            Self::Good => Some(Condition::Good),
            Self::Changing => Some(Condition::Changing),
            Self::Impaired => Some(Condition::Impaired),
            Self::Broken => Some(Condition::Broken),
            Self::Gone => None,
        }
    }
}

impl Example for KindExample {
    fn name(&self) -> &str {
        &self.name
    }

    fn shows(&self) -> Shows {
        match self.status {
            Status::Healthy => Shows::Passing,
            Status::Unknown => Shows::Unknown,
            Status::Degraded | Status::Unhealthy => Shows::Failing,
        }
    }
}

/// An ARN, and what a kind makes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArnExample {
    /// The ARN.
    pub arn: Arn,
    /// Whether the kind's pattern fits it (default: yes).
    #[serde(default = "fits")]
    pub fits: bool,
    /// What its named groups catch.
    #[serde(default)]
    pub gives: BTreeMap<String, String>,
}

fn fits() -> bool {
    true
}

/// What examples of a kind may name.
pub(super) struct Names<'a> {
    pub(super) inputs: Vec<&'a str>,
    /// Metrics that have parts: `id@part` is one of them.
    pub(super) parts: Vec<&'a str>,
    /// Those of them that are texts.
    pub(super) texts: Vec<&'a str>,
    pub(super) indicators: Vec<&'a str>,
    pub(super) has_state: bool,
}

/// Examples name what the kind has, and nothing else.
pub(super) fn check(examples: &[KindExample], names: &Names<'_>) -> Result<(), Fault> {
    for (index, example) in examples.iter().enumerate() {
        let at = || [Step::from("example"), Step::from(index)];
        check_one(example, names).map_err(|fault| fault.below(at()))?;
    }
    Ok(())
}

fn check_one(example: &KindExample, names: &Names<'_>) -> Result<(), Fault> {
    let key = |key: &str, name: &str| [Step::from(key), Step::from(name)];
    let unknown = |name: &str, what: &str, known: &[&str]| {
        let message = format!("`{name}` is not {what} of this kind");
        (message, format!("it has {}", listed(known)))
    };
    for (name, given) in &example.given {
        let part = name.split_once('@').map(|(id, _)| id);
        let is_part = part.is_some_and(|id| names.parts.contains(&id));
        if !is_part && !names.inputs.contains(&name.as_str()) {
            let (message, fix) = unknown(name, "a metric or fact", &names.inputs);
            return Err(Fault::new(key("given", name), message).fix(fix));
        }
        if names.texts.contains(&name.as_str()) != given.text().is_some() {
            let message = match given.text() {
                Some(_) => format!("`{name}` is a number"),
                None => format!("`{name}` is a text"),
            };
            return Err(Fault::new(key("given", name), message));
        }
    }
    for (index, name) in example.unreadable.iter().enumerate() {
        let at = [Step::from("unreadable"), Step::from(index)];
        if example.given.contains_key(name) {
            let message = format!("`{name}` is given, so it was readable");
            return Err(Fault::new(at, message));
        }
        if !GROUPS.contains(&name.as_str()) && !names.inputs.contains(&name.as_str()) {
            let (message, fix) = unknown(name, "a metric or fact", &names.inputs);
            let fix = format!("{fix}; or write {}", listed(&GROUPS));
            return Err(Fault::new(at, message).fix(fix));
        }
    }
    let asks_state = example.state.is_some() || example.unreadable.iter().any(|n| n == "state");
    if asks_state && !names.has_state {
        let message = "the kind has no `[status]`, so no state is read";
        return Err(Fault::new([Step::from("state")], message));
    }
    let values = example.values.keys().map(|name| ("values", name));
    let verdicts = example.verdicts.keys().map(|name| ("verdicts", name));
    for (table, name) in values.chain(verdicts) {
        if !names.indicators.contains(&name.as_str()) {
            let (message, fix) = unknown(name, "an indicator", &names.indicators);
            return Err(Fault::new(key(table, name), message).fix(fix));
        }
    }
    Ok(())
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
