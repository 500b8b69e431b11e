//! The attributes that are taken over: an allow-list.
//!
//! A state holds every attribute in the clear, passwords too. Only those that identify a
//! resource are kept; everything else is skipped while parsing, or dropped right after it in
//! the flat form of old states.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

use crate::text::Untrusted;

/// Attributes, besides `id`, `arn`, `region` and the tags, that are taken over. All of them
/// name a thing or say what it is; none of them is ever a secret.
const ALLOWED: &[&str] = &[
    "api_id",
    "arn_suffix",
    "bucket",
    "cluster",
    "cluster_arn",
    "cluster_identifier",
    "cluster_id",
    "cluster_name",
    "db_name",
    "domain_name",
    "engine",
    "engine_mode",
    "engine_version",
    "family",
    "function_name",
    "identifier",
    "instance_class",
    "instance_type",
    "launch_type",
    "load_balancer_arn",
    "load_balancer_type",
    "name",
    "node_type",
    "owner_id",
    "package_type",
    "protocol_type",
    "replication_group_id",
    "rest_api_id",
    "runtime",
    "scheduling_strategy",
    "service_name",
    "stage_name",
    "target_type",
    "type",
    "vpc_id",
    "zone_id",
];

/// Types whose `id` is the secret itself, or as good as it.
pub(super) fn has_secret_id(resource_type: &str) -> bool {
    resource_type.starts_with("random_")
}

/// What is kept of the attributes of one resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Values {
    pub(super) id: Option<Untrusted>,
    pub(super) arn: Option<Untrusted>,
    pub(super) region: Option<Untrusted>,
    pub(super) attributes: BTreeMap<String, Untrusted>,
    pub(super) tags: BTreeMap<String, Untrusted>,
}

impl Values {
    fn wants(key: &str) -> bool {
        matches!(key, "id" | "arn" | "region") || ALLOWED.contains(&key)
    }

    fn set(&mut self, key: &str, text: Option<String>) {
        let Some(text) = text.filter(|t| !t.is_empty()).map(Untrusted::new) else {
            return;
        };
        match key {
            "id" => self.id = Some(text),
            "arn" => self.arn = Some(text),
            "region" => self.region = Some(text),
            _ => drop(self.attributes.insert(key.to_owned(), text)),
        }
    }

    /// From the flat form of Terraform 0.11 (`tags.Name`).
    pub(super) fn from_flat(flat: BTreeMap<String, Loose>) -> Self {
        let mut values = Self::default();
        for (key, value) in flat {
            let text = value.text();
            let tag = key
                .strip_prefix("tags.")
                .or_else(|| key.strip_prefix("tags_all."));
            match (tag, text) {
                (Some("%"), _) | (Some(_), None) => {}
                (Some(tag), Some(text)) => drop(values.tags.insert(tag.to_owned(), text.into())),
                (None, text) if Self::wants(&key) => values.set(&key, text),
                (None, _) => {}
            }
        }
        values
    }

    /// Drops what the file marks as sensitive, even though it is of the allow-list.
    pub(super) fn forget(&mut self, key: &str) {
        match key {
            "id" => self.id = None,
            "arn" => self.arn = None,
            "region" => self.region = None,
            "tags" | "tags_all" => self.tags.clear(),
            _ => drop(self.attributes.remove(key)),
        }
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Attributes;
        impl<'de> Visitor<'de> for Attributes {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the attributes of a resource")
            }

            fn visit_unit<E>(self) -> Result<Values, E> {
                Ok(Values::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Values, A::Error> {
                let mut values = Values::default();
                while let Some(key) = map.next_key::<String>()? {
                    if matches!(key.as_str(), "tags" | "tags_all") {
                        values.tags.extend(map.next_value::<Loose>()?.tags());
                    } else if Values::wants(&key) {
                        values.set(&key, map.next_value::<Loose>()?.text());
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(values)
            }
        }
        deserializer.deserialize_any(Attributes)
    }
}

/// Any value, of which the text of scalars and the texts of an object are kept.
pub(super) enum Loose {
    /// A scalar; `None` for null and lists.
    Scalar(Option<String>),
    /// An object.
    Map(BTreeMap<String, Option<String>>),
}

impl Loose {
    pub(super) fn text(self) -> Option<String> {
        match self {
            Self::Scalar(text) => text,
            Self::Map(_) => None,
        }
    }

    /// Tags: an object of texts. Some resources (`aws_autoscaling_group` before provider 4)
    /// have a list of objects instead, which is left out.
    fn tags(self) -> impl Iterator<Item = (String, Untrusted)> {
        let map = match self {
            Self::Scalar(_) => BTreeMap::new(),
            Self::Map(map) => map,
        };
        map.into_iter()
            .filter_map(|(key, value)| Some((key, value?.into())))
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose::Scalar(None))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Loose, E> {
        Ok(Loose::Scalar(Some(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Loose, E> {
        Ok(Loose::Scalar(Some(value.to_string())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Loose, E> {
        Ok(Loose::Scalar(Some(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Loose, E> {
        Ok(Loose::Scalar(Some(value.to_string())))
    }

    fn visit_str<E>(self, value: &str) -> Result<Loose, E> {
        Ok(Loose::Scalar(Some(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Loose, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose::Scalar(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
        let mut texts = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<String, Loose>()? {
            texts.insert(key, value.text());
        }
        Ok(Loose::Map(texts))
    }
}
