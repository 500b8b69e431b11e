//! What AWS charges: the built-in table, what `fractary prices update` added, and what a team has
//! agreed with AWS.
//!
//! A price is of one region. Where none is known there is none: that of another region is never
//! taken for it.

use std::collections::BTreeMap;

use crate::catalog::prices::{ListPrice, PriceTable, built_in};
use crate::model::ids::Region;
use crate::model::monitoring::CostSection;
use crate::model::prices::PriceDocument;

/// Hours of a month, as AWS counts them.
pub const HOURS_A_MONTH: f64 = 730.0;

/// All prices that are known.
#[derive(Debug, Clone, Default)]
pub struct PriceBook {
    tables: BTreeMap<String, BTreeMap<String, ListPrice>>,
    overrides: BTreeMap<String, f64>,
    discount_percent: f64,
}

/// A price, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownPrice {
    /// US dollars for one unit, discounts subtracted.
    pub usd: f64,
    /// The unit, for instance `hour`.
    pub per: String,
    /// When it was read, `YYYY-MM-DD`; `None` for one that the team has set.
    pub date: Option<String>,
}

/// There is no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no price for {key} in {region}")]
pub struct NoPrice {
    /// The key.
    pub key: String,
    /// The region.
    pub region: String,
}

impl PriceBook {
    /// Returns the prices that are built in, without any agreement.
    pub fn built_in() -> Self {
        Self::new(None, &CostSection::default())
    }

    /// Returns what is built in, what was read from AWS, and what `[cost]` says. Of two prices of
    /// one key the newer one counts.
    pub fn new(updated: Option<&PriceDocument>, settings: &CostSection) -> Self {
        let mut book = Self {
            overrides: settings.price_overrides.clone(),
            discount_percent: settings.discount_percent.unwrap_or(0.0).clamp(0.0, 100.0),
            ..Self::default()
        };
        for PriceTable { region, prices } in built_in() {
            book.tables.insert(region.clone(), prices.clone());
        }
        for (region, prices) in updated.iter().flat_map(|document| &document.regions) {
            let table = book.tables.entry(region.as_str().to_owned()).or_default();
            for (key, price) in prices {
                let newer = ListPrice {
                    usd: price.usd,
                    per: price.per.clone(),
                    date: price.date.to_string(),
                    source: "AWS Price List".to_owned(),
                };
                let is_newer = |old: &ListPrice| old.date <= newer.date;
                if table.get(key).is_none_or(is_newer) {
                    table.insert(key.clone(), newer);
                }
            }
        }
        book
    }

    /// Returns the price of a key in a region. An override for the region
    /// (`eu-central-1/ec2/linux/t3.medium`) goes before one for all regions.
    ///
    /// # Errors
    /// Where no price is known for that region.
    pub fn price(&self, region: &Region, key: &str) -> Result<KnownPrice, NoPrice> {
        let listed = self.tables.get(region.as_str()).and_then(|it| it.get(key));
        let own = self.overrides.get(&format!("{region}/{key}"));
        let own = own.or_else(|| self.overrides.get(key));
        match (own, listed) {
            (Some(usd), listed) => Ok(KnownPrice {
                usd: *usd,
                per: listed.map_or_else(String::new, |price| price.per.clone()),
                date: None,
            }),
            (None, Some(price)) => Ok(KnownPrice {
                usd: price.usd * (1.0 - self.discount_percent / 100.0),
                per: price.per.clone(),
                date: Some(price.date.clone()),
            }),
            (None, None) => Err(NoPrice {
                key: key.to_owned(),
                region: region.as_str().to_owned(),
            }),
        }
    }

    /// Returns the regions that prices are known of, with how many.
    pub fn regions(&self) -> impl Iterator<Item = (&str, usize)> {
        let each = self.tables.iter();
        each.map(|(region, prices)| (region.as_str(), prices.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(name: &str) -> Region {
        Region::new(name).expect("a region")
    }

    #[test]
    fn a_price_is_of_its_region() {
        let book = PriceBook::built_in();
        let price = book.price(&region("us-east-1"), "ec2/linux/t3.medium");
        let price = price.expect("a price");
        assert_eq!((price.usd, price.per.as_str()), (0.0416, "hour"));
        assert_eq!(price.date.as_deref(), Some("2026-07-01"));
        let none = book.price(&region("eu-south-2"), "ec2/linux/t3.medium");
        assert_eq!(
            none.expect_err("no price").to_string(),
            "no price for ec2/linux/t3.medium in eu-south-2"
        );
    }

    #[test]
    fn agreements_count() {
        let settings = CostSection {
            discount_percent: Some(10.0),
            price_overrides: BTreeMap::from([
                ("nat-gateway".to_owned(), 0.03),
                ("us-east-1/ipv4".to_owned(), 0.001),
            ]),
            ..CostSection::default()
        };
        let book = PriceBook::new(None, &settings);
        let usd = |region_name: &str, key: &str| {
            let price = book.price(&region(region_name), key);
            price.ok().map(|price| price.usd)
        };
        assert_eq!(usd("us-east-1", "ebs/gp3"), Some(0.08 * 0.9));
        // What the team has set is not discounted again, and is known in every region.
        assert_eq!(usd("us-east-1", "nat-gateway"), Some(0.03));
        assert_eq!(usd("eu-south-2", "nat-gateway"), Some(0.03));
        assert_eq!(usd("us-east-1", "ipv4"), Some(0.001));
        assert_eq!(usd("eu-south-2", "ipv4"), None);
    }

    #[test]
    fn what_was_read_from_aws_is_added() {
        let document: PriceDocument = serde_json::from_str(
            r#"{"version":"1.0.0","currency":"USD","regions":{
                "eu-south-2":{"ebs/gp3":{"usd":0.09,"per":"GB-month","date":"2026-11-29"}},
                "us-east-1":{"ebs/gp3":{"usd":0.07,"per":"GB-month","date":"2020-01-01"}}}}"#,
        )
        .expect("a document");
        let book = PriceBook::new(Some(&document), &CostSection::default());
        let usd = |name: &str| book.price(&region(name), "ebs/gp3").expect("a price").usd;
        assert_eq!(usd("eu-south-2"), 0.09);
        // An older price does not replace a newer one.
        assert_eq!(usd("us-east-1"), 0.08);
    }
}
