//! Facts and values: what is known of the outside world, in the form that expressions ask about.
//!
//! Texts, lists and maps are shared, so that looking one up costs no copy of it.

use std::borrow::{Borrow, Cow};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::token;
use crate::text::Untrusted;

/// A fact from outside. "Could not be read" is never the same as "is not there".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact<T = Value> {
    /// It was read.
    Known(T),
    /// The provider answered, and there is none.
    Absent,
    /// The provider did not answer; the gap says why.
    Unreadable(GapId),
}

impl<T> Fact<T> {
    /// Returns the value, where it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unreadable(_) => None,
        }
    }

    /// Returns the gap, where it could not be read.
    pub fn gap(&self) -> Option<GapId> {
        match self {
            Self::Unreadable(gap) => Some(*gap),
            Self::Known(_) | Self::Absent => None,
        }
    }

    /// Gives its own gap the number that `number` says. What is known is left as it is: for
    /// values that hold facts themselves see [`Fact::renumbered`].
    #[must_use]
    pub fn with_gap(self, number: &dyn Fn(GapId) -> GapId) -> Self {
        match self {
            Self::Unreadable(gap) => Self::Unreadable(number(gap)),
            other => other,
        }
    }
}

impl Fact {
    /// Returns the gaps in it, those of items included.
    pub fn gaps(&self) -> BTreeSet<GapId> {
        match self {
            Self::Known(value) => value.gaps(),
            Self::Absent => BTreeSet::new(),
            Self::Unreadable(gap) => BTreeSet::from([*gap]),
        }
    }

    /// Gives its gaps, those of items included, the numbers that `number` says.
    #[must_use]
    pub fn renumbered(&self, number: &dyn Fn(GapId) -> GapId) -> Self {
        match self {
            Self::Known(value) => Self::Known(value.renumbered(number)),
            Self::Absent => Self::Absent,
            Self::Unreadable(gap) => Self::Unreadable(number(*gap)),
        }
    }
}

impl<T: Into<Value>> From<T> for Fact {
    fn from(value: T) -> Self {
        Self::Known(value.into())
    }
}

/// Index of a gap among those that one observation left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GapId(pub u32);

impl GapId {
    /// Returns the id of the gap at this place in the list of them.
    pub fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// Name of a fact, as expressions write it: `max_connections`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FactName(String);

/// A text that cannot be the name of a fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name: use a-z, 0-9 and `_`, a letter first, and no word of the language")]
pub struct NotAName(String);

impl FactName {
    /// Parses a name: lower case, so that it is one in every language it passes through.
    pub fn parse(name: &str) -> Result<Self, NotAName> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let first = name.starts_with(|c: char| c.is_ascii_lowercase());
        if first && name.bytes().all(allowed) && !token::is_reserved(name) {
            return Ok(Self(name.to_owned()));
        }
        Err(NotAName(name.escape_debug().to_string()))
    }

    /// Returns the name as expressions write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl schemars::JsonSchema for FactName {
    fn schema_name() -> Cow<'static, str> {
        "FactName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }

    fn inline_schema() -> bool {
        true
    }
}

impl TryFrom<String> for FactName {
    type Error = NotAName;

    fn try_from(name: String) -> Result<Self, NotAName> {
        Self::parse(&name)
    }
}

impl From<FactName> for String {
    fn from(name: FactName) -> Self {
        name.0
    }
}

impl Borrow<str> for FactName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FactName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value. Numbers, texts and flags are written to JSON as they are, so that facts which were
/// recorded when all of them were numbers are read as before; the others say what they are:
/// `{"time": …}`, `{"list": …}`, `{"map": …}`.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number. Whole ones above 2^53, such as account ids, belong into a text.
    Number(f64),
    /// A text.
    Text(Arc<Untrusted>),
    /// True or false.
    Flag(bool),
    /// A moment.
    Time(Timestamp),
    /// A list.
    List(Arc<List>),
    /// Values by name.
    Map(Arc<Map>),
}

