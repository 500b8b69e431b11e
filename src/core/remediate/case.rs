//! One action on one resource: the names that its file asks about, and what they come to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use crate::catalog::actions::{Action, Before, Given, Template, Write, resource_fields};
use crate::expr::{Cause, Expression, Unknown};
use crate::model::fact::{Fact, FactName, Value};
use crate::model::remediation::ActionSituation;
use crate::model::resource::Resource;
use crate::text::numbers;
use crate::text::{Untrusted, template};

/// Facts by name.
pub type ActionFacts = BTreeMap<FactName, Fact>;

/// An action, a resource, and what is known of it.
#[derive(Debug, Clone)]
pub struct ActionCase<'a> {
    /// The action.
    pub action: &'a Action,
    /// The resource.
    pub resource: &'a Resource,
    /// What was read of it.
    pub situation: &'a ActionSituation,
    /// What was read before anything was sent.
    pub was: &'a ActionFacts,
    /// Its parameters, by name.
    pub parameters: BTreeMap<String, Value>,
    /// Answers of earlier writes.
    pub made: Map<String, Json>,
    /// The id of this application: what makes a second request do nothing.
    pub token: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// A write, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedWrite {
    /// The operation.
    pub operation: String,
    /// Its input.
    pub input: Map<String, Json>,
}

impl ActionCase<'_> {
    /// Returns what an expression comes to.
    ///
    /// # Errors
    /// Where it cannot be known.
    pub fn evaluate(&self, expression: &Expression) -> Result<Value, Unknown> {
        expression.evaluate(|name| self.fact(name))
    }

    /// Returns whether a condition holds.
    ///
    /// # Errors
    /// Where it cannot be known.
    pub fn holds(&self, condition: &Expression) -> Result<bool, Unknown> {
        let value = self.evaluate(condition)?;
        Ok(matches!(value, Value::Flag(true)))
    }

    fn fact(&self, name: &str) -> Option<Fact> {
        Some(match name {
            "resource" => {
                let fields = resource_fields(self.resource).into_iter();
                known_map(fields.map(|(name, text)| (name.to_owned(), Fact::from(text.as_str()))))
            }
            "current" => self.facts_map(&self.situation.facts),
            "was" => self.facts_map(self.was),
            "parameters" => {
                let all = self.parameters.iter();
                known_map(all.map(|(name, value)| (name.clone(), Fact::Known(value.clone()))))
            }
            "made" => {
                let all = self.made.iter();
                known_map(all.map(|(name, value)| (name.clone(), fact_of_json(value))))
            }
            "token" => Fact::from(self.token),
            "now" => Fact::from(self.now.to_string().as_str()),
            _ => return None,
        })
    }

    fn facts_map(&self, facts: &ActionFacts) -> Fact {
        let mut all: BTreeMap<String, Fact> = facts
            .iter()
            .map(|(name, fact)| (name.as_str().to_owned(), fact.clone()))
            .collect();
        for (name, before) in &self.action.before {
            let found = previous(before, facts);
            all.insert(name.clone(), found);
        }
        known_map(all)
    }

    /// Fills a text in.
    pub fn fill(&self, text: &Template) -> Untrusted {
        let filled = template::fill(&text.0, |name| Some(self.value_of(name)));
        Untrusted::new(filled.unwrap_or_else(|| text.0.clone()))
    }

    fn value_of(&self, name: &str) -> String {
        if let Some(expression) = self.action.values.get(name) {
            return match self.evaluate(expression) {
                Ok(value) => value_text(&value),
                Err(unknown) if unknown.is_absence() => "nothing".to_owned(),
                Err(_) => "unknown".to_owned(),
            };
        }
        if let Some(value) = self.parameters.get(name) {
            return value_text(value);
        }
        let field = resource_fields(self.resource).remove(name);
        field.unwrap_or_else(|| "unknown".to_owned())
    }

    /// Returns the writes that are sent, in their order. Those that need the answer of another are
    /// left out of `made` until then: their inputs are prepared one by one.
    ///
    /// # Errors
    /// Where it cannot be known whether one is sent.
    pub fn sent(&self) -> Result<Vec<usize>, Unknown> {
        let mut all = Vec::new();
        for (index, write) in self.action.writes.iter().enumerate() {
            let is_sent = write
                .when
                .as_ref()
                .map_or(Ok(true), |when| self.holds(when))?;
            if is_sent {
                all.push(index);
            }
        }
        Ok(all)
    }

    /// Prepares a write.
    ///
    /// # Errors
    /// Where something in its input cannot be known.
    pub fn prepare(&self, index: usize) -> Result<PreparedWrite, Unknown> {
        self.prepare_write(&self.action.writes[index])
    }

    /// Prepares a write that is not one of the list.
    ///
    /// # Errors
    /// Where something in its input cannot be known.
    pub fn prepare_write(&self, write: &Write) -> Result<PreparedWrite, Unknown> {
        let mut input = Map::new();
        for (name, given) in &write.input {
            input.insert(name.clone(), self.given(given)?);
        }
        Ok(PreparedWrite {
            operation: write.operation.clone(),
            input,
        })
    }

    fn given(&self, given: &Given) -> Result<Json, Unknown> {
        Ok(match given {
            Given::Plain(value) => value.clone(),
            Given::Computed(expression) => json_of_value(&self.evaluate(expression)?),
            Given::List(items) => {
                let items = items.iter().map(|item| self.given(item));
                Json::Array(items.collect::<Result<_, _>>()?)
            }
            Given::Members(members) => {
                let mut map = Map::new();
                for (name, given) in members {
                    map.insert(name.clone(), self.given(given)?);
                }
                Json::Object(map)
            }
        })
    }

    /// Says why something cannot be known, in sentences.
    pub fn reasons(&self, unknown: &Unknown) -> Vec<Untrusted> {
        let gap = |id: usize| self.situation.gaps.get(id);
        let mut all: Vec<Untrusted> = unknown
            .causes()
            .map(|cause| match cause {
                Cause::Gap(id) => match gap(id.0 as usize) {
                    Some(gap) => {
                        Untrusted::new(format!("{}: {}", gap.sentence(), gap.message.raw()))
                    }
                    None => Untrusted::from("a call gave no answer"),
                },
                other => Untrusted::new(other.to_string()),
            })
            .collect();
        all.dedup();
        all
    }
}

