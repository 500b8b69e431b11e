//! Opportunities: what would cost less, and what became of it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::cost::{CostDays, FigureSource};
use crate::model::ids::{Arn, Region};
use crate::text::Untrusted;

/// What to do, in the words of AWS Cost Optimization Hub, and two of our own.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum OpportunityAction {
    /// Delete what nothing uses.
    Delete,
    /// Stop what nothing uses.
    Stop,
    /// A smaller size.
    Rightsize,
    /// Less capacity.
    ScaleIn,
    /// A newer generation or type.
    Upgrade,
    /// An arm64 processor.
    MigrateToGraviton,
    /// Another setting: a storage class, how long something is kept.
    Configure,
    /// Stopped at night and on weekends.
    Schedule,
}

/// How much work it is, in the words of Cost Optimization Hub.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum OpportunityEffort {
    /// A switch.
    VeryLow,
    /// One change, nothing to test.
    Low,
    /// A change with a restart, or one to be tested.
    Medium,
    /// A change of the program.
    High,
    /// A project.
    VeryHigh,
}

/// How sure an opportunity is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Confidence {
    /// It rests on an assumption.
    Low,
    /// It is measured in part.
    Medium,
    /// It is measured.
    High,
}

/// How much an opportunity is worth beside all that is spent.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OpportunityPriority {
    /// Below 3 % of the total and 25 USD a month, or of unknown worth.
    Low,
    /// From 3 % of the total, or from 25 USD a month.
    Medium,
    /// From 10 % of the total, or from 100 USD a month.
    High,
}

/// Something that would cost less.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Opportunity {
    /// The same on every run: hash of rule and resource.
    pub id: String,
    /// The rule: name of its file.
    pub rule: String,
    /// What to do, in a few words.
    pub title: String,
    /// Terraform type of the resource.
    pub resource_type: String,
    /// Name of the resource.
    pub name: Untrusted,
    /// ARN of the resource, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<Arn>,
    /// Region of the resource, for which prices were looked up.
    pub region: Region,
    /// How much it is worth.
    pub priority: OpportunityPriority,
    /// What to do.
    pub action: OpportunityAction,
    /// How much work it is.
    pub effort: OpportunityEffort,
    /// Whether something is interrupted.
    pub restart_needed: bool,
    /// Whether it can be undone.
    pub rollback_possible: bool,
    /// How sure it is.
    pub confidence: Confidence,
    /// What it costs now, a month; absent where no price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_usd: Option<f64>,
    /// Where `current_usd` comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_source: Option<FigureSource>,
    /// What it would save a month, by itself. ESTIMATED. Absent where no price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub savings_usd: Option<f64>,
    /// Whether the saving is an upper bound, as that of a snapshot is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_most: bool,
    /// What of it counts in the total: nothing of an alternative, less of what comes after another.
    pub counted_usd: f64,
    /// Why it is not counted, or not in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_counted_because: Option<String>,
    /// What must be done first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<Untrusted>,
    /// Sentences that explain it.
    pub evidence: Vec<Untrusted>,
    /// What the saving assumes, because nothing measures it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumption: Option<Untrusted>,
    /// The span that was measured, where something was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<CostDays>,
    /// Date of the oldest price that was used, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_date: Option<String>,
    /// Parts of the bill that it changes, as `service: usage type`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub billed_as: Vec<Untrusted>,
    /// Commands that do it.
    pub commands: Vec<Untrusted>,
    /// The change in Terraform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform: Option<Untrusted>,
}

/// Opportunities together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SavingsTotal {
    /// All of them, added up as if each were the only one.
    pub listed_usd: f64,
    /// What they save together: alternatives once, what comes after another on what is left.
    pub distinct_usd: f64,
    /// Share of the spending, 0–100; absent where that is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_percent: Option<f64>,
    /// How many have no amount, because no price is known. They are not in the sums.
    pub without_amount: usize,
}

/// An opportunity that could not be evaluated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UndecidedOpportunity {
    /// The rule.
    pub rule: String,
    /// What it would do.
    pub title: String,
    /// The resource.
    pub name: Untrusted,
    /// Why, one sentence each.
    pub because: Vec<Untrusted>,
}

/// What became of a saving that an earlier audit expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RealisedSaving {
    /// Id of the opportunity.
    pub id: String,
    /// What was to be done.
    pub title: String,
    /// The resource.
    pub name: Untrusted,
    /// When it was last listed.
    #[schemars(with = "String", extend("format" = "date"))]
    pub listed_until: Date,
    /// What was expected a month. ESTIMATED.
    pub expected_usd: f64,
    /// What the bill shows a month; absent where it cannot be told apart. ACTUAL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realised_usd: Option<f64>,
    /// How it stands.
    pub state: RealisedState,
    /// Why, in words.
    pub because: String,
}

/// Whether a saving shows on the bill.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RealisedState {
    /// At least half of it does.
    Realised,
    /// Too few complete days have passed.
    NotYet,
    /// It does not.
    NotRealised,
    /// The bill does not tell.
    Unknown,
}
