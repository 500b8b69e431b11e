//! One part of a run that is spread over several machines.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::ids::InvalidId;

/// The most shards of one environment: as many jobs as GitHub lets a matrix have.
pub const MOST_SHARDS: u32 = 256;

/// Shard `index` of `count`, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    count: u32,
    index: u32,
}

impl Shard {
    /// `None` unless `1 <= index <= count <= 256`.
    pub fn new(index: u32, count: u32) -> Option<Self> {
        let fits = (1..=MOST_SHARDS).contains(&count) && (1..=count).contains(&index);
        fits.then_some(Self { count, index })
    }

    /// All shards of so many.
    pub fn all(count: u32) -> impl Iterator<Item = Self> {
        (1..=count).filter_map(move |index| Self::new(index, count))
    }

    /// Which one, from 1.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Of how many.
    pub fn count(self) -> u32 {
        self.count
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.index, self.count))
    }
}

impl FromStr for Shard {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let number = |text: &str| -> Option<u32> {
            let digits = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten()
        };
        text.split_once('/')
            .and_then(|(index, count)| Self::new(number(index)?, number(count)?))
            .ok_or_else(|| InvalidId {
                what: "shard",
                text: crate::text::escape::json(&text.chars().take(80).collect::<String>()),
                expected: "`K/N` with 1 <= K <= N <= 256, for instance `2/3`",
            })
    }
}

impl TryFrom<String> for Shard {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_k_of_n_is_a_shard() {
        for good in ["1/1", "2/3", "256/256"] {
            assert_eq!(
                good.parse::<Shard>().map(|one| one.to_string()),
                Ok(good.to_owned())
            );
        }
        for bad in [
            "", "1", "0/3", "4/3", "1/0", "1/257", "+1/3", "1/3/3", " 1/3", "1/0003",
        ] {
            assert!(bad.parse::<Shard>().is_err(), "{bad}");
        }
    }
}
