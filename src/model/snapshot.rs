//! Everything that one observation saw: the one typed thing between observing and deciding.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::fact::{Fact, FactName, Gap, GapId};
use crate::model::ids::{AccountId, Arn, EnvironmentName};
use crate::model::receipt::Receipt;
use crate::model::resource::Resource;
use crate::model::window::Window;
use crate::text::Untrusted;

/// Facts about the resources of one environment over one window. Round-trips through serde.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The environment that was observed.
    pub environment: EnvironmentName,
    /// Who asked, as the provider says.
    pub identity: Fact<Identity>,
    /// The span that is evaluated.
    pub window: Window,
    /// From when on metrics that come in the window's own periods were read, where that is
    /// before its start: error budgets are counted in whole hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_from: Option<Timestamp>,
    /// One entry a resource, in the order of the registry.
    pub resources: Vec<Observed>,
    /// Alarms in ALARM or INSUFFICIENT_DATA that fit none of the resources.
    #[serde(default)]
    pub unmatched_alarms: Vec<Alarm>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// What it cost.
    pub receipt: Receipt,
    /// What was read of the past, for error budgets that are new: metrics only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub back_fill: Vec<Self>,
}

impl Snapshot {
    /// From when on metrics that come in the window's own periods were read.
    pub fn read_from(&self) -> Timestamp {
        self.read_from
            .map_or(self.window.start, |from| from.min(self.window.start))
    }

    /// The span in which metrics that come in the window's own periods were read.
    pub fn read_span(&self) -> Window {
        Window {
            start: self.read_from(),
            ..self.window
        }
    }

    /// The gap with this index.
    pub fn gap(&self, id: GapId) -> Option<&Gap> {
        self.gaps.get(id.0 as usize)
    }
}

/// Who the provider says we are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The account.
    pub account: AccountId,
    /// The ARN of the user or the assumed role.
    pub arn: Arn,
}

/// What was seen of one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// The resource as the registry has it.
    pub resource: Resource,
    /// Its state. `Absent` means that the provider answered and it is not there (drift).
    /// Kinds without a status call have [`ResourceState::unchecked`].
    pub state: Fact<ResourceState>,
    /// What else the status call gives, by name (`running`, `desired`, `max_connections`).
    #[serde(default)]
    pub facts: BTreeMap<FactName, Fact>,
    /// Metrics by the id that the kind gives them (`errors`). `Absent`: no data points.
    #[serde(default)]
    pub metrics: BTreeMap<String, Fact<Series>>,
    /// Its parts that take work of their own, sorted by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartMetrics>,
    /// Alarms on this resource, whatever their state.
    pub alarms: Fact<Vec<Alarm>>,
    /// Alarms that were read although the list of them is not whole. Empty where it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub some_alarms: Vec<Alarm>,
}

impl Observed {
    /// Returns a resource of which nothing could be read, for the reason in this gap.
    pub fn unreadable(resource: &Resource, gap: GapId) -> Self {
        Self {
            resource: resource.clone(),
            state: Fact::Unreadable(gap),
            facts: BTreeMap::new(),
            metrics: BTreeMap::new(),
            parts: Vec::new(),
            alarms: Fact::Unreadable(gap),
            some_alarms: Vec::new(),
        }
    }

    /// Returns every gap in it with the part that the gap hides. A gap may hide several.
    pub fn gaps(&self) -> impl Iterator<Item = (ObservedPart, GapId)> {
        let state = self.state.gap().map(|gap| (ObservedPart::State, gap));
        let facts = self.facts.values().flat_map(Fact::gaps);
        let of_parts = self.parts.iter().flat_map(|part| part.metrics.values());
        let metrics = self.metrics.values().chain(of_parts).filter_map(Fact::gap);
        let alarms = self.alarms.gap().map(|gap| (ObservedPart::Alarms, gap));
        state
            .into_iter()
            .chain(facts.map(|gap| (ObservedPart::Facts, gap)))
            .chain(metrics.map(|gap| (ObservedPart::Metrics, gap)))
            .chain(alarms)
    }

    /// Gives its gaps the numbers that `number` says.
    #[must_use]
    pub fn renumbered(self, number: &dyn Fn(GapId) -> GapId) -> Self {
        Self {
            resource: self.resource,
            state: self.state.with_gap(number),
            facts: self
                .facts
                .into_iter()
                .map(|(name, fact)| (name, fact.renumbered(number)))
                .collect(),
            metrics: self
                .metrics
                .into_iter()
                .map(|(name, fact)| (name, fact.with_gap(number)))
                .collect(),
            parts: self
                .parts
                .into_iter()
                .map(|part| part.renumbered(number))
                .collect(),
            alarms: self.alarms.with_gap(number),
            some_alarms: self.some_alarms,
        }
    }
}

