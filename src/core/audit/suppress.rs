//! Findings that someone accepted for a time.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::core::policy::covers_exactly;
use crate::model::audit::Suppression;
use crate::model::configuration::{Configuration, ConfiguredResource, REGION};
use crate::model::fact::{Fact, Value};
use crate::text::Untrusted;

use super::facts::{inside, text_in};

/// What a suppression does today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuppressionState {
    /// It does.
    Counts,
    /// It did once.
    Expired,
}

/// Whether a suppression is about a check on a resource.
pub fn is_about(one: &Suppression, check: &str, resource: &ConfiguredResource) -> bool {
    one.check == check && is_resource(one.resource.raw(), resource)
}

/// Whether a suppression counts on a day.
pub fn suppression_state(one: &Suppression, today: Date) -> SuppressionState {
    match one.until < today {
        true => SuppressionState::Expired,
        false => SuppressionState::Counts,
    }
}

/// Tags by the ARN of what has them, as AWS lists them for whole regions: of queues, functions and
/// others, no call of their own says them.
pub(super) struct RegionTags(BTreeMap<String, Value>);

impl RegionTags {
    pub(super) fn new(configuration: &Configuration) -> Self {
        let mut all = BTreeMap::new();
        for region in configuration.of_type(REGION) {
            let Some(Fact::Known(Value::List(list))) = region.fact("tagged_resources") else {
                continue;
            };
            for item in list.items.iter().filter_map(Fact::known) {
                let (arn, tags) = (text_in(item, "arn"), inside(item, "tags"));
                if let (Ok(Some(arn)), Ok(Some(tags))) = (arn, tags) {
                    all.insert(arn, tags);
                }
            }
        }
        Self(all)
    }

    /// Whether a suppression is about a check on a resource, by whatever is known of it.
    pub(super) fn is_about(
        &self,
        one: &Suppression,
        check: &str,
        resource: &ConfiguredResource,
    ) -> bool {
        is_about(one, check, resource)
            || (one.check == check && self.has_tag(one.resource.raw(), resource))
    }

    fn has_tag(&self, pattern: &str, resource: &ConfiguredResource) -> bool {
        let named = pattern.strip_prefix("tag:");
        let Some((name, value)) = named.and_then(|tag| tag.split_once('=')) else {
            return false;
        };
        let arn = resource.arn.as_ref();
        let tags = arn.and_then(|arn| self.0.get(arn.as_str()));
        let found = tags.and_then(|tags| tag_in(tags, name));
        found.is_some_and(|found| covers_exactly(value, &found))
    }
}

/// Whether a suppression by a tag may be about a resource whose tags nobody read.
pub(super) fn may_be_about(one: &Suppression, resource: &ConfiguredResource) -> bool {
    let is_known = |name: &str| {
        let fact = resource.fact(name);
        matches!(fact, Some(Fact::Known(_) | Fact::Absent))
    };
    one.resource.raw().starts_with("tag:") && !["tags_all", "tags"].into_iter().any(is_known)
}

fn is_resource(pattern: &str, resource: &ConfiguredResource) -> bool {
    if let Some(tag) = pattern.strip_prefix("tag:") {
        let Some((name, value)) = tag.split_once('=') else {
            return false;
        };
        return tag_of(resource, name).is_some_and(|found| covers_exactly(value, &found));
    }
    let arn = resource.arn.as_ref().map(|arn| arn.as_str());
    let address = resource.address.as_ref().map(|address| address.raw());
    let identity = resource.identity();
    let known = [arn, address, Some(identity.raw())];
    known
        .into_iter()
        .flatten()
        .any(|text| covers_exactly(pattern, text))
}

fn tag_of(resource: &ConfiguredResource, name: &str) -> Option<String> {
    let tags = ["tags_all", "tags"]
        .iter()
        .filter_map(|fact| resource.fact(fact));
    let mut found = tags.filter_map(|fact| tag_in(fact.known()?, name));
    found.next()
}

fn tag_in(tags: &Value, name: &str) -> Option<String> {
    let Value::Map(map) = tags else {
        return None;
    };
    match map.entries.get(&Untrusted::from(name))? {
        Fact::Known(Value::Text(text)) => Some(text.raw().to_owned()),
        _ => None,
    }
}
