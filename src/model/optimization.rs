//! `helios/optimizations/<env>/optimization-history.json`: what optimisation did, and what it brought.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::{Arn, EnvironmentName};
use crate::model::kpi_report::KpiScore;
use crate::model::remediation::{ExpectedDrift, UndoStep};
use crate::text::Untrusted;

/// The optimisation cycles of one environment. What is learned is computed from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "optimization-history.json")]
pub struct OptimizationHistory {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// The environment, which is that of the folder.
    pub environment: EnvironmentName,
    /// The cycles, oldest first: those of 180 days, 500 at most. Of cycles without a task the newest
    /// is kept.
    pub cycles: Vec<OptimizationCycle>,
}

/// One cycle: what was chosen, what was sent, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OptimizationCycle {
    /// Its id: `o-`, the time and random digits.
    pub id: String,
    /// What made it act.
    pub occasion: CycleOccasion,
    /// What it came to.
    pub outcome: CycleOutcome,
    /// When it began, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub began_at: Timestamp,
    /// When this entry was last written, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub changed_at: Timestamp,
    /// When everything had been sent; missing where the run ended before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub dispatched_at: Option<Timestamp>,
    /// When it was over; missing while its tasks are watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub ended_at: Option<Timestamp>,
    /// When the low score was first seen; of emergencies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub detected_at: Option<Timestamp>,
    /// When the first action was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub first_action_at: Option<Timestamp>,
    /// The score before.
    pub score_before: KpiScore,
    /// The score when its tasks were evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_after: Option<KpiScore>,
    /// Requests in the newest health report before; missing where it counts none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_before: Option<f64>,
    /// What was chosen.
    #[serde(default)]
    pub tasks: Vec<OptimizationTask>,
    /// What was not chosen, and why.
    #[serde(default)]
    pub left: Vec<LeftKpi>,
    /// What happened, in order.
    #[serde(default)]
    pub timeline: Vec<CycleEvent>,
}

impl OptimizationCycle {
    /// Whether its tasks are still to be sent or evaluated.
    pub fn is_open(&self) -> bool {
        self.outcome == CycleOutcome::Open
    }
}

/// What made a cycle act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CycleOccasion {
    /// Key figures that miss their targets.
    Cycle,
    /// A score below the threshold.
    Emergency,
}

/// What a cycle came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CycleOutcome {
    /// Its tasks are being sent, or watched.
    Open,
    /// Every task was evaluated.
    Completed,
    /// It acted on an emergency, and every task was evaluated.
    EmergencyHandled,
    /// There was nothing to do.
    Idle,
    /// The run ended before everything was sent.
    Interrupted,
}

impl CycleOutcome {
    /// Returns its words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Open => "being watched",
            Self::Completed => "completed",
            Self::EmergencyHandled => "emergency handled",
            Self::Idle => "nothing to do",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A playbook that was chosen for a key figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OptimizationTask {
    /// The playbook of kpis.toml.
    pub playbook: String,
    /// The action.
    pub action: String,
    /// The name of the resource.
    pub resource: Untrusted,
    /// Its ARN.
    pub arn: Arn,
    /// Who does it.
    pub swarm: Swarm,
    /// The key figure that it was chosen for.
    pub kpi: String,
    /// What happened to each key figure of the playbook, by name.
    pub effects: BTreeMap<String, KpiEffect>,
    /// Whether it was tried although another was expected to do more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub explored: bool,
    /// The remediation that it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<String>,
    /// When AWS had made the change, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub applied_at: Option<Timestamp>,
    /// Seconds after that before measurements count.
    pub settle_seconds: u32,
    /// What came of it.
    pub verdict: TaskVerdict,
    /// Why, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Untrusted>,
    /// How often it was evaluated.
    #[serde(default)]
    pub looks: u32,
    /// How it can be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<UndoStep>,
    /// The remediation that has undone it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<String>,
    /// What Terraform would set back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<TerraformChange>,
}

/// What would make a change permanent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TerraformChange {
    /// Where.
    #[serde(flatten)]
    pub place: ExpectedDrift,
    /// What it is now.
    pub to: Untrusted,
}

