//! An incident: a symptom, what explains it, and what could not be seen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::{EnvironmentName, IssueId};
use crate::model::investigation::{ChangeRecord, TimelineEntry};
use crate::model::log_report::PatternKind;
use crate::model::receipt::Receipt;
use crate::text::Untrusted;

/// How well a hypothesis is supported.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Two classes of evidence agree, order in time and a path hold.
    ConfirmedCause,
    /// Path and order hold; one class of evidence.
    PossibleContributor,
    /// A change in the span that cannot have produced the symptom.
    RecentButUnrelated,
    /// The proof could not be read, or it explains too little.
    NeedsEvidence,
}

impl Grade {
    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::ConfirmedCause => "confirmed cause",
            Self::PossibleContributor => "possible contributor",
            Self::RecentButUnrelated => "recent but unrelated",
            Self::NeedsEvidence => "needs evidence",
        }
    }
}

/// What was found out about a symptom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "incident.json")]
pub struct IncidentReport {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// Always `incident`.
    pub kind: String,
    /// The symptom that was asked about.
    pub symptom: IncidentSymptom,
    /// The periods that were looked at.
    pub window: IncidentWindow,
    /// `explained`, `unexplained`, or `nothing-wrong`.
    pub status: String,
    /// In a sentence.
    pub summary: Untrusted,
    /// The first hypothesis, when it is more than a guess.
    pub root_cause: Option<RootCause>,
    /// The best first; empty when nothing is wrong.
    pub hypotheses: Vec<Hypothesis>,
    /// Resources on the way from the symptom to the hypotheses.
    pub affected_resources: Vec<Untrusted>,
    /// Out of the ordinary, but no way from the symptom leads there.
    pub also_unusual: Vec<UnusualResource>,
    /// What could not be seen, and what that does to the result.
    pub gaps: Vec<EvidenceGap>,
    /// What was read of AWS; absent where files were read.
    #[serde(flatten)]
    pub details: Option<Box<IncidentDetails>>,
}

impl IncidentReport {
    /// Returns whether it is not known what is wrong, or whether something is: the symptom has no
    /// values, or nothing explains it and something could not be read.
    pub fn is_unknown(&self) -> bool {
        match self.details {
            None => self.symptom.deviation.is_none(),
            Some(_) => self.status == "unexplained" && !self.gaps.is_empty(),
        }
    }
}

/// What was read of AWS, and what to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IncidentDetails {
    /// Id of the incident that the issue belongs to; else made from the environment, the resource,
    /// and when the symptom began.
    pub id: String,
    /// The issue that was asked about, or that is open on the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_id: Option<IssueId>,
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was looked at.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub generated_at: Timestamp,
    /// The resources that were looked at.
    pub scope: Vec<ScopedResource>,
    /// What was read of logs.
    pub logs: IncidentLogs,
    /// Log messages that are new, rising or shifted, by resource.
    pub patterns: Vec<IncidentPattern>,
    /// Metrics and indicators that are out of the ordinary.
    pub anomalies: Vec<IncidentAnomaly>,
    /// What was changed, the earliest first.
    pub changes: Vec<ChangeRecord>,
    /// Everything in order of time.
    pub timeline: Vec<TimelineEntry>,
    /// Entries of the timeline that were left out, the least telling first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub timeline_left_out: u64,
    /// What a person can do.
    pub recommendations: Vec<Untrusted>,
    /// Actions that help.
    pub suggested_actions: Vec<SuggestedAction>,
    /// What reading it cost.
    pub api: Receipt,
}

/// A resource that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ScopedResource {
    /// What people call it.
    pub resource: Untrusted,
    /// Its ARN.
    pub arn: Untrusted,
    /// Its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `symptom`, `dependency` or `caller`.
    pub role: String,
    /// What it depends on, among the resources that were looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Untrusted>,
}

/// What was read of logs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IncidentLogs {
    /// Names of the groups.
    pub groups: Vec<Untrusted>,
    /// Groups that were read to the end.
    pub groups_read: u64,
    /// Events that were read.
    pub events: u64,
    /// Bytes of their messages.
    pub bytes: u64,
    /// Whether something of them was not read.
    pub truncated: bool,
}

/// Log messages of a resource that are alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IncidentPattern {
    /// The resource.
    pub resource: Untrusted,
    /// The line with `<*>` where lines differ.
    pub template: Untrusted,
    /// Lines in the span.
    pub count: u64,
    /// Lines in the span before; absent where it was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline_count: Option<u64>,
    /// Against the span before.
    pub change: PatternKind,
    /// The severity that the lines name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// When the first line was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub first_seen: Option<Timestamp>,
    /// When the last line was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_seen: Option<Timestamp>,
    /// Lines.
    pub examples: Vec<Untrusted>,
}

/// A metric or an indicator that is out of the ordinary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IncidentAnomaly {
    /// The resource.
    pub resource: Untrusted,
    /// What people call the metric.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// The start of the first period in which it was.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// What is usual.
    pub before: f64,
    /// The value that is furthest from it.
    pub after: f64,
    /// How many spreads that is off.
    pub score: f64,
}

/// An action that helps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SuggestedAction {
    /// Its name.
    pub action: String,
    /// The resource that it is applied to.
    pub resource: Untrusted,
}

/// The symptom that was asked about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IncidentSymptom {
    /// Where.
    pub resource: Untrusted,
    /// `latency` or `availability`, or what people call the indicator or the check.
    pub metric: String,
    /// When it was noticed.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// How many spreads it is off what is usual; absent when its metric has no values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
}

/// The periods that were looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IncidentWindow {
    /// The first.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub start: Timestamp,
    /// The last.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub end: Timestamp,
    /// How many.
    pub periods: usize,
}

/// The cause that is best supported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RootCause {
    /// In a sentence.
    pub summary: Untrusted,
    /// The signature that fits, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause_id: Option<String>,
    /// Where it is.
    pub resource: Untrusted,
    /// How well it is supported.
    pub confidence: Grade,
    /// What speaks for it.
    pub evidence: Vec<Untrusted>,
}

/// A possible cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Hypothesis {
    /// Where it is.
    pub resource: Untrusted,
    /// The signature that fits, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause_id: Option<String>,
    /// The cause in a sentence, where a signature fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Untrusted>,
    /// The share of the symptom that is explained by nothing further: 0 to 1.
    pub score: f64,
    /// How well it is supported.
    pub grade: Grade,
    /// How many spreads it is off what is usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
    /// Seconds waited or requests lost beyond the usual, in a period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<f64>,
    /// From the symptom to it.
    pub path: Vec<Untrusted>,
    /// What speaks for it.
    #[serde(rename = "for")]
    pub supporting: Vec<Untrusted>,
    /// What speaks against it.
    pub against: Vec<Untrusted>,
    /// What could not be read and would prove or refute it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Untrusted>,
    /// The cheapest check that would change the mind.
    pub next_check: Untrusted,
}

/// A resource that is out of the ordinary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UnusualResource {
    /// Which.
    pub resource: Untrusted,
    /// How many spreads it is off what is usual.
    pub deviation: f64,
    /// Why it is not a hypothesis.
    pub why: String,
}

/// What could not be seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EvidenceGap {
    /// `logs`, `metrics`, `state`, `alarms`, `changes` or `graph`.
    pub leg: String,
    /// What is missing.
    pub what: Untrusted,
    /// What that does to the result.
    pub effect: String,
    /// Why it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Untrusted>,
    /// How to close it.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "mend")]
    pub fix: Option<Untrusted>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