/// The metrics of one part of a resource that takes work of its own: a stage of an API, a version
/// behind an alias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartMetrics {
    /// What people call it: `stage live`.
    pub name: Untrusted,
    /// Which of the kind's sorts of parts it is: `stage`.
    pub sort: String,
    /// Metrics by the id that the kind gives them. `Absent`: no data points.
    pub metrics: BTreeMap<String, Fact<Series>>,
}

impl PartMetrics {
    /// Gives its gaps the numbers that `number` says.
    fn renumbered(self, number: &dyn Fn(GapId) -> GapId) -> Self {
        let metrics = self.metrics.into_iter();
        Self {
            metrics: metrics
                .map(|(name, fact)| (name, fact.with_gap(number)))
                .collect(),
            ..self
        }
    }
}

/// A part of what is observed of a resource. Ordered as people read about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObservedPart {
    /// Its state.
    State,
    /// What else the status call gives.
    Facts,
    /// Its metrics.
    Metrics,
    /// Alarms on it.
    Alarms,
}

impl ObservedPart {
    /// Returns what gaps call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Facts => "configured limits",
            Self::Metrics => "metrics",
            Self::Alarms => "alarms",
        }
    }
}

/// What the provider says of a resource's condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceState {
    /// The provider's word (`Active`, `available`), or `not checked`.
    pub word: Untrusted,
    /// What that means.
    pub condition: Condition,
    /// Why, where the provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Untrusted>,
}

impl ResourceState {
    /// For kinds that are evaluated from metrics and alarms alone.
    pub fn unchecked() -> Self {
        Self {
            word: Untrusted::from("not checked"),
            condition: Condition::Unchecked,
            reason: None,
        }
    }
}

/// Meaning of a provider's state word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Working.
    Good,
    /// There is no status call for this kind.
    Unchecked,
    /// The endpoint is not AWS's, and says that it does not have the status call.
    NotOffered,
    /// The word is known; what it means is in the kind's table of states.
    Stated,
    /// Working while it changes (updating, backing up, pending).
    Changing,
    /// Working with a fault (failed last update, degraded).
    Impaired,
    /// Not working (failed, stopped, inactive).
    Broken,
}

/// Data points of one metric, oldest first, at most one a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Statistic: `Sum`, `Average`, `Minimum`, `Maximum` or a percentile such as `p95`.
    pub statistic: String,
    /// Length of a period in seconds.
    pub period_seconds: u32,
    /// Start of each period.
    pub at: Vec<Timestamp>,
    /// Value of each period.
    pub values: Vec<f64>,
}

/// A CloudWatch alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its name.
    pub name: Untrusted,
    /// Its ARN, with characters that an ARN may not hold as `%XX`; absent in old recordings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<Arn>,
    /// Its state.
    pub state: AlarmState,
    /// Since when it is in that state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Why, in the provider's words.
    #[serde(default)]
    pub reason: Untrusted,
    /// The metric it watches, empty for a composite alarm.
    #[serde(default)]
    pub metric: Untrusted,
    /// Namespace of that metric.
    #[serde(default)]
    pub namespace: Untrusted,
    /// Dimensions of that metric.
    #[serde(default)]
    pub dimensions: BTreeMap<Untrusted, Untrusted>,
    /// ARNs of what it sets off when it goes into ALARM.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Untrusted>,
}

impl Alarm {
    /// Whether all that it sets off is scaling: such an alarm is part of a control loop, and goes
    /// into ALARM whenever there is little to do or much. One that notifies someone too is meant
    /// for people as well.
    pub fn only_scales(&self) -> bool {
        let scales = |action: &Untrusted| {
            let mut parts = action.raw().splitn(7, ':').skip(2);
            let (service, resource) = (parts.next(), parts.nth(2));
            service == Some("autoscaling") && resource == Some("scalingPolicy")
        };
        !self.actions.is_empty() && self.actions.iter().all(scales)
    }
}

/// State of an alarm.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// Quiet.
    Ok,
    /// Not enough data, as the provider says.
    InsufficientData,
    /// In ALARM.
    Alarm,
}
