//! Which rows of AWS's public price list are which of the prices that are known here.
//!
//! The list has one file for a service and region, with millions of prices in all; a rule names
//! the rows that matter by their columns, and the key that they become.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::registry::folders;
use crate::text::template;

static RULES: LazyLock<Vec<PriceRule>> = LazyLock::new(|| {
    let (_, text) = folders::PRICE_LIST.files[0];
    let form: RulesForm =
        toml::from_str(text).expect("tests rule out that the built-in file is faulty");
    form.price
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesForm {
    price: Vec<PriceRule>,
}

/// Rows of the price list, and what they become.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceRule {
    /// The service, as the price list calls it (`AmazonEC2`).
    pub offer: String,
    /// The key, with columns in it (`ec2/linux/{Instance Type}`).
    pub key: String,
    /// The unit of the price (`hour`).
    pub per: String,
    /// Columns that have exactly this value.
    #[serde(default)]
    pub is: BTreeMap<String, String>,
    /// Columns that end like this: usage types begin with the region in most regions.
    #[serde(default)]
    pub ends: BTreeMap<String, String>,
    /// How values of columns are called in keys; a row with another value is left out.
    #[serde(default)]
    pub words: BTreeMap<String, BTreeMap<String, String>>,
    /// How many of the units here are in one unit of the list, by the list's word for it.
    #[serde(default)]
    pub units: BTreeMap<String, f64>,
}

/// A price that a row has.
#[derive(Debug, Clone, PartialEq)]
pub struct RowPrice {
    /// The key.
    pub key: String,
    /// US dollars for one unit.
    pub usd: f64,
    /// The unit.
    pub per: String,
    /// From which amount on it counts; 0 for the first tier.
    pub starts_at: f64,
}

/// Returns the services whose files are read.
pub fn offers() -> BTreeSet<&'static str> {
    RULES.iter().map(|rule| rule.offer.as_str()).collect()
}

/// Returns the price that a row of a service's file has; `None` for what is not known here,
/// what is free, what is not on demand, and what is not in US dollars. `column` gives the value
/// of a column.
pub fn price_of<'r>(offer: &str, column: impl Fn(&str) -> Option<&'r str>) -> Option<RowPrice> {
    if column("TermType") != Some("OnDemand") || column("Currency") != Some("USD") {
        return None;
    }
    let usd: f64 = column("PricePerUnit")?.parse().ok()?;
    if !usd.is_finite() || usd <= 0.0 {
        return None;
    }
    let mut rules = RULES.iter().filter(|rule| rule.offer == offer);
    let rule = rules.find(|rule| rule.fits(&column))?;
    let unit = column("Unit").unwrap_or_default();
    let divisor = match rule.units.is_empty() {
        true => 1.0,
        false => *rule.units.get(unit)?,
    };
    let key = template::fill(&rule.key, |name| {
        let value = column(name)?;
        match rule.words.get(name) {
            Some(words) => words.get(value).cloned(),
            None => (!value.is_empty()).then(|| value.to_owned()),
        }
    })?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/.-_".contains(&byte);
    let is_key = key.len() <= 100 && key.bytes().all(is_plain);
    is_key.then(|| RowPrice {
        key,
        usd: usd / divisor,
        per: rule.per.clone(),
        starts_at: column("StartingRange")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0.0),
    })
}

impl PriceRule {
    fn fits<'r>(&self, column: impl Fn(&str) -> Option<&'r str>) -> bool {
        let is = |(name, want): (&String, &String)| column(name) == Some(want.as_str());
        let ends = |(name, want): (&String, &String)| {
            column(name).is_some_and(|value| ends_with_word(value, want))
        };
        self.is.iter().all(is) && self.ends.iter().all(ends)
    }
}

/// Whether a usage type is this one: `EU-NatGateway-Hours` is `NatGateway-Hours`, and
/// `EU-XNatGateway-Hours` is not.
fn ends_with_word(value: &str, want: &str) -> bool {
    let before = value.strip_suffix(want);
    before.is_some_and(|before| before.is_empty() || before.ends_with(['-', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(offer: &str, row: &[(&str, &str)]) -> Option<RowPrice> {
        let usual = [
            ("TermType", "OnDemand"),
            ("Currency", "USD"),
            ("StartingRange", "0"),
        ];
        let all: BTreeMap<&str, &str> = usual.iter().chain(row).copied().collect();
        price_of(offer, |name| all.get(name).copied())
    }

    const T3: [(&str, &str); 8] = [
        ("Product Family", "Compute Instance"),
        ("Instance Type", "t3.medium"),
        ("Operating System", "Linux"),
        ("Tenancy", "Shared"),
        ("CapacityStatus", "Used"),
        ("Pre Installed S/W", "NA"),
        ("License Model", "No License required"),
        ("PricePerUnit", "0.0456000000"),
    ];

    #[test]
    fn a_row_becomes_the_key_that_opportunities_ask_for() {
        let found = price("AmazonEC2", &T3).expect("a price");
        assert_eq!(
            (found.key.as_str(), found.usd),
            ("ec2/linux/t3.medium", 0.0456)
        );
        let mut windows = T3;
        windows[2] = ("Operating System", "Windows");
        assert_eq!(price("AmazonEC2", &windows), None);
        let mut free = T3;
        free[7] = ("PricePerUnit", "0.0000000000");
        assert_eq!(price("AmazonEC2", &free), None);
        let reserved = [&T3[..], &[("TermType", "Reserved")]].concat();
        assert_eq!(price("AmazonEC2", &reserved), None);
        let yuan = [&T3[..], &[("Currency", "CNY")]].concat();
        assert_eq!(price("AmazonEC2", &yuan), None);
    }

    #[test]
    fn units_of_the_list_are_converted_and_others_refused() {
        let row = |unit: &'static str| {
            [
                ("Product Family", "Provisioned Throughput"),
                ("Volume API Name", "gp3"),
                ("Unit", unit),
                ("PricePerUnit", "40.96"),
            ]
        };
        let found = price("AmazonEC2", &row("GiBps-mo")).expect("a price");
        assert_eq!(
            (found.key.as_str(), found.usd),
            ("ebs/gp3/throughput", 0.04)
        );
        assert_eq!(price("AmazonEC2", &row("parsecs")), None);
    }

    #[test]
    fn usage_types_begin_with_the_region() {
        let row = |usage: &'static str| {
            [
                ("Product Family", "NAT Gateway"),
                ("usageType", usage),
                ("Unit", "Hrs"),
                ("PricePerUnit", "0.048"),
            ]
        };
        for usage in ["NatGateway-Hours", "EU-NatGateway-Hours"] {
            let key = price("AmazonEC2", &row(usage)).map(|found| found.key);
            assert_eq!(key.as_deref(), Some("nat-gateway"), "{usage}");
        }
        assert_eq!(price("AmazonEC2", &row("EU-SuperNatGateway-Hours")), None);
    }

    /// A key that nobody asks for would never be used.
    #[test]
    fn keys_are_those_of_the_built_in_table() {
        let known = &crate::catalog::prices::built_in()[0].prices;
        for rule in RULES.iter() {
            let fixed = rule.key.split('{').next().unwrap_or_default();
            let is_known = known.keys().any(|key| key.starts_with(fixed));
            assert!(is_known, "{}", rule.key);
            let mut same = known.iter().filter(|(key, _)| key.starts_with(fixed));
            assert!(
                same.any(|(_, price)| price.per == rule.per),
                "{} per {}",
                rule.key,
                rule.per
            );
        }
    }
}
