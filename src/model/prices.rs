//! `helm-cloud/prices.json`: prices that `fractary prices update` read from AWS.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::ids::Region;

/// Prices beside those that are built in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "prices.json")]
pub struct PriceDocument {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// Currency of all prices, `USD`.
    pub currency: String,
    /// Prices by region, then by key (`ec2/linux/t3.medium`).
    pub regions: BTreeMap<Region, BTreeMap<String, UpdatedPrice>>,
}

/// A price as the AWS Price List has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UpdatedPrice {
    /// US dollars for one unit, on demand, without tax.
    pub usd: f64,
    /// The unit, for instance `hour` or `GB-month`.
    pub per: String,
    /// When it was read, `YYYY-MM-DD`.
    #[schemars(with = "String", extend("format" = "date"))]
    pub date: Date,
}
