//! Refuses a key that is twice in one object: two readers would read two plans.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

/// Walks a document without keeping anything of it.
///
/// # Errors
/// A key is twice in one object, or the text is no JSON.
pub(super) fn expect(text: &str) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Unique.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// Objects of up to so many keys are searched in a line, which is faster than hashing.
const FEW: usize = 16;

#[derive(Clone, Copy)]
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut few: Vec<Cow<'de, str>> = Vec::new();
        let mut many: HashSet<Cow<'de, str>> = HashSet::new();
        while let Some(key) = map.next_key_seed(Key)? {
            let is_new = match few.len() {
                FEW => !few.contains(&key) && many.insert(key.clone()),
                _ if few.contains(&key) => false,
                _ => {
                    few.push(key.clone());
                    true
                }
            };
            if !is_new {
                return Err(A::Error::custom(format_args!("duplicate key `{key}`")));
            }
            map.next_value_seed(self)?;
        }
        Ok(())
    }
}

/// A key, borrowed where it has no escape.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: serde::Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
        d.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_in_their_object() {
        let many: Vec<String> = (0..40).map(|n| format!("\"k{n}\":0")).collect();
        let many = many.join(",");
        for (text, good) in [
            (r#"{"a":1,"b":{"a":[{"a":1},{"a":2}]}}"#.to_owned(), true),
            (r#"{"a":1,"a":2}"#.to_owned(), false),
            ("{\"a\":1,\"\\u0061\":2}".to_owned(), false),
            (r#"[{"x":[{"b":1,"c":1,"b":1}]}]"#.to_owned(), false),
            (format!("{{{many}}}"), true),
            (format!("{{{many},\"k39\":1}}"), false),
            (format!("{{{many},\"k3\":1}}"), false),
            ("{\"a\":1} x".to_owned(), false),
        ] {
            assert_eq!(expect(&text).is_ok(), good, "{text}");
        }
    }
}
