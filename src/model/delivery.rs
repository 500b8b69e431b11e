//! How an environment is delivered to: the five figures of DORA.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::ids::IssueId;
use crate::text::Untrusted;

/// Delivery over a window.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct DeliveryReport {
    /// Start of the window: 30 days ago, or the first deployment where that is later.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub start: Timestamp,
    /// Its end.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub end: Timestamp,
    /// Deployments in the window.
    pub deployments: usize,
    /// How many of them are rollbacks.
    pub rollbacks: usize,
    /// Deployments a week.
    pub deployments_per_week: DeliveryValue,
    /// Days with at least one deployment, a week.
    pub deployment_days_per_week: DeliveryValue,
    /// Median hours from commit to deployment.
    pub lead_time_hours: DeliveryValue,
    /// The same from when the work was written, which rebasing and squashing move.
    pub lead_time_from_author_hours: DeliveryValue,
    /// Whether all commits that were deployed are squashed pull requests, whose time is that of
    /// the merge: the time of the work before it is not known.
    pub lead_time_from_merge: bool,
    /// Commits that the lead time is of.
    pub commits: usize,
    /// Deployments that were followed by an incident, a rollback or a hotfix, of 100.
    pub change_failure_rate_percent: DeliveryValue,
    /// Median hours from detection to recovery.
    pub recovery_time_hours: DeliveryValue,
    /// Deployments that are unplanned fixes, of 100.
    pub rework_rate_percent: DeliveryValue,
    /// Incidents that belong to a deployment and are not over.
    pub open_incidents: Vec<IssueId>,
    /// What a reader has to know.
    pub notes: Vec<Untrusted>,
}

/// A figure of delivery, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct DeliveryValue {
    /// The figure; null where it is undefined.
    pub value: Option<f64>,
    /// Why it is undefined.
    pub undefined_because: Option<Untrusted>,
}

impl DeliveryValue {
    /// A figure.
    pub fn known(value: f64) -> Self {
        Self {
            value: Some(value),
            undefined_because: None,
        }
    }

    /// None, for this reason.
    pub fn undefined(because: &str) -> Self {
        Self {
            value: None,
            undefined_because: Some(Untrusted::from(because)),
        }
    }
}
