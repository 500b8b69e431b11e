//! Words for health and urgency, one definition each.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Health of a resource, a domain or an environment. Ordered from best to worst, so the
/// overall status is the maximum: UNKNOWN ranks between HEALTHY and DEGRADED.
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
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Everything that was asked was answered and is within its targets.
    Healthy,
    /// Not enough was observed to evaluate it.
    Unknown,
    /// A target is missed.
    Degraded,
    /// Broken, gone, or far past a target.
    Unhealthy,
}

impl Status {
    /// The word as in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "HEALTHY",
            Self::Unknown => "UNKNOWN",
            Self::Degraded => "DEGRADED",
            Self::Unhealthy => "UNHEALTHY",
        }
    }

    /// A sign that carries the meaning without colour.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Healthy => "✓",
            Self::Unknown => "?",
            Self::Degraded => "⚠",
            Self::Unhealthy => "✗",
        }
    }

    /// Whether this status is a problem (DEGRADED or UNHEALTHY).
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Degraded | Self::Unhealthy)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Urgency of an issue, ordered from least to most.
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
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Worth a look this week.
    Medium,
    /// Worth a look today.
    High,
    /// Needs attention at once, at any hour.
    Critical,
}

impl Severity {
    /// All of them, most urgent first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The word as in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }

    /// Weight in the priority formula (CRITICAL 10, HIGH 7, MEDIUM 5, LOW 2).
    pub fn weight(self) -> f64 {
        match self {
            Self::Low => 2.0,
            Self::Medium => 5.0,
            Self::High => 7.0,
            Self::Critical => 10.0,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Verdict on one service level indicator.
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
pub enum Verdict {
    /// Within the target.
    Ok,
    /// No requests in the window, so there is nothing to evaluate.
    Idle,
    /// Too few requests in the window for the ratio to count.
    TooFewSamples,
    /// Past 80 % of the target.
    AtRisk,
    /// A fact it needs could not be read.
    Unknown,
    /// Past the target.
    Breach,
    /// Past the `unhealthy_at` limit.
    Critical,
}
