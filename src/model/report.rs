//! The health report: what `health --format json` prints and what a run stores.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::budget::SliBudget;
use crate::model::fact::Gap;
use crate::model::ids::{Arn, DomainName, EnvironmentName, IssueId, KindId, Region, RunId};
use crate::model::receipt::Receipt;
use crate::model::snapshot::AlarmState;
use crate::model::status::{Severity, Status, Verdict};
use crate::model::window::Window;
use crate::text::Untrusted;

/// One health check of one environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "health-check.json")]
pub struct HealthReport {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// Always `health-check`.
    pub kind: String,
    /// The run.
    pub run_id: RunId,
    /// The environment.
    pub environment: EnvironmentName,
    /// The domain of these resources.
    pub domain: DomainName,
    /// When the report was made, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub generated_at: Timestamp,
    /// The span that was evaluated.
    pub window: Window,
    /// Worst of all resources.
    pub overall_health: Status,
    /// Resources by status.
    pub resources: ResourceCounts,
    /// One entry a resource, in the order of the registry.
    pub checks: Vec<ResourceHealth>,
    /// Every problem found, worst first.
    pub issues: Vec<ProblemLine>,
    /// Sums over the environment by name, for instance `requests_total`.
    #[serde(default)]
    pub metrics_summary: BTreeMap<String, f64>,
    /// What to do next, most useful first.
    #[serde(default)]
    pub recommendations: Vec<Recommendation>,
    /// What the check cost.
    pub api: Receipt,
    /// Whether something could not be read.
    pub partial: bool,
    /// Calls that gave no answer.
    #[serde(default)]
    pub errors: Vec<Gap>,
    /// What share of what was asked for was seen.
    pub coverage: Coverage,
}

/// Resources by status.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct ResourceCounts {
    /// All.
    pub total: u32,
    /// HEALTHY.
    pub healthy: u32,
    /// DEGRADED.
    pub degraded: u32,
    /// UNHEALTHY.
    pub unhealthy: u32,
    /// UNKNOWN.
    pub unknown: u32,
}

/// What share was seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Coverage {
    /// Resources whose every fact was read, of all, 0–100.
    pub resources_percent: f64,
    /// Facts (states, metrics, alarm lists) that were read, of all asked, 0–100.
    pub facts_percent: f64,
}

/// Health of one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ResourceHealth {
    /// Which resource.
    pub resource: ResourceRef,
    /// Worst of state, indicators and alarms.
    pub status: Status,
    /// The provider's word for its state; `unknown` or `gone` where there is none.
    pub state: Untrusted,
    /// Whether it had nothing to do in the window.
    #[serde(default)]
    pub idle: bool,
    /// Whether the provider says that it is being changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changing: bool,
    /// Its service level indicators.
    #[serde(default)]
    pub slis: Vec<SliResult>,
    /// Alarms that are not OK.
    #[serde(default)]
    pub alarms: Vec<AlarmLine>,
    /// Why it has this status, in sentences.
    #[serde(default)]
    pub reasons: Vec<Untrusted>,
    /// Problems, each of which is or may become an issue.
    #[serde(default)]
    pub problems: Vec<Problem>,
    /// Checks on it that could not be evaluated: their issues keep their streaks.
    #[serde(default)]
    pub unjudged: Vec<String>,
    /// Problems seen before on checks that could not be evaluated this time: check →
    /// consecutive runs that saw it. An unknown run neither adds to a streak nor ends it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub held: BTreeMap<String, u32>,
    /// Where only metrics show that it exists: the end of the newest period with a data point,
    /// in this window or in an earlier one, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_data_at: Option<Timestamp>,
    /// Where the state was not queried in this run: the end of the window of the run that
    /// queried it last and found it well, RFC 3339 UTC. `state` is what it was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub state_seen_at: Option<Timestamp>,
    /// The open issue, the most urgent where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_id: Option<IssueId>,
}

/// A resource as reports name it.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct ResourceRef {
    /// Name for people.
    pub name: Untrusted,
    /// Kind, or the Terraform type where the catalogue has no kind for it.
    pub kind: String,
    /// ARN.
    pub arn: Arn,
    /// Region.
    pub region: Region,
    /// Link to the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_url: Option<Untrusted>,
}

