//! What an investigation lays side by side: changes, evidence, and everything in order of time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::fact::Gap;
use crate::text::Untrusted;

/// Where a change is known from.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ChangeSource {
    /// A deployment in `registry/deployments.json`.
    Deployment,
    /// A commit of the repository that touches infrastructure.
    Commit,
    /// A write that CloudTrail recorded.
    Cloudtrail,
    /// A remediation in the log of remediations.
    Remediation,
    /// An alarm that changed its state. It changes nothing itself.
    Alarm,
}

impl ChangeSource {
    /// Every source, in the order of reports.
    pub const ALL: [Self; 5] = [
        Self::Deployment,
        Self::Commit,
        Self::Cloudtrail,
        Self::Remediation,
        Self::Alarm,
    ];

    /// Returns its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::Commit => "commit",
            Self::Cloudtrail => "CloudTrail",
            Self::Remediation => "remediation",
            Self::Alarm => "alarm",
        }
    }

    /// Returns whether it can have produced a symptom; an alarm only reports one.
    pub fn can_cause(self) -> bool {
        self != Self::Alarm
    }
}

/// A change, or an alarm that changed its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ChangeRecord {
    /// When it was complete.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// Where it is known from.
    pub source: ChangeSource,
    /// What happened, without its time: `deployed 1a2b3c4d: success`.
    pub summary: Untrusted,
    /// ARNs of the resources that it touched, as far as they are known.
    pub resources: Vec<Untrusted>,
    /// Who did it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Untrusted>,
    /// What tells it from others of its source: id of the deployment, commit, event or entry.
    pub reference: Untrusted,
    /// Records of other sources that are a part of it, such as the writes of a deployment.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub includes: u64,
}

/// Something that AWS keeps of what went wrong with a resource: why a task stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clue {
    /// When it happened, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What AWS says.
    pub text: Untrusted,
}

/// The changes of a span, and what of it could not be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ChangeSet {
    /// The changes, the earliest first.
    pub changes: Vec<ChangeRecord>,
    /// Sources that were read, each with the moment up to which it is complete.
    pub read: Vec<ChangeCoverage>,
    /// What could not be read. A source that is neither here nor in `read` was not asked.
    pub gaps: Vec<Gap>,
}

/// How far a source of changes was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ChangeCoverage {
    /// The source.
    pub source: ChangeSource,
    /// Complete up to here; CloudTrail delivers up to 15 minutes late.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub complete_to: Timestamp,
}

/// Where an entry of a timeline is from.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TimelineSource {
    /// A deployment.
    Deployment,
    /// A commit.
    Commit,
    /// A write that CloudTrail recorded.
    Cloudtrail,
    /// A remediation.
    Remediation,
    /// A series that left its usual range.
    Metric,
    /// Log lines.
    Log,
    /// An alarm.
    Alarm,
    /// A resource whose health was evaluated.
    Health,
    /// An issue that was opened, updated or resolved.
    Issue,
}

impl TimelineSource {
    /// Returns its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::Commit => "commit",
            Self::Cloudtrail => "CloudTrail",
            Self::Remediation => "remediation",
            Self::Metric => "metric",
            Self::Log => "log",
            Self::Alarm => "alarm",
            Self::Health => "health",
            Self::Issue => "issue",
        }
    }
}

impl From<ChangeSource> for TimelineSource {
    fn from(source: ChangeSource) -> Self {
        match source {
            ChangeSource::Deployment => Self::Deployment,
            ChangeSource::Commit => Self::Commit,
            ChangeSource::Cloudtrail => Self::Cloudtrail,
            ChangeSource::Remediation => Self::Remediation,
            ChangeSource::Alarm => Self::Alarm,
        }
    }
}

/// Something that happened, in the words of its reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TimelineEntry {
    /// When it happened first, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// When it happened last, where it happened more than once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub until: Option<Timestamp>,
    /// How many seconds it may have been earlier or later: the period of a metric.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub uncertain_seconds: u64,
    /// Where it is from.
    pub source: TimelineSource,
    /// What it is about, as the reader calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Untrusted>,
    /// What happened.
    pub event: Untrusted,
    /// How often.
    pub count: u64,
    /// What tells it from others of its source, where something does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Untrusted>,
}

/// What happened, the earliest first, each thing once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Timeline {
    /// The entries.
    pub entries: Vec<TimelineEntry>,
    /// Entries that were left out, the least telling first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
}

/// The class of a piece of evidence. A cause is confirmed only by two that agree.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceClass {
    /// Log lines.
    Logs,
    /// Metrics.
    Metrics,
    /// Changes.
    Changes,
    /// The state of a resource, as AWS reports it.
    State,
    /// Alarms.
    Alarms,
    /// The dependencies between resources.
    Graph,
}

/// Something that speaks for or against a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Evidence {
    /// Its class.
    pub class: EvidenceClass,
    /// In a sentence, without its time.
    pub what: Untrusted,
    /// ARN of the resource that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Untrusted>,
    /// When it was first so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