/// The items of a list that were seen, and whether that is all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct List {
    /// Those that were seen.
    pub items: Vec<Fact>,
    /// Gaps that may hide more items. Empty where the list is whole.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unseen: BTreeSet<GapId>,
}

/// The entries of a map that were seen, and whether that is all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Map {
    /// Those that were seen.
    pub entries: BTreeMap<Untrusted, Fact>,
    /// Gaps that may hide more entries. Empty where the map is whole.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unseen: BTreeSet<GapId>,
}

impl Value {
    /// Returns a text.
    pub fn text(text: impl Into<Untrusted>) -> Self {
        Self::Text(Arc::new(text.into()))
    }

    /// Returns a whole list.
    pub fn list(items: impl IntoIterator<Item = Fact>) -> Self {
        let items = items.into_iter().collect();
        Self::List(Arc::new(List {
            items,
            unseen: BTreeSet::new(),
        }))
    }

    /// Returns a whole map.
    pub fn map<K: Into<Untrusted>>(entries: impl IntoIterator<Item = (K, Fact)>) -> Self {
        let entries = entries.into_iter().map(|(key, fact)| (key.into(), fact));
        Self::Map(Arc::new(Map {
            entries: entries.collect(),
            unseen: BTreeSet::new(),
        }))
    }

    /// Returns the number, where it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn gaps(&self) -> BTreeSet<GapId> {
        let (inside, unseen): (Vec<&Fact>, _) = match self {
            Self::Number(_) | Self::Text(_) | Self::Flag(_) | Self::Time(_) => {
                return BTreeSet::new();
            }
            Self::List(list) => (list.items.iter().collect(), &list.unseen),
            Self::Map(map) => (map.entries.values().collect(), &map.unseen),
        };
        let inside = inside.into_iter().flat_map(Fact::gaps);
        inside.chain(unseen.iter().copied()).collect()
    }

    fn renumbered(&self, number: &dyn Fn(GapId) -> GapId) -> Self {
        let all = |gaps: &BTreeSet<GapId>| gaps.iter().map(|gap| number(*gap)).collect();
        match self {
            Self::Number(_) | Self::Text(_) | Self::Flag(_) | Self::Time(_) => self.clone(),
            Self::List(list) => Self::List(Arc::new(List {
                items: list
                    .items
                    .iter()
                    .map(|item| item.renumbered(number))
                    .collect(),
                unseen: all(&list.unseen),
            })),
            Self::Map(map) => Self::Map(Arc::new(Map {
                entries: map
                    .entries
                    .iter()
                    .map(|(name, fact)| (name.clone(), fact.renumbered(number)))
                    .collect(),
                unseen: all(&map.unseen),
            })),
        }
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => text.as_ref().serialize(serializer),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Time(time) => tagged(serializer, "time", time),
            Self::List(list) => tagged(serializer, "list", list.as_ref()),
            Self::Map(map) => tagged(serializer, "map", map.as_ref()),
        }
    }
}

fn tagged<S: Serializer, T: Serialize>(
    serializer: S,
    tag: &str,
    value: &T,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(tag, value)?;
    map.end()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

const TAGS: &[&str] = &["time", "list", "map"];

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a text, true, false, or one of `time`, `list` and `map`")
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    // JSON does not tell 3 from 3.0; both are read to the nearest number.
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::text(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let tag: String = map
            .next_key()?
            .ok_or_else(|| de::Error::invalid_length(0, &self))?;
        let value = match tag.as_str() {
            "time" => Value::Time(map.next_value()?),
            "list" => Value::List(Arc::new(map.next_value()?)),
            "map" => Value::Map(Arc::new(map.next_value()?)),
            other => return Err(de::Error::unknown_variant(other, TAGS)),
        };
        match map.next_key::<String>()? {
            None => Ok(value),
            Some(_) => Err(de::Error::invalid_length(2, &self)),
        }
    }
}
