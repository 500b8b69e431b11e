//! Durations as people write them in settings.

use serde::{Deserialize, Serialize};

/// A duration as people write it: `90s`, `5m`, `2h`, `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DurationText {
    /// Seconds.
    pub seconds: u64,
}

impl DurationText {
    /// From seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self { seconds }
    }
}

impl std::str::FromStr for DurationText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("{text:?} is not a duration: write `90s`, `5m`, `2h` or `7d`");
        let split = text
            .find(|c: char| !c.is_ascii_digit())
            .ok_or_else(expected)?;
        let (digits, unit) = text.split_at(split);
        let count: u64 = digits.parse().map_err(|_| expected())?;
        let factor = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return Err(expected()),
        };
        count
            .checked_mul(factor)
            .map(Self::seconds)
            .ok_or_else(expected)
    }
}

impl std::fmt::Display for DurationText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (unit, size) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
            if self.seconds >= size && self.seconds.is_multiple_of(size) {
                return write!(f, "{}{unit}", self.seconds / size);
            }
        }
        write!(f, "{}s", self.seconds)
    }
}

impl Serialize for DurationText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DurationText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for DurationText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9]+[smhd]$",
            "examples": ["90s", "5m", "2h", "7d"]
        })
    }

    fn inline_schema() -> bool {
        true
    }
}
