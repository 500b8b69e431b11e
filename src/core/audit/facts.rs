//! Reads facts by their paths (`versioning.versioning_configuration.status`), defaults included.

use jiff::Timestamp;

use crate::catalog::configuration::Shape;
use crate::core::known::{Known, Obstacle, Obstacles, any, unclear};
use crate::core::policy::PolicyDocument;
use crate::model::configuration::ConfiguredResource;
use crate::model::fact::{Fact, GapId, Value};
use crate::text::Untrusted;

/// The facts of one resource.
#[derive(Debug, Clone, Copy)]
pub(super) struct FactView<'a> {
    pub(super) resource: &'a ConfiguredResource,
    pub(super) shape: Option<&'static Shape>,
}

/// The items of a list, and what may hide others.
#[derive(Debug, Clone, Default)]
pub(super) struct SeenItems {
    pub(super) items: Vec<Value>,
    pub(super) hidden: Obstacles,
}

impl FactView<'_> {
    /// Returns the value at a path; `None` where there is none.
    pub(super) fn get(&self, path: &str) -> Known<Option<Value>> {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let fact = self.resource.fact(first).ok_or_else(|| {
            let of = &self.resource.resource_type;
            Obstacles::from([Obstacle::NotRead(format!("{of}.{first}"))])
        })?;
        let fact = match self.shape {
            Some(shape) => shape.with_default(first, fact.clone()),
            None => fact.clone(),
        };
        match read(&fact)? {
            Some(value) if !rest.is_empty() => inside(&value, rest),
            found => Ok(found),
        }
    }

    /// Returns the text at a path.
    pub(super) fn text(&self, path: &str) -> Known<Option<String>> {
        Ok(self.get(path)?.as_ref().and_then(as_text))
    }

    /// Returns the flag at a path, false where there is none.
    pub(super) fn flag(&self, path: &str) -> Known<bool> {
        Ok(matches!(self.get(path)?, Some(Value::Flag(true))))
    }

    /// Returns the moment at a path. Terraform writes moments as texts.
    pub(super) fn time(&self, path: &str) -> Known<Option<Timestamp>> {
        Ok(self.get(path)?.as_ref().and_then(as_time))
    }

    /// Returns the list at a path, an empty one where there is none.
    pub(super) fn list(&self, path: &str) -> Known<SeenItems> {
        Ok(self.get(path)?.as_ref().map(seen).unwrap_or_default())
    }

    /// Returns the policy at a path; `None` where there is none.
    pub(super) fn policy(&self, path: &str) -> Known<Option<PolicyDocument>> {
        let text = self.text(path)?;
        text.filter(|text| !text.trim().is_empty())
            .map(|text| parse_policy(&text, path))
            .transpose()
    }

    /// Whether a fact was read at all, with whatever result.
    pub(super) fn was_asked(&self, name: &str) -> bool {
        self.resource.fact(name).is_some()
    }

    /// Whether it comes from Terraform, where some facts are written in another form.
    pub(super) fn is_planned(&self) -> bool {
        self.resource.address.is_some()
    }

    /// Returns the name that people use.
    pub(super) fn name(&self) -> &Untrusted {
        &self.resource.name
    }
}

impl SeenItems {
    /// Whether something is true of an item.
    pub(super) fn any(&self, holds: impl Fn(&Value) -> Known<bool>) -> Known<bool> {
        let rest = (!self.hidden.is_empty()).then(|| Err(self.hidden.clone()));
        any(self.items.iter().map(holds).chain(rest))
    }

    /// Returns the texts among the items.
    pub(super) fn texts(&self) -> Vec<String> {
        self.items.iter().filter_map(as_text).collect()
    }
}

/// Parses a policy that is the value of `what`.
pub(super) fn parse_policy(text: &str, what: &str) -> Known<PolicyDocument> {
    PolicyDocument::parse(text)
        .map_err(|why| unclear(format!("`{what}` cannot be read as a policy: {why}")))
}

/// Returns the value at a path inside a value.
pub(super) fn inside(value: &Value, path: &str) -> Known<Option<Value>> {
    let mut current = value.clone();
    for step in path.split('.') {
        let Value::Map(map) = &current else {
            return Ok(None);
        };
        let next = match map.entries.get(&Untrusted::from(step)) {
            Some(fact) => read(fact)?,
            None if map.unseen.is_empty() => None,
            None => return Err(gaps(map.unseen.iter().copied())),
        };
        match next {
            Some(next) => current = next,
            None => return Ok(None),
        }
    }
    Ok(Some(current))
}

/// Returns the text at a path inside a value.
pub(super) fn text_in(value: &Value, path: &str) -> Known<Option<String>> {
    Ok(inside(value, path)?.as_ref().and_then(as_text))
}

/// Returns the flag at a path inside a value, false where there is none.
pub(super) fn flag_in(value: &Value, path: &str) -> Known<bool> {
    Ok(matches!(inside(value, path)?, Some(Value::Flag(true))))
}

/// Returns the list at a path inside a value, an empty one where there is none.
pub(super) fn list_in(value: &Value, path: &str) -> Known<SeenItems> {
    Ok(inside(value, path)?.as_ref().map(seen).unwrap_or_default())
}

/// Returns the number at a path inside a value.
pub(super) fn number_in(value: &Value, path: &str) -> Known<Option<f64>> {
    Ok(inside(value, path)?.and_then(|value| value.as_number()))
}

pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.raw().to_owned()),
        _ => None,
    }
}

pub(super) fn as_time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Time(time) => Some(*time),
        Value::Text(text) => text.raw().parse().ok(),
        _ => None,
    }
}

fn seen(value: &Value) -> SeenItems {
    let mut out = SeenItems::default();
    match value {
        Value::List(list) => {
            out.hidden.extend(gaps(list.unseen.iter().copied()));
            for item in &list.items {
                match read(item) {
                    Ok(Some(value)) => out.items.push(value),
                    Ok(None) => {}
                    Err(obstacles) => out.hidden.extend(obstacles),
                }
            }
        }
        other => out.items.push(other.clone()),
    }
    out
}

fn read(fact: &Fact) -> Known<Option<Value>> {
    match fact {
        Fact::Known(value) => Ok(Some(value.clone())),
        Fact::Absent => Ok(None),
        Fact::Unreadable(gap) => Err(gaps([*gap])),
    }
}

fn gaps(ids: impl IntoIterator<Item = GapId>) -> Obstacles {
    ids.into_iter().map(Obstacle::Gap).collect()
}
