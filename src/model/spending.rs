//! `audits/<env>/spending.json`: what Cost Explorer answered today, so that it is asked once a day.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::cost::{CostDays, SpendTable};
use crate::model::ids::{AccountId, EnvironmentName};

/// What Cost Explorer answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "spending.json")]
pub struct SpendingDocument {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was read, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub read_at: Timestamp,
    /// The days. An audit of other days asks again.
    pub days: CostDays,
    /// The account that was counted; all that the credentials saw where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The cost allocation tags that were counted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// By service and usage type.
    pub usage: SpendTable,
    /// By service and type of record.
    pub records: SpendTable,
    /// By the values of a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_tag: Option<TaggedSpending>,
}

/// Spending by the values of a tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TaggedSpending {
    /// The tag.
    pub tag: String,
    /// What was spent.
    pub table: SpendTable,
}