/// Who works on key figures.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Swarm {
    /// On `frontend` and `business`: what users see.
    Frontend,
    /// On `backend` and `agent`: what serves it.
    Backend,
}

impl Swarm {
    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Frontend => "frontend",
            Self::Backend => "backend",
        }
    }
}

/// What came of a task.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TaskVerdict {
    /// It was about to be sent; nothing later is known.
    Planned,
    /// It was not sent, or AWS has not made the change.
    NotApplied,
    /// It was made, and too little was measured since.
    Waiting,
    /// A key figure of it improved by more than its noise.
    Improved,
    /// A key figure of it got worse by more than its noise.
    Regressed,
    /// Neither can be said.
    Inconclusive,
}

impl TaskVerdict {
    /// Returns its words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::NotApplied => "not applied",
            Self::Waiting => "being watched",
            Self::Improved => "improved",
            Self::Regressed => "made worse",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// What happened to a key figure.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct KpiEffect {
    /// The median before; missing until it is evaluated, and where nothing was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<f64>,
    /// The median absolute deviation before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<f64>,
    /// The median since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<f64>,
    /// The change in percent of what it was, above 0 for better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_percent: Option<f64>,
    /// Measurements since.
    #[serde(default)]
    pub points: usize,
}

/// A key figure that nothing was done for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LeftKpi {
    /// The key figure.
    pub kpi: String,
    /// The playbook that would have been for it; missing where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub playbook: Option<String>,
    /// Why.
    pub reason: Untrusted,
}

/// Something that happened in a cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CycleEvent {
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// What, in a sentence.
    pub text: Untrusted,
}

/// What an action has done to a key figure so far.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct LearnedEffect {
    /// The action.
    pub action: String,
    /// The key figure.
    pub kpi: String,
    /// How often it was evaluated.
    pub attempts: u32,
    /// How often it improved.
    pub improved: u32,
    /// How often it made it worse.
    pub regressed: u32,
    /// The mean change in percent, above 0 for better, newer ones weighing more.
    pub mean_percent: f64,
    /// The standard deviation of the changes; null with one.
    pub spread_percent: Option<f64>,
    /// The change to expect: the mean, drawn towards 0 the less is known.
    pub expected_percent: f64,
    /// Whether at least five attempts were evaluated and seven of ten improved.
    pub proven: bool,
    /// When it was last tried.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub last_used: Timestamp,
}

/// A figure of how well optimisation itself works.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct SuccessMetric {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Its value; null where it is undefined.
    pub value: Option<f64>,
    /// Its target.
    pub target: f64,
    /// Whether the target is met; null where the value is undefined.
    pub met: Option<bool>,
    /// Which way is good: `higher` or `lower`.
    pub better: crate::model::report::Better,
    /// What it was computed from, or why it is undefined.
    pub basis: String,
}

/// What `optimize cycle` and `optimize emergency` report.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct CycleReport {
    /// Of the layout of this document.
    pub version: &'static str,
    /// `optimize-cycle`.
    pub kind: &'static str,
    /// The environment.
    pub environment: EnvironmentName,
    /// When this was said.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub generated_at: Timestamp,
    /// What was done now.
    pub phase: CyclePhase,
    /// The cycle; null where there is none.
    pub cycle: Option<OptimizationCycle>,
    /// What was learned so far, most to expect first.
    pub learned: Vec<LearnedEffect>,
    /// How well optimisation works, against its targets.
    pub metrics: Vec<SuccessMetric>,
    /// The scores that were kept, oldest first.
    pub scores: Vec<Option<f64>>,
    /// What limits this, and what to do next.
    pub notes: Vec<Untrusted>,
}

/// What was done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CyclePhase {
    /// Shown, and not sent.
    Planned,
    /// Sent, and watched from now on.
    Began,
    /// There was nothing to do, or nothing that may be done.
    Idle,
    /// Earlier tasks are still watched.
    Watching,
    /// Earlier tasks were evaluated.
    Judged,
    /// The score is too little measured to act on.
    Unreliable,
    /// The score is not below the threshold.
    NoEmergency,
}
