//! `helios/config/kpis.toml`: key figures with their targets, and where each is read from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::expr::{Expression, Fault, Schema, Type};
use crate::model::duration_text::DurationText;
use crate::model::ids::{DomainName, Region};
use crate::model::playbook::{OptimizeSection, Playbook};
use crate::model::report::Better;

/// kpis.toml as written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "kpis.toml")]
pub struct Kpis {
    /// Version of this format, `1.0.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `run` collects and keeps the key figures so often, and opens issues for what misses its target
    /// (default: never; `fractary kpi --commit` does).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<DurationText>,
    /// How `optimize cycle` works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optimize: Option<OptimizeSection>,
    /// One entry for each key figure, `[[kpi]]`.
    #[serde(default, rename = "kpi")]
    pub kpis: Vec<Kpi>,
    /// One entry for each action that `optimize cycle` may take, `[[playbook]]`.
    #[serde(default, rename = "playbook", skip_serializing_if = "Vec::is_empty")]
    pub playbooks: Vec<Playbook>,
}

/// A key figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Kpi {
    /// Its name, unique in this file: `a-z`, `0-9` and `_`, a letter first.
    #[schemars(extend("pattern" = "^[a-z][a-z0-9_]*$"))]
    pub name: String,
    /// The group that it is scored in.
    pub category: KpiCategory,
    /// Its unit: `percent`, `milliseconds`, `seconds`, `bytes`, `count` or another.
    pub unit: String,
    /// Which way is good.
    pub better: Better,
    /// The value from which on the target is met, in its unit, never below 0.
    #[schemars(range(min = 0.0))]
    pub target: f64,
    /// How much it counts: 1 weighs three, 2 two, 3 one.
    #[schemars(range(min = 1, max = 3))]
    pub priority: u8,
    /// Where it is read from, exactly one of its keys. Without a source it is off: listed, and
    /// counted nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<KpiSource>,
}

impl Kpi {
    /// Returns how much it counts in a score.
    pub fn weight(&self) -> f64 {
        weight(self.priority)
    }
}

/// The weight of a priority: 4 less the priority.
pub fn weight(priority: u8) -> f64 {
    f64::from(4_u8.saturating_sub(priority).max(1))
}

/// Groups of key figures.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum KpiCategory {
    /// What users see.
    Frontend,
    /// What serves it.
    Backend,
    /// What it is worth.
    Business,
    /// How well operations and optimisation themselves work.
    Agent,
}

impl KpiCategory {
    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Frontend => "frontend",
            Self::Backend => "backend",
            Self::Business => "business",
            Self::Agent => "agent",
        }
    }
}

/// Where a key figure is read from. Exactly one key is given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct KpiSource {
    /// Metrics of CloudWatch, of any namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloudwatch: Option<CloudwatchSource>,
    /// The newest health report of the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<HealthSource>,
    /// The bill that the last audit of costs has read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostSource>,
    /// Deployments of deployments.json and the history of git, over the last 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryFigure>,
    /// A number that the monitor of a domain prints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitor: Option<MonitorSource>,
    /// How well optimisation cycles of the last 180 days worked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optimization: Option<OptimizationFigure>,
}

impl KpiSource {
    /// Returns how many of its keys are given.
    pub fn given(&self) -> usize {
        [
            self.cloudwatch.is_some(),
            self.health.is_some(),
            self.cost.is_some(),
            self.delivery.is_some(),
            self.monitor.is_some(),
            self.optimization.is_some(),
        ]
        .into_iter()
        .filter(|given| *given)
        .count()
    }
}

/// Metrics of CloudWatch, and what is computed from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CloudwatchSource {
    /// The metrics by the names that the formula uses. The value is that of the newest whole
    /// period in which all of them have one.
    #[schemars(extend("minProperties" = 1))]
    pub metrics: BTreeMap<String, CloudwatchMetric>,
    /// What is computed, such as `100 * hits / (hits + misses)`; may be left out where there is one
    /// metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// Length of a period: whole minutes from `1m` to `1d` (default `5m`). A value that ended more
    /// than two periods ago is stale, and counts as missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<DurationText>,
    /// The region (default: that of the environment).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

