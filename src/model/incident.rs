//! An incident: a symptom, what explains it, and what could not be seen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::text::Untrusted;

/// How well a hypothesis is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentReport {
    /// Of the layout of this document.
    pub version: String,
    /// `incident`.
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
}

/// The symptom that was asked about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentSymptom {
    /// Where.
    pub resource: Untrusted,
    /// `latency` or `availability`.
    pub metric: String,
    /// When it was noticed.
    pub at: Timestamp,
    /// How many spreads it is off what is usual; absent when its metric has no values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
}

/// The periods that were looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentWindow {
    /// The first.
    pub start: Timestamp,
    /// The last.
    pub end: Timestamp,
    /// How many.
    pub periods: usize,
}

/// The cause that is best supported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RootCause {
    /// In a sentence.
    pub summary: Untrusted,
    /// Where it is.
    pub resource: Untrusted,
    /// How well it is supported.
    pub confidence: Grade,
    /// What speaks for it.
    pub evidence: Vec<Untrusted>,
}

/// A possible cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hypothesis {
    /// Where it is.
    pub resource: Untrusted,
    /// The share of the symptom that is explained by nothing further: 0 to 1.
    pub score: f64,
    /// How well it is supported.
    pub grade: Grade,
    /// How many spreads it is off what is usual.
    pub deviation: f64,
    /// Seconds waited or requests lost beyond the usual, in a period.
    pub extra: f64,
    /// From the symptom to it.
    pub path: Vec<Untrusted>,
    /// What speaks for it.
    #[serde(rename = "for")]
    pub supporting: Vec<Untrusted>,
    /// What speaks against it.
    pub against: Vec<Untrusted>,
    /// The cheapest check that would change the mind.
    pub next_check: Untrusted,
}

/// A resource that is out of the ordinary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnusualResource {
    /// Which.
    pub resource: Untrusted,
    /// How many spreads it is off what is usual.
    pub deviation: f64,
    /// Why it is not a hypothesis.
    pub why: String,
}

/// What could not be seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvidenceGap {
    /// `logs`, `metrics`, `changes` or `graph`.
    pub leg: String,
    /// What is missing.
    pub what: Untrusted,
    /// What that does to the result.
    pub effect: String,
}
