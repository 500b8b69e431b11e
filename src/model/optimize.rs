//! What `fractary optimize` reports: where points are lost, and what to work on.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::ids::EnvironmentName;
use crate::model::kpi::KpiCategory;
use crate::model::kpi_report::{KpiScore, KpiStatus, KpiTrend, ScorePoint};
use crate::model::report::Better;
use crate::text::Untrusted;

/// Where points are lost. Nothing was done.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct OptimizationAnalysis {
    /// Of the layout of this document.
    pub version: &'static str,
    /// `optimize-analyze`.
    pub kind: &'static str,
    /// The environment.
    pub environment: EnvironmentName,
    /// When the key figures were collected.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub generated_at: Timestamp,
    /// `quick`, `standard` or `comprehensive`.
    pub depth: &'static str,
    /// What was looked at, where that is not everything.
    pub focus: Vec<String>,
    /// What the score of all means.
    pub status: KpiStatus,
    /// The score of all.
    pub score: KpiScore,
    /// Key figures that miss their target, the most urgent first.
    pub bottlenecks: Vec<Bottleneck>,
    /// Key figures that meet their target and move away from it; `standard` and up.
    pub at_risk: Vec<KpiAtRisk>,
    /// Key figures that could not be measured; `standard` and up.
    pub blind_spots: Vec<BlindSpot>,
    /// Key figures that move together, `comprehensive` alone. It says nothing of causes.
    pub moving_together: Vec<MovingTogether>,
    /// Whether there is nothing to do: the score is reliable and at least 95, and nothing declines.
    pub steady: bool,
    /// What limits this analysis.
    pub notes: Vec<String>,
}

/// A key figure that misses its target.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Bottleneck {
    /// Its name.
    pub kpi: String,
    /// Its category.
    pub category: KpiCategory,
    /// How bad that is.
    pub severity: BottleneckSeverity,
    /// From 1, at once, to 4, when there is time: 2 to 4 by priority, and one more urgent where it
    /// declines.
    pub urgency: u8,
    /// How much it matters: 3 to 1 by priority, half as much again where users see it, twice where
    /// it is critical.
    pub impact: f64,
    /// Its unit.
    pub unit: String,
    /// Its value.
    pub value: f64,
    /// Its target.
    pub target: f64,
    /// Which way is good.
    pub better: Better,
    /// Its score.
    pub score: f64,
    /// Points that it takes from the score of all.
    pub points_lost: f64,
    /// The score of all, if only this one met its target.
    pub score_if_met: Option<f64>,
    /// How it moves.
    pub trend: KpiTrend,
    /// Its values over time, oldest first.
    pub history: Vec<Option<f64>>,
}

/// How bad a missed target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BottleneckSeverity {
    /// Of a key figure of priority 1.
    Critical,
    /// Of another.
    High,
}

impl BottleneckSeverity {
    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
        }
    }
}

/// A key figure that meets its target and moves away from it.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct KpiAtRisk {
    /// Its name.
    pub kpi: String,
    /// When it leaves its target, if it goes on so; null where what was seen is too short to say.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub leaves_at: Option<Timestamp>,
    /// Change over what was seen, in percent of the target.
    pub trend_percent: Option<f64>,
}

/// A key figure that could not be measured.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct BlindSpot {
    /// Its name.
    pub kpi: String,
    /// Coverage of the score that measuring it would add, in percent.
    pub coverage_percent: f64,
    /// Why it could not be measured.
    pub reason: Untrusted,
}

/// Two key figures whose values rise and fall together, or against each other.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct MovingTogether {
    /// One.
    pub kpi: String,
    /// The other.
    pub other: String,
    /// Kendall's tau-b over the collections that have both, from -1 to 1.
    pub tau: f64,
    /// How many collections have both.
    pub collections: usize,
}

/// What to work on over the time to come. Nothing was done.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct OptimizationRoadmap {
    /// Of the layout of this document.
    pub version: &'static str,
    /// `optimize-plan`.
    pub kind: &'static str,
    /// The environment.
    pub environment: EnvironmentName,
    /// When the key figures were collected.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub generated_at: Timestamp,
    /// The end of the time that is planned for.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub horizon: Timestamp,
    /// The score now.
    pub score: KpiScore,
    /// The score at the horizon, by what happens until then.
    pub scenarios: Vec<ScenarioScore>,
    /// What to work on, what gains most first.
    pub work: Vec<RoadmapItem>,
    /// Key figures that leave their target before the horizon, the first to do so first.
    pub leaving: Vec<RoadmapDate>,
    /// Key figures that meet their target by themselves before the horizon.
    pub meeting: Vec<RoadmapDate>,
    /// Key figures of which nothing can be said for the horizon, with the reason.
    pub unforeseen: Vec<Unforeseen>,
    /// The scores that were kept, oldest first.
    pub history: Vec<ScorePoint>,
}

/// A score at the horizon.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct ScenarioScore {
    /// What happens until then.
    pub scenario: PlanScenario,
    /// The score; null where nothing can be foreseen.
    pub score: Option<f64>,
    /// Share of the weight that can be foreseen, 0 to 100.
    pub coverage_percent: f64,
    /// Whether that is at least 80 %.
    pub reliable: bool,
}

/// What may happen until the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanScenario {
    /// Everything goes on as it does.
    Steady,
    /// Everything that may get worse does, as fast as its trend allows.
    Worst,
    /// Everything goes on, and the first three items of work meet their target.
    TopThree,
    /// Everything goes on, and every item of work meets its target.
    AllMet,
}

impl PlanScenario {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Steady, Self::Worst, Self::TopThree, Self::AllMet];

    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Worst => "worst",
            Self::TopThree => "top-three",
            Self::AllMet => "all-met",
        }
    }

    /// Says what happens.
    pub fn about(self) -> &'static str {
        match self {
            Self::Steady => "everything goes on as it does",
            Self::Worst => "what may get worse does, as fast as its trend allows",
            Self::TopThree => "the first three items meet their target",
            Self::AllMet => "every item meets its target",
        }
    }
}

/// A key figure to work on.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct RoadmapItem {
    /// Its name.
    pub kpi: String,
    /// Its unit.
    pub unit: String,
    /// Its value now.
    pub value: f64,
    /// Its value at the horizon, if it goes on so.
    pub projected: f64,
    /// Its target.
    pub target: f64,
    /// Which way is good.
    pub better: Better,
    /// Points of the score at the horizon that meeting its target gains.
    pub gain: f64,
    /// How it moves.
    pub trend: KpiTrend,
    /// Playbooks of kpis.toml that are for it, what is expected to do most first.
    pub playbooks: Vec<PlannedPlaybook>,
}

/// A playbook, with what was learned of its action.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct PlannedPlaybook {
    /// Its name.
    pub playbook: String,
    /// The id of its action.
    pub action: String,
    /// The change of the key figure to expect, in percent, above 0 for better; 0 where the action was
    /// never evaluated.
    pub expected_percent: f64,
    /// How often the action was evaluated on this key figure.
    pub attempts: u32,
    /// How often it improved.
    pub improved: u32,
}

/// When a key figure crosses its target.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct RoadmapDate {
    /// Its name.
    pub kpi: String,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
}

/// A key figure of which nothing can be said.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Unforeseen {
    /// Its name.
    pub kpi: String,
    /// Why.
    pub reason: Untrusted,
}