fn known_map(entries: impl IntoIterator<Item = (String, Fact)>) -> Fact {
    Fact::Known(Value::map(
        entries
            .into_iter()
            .map(|(name, fact)| (Untrusted::new(name), fact)),
    ))
}

/// Returns how people read a value.
pub fn value_text(value: &Value) -> String {
    match value {
        Value::Number(number) => numbers::number(*number),
        Value::Text(text) => text.raw().to_owned(),
        Value::Flag(flag) => flag.to_string(),
        Value::Time(time) => time.to_string(),
        Value::List(list) => {
            let items = list.items.iter().filter_map(Fact::known).map(value_text);
            items.collect::<Vec<_>>().join(", ")
        }
        Value::Map(_) => "several".to_owned(),
    }
}

/// Returns a value as a request writes it.
pub(super) fn json_of_value(value: &Value) -> Json {
    match value {
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            Json::from(*number as i64)
        }
        Value::Number(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.raw()),
        Value::Flag(flag) => Json::from(*flag),
        Value::Time(time) => Json::from(time.to_string()),
        Value::List(list) => {
            let items = list.items.iter().filter_map(Fact::known);
            items.map(json_of_value).collect()
        }
        Value::Map(map) => {
            let entries = map.entries.iter();
            let entries = entries.filter_map(|(name, fact)| {
                Some((name.raw().to_owned(), json_of_value(fact.known()?)))
            });
            Json::Object(entries.collect())
        }
    }
}

/// Returns what an answer says, as expressions ask about it.
pub fn fact_of_json(json: &Json) -> Fact {
    Fact::Known(match json {
        Json::Null => return Fact::Absent,
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Number(number) => Value::Number(number.as_f64().unwrap_or_default()),
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(items) => Value::list(items.iter().map(fact_of_json)),
        Json::Object(members) => {
            let members = members.iter();
            Value::map(
                members.map(|(name, value)| (Untrusted::from(name.as_str()), fact_of_json(value))),
            )
        }
    })
}

/// The entry of a list with the largest number below that of another, of the same family.
fn previous(before: &Before, facts: &ActionFacts) -> Fact {
    let find = |name: &str| facts.get(name);
    let (Some(list), Some(than)) = (find(&before.list), find(&before.than)) else {
        return Fact::Absent;
    };
    let gap = list.gaps().into_iter().chain(than.gaps()).next();
    if let Some(gap) = gap {
        return Fact::Unreadable(gap);
    }
    let (Some(Value::List(list)), Some(Value::Text(than))) = (list.known(), than.known()) else {
        return Fact::Absent;
    };
    let Some((family, number)) = numbered(than.raw()) else {
        return Fact::Absent;
    };
    let entries = list.items.iter().filter_map(|item| match item.known()? {
        Value::Text(text) => {
            let (of, number) = numbered(text.raw())?;
            (of == family).then(|| (number, text.raw().to_owned()))
        }
        _ => None,
    });
    let found = entries.filter(|(one, _)| *one < number).max();
    found.map_or(Fact::Absent, |(_, text)| Fact::from(text.as_str()))
}

/// `service:12` is the twelfth of `service`.
fn numbered(text: &str) -> Option<(&str, u64)> {
    let (family, number) = text.rsplit_once(':').unwrap_or(("", text));
    Some((family, number.parse().ok()?))
}

/// Returns the hash of the facts that a plan rests on: those that do not change by themselves.
pub fn facts_hash(action: &Action, resource: &Resource, facts: &ActionFacts) -> String {
    let stable: BTreeMap<&str, &Fact> = facts
        .iter()
        .map(|(name, fact)| (name.as_str(), fact))
        .filter(|(name, _)| !action.volatile.iter().any(|one| one == name))
        .collect();
    let tree = serde_json::json!({
        "action": action.id,
        "resource": resource.arn,
        "facts": stable,
    });
    hex::encode(Sha256::digest(tree.to_string().as_bytes()))
}
