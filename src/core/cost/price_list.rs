//! Prices of one region, out of rows of the price list.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::catalog::price_list::RowPrice;
use crate::model::ids::Region;
use crate::model::prices::{PriceDocument, UpdatedPrice};

/// Two prices of one key and tier that differ by less than this are one: rows repeat.
const SAME: f64 = 1e-12;

/// The prices that were found so far.
#[derive(Debug, Clone, Default)]
pub struct FoundPrices {
    by_key: BTreeMap<String, FoundPrice>,
}

#[derive(Debug, Clone)]
struct FoundPrice {
    price: RowPrice,
    /// Whether rows say different things, so that none of them counts.
    is_disputed: bool,
}

impl FoundPrices {
    /// Adds a row. Of several tiers the first that is not free counts.
    pub fn add(&mut self, price: RowPrice) {
        match self.by_key.get_mut(&price.key) {
            None => {
                let found = FoundPrice {
                    price: price.clone(),
                    is_disputed: false,
                };
                self.by_key.insert(price.key, found);
            }
            Some(found) if price.starts_at < found.price.starts_at => {
                *found = FoundPrice {
                    price,
                    is_disputed: false,
                };
            }
            Some(found) if price.starts_at == found.price.starts_at => {
                found.is_disputed |= (price.usd - found.price.usd).abs() > SAME;
            }
            Some(_) => {}
        }
    }

    /// Returns how many keys have one price.
    pub fn count(&self) -> usize {
        self.by_key.values().filter(|one| !one.is_disputed).count()
    }

    /// Returns the keys for which rows say different things.
    pub fn disputed(&self) -> impl Iterator<Item = &str> {
        let all = self.by_key.iter().filter(|(_, one)| one.is_disputed);
        all.map(|(key, _)| key.as_str())
    }

    /// Returns the document with these prices in it. What it had of other keys and regions
    /// stays, with its date.
    pub fn added_to(
        &self,
        document: Option<&PriceDocument>,
        region: &Region,
        date: Date,
    ) -> PriceDocument {
        let mut out = document.cloned().unwrap_or_else(|| PriceDocument {
            version: "1.0.0".to_owned(),
            currency: "USD".to_owned(),
            regions: BTreeMap::new(),
        });
        let prices = out.regions.entry(region.clone()).or_default();
        for (key, found) in self.by_key.iter().filter(|(_, one)| !one.is_disputed) {
            let price = UpdatedPrice {
                usd: found.price.usd,
                per: found.price.per.clone(),
                date,
            };
            prices.insert(key.clone(), price);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, usd: f64, starts_at: f64) -> RowPrice {
        RowPrice {
            key: key.to_owned(),
            usd,
            per: "hour".to_owned(),
            starts_at,
        }
    }

    #[test]
    fn the_first_tier_counts_and_what_is_disputed_does_not() {
        let mut found = FoundPrices::default();
        for one in [
            row("alb", 0.02, 100.0),
            row("alb", 0.03, 0.0),
            row("alb", 0.01, 500.0),
            row("nlb", 0.02, 0.0),
            row("nlb", 0.02, 0.0),
            row("elb", 0.02, 0.0),
            row("elb", 0.05, 0.0),
        ] {
            found.add(one);
        }
        assert_eq!(found.count(), 2);
        assert_eq!(found.disputed().collect::<Vec<_>>(), ["elb"]);
        let region = Region::new("eu-south-2").expect("a region");
        let date = "2026-11-20".parse().expect("a day");
        let first = found.added_to(None, &region, date);
        let prices = &first.regions[&region];
        assert_eq!(prices["alb"].usd, 0.03);
        assert!(!prices.contains_key("elb"));
        // A later list without a key leaves what is known of it.
        let mut later = FoundPrices::default();
        later.add(row("alb", 0.04, 0.0));
        let second = later.added_to(Some(&first), &region, "2026-12-01".parse().expect("a day"));
        let prices = &second.regions[&region];
        assert_eq!(
            (prices["alb"].usd, prices["nlb"].date.to_string()),
            (0.04, "2026-11-20".to_owned())
        );
    }
}
