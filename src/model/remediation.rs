//! Changing a resource: what is planned, what was done, and what came of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::model::fact::{Fact, FactName, Gap};
use crate::model::ids::{Arn, EnvironmentName, IssueId, Region};
use crate::text::Untrusted;

/// What was read about a resource for one action.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ActionSituation {
    /// Facts by the names of the action's file.
    pub facts: BTreeMap<FactName, Fact>,
    /// Calls that gave no answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
}

/// What applying an action would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ActionPlan {
    /// The action.
    pub action: String,
    /// What it does, in a few words.
    pub title: Untrusted,
    /// The word for it: `RESTART`.
    pub verb: String,
    /// What it is done to.
    pub resource: ActionTarget,
    /// Its parameters by name.
    pub parameters: BTreeMap<String, Untrusted>,
    /// What is.
    pub from: Untrusted,
    /// What will be.
    pub to: Untrusted,
    /// What happens, in sentences.
    pub does: Untrusted,
    /// What users may notice.
    pub interruption: Untrusted,
    /// What requests notice.
    pub traffic: Untrusted,
    /// How much can go wrong: `low`, `medium` or `high`.
    pub risk: String,
    /// What to know before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Untrusted>,
    /// How much of the environment it touches.
    pub blast: BlastRadius,
    /// Names of what needs the resource.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependents: Vec<Untrusted>,
    /// What is sent to AWS, in this order.
    pub operations: Vec<String>,
    /// How it can be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<UndoStep>,
    /// Why it cannot be undone, where it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cannot_undo: Option<Untrusted>,
    /// What Terraform will find different afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<ExpectedDrift>,
    /// SHA-256 of the facts that it was planned on, in hexadecimal.
    pub facts_hash: String,
}

/// The resource that an action is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ActionTarget {
    /// The name that people use.
    pub name: Untrusted,
    /// Its kind, for instance `lambda`.
    pub kind: String,
    /// Its ARN.
    pub arn: Arn,
    /// Its region.
    pub region: Region,
}

/// How much of an environment an action touches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct BlastRadius {
    /// Resources that are touched.
    pub count: u32,
    /// Resources of the kind in the environment.
    pub of: u32,
    /// The share, 0–100.
    pub share_percent: f64,
}

/// An action that undoes another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UndoStep {
    /// The action.
    pub action: String,
    /// Its parameters by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Untrusted>,
}

/// What Terraform will find different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ExpectedDrift {
    /// The address of the resource.
    pub address: Untrusted,
    /// The attribute.
    pub attribute: String,
    /// What the code would say, by attribute, where it can be taken over.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, serde_json::Value>,
}

/// What an action came to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RemediationOutcome {
    /// It was about to be sent; nothing later is known.
    Started,
    /// It helped.
    Success,
    /// It did not help, or AWS refused it.
    Failed,
    /// It was applied, and too little is known to say whether it helped.
    Unverified,
    /// The run ended between the intent and the outcome.
    Interrupted,
    /// It was undone by another.
    Undone,
    /// It was refused before anything was sent.
    Refused,
}

impl RemediationOutcome {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Unverified => "unverified",
            Self::Interrupted => "interrupted",
            Self::Undone => "undone",
            Self::Refused => "refused",
        }
    }
}

/// How someone agreed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ConsentWay {
    /// Typed `yes` at a terminal.
    Typed,
    /// `--yes` on the command line.
    Flag,
    /// A proposal that was merged.
    Merged,
    /// `auto_remediate` of monitoring.toml.
    Automatic,
}

impl ConsentWay {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Typed => "typed",
            Self::Flag => "--yes",
            Self::Merged => "merged",
            Self::Automatic => "automatic",
        }
    }

    /// Whether a person agreed to this very action.
    pub fn is_manual(self) -> bool {
        self != Self::Automatic
    }
}

/// Who agreed, how and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ConsentRecord {
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Untrusted>,
    /// How.
    pub how: ConsentWay,
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The commit that merged the proposal, or the rule.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// What was meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PlanRecord {
    /// What was.
    pub from: Untrusted,
    /// What was to be.
    pub to: Untrusted,
    /// What users might notice.
    pub impact: Untrusted,
    /// The hash of the facts.
    pub facts_hash: String,
}

/// What was seen before and after.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct VerificationRecord {
    /// Before.
    pub before: HealthReading,
    /// After.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<HealthReading>,
    /// Whether every service level is met afterwards; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slo_met: Option<bool>,
    /// Seconds from the end of the change to the last look.
    pub waited_seconds: u64,
}

/// The health of a resource at one time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HealthReading {
    /// HEALTHY, DEGRADED, UNHEALTHY or UNKNOWN.
    pub status: String,
    /// The start of the span that was evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub window_start: Option<Timestamp>,
    /// Indicators by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, f64>,
    /// Why, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Untrusted>,
}

/// An entry of `remediation-log.json`, without the keys of the chain. Entries of one remediation
/// have the id of its first one in `of`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RemediationEntry {
    /// The environment.
    pub environment: EnvironmentName,
    /// The id of the entry that began it; absent in that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// What it came to.
    pub outcome: RemediationOutcome,
    /// Why, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Untrusted>,
    /// The issue that it was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_id: Option<IssueId>,
    /// The name of the resource.
    pub resource: Untrusted,
    /// Its kind.
    pub kind: String,
    /// Its ARN.
    pub arn: Arn,
    /// The action.
    pub action: String,
    /// Its parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Untrusted>,
    /// Its safety level: `auto` or `confirm`.
    pub safety: String,
    /// Who agreed.
    pub consent: ConsentRecord,
    /// What was meant.
    pub plan: PlanRecord,
    /// What was seen before and after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<VerificationRecord>,
    /// When AWS had made the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub applied_at: Option<Timestamp>,
    /// Seconds from the detection of the issue (from consent, without one) to the proof that it is
    /// over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_to_resolution_seconds: Option<u64>,
    /// Who it was to AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_arn: Option<Arn>,
    /// What was sent: operation and how often.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub api: BTreeMap<String, u32>,
    /// How it can be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<UndoStep>,
    /// The remediation that this one undoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
    /// The proposal that was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    /// What Terraform will find different until it is undone or taken over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift_expected: Option<ExpectedDrift>,
    /// What AWS kept of what had gone wrong, and forgets or the change replaces, in the first entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Untrusted>,
    /// The facts that it was planned on, in the first entry.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub facts: Map<String, Json>,
}

/// What `remediate --dry-run --format json` prints, and what it prints where nothing is applied.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct PlanAnswer {
    /// Version of this format, `1.0.0`.
    pub version: &'static str,
    /// Always `remediation-plan`.
    pub kind: &'static str,
    /// The environment.
    pub environment: EnvironmentName,
    /// What planning comes to: `ready`, `nothing`, `impossible` or `unknown`.
    pub verdict: &'static str,
    /// Why, in sentences, where it is not ready.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Untrusted>,
    /// The action that would do it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    /// What the action requires: `auto`, `confirm` or `never`.
    pub safety: &'static str,
    /// Whether every action needs consent in the environment.
    pub is_protected: bool,
    /// The plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<ActionPlan>,
}
