//! When AWS ends the support of Lambda runtimes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use crate::catalog::registry::folders;

static RUNTIMES: LazyLock<LambdaRuntimes> = LazyLock::new(|| {
    let (_, text) = folders::LAMBDA_RUNTIMES.files[0];
    toml::from_str(text).expect("tests rule out that the built-in table is faulty")
});

/// The runtimes that have, or had, an end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LambdaRuntimes {
    /// Date of the table.
    #[serde(deserialize_with = "date")]
    pub date: Date,
    /// By name, such as `python3.9`.
    pub runtimes: BTreeMap<String, RuntimeDates>,
}

/// The end of one runtime. Days are UTC.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeDates {
    /// No security updates from this day on.
    #[serde(default, deserialize_with = "some_date")]
    pub deprecated: Option<Date>,
    /// Functions can no longer be created from this day on.
    #[serde(default, deserialize_with = "some_date")]
    pub no_create: Option<Date>,
    /// Functions can no longer be changed from this day on.
    #[serde(default, deserialize_with = "some_date")]
    pub no_update: Option<Date>,
    /// What to use instead.
    #[serde(default)]
    pub successor: Option<String>,
}

impl LambdaRuntimes {
    /// Returns the table that is built in.
    pub fn built_in() -> &'static Self {
        &RUNTIMES
    }
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let written = DateText::deserialize(deserializer)?.0;
    written.parse().map_err(serde::de::Error::custom)
}

fn some_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    date(deserializer).map(Some)
}

/// A date of TOML, or one in quotes.
struct DateText(String);

impl<'de> Deserialize<'de> for DateText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        Ok(Self(match value {
            toml::Value::String(text) => text,
            toml::Value::Datetime(date) => date.to_string(),
            other => other.to_string(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_successors_that_are_not_at_their_end() {
        let table = LambdaRuntimes::built_in();
        assert!(table.runtimes.len() > 40);
        for (name, dates) in &table.runtimes {
            if let Some(next) = &dates.successor {
                let end = table.runtimes.get(next).and_then(|one| one.deprecated);
                assert!(end.is_none_or(|end| end > table.date), "{name} → {next}");
            }
            // The first runtimes that went could not be created before they were deprecated.
            let days = [dates.no_create, dates.no_update];
            let days: Vec<Date> = days.into_iter().flatten().collect();
            assert!(days.is_sorted(), "{name}: {days:?}");
        }
    }
}
