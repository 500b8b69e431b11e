//! Small answers of commands as JSON: rows of lists that are no report of their own.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

/// What `audit --list-checks` prints of a check.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct ListedCheck {
    /// Its id.
    pub id: String,
    /// What is wrong where it fails.
    pub title: String,
    /// How severe that is: `CRITICAL`, `HIGH`, `MEDIUM` or `LOW`.
    pub severity: &'static str,
    /// Types of resources that it is evaluated on, as Terraform names them.
    pub applies_to: Vec<String>,
    /// Operations of AWS that it needs.
    pub needs: Vec<String>,
    /// Whether suppressions of it count only with `--allow`.
    pub protected: bool,
    /// Pages that say why and how.
    pub references: Vec<String>,
    /// Controls of frameworks that it evaluates.
    pub controls: Vec<String>,
}

/// What `check` prints of a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Fault {
    /// How bad it is: `error` or `warning`.
    pub severity: &'static str,
    /// The stable name of this sort of fault, for instance `state/duplicate-key`.
    pub code: &'static str,
    /// The file, from the root of the repository.
    pub path: String,
    /// The line, from 1; absent where the fault is about the file as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column in characters, from 1; absent where the fault is about the file as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What is expected there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// How to fix it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// What `prices` prints of a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct KnownPrices {
    /// The region.
    pub region: String,
    /// Prices that are known there.
    pub prices: usize,
}

/// What `remediate --list` prints of an action.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct ListedAction {
    /// Its name.
    pub action: String,
    /// What it does.
    pub title: String,
    /// Kinds of resources that it is for.
    pub kinds: Vec<String>,
    /// Other words for it.
    pub aliases: Vec<String>,
    /// What it risks.
    pub risk: &'static str,
    /// What it requires: `auto`, `confirm` or `never`.
    pub safety: String,
    /// What is interrupted meanwhile.
    pub interruption: String,
    /// Its parameters, and what each is about.
    pub parameters: BTreeMap<String, String>,
    /// Operations of AWS that change something.
    pub operations: Vec<String>,
}

/// What `remediate --history` prints.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct RemediationHistory {
    /// Version of this format, `1.0.0`.
    pub version: &'static str,
    /// Always `remediation-history`.
    pub kind: &'static str,
    /// The entries of `remediation-log.json`, the newest first, each with its `id`, `started_at` and
    /// `ended_at`.
    pub remediations: Vec<Map<String, Value>>,
    /// Figures over all of them, by environment.
    pub statistics: BTreeMap<String, Map<String, Value>>,
}
