//! `audits/<env>/savings.json`: savings that audits expected, to be compared with later bills.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::ids::Region;
use crate::text::Untrusted;

/// Savings that audits expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "savings.json")]
pub struct SavingsDocument {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// One entry for each opportunity, sorted by id. Kept for 400 days after it was last listed.
    pub savings: Vec<ExpectedSaving>,
}

/// A saving that an audit expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ExpectedSaving {
    /// Id of the opportunity.
    pub id: String,
    /// The rule.
    pub rule: String,
    /// What was to be done.
    pub title: String,
    /// The resource.
    pub name: Untrusted,
    /// Region of the resource.
    pub region: Region,
    /// Parts of the bill that it changes, as `service: usage type`.
    #[serde(default)]
    pub billed_as: Vec<Untrusted>,
    /// The day of the audit that listed it first, `YYYY-MM-DD`.
    #[schemars(with = "String", extend("format" = "date"))]
    pub listed_since: Date,
    /// The day of the audit that listed it last, `YYYY-MM-DD`.
    #[schemars(with = "String", extend("format" = "date"))]
    pub listed_until: Date,
    /// What was expected, US dollars a month. ESTIMATED.
    pub expected_usd: f64,
    /// What these parts of the bill cost on a day then, US dollars. ACTUAL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billed_a_day: Option<f64>,
}