impl CloudwatchSource {
    /// Compiles what is computed.
    ///
    /// # Errors
    /// With the place in the formula, and what to write instead.
    pub fn compile(&self) -> Result<Expression, Fault> {
        let names = self.metrics.keys();
        let schema: Schema = names.map(|name| (name.clone(), Type::Number)).collect();
        let only = self.metrics.keys().next().map_or("", String::as_str);
        let formula = self.formula.as_deref().unwrap_or(only);
        Expression::compile(formula, &schema, &Type::Number)
    }

    /// Returns the length of a period in seconds.
    pub fn period_seconds(&self) -> u32 {
        let seconds = self.period.map_or(300, |period| period.seconds);
        u32::try_from(seconds).unwrap_or(u32::MAX)
    }
}

/// A metric of CloudWatch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CloudwatchMetric {
    /// Its namespace, such as `AWS/ApiGateway`.
    pub namespace: String,
    /// Its name, such as `Latency`.
    pub metric: String,
    /// `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount` or a percentile such as `p95`.
    #[schemars(extend("pattern" = "^(Sum|Average|Minimum|Maximum|SampleCount|p[0-9]{1,2}(\\.[0-9]{1,2})?|p100)$"))]
    pub statistic: String,
    /// Its dimensions; `{environment}` in a value is the name of the environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dimensions: BTreeMap<String, String>,
    /// Whether a period without data points is 0, as for counts of errors (default false: it is
    /// unknown).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent_is_zero: bool,
}

/// A figure of the newest health report: `figure`, or `resource` with `sli`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct HealthSource {
    /// `healthy_percent` (of all resources), `problems` (their number), or a sum of
    /// `metrics_summary`, such as `requests_total`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figure: Option<String>,
    /// A resource by its name or ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// A service level indicator of that resource, such as `error_rate_percent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sli: Option<String>,
}

/// What was spent, of the bill that `fractary audit --type cost --commit` has kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CostSource {
    /// Which figure.
    pub figure: CostFigure,
    /// Only this service, as the bill calls it, such as `Amazon ElastiCache` (default: all).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// Figures of the bill, in its currency, without credits, refunds, tax and support.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostFigure {
    /// The mean of the last 7 days that AWS has closed, a day.
    DailyMean,
    /// The last 30 days that AWS has closed, together.
    Last30Days,
}

/// What the program that monitors a domain says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MonitorSource {
    /// The domain, with a monitor in domain-monitors.json.
    pub domain: DomainName,
    /// The name of one of its `metrics`.
    pub metric: String,
}

/// Figures of delivery: the five of DORA, over the last 30 days.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryFigure {
    /// Deployments a week.
    DeploymentsPerWeek,
    /// Days with a deployment, a week.
    DeploymentDaysPerWeek,
    /// Median hours from commit to deployment.
    LeadTimeHours,
    /// Deployments that were followed by an incident, a rollback or a hotfix, of 100.
    ChangeFailureRatePercent,
    /// Median hours from detection to recovery of incidents that belong to a deployment.
    RecoveryTimeHours,
    /// Deployments that are unplanned fixes, of 100.
    ReworkRatePercent,
}

/// Figures of optimisation cycles. What there were no cycles for is missing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OptimizationFigure {
    /// Cycles that came to their end, of 100.
    CycleCompletionPercent,
    /// Optimisations that improved what they were for, of 100 that were evaluated to do either.
    SuccessPercent,
    /// Optimisations sent beside others that AWS has made, of 100.
    ConcurrentEfficiencyPercent,
    /// Seconds from a low score to the first action, of the slowest emergency.
    EmergencyResponseSeconds,
    /// What a cycle adds to the score, in the mean.
    ScoreGainPoints,
    /// Optimisations that were made, an hour, over the last 24.
    OptimizationsPerHour,
}
