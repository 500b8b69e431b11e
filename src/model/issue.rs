//! `helm/issues/{active,resolved}/<id>.json`: one problem, one file.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::{DomainName, EnvironmentName, IssueId, SourceName};
use crate::model::incident::Grade;
use crate::model::status::Severity;
use crate::model::subject::SubjectRef;
use crate::text::Untrusted;

/// An issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "issue.json")]
pub struct Issue {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// Its id: the domain's prefix and the first 6 hex digits of SHA-256 over
    /// domain, environment, what it is about, check and, where there is one, source.
    pub id: IssueId,
    /// The domain.
    pub domain: DomainName,
    /// The environment.
    pub environment: EnvironmentName,
    /// How urgent now. Rises at once, and falls after as many runs in a row that found it
    /// milder as it takes to resolve an issue.
    pub severity: Severity,
    /// The worst it was during this occurrence, where it is milder now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_severity: Option<Severity>,
    /// What the last runs found, where that is milder than `severity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milder: Option<Milder>,
    /// Its status.
    pub status: IssueStatus,
    /// One line.
    pub title: Untrusted,
    /// The check that found it.
    pub check: String,
    /// Who found it; left out for the health check and for monitors. Only the same source
    /// resolves it.
    #[serde(
        default = "SourceName::observer",
        skip_serializing_if = "SourceName::is_observer"
    )]
    pub source: SourceName,
    /// What it is about.
    pub resource: SubjectRef,
    /// Whether a service level is missed.
    #[serde(default)]
    pub slo_breach: bool,
    /// First seen (of this occurrence), RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub detected_at: Timestamp,
    /// Last seen by a committed run, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub last_seen_at: Timestamp,
    /// When it was resolved, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub resolved_at: Option<Timestamp>,
    /// How often it came back, the first time included.
    #[serde(default = "one")]
    pub occurrences: u32,
    /// Consecutive healthy runs since it was last seen.
    #[serde(default)]
    pub healthy_streak: u32,
    /// What it does to users.
    #[serde(default)]
    pub impact: Impact,
    /// Sentences of evidence, newest state.
    #[serde(default)]
    pub symptoms: Vec<Untrusted>,
    /// The cause, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_cause: Option<Untrusted>,
    /// Commands worth trying, most useful first.
    #[serde(default)]
    pub suggested_actions: Vec<Untrusted>,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Untrusted>,
    /// Notes by people.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// What happened, oldest first: the last 100 events.
    #[serde(default)]
    pub timeline: Vec<Event>,
    /// Events that were dropped from the timeline.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub timeline_dropped: u32,
    /// Alerts that were sent about it.
    #[serde(default, skip_serializing_if = "Alerts::is_empty")]
    pub alerts: Alerts,
    /// The work item that it was handed over to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
    /// Things that belong to it elsewhere: pull requests, runbooks, posts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The issue that this one is a duplicate of, where a person said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<IssueId>,
    /// What `run` found out about this occurrence by itself, where it investigated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub investigation: Option<IssueInvestigation>,
    /// The incident that it belongs to, where other issues do too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IssueIncident>,
    /// The signatures that were right about its causes, for what is learned from them: one for an
    /// occurrence, the last 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<NamedCause>,
}

/// What a run found out about the incident of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IssueInvestigation {
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// `explained`, `unexplained`, or `nothing-wrong`.
    pub status: String,
    /// How well the cause is supported, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Grade>,
    /// The page of the incident in this repository.
    pub report: Untrusted,
    /// Commands that help against the cause. They are the first of `suggested_actions`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Untrusted>,
}

/// Which signature a person named as the cause of an occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NamedCause {
    /// Of which occurrence.
    pub occurrence: u32,
    /// The id of the signature.
    pub signature: String,
}

/// Most causes that an issue keeps.
pub const MOST_CAUSES: usize = 10;

