//! What may be written in the file of a check.

use serde::{Deserialize, Serialize};

use crate::catalog::checks::example::CheckExample;
use crate::model::monitoring::HouseRule;
use crate::model::status::Severity;

/// A check, as its file has it.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "check.toml")]
pub struct CheckForm {
    /// What is wrong where the check fails, in a few words: `Storage is not encrypted`.
    pub title: String,
    /// How urgent a failure is, where `severity_when` does not say otherwise.
    pub severity: Severity,
    /// Types of resources that it evaluates (`aws_db_instance`; `account` and `region` for
    /// settings that hold for all of one).
    pub applies_to: Vec<String>,
    /// Expression: which of them it says anything about (default: all).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_when: Option<String>,
    /// Why it says nothing about the others, for instance `it is a read replica`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// The rule of `[compliance]` in monitoring.toml that it asks about: `required_tags`,
    /// `allowed_regions` or `names`. The check is left out where there is no such rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<HouseRule>,
    /// A list among the derived facts (`derived.open_ports`). Every item of which `fails_when`
    /// is true, called `item`, is a finding of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// Expression: when it fails. Names: `resource`, `derived`, `account`, `region`,
    /// `environment`, and `item` with `each`.
    pub fails_when: String,
    /// Other severities, the first that fits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severity_when: Vec<SeverityForm>,
    /// Derived facts whose sentences prove a failure (`derived.public_because`). Without them
    /// the facts that `fails_when` names are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// IAM actions that are needed to read what it asks about.
    pub needs: Vec<String>,
    /// Whether a suppression of it counts only with `--allow`: for what must not be overlooked,
    /// such as secrets and public data.
    #[serde(default)]
    pub protected: bool,
    /// Addresses of pages that say more, the one to read first first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(regex(pattern = "^https://")))]
    pub references: Vec<String>,
    /// Why it matters, in a sentence or two.
    pub why: String,
    /// What may stop working when it is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks: Option<String>,
    /// How to fix it.
    pub fix: FixForm,
    /// Examples: at least one that passes, one that fails and one that is unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub example: Vec<CheckExample>,
}

/// A severity under a condition.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeverityForm {
    /// Expression: when.
    pub when: String,
    /// How urgent it is then.
    pub severity: Severity,
}

/// How to fix a failure.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixForm {
    /// What to write in Terraform.
    pub terraform: String,
    /// Commands of the AWS CLI, one a line; a line behind a `#` is for the reader, for instance
    /// where no command does it. `{name}`, `{arn}`, `{region}` and `{account}` stand for the
    /// resource's, `{resource.url}` for a fact of it that is a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cli: Option<String>,
}
