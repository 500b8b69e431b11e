//! The examples in the files of actions.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::catalog::registry::{Example, Shows};

/// A resource, and what the action would do with it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionExample {
    /// What people call it.
    pub name: String,
    /// What planning it comes to.
    pub verdict: ActionVerdict,
    /// Parameters as they are given.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Facts that are read; others are absent.
    #[serde(default)]
    pub current: toml::Table,
    /// Facts that could not be read.
    #[serde(default)]
    pub unreadable: Vec<String>,
    /// What is, in words.
    #[serde(default)]
    pub from: Option<String>,
    /// What will be, in words.
    #[serde(default)]
    pub to: Option<String>,
    /// What is said where it is refused, or where there is nothing to do.
    #[serde(default)]
    pub says: Option<String>,
    /// Warnings, all of them.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// What is sent, in this order.
    #[serde(default)]
    pub writes: Vec<ExpectedWrite>,
    /// How it would be undone: the action with its parameters, as a command says it.
    #[serde(default)]
    pub undo: Option<String>,
    /// Whether AWS has made the change already, by these facts.
    #[serde(default)]
    pub done: Option<bool>,
}

/// A write as an example expects it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedWrite {
    /// The operation.
    pub operation: String,
    /// Its input.
    pub input: Map<String, Value>,
}

/// What planning an action comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionVerdict {
    /// It can be applied.
    Plan,
    /// It is refused.
    Refused,
    /// There is nothing to do.
    Nothing,
    /// It cannot be known.
    Unknown,
}

impl Example for ActionExample {
    fn name(&self) -> &str {
        &self.name
    }

    fn shows(&self) -> Shows {
        match self.verdict {
            ActionVerdict::Plan => Shows::Passing,
            ActionVerdict::Refused | ActionVerdict::Nothing => Shows::Failing,
            ActionVerdict::Unknown => Shows::Unknown,
        }
    }
}
