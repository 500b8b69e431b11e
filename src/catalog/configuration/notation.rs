//! How the two files write types: `"text"`, `["text"]`, `{"*": "text"}`, `{"name": "text"}`.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::expr::{Schema, Type};

/// A type as it is written.
#[derive(Debug, Clone)]
pub(super) struct Notation(Type);

/// Returns the types of names.
pub(super) fn schema(written: &BTreeMap<String, Notation>) -> Schema {
    let each = written.iter();
    each.map(|(name, of)| (name.clone(), of.0.clone()))
        .collect()
}

impl<'de> Deserialize<'de> for Notation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NotationVisitor)
    }
}

struct NotationVisitor;

impl<'de> Visitor<'de> for NotationVisitor {
    type Value = Notation;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a type: text, number, flag, time, any, [type], {name = type} or {\"*\" = type}",
        )
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Notation, E> {
        let found = match word {
            "text" => Type::Text,
            "number" => Type::Number,
            "flag" => Type::Flag,
            "time" => Type::Time,
            "any" => Type::Any,
            _ => return Err(E::invalid_value(de::Unexpected::Str(word), &self)),
        };
        Ok(Notation(found))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Notation, A::Error> {
        let one: Option<Notation> = list.next_element()?;
        let one = one.ok_or_else(|| de::Error::invalid_length(0, &self))?;
        match list.next_element::<Notation>()? {
            None => Ok(Notation(Type::list(one.0))),
            Some(_) => Err(de::Error::invalid_length(2, &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Notation, A::Error> {
        let mut fields = Schema::new();
        while let Some((name, of)) = map.next_entry::<String, Notation>()? {
            fields.insert(name, of.0);
        }
        match (fields.len(), fields.remove("*")) {
            (1, Some(of)) => Ok(Notation(Type::map(of))),
            (_, Some(_)) => Err(de::Error::custom("`*` stands alone in a map")),
            (_, None) => Ok(Notation(Type::record(fields))),
        }
    }
}
