//! Findings that someone accepted for a time.

use jiff::civil::Date;

use crate::core::policy::covers_exactly;
use crate::model::audit::Suppression;
use crate::model::configuration::ConfiguredResource;
use crate::model::fact::{Fact, Value};

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
    let mut found = tags.filter_map(|fact| match fact {
        Fact::Known(Value::Map(map)) => map
            .entries
            .get(&crate::text::Untrusted::from(name))
            .cloned(),
        _ => None,
    });
    match found.next()? {
        Fact::Known(Value::Text(text)) => Some(text.raw().to_owned()),
        _ => None,
    }
}
