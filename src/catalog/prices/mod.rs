//! Prices of AWS: a dated table of one region, and what `fractary prices update` adds to it.
//!
//! Knows nothing of resources: a price has a key (`ec2/linux/t3.medium`), and who asks for it says
//! which one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::registry::folders;

static TABLES: LazyLock<Vec<PriceTable>> = LazyLock::new(|| {
    let files = folders::PRICES.files.iter();
    let read = |(name, text): &(&str, &str)| {
        read(text).unwrap_or_else(|error| panic!("tests rule out a faulty {name}: {error}"))
    };
    files.map(read).collect()
});

/// Prices of one region.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceTable {
    /// The region.
    pub region: String,
    /// Prices by their keys.
    pub prices: BTreeMap<String, ListPrice>,
}

/// A price as AWS lists it: without discounts and tax.
#[derive(Debug, Clone, PartialEq)]
pub struct ListPrice {
    /// US dollars for one unit.
    pub usd: f64,
    /// The unit, for instance `hour` or `GB-month`.
    pub per: String,
    /// When it was read, `YYYY-MM-DD`.
    pub date: String,
    /// Where it was read.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableForm {
    region: String,
    #[serde(rename = "currency")]
    _currency: UsDollars,
    ec2_linux: FamiliesForm,
    list: ListForm,
    rds: EnginesForm,
}

/// The one currency that prices are in.
#[derive(Deserialize)]
enum UsDollars {
    #[serde(rename = "USD")]
    Usd,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FamiliesForm {
    source: String,
    #[serde(rename = "licence")]
    _licence: String,
    date: String,
    families: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListForm {
    source: String,
    #[serde(rename = "licence")]
    _licence: String,
    date: String,
    prices: BTreeMap<String, PriceForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceForm {
    usd: f64,
    per: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnginesForm {
    source: String,
    #[serde(rename = "licence")]
    _licence: String,
    date: String,
    engines: BTreeMap<String, BTreeMap<String, String>>,
}

/// Returns the tables that are built in.
pub fn built_in() -> &'static [PriceTable] {
    &TABLES
}

fn read(text: &str) -> Result<PriceTable, String> {
    let form: TableForm = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut prices = BTreeMap::new();
    for (family, sizes) in &form.ec2_linux.families {
        for (size, usd) in by_size(sizes)? {
            let price = hourly(usd, &form.ec2_linux.date, &form.ec2_linux.source);
            prices.insert(format!("ec2/linux/{family}.{size}"), price);
        }
    }
    for (engine, families) in &form.rds.engines {
        for (family, sizes) in families {
            for (size, usd) in by_size(sizes)? {
                let price = hourly(usd, &form.rds.date, &form.rds.source);
                prices.insert(format!("rds/{engine}/db.{family}.{size}"), price);
            }
        }
    }
    for (key, price) in form.list.prices {
        let price = ListPrice {
            usd: price.usd,
            per: price.per,
            date: form.list.date.clone(),
            source: form.list.source.clone(),
        };
        prices.insert(key, price);
    }
    Ok(PriceTable {
        region: form.region,
        prices,
    })
}

fn hourly(usd: f64, date: &str, source: &str) -> ListPrice {
    ListPrice {
        usd,
        per: "hour".to_owned(),
        date: date.to_owned(),
        source: source.to_owned(),
    }
}

/// Reads `micro 0.0104, small 0.0208`.
fn by_size(text: &str) -> Result<Vec<(&str, f64)>, String> {
    text.split(", ")
        .map(|entry| {
            let read = entry
                .split_once(' ')
                .and_then(|(size, price)| Some((size, price.parse().ok()?)));
            read.ok_or_else(|| format!("`{entry}` is no size with its price"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_prices_are_dated_and_above_zero() {
        let table = built_in().first().expect("a table");
        assert_eq!(table.region, "us-east-1");
        assert!(table.prices.len() > 1_400, "{}", table.prices.len());
        for (key, price) in &table.prices {
            assert!(price.usd > 0.0 && price.usd < 1_000.0, "{key}: {price:?}");
            assert!(!price.source.is_empty() && !price.per.is_empty(), "{key}");
            let date: Result<jiff::civil::Date, _> = price.date.parse();
            assert!(date.is_ok(), "{key}: {}", price.date);
        }
    }

    #[test]
    fn keys_say_what_is_sold() {
        let table = built_in().first().expect("a table");
        let usd = |key: &str| table.prices.get(key).map(|price| price.usd);
        assert_eq!(usd("ec2/linux/t3.medium"), Some(0.0416));
        assert_eq!(usd("rds/mysql/db.t3.small"), Some(0.034));
        assert_eq!(usd("ebs/gp3/iops"), Some(0.005));
        assert_eq!(usd("ec2/linux/t3.gigantic"), None);
    }

    #[test]
    fn a_price_without_a_number_is_refused() {
        assert!(by_size("micro 0.1, small").is_err());
        assert!(by_size("micro x").is_err());
        assert_eq!(by_size("micro 0.1"), Ok(vec![("micro", 0.1)]));
    }
}