/// The place of an issue in an incident. Runs write it when an issue is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IssueIncident {
    /// Id of the incident.
    pub id: String,
    /// Whether the others follow from it, as far as dependencies tell.
    pub role: IncidentRole,
    /// Why it belongs there, in a sentence.
    pub why: Untrusted,
    /// Whether a person put it there, or took it out of another incident.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
}

/// What an issue is in its incident.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IncidentRole {
    /// The resources of the others depend on its resource.
    Cause,
    /// It follows from the cause.
    Symptom,
}

/// Most events that a timeline keeps.
pub const MOST_EVENTS: usize = 100;

/// Status of an issue.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IssueStatus {
    /// Open.
    Active,
    /// The cause is being investigated.
    Investigating,
    /// A remediation is under way.
    Remediating,
    /// A remediation did not help.
    RemediationFailed,
    /// Handed over.
    Escalated,
    /// Over.
    Resolved,
}

/// Runs in a row that found an issue milder than it is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Milder {
    /// The worst that they found.
    pub severity: Severity,
    /// How many there were, with healthy ones among them.
    pub runs: u32,
}

/// What an issue does to users, over the window that last saw it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Impact {
    /// Requests in the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_total: Option<f64>,
    /// Failed requests among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_failed: Option<f64>,
    /// The indicator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slo_metric: Option<String>,
    /// Its target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slo_target: Option<f64>,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slo_current: Option<f64>,
    /// Unit of target and value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A note by a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Note {
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Untrusted>,
    /// What.
    pub text: Untrusted,
}

/// Something that happened to an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Event {
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// What: `opened`, `severity_raised`, `severity_lowered`, `alert`, `resolved`, `reopened`,
    /// `note` …
    pub event: String,
    /// Details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Untrusted>,
}

/// Alerts that were sent about an issue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Alerts {
    /// Alerts that were sent in all.
    pub count: u32,
    /// When the last one was sent, RFC 3339 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_alerted_at: Option<Timestamp>,
    /// The newest delivery by rule and channel.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<Delivery>,
}

impl Issue {
    /// The worst it was during this occurrence.
    pub fn peak(&self) -> Severity {
        self.worst_severity
            .map_or(self.severity, |worst| worst.max(self.severity))
    }
}

impl Alerts {
    /// Whether none was sent or tried.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether something is wrong, or over.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Something is wrong.
    Trigger,
    /// It is over.
    Resolve,
}

/// The newest attempt of one rule to reach one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Delivery {
    /// The idempotency key: the same for every attempt at the same alert.
    pub key: String,
    /// Name of the rule.
    pub rule: String,
    /// Name of the channel.
    pub channel: String,
    /// Whether it said that something is wrong, or that it is over (default: wrong).
    #[serde(default = "trigger")]
    pub kind: AlertKind,
    /// When it was tried, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// Whether the channel accepted it.
    pub delivered: bool,
    /// The severity that it told of (default: unknown).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The digest that it was sent in together with others (default: by itself).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Since when it could not be sent, where it was tried more than once, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub tried_since: Option<Timestamp>,
    /// Attempts so far at this alert.
    #[serde(default = "one")]
    pub attempts: u32,
    /// What the channel calls it: a number, a key or an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Untrusted>,
    /// Why it failed, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Untrusted>,
}

/// A work item that an issue was handed over to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Escalation {
    /// Status of the work item.
    pub status: EscalationStatus,
    /// Number or name of the work item.
    pub work_item_id: Untrusted,
    /// Its address, or its path in this repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_item_url: Option<Untrusted>,
    /// When it was made, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub escalated_at: Timestamp,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Untrusted>,
}

/// Status of a work item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EscalationStatus {
    /// Waiting for someone to work on it.
    Open,
    /// The tracker says it is done.
    Closed,
}

/// Something elsewhere that belongs to an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Link {
    /// Its address.
    pub url: Untrusted,
    /// What it is, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Untrusted>,
    /// When it was added, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
}

fn trigger() -> AlertKind {
    AlertKind::Trigger
}

fn one() -> u32 {
    1
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}