/// The check that looks at the provider's word for a resource's state.
pub const RESOURCE_STATE: &str = "resource_state";

/// One service level indicator over the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SliResult {
    /// Its id, for instance `error_rate_percent`.
    pub sli: String,
    /// Its name for people, for instance `error rate`.
    pub title: String,
    /// The part of the resource that it was measured on (`stage live`), where a part is worse
    /// than the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Untrusted>,
    /// Its value, absent where there was no data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Its value in words, where a number says little: `1 of 4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Untrusted>,
    /// The target.
    pub target: f64,
    /// The limit past which the resource is UNHEALTHY.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unhealthy_at: Option<f64>,
    /// Unit: `percent`, `milliseconds`, `seconds`, `ratio`, `count`, `bytes`.
    pub unit: String,
    /// Whether lower or higher is better.
    pub better: Better,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether the target is missed.
    pub slo_breach: bool,
    /// Events that it is a ratio of, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<f64>,
    /// Bad events among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bad: Option<f64>,
    /// Whether a part of it is an estimate (for instance a connection limit from a formula).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
    /// Its error budget, where it is a ratio of events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<SliBudget>,
    /// The end of the last window that missed the target, RFC 3339 UTC, as long as burn rates
    /// can reach back to it: what was burned before is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub missed_at: Option<Timestamp>,
    /// The end of the last window in which its budget burned too fast, RFC 3339 UTC, for as
    /// long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub burned_at: Option<Timestamp>,
}

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// Lower is better.
    Lower,
    /// Higher is better.
    Higher,
}

/// An alarm that is not OK.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AlarmLine {
    /// Its name.
    pub name: Untrusted,
    /// Its state.
    pub state: AlarmState,
    /// Since when, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub since: Option<Timestamp>,
    /// Why, in the provider's words.
    #[serde(default, skip_serializing_if = "Untrusted::is_empty")]
    pub reason: Untrusted,
}

/// One thing that is wrong with one resource: the unit of issues.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Problem {
    /// The check: `resource_state`, `registry_drift`, the id of an indicator,
    /// `burn_rate/<indicator>`, or `alarm/<name>`. Part of the issue's identity.
    pub check: String,
    /// DEGRADED or UNHEALTHY.
    pub status: Status,
    /// How urgent, where whoever found it says so; else it follows from the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Whether a service level is missed.
    pub slo_breach: bool,
    /// Whether an alarm is the only evidence.
    #[serde(default)]
    pub alarm_only: bool,
    /// One line for a title, for instance `error rate 3.2 % (target 0.1 %)`.
    pub title: Untrusted,
    /// Sentences of evidence.
    #[serde(default)]
    pub symptoms: Vec<Untrusted>,
    /// Consecutive runs that saw it, this one included.
    pub seen: u32,
    /// How urgent its error budget makes it, where that burns too fast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burn: Option<Severity>,
}

/// One line of the report's `issues`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ProblemLine {
    /// Severity.
    pub severity: Severity,
    /// Name of the resource.
    pub resource: Untrusted,
    /// The problem in a line.
    pub issue: Untrusted,
    /// The indicator or check.
    pub metric: String,
    /// Its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_value: Option<f64>,
    /// Its limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The issue's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_id: Option<IssueId>,
}

/// Something to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Recommendation {
    /// What, in a sentence.
    pub text: Untrusted,
    /// The command that does it, ready to copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Untrusted>,
}

impl SliResult {
    /// Where it was measured, to be put behind a sentence: ` in stage live`, or nothing for the
    /// whole.
    pub fn place(&self) -> String {
        let part = self.part.as_ref();
        part.map_or_else(String::new, |part| format!(" in {}", part.raw()))
    }

    /// Whether its value is past its target, whatever the verdict. `false` without a value.
    pub fn misses_target(&self) -> bool {
        self.value.is_some_and(|value| match self.better {
            Better::Lower => value > self.target,
            Better::Higher => value < self.target,
        })
    }
}

impl ResourceRef {
    /// The kind as an id, where it is one.
    pub fn kind_id(&self) -> Option<KindId> {
        KindId::new(&self.kind).ok()
    }
}
