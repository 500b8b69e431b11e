//! From answers to facts, by the specifications of the catalogue. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::Value as Json;

use super::scope::Scope;
use crate::catalog::reads::fact_spec::{FactSpec, Facts, Form};
use crate::catalog::reads::path::{items, pair, scalar};
use crate::model::fact::{Fact, FactName, GapId, List, Map, Value};
use crate::text::Untrusted;

/// What facts are taken from.
pub(super) struct Source<'a> {
    pub(super) of: &'a Facts,
    pub(super) scope: &'a Scope,
    /// The answer, or the part of it that is meant.
    pub(super) item: &'a Json,
    /// Why the answer may lack something.
    pub(super) unseen: Option<GapId>,
}

/// Returns the facts that an answer holds. `garbled` notes what is not as AWS says it is.
pub(super) fn known(
    source: &Source<'_>,
    garbled: &dyn Fn(String) -> GapId,
) -> BTreeMap<FactName, Fact> {
    let facts = source.of.iter().map(|(name, spec)| {
        let fact = fact(source, spec).unwrap_or_else(|what| {
            Fact::Unreadable(garbled(format!("`{}` is not {what}", spec.path)))
        });
        (name.clone(), fact)
    });
    facts.collect()
}

/// Returns the facts where the provider says that there is nothing.
pub(super) fn absent(of: &Facts) -> BTreeMap<FactName, Fact> {
    of.iter()
        .map(|(name, spec)| (name.clone(), default(spec)))
        .collect()
}

/// Returns the facts where the provider said nothing.
pub(super) fn unreadable(of: &Facts, gap: GapId) -> BTreeMap<FactName, Fact> {
    of.keys()
        .map(|name| (name.clone(), Fact::Unreadable(gap)))
        .collect()
}

/// What is meant where an answer says nothing.
fn default(spec: &FactSpec) -> Fact {
    let Some(text) = &spec.default else {
        return Fact::Absent;
    };
    match spec.form {
        Form::Flag | Form::Exists => Fact::from(text == "true"),
        Form::Number => text.parse::<f64>().map_or(Fact::Absent, Fact::from),
        Form::Texts | Form::Numbers | Form::Blocks => Fact::Known(Value::list([])),
        Form::Named => Fact::Known(Value::map::<Untrusted>([])),
        _ => Fact::from(text.as_str()),
    }
}

/// One fact; what it should have been where it is not.
fn fact(source: &Source<'_>, spec: &FactSpec) -> Result<Fact, &'static str> {
    let found = source.scope.select(&spec.path, source.item);
    // What is missing from half an answer may be in the other half.
    let nothing = || {
        source
            .unseen
            .map_or_else(|| default(spec), Fact::Unreadable)
    };
    let one = || found.iter().copied().find(|value| !is_empty(value));
    let known = |value: Option<Value>| value.map_or_else(nothing, Fact::Known);
    Ok(match spec.form {
        Form::Flag => known(
            one()
                .map(|value| flag(value, &spec.is))
                .transpose()?
                .map(Value::Flag),
        ),
        Form::Number => known(one().map(number).transpose()?.map(Value::Number)),
        Form::Text => known(
            one()
                .filter(|value| is_one_of(value, &spec.is))
                .map(text)
                .transpose()?,
        ),
        Form::Json => known(one().map(|value| Value::text(document(value)))),
        Form::Time => known(one().map(moment).transpose()?.map(Value::Time)),
        Form::Stamp => {
            let time = one().map(moment).transpose()?;
            known(time.map(|time| Value::text(time.to_string())))
        }
        Form::Exists => match found.iter().any(|value| !value.is_null()) {
            true => Fact::from(true),
            false => source.unseen.map_or(Fact::from(false), Fact::Unreadable),
        },
        Form::Texts => list(
            source,
            all(&found).map(|value| text(value).map(Fact::Known)),
        )?,
        Form::Numbers => list(
            source,
            all(&found).map(|value| number(value).map(Fact::from)),
        )?,
        Form::Blocks => list(source, all(&found).map(|value| block(source, spec, value)))?,
        Form::Named => named(source, &found)?,
        Form::Block => match found.first() {
            Some(value) => block(source, spec, value)?,
            None => nothing(),
        },
    })
}

fn all<'a>(found: &'a [&'a Json]) -> impl Iterator<Item = &'a Json> {
    found.iter().flat_map(|value| items(value))
}

fn list(
    source: &Source<'_>,
    items: impl Iterator<Item = Result<Fact, &'static str>>,
) -> Result<Fact, &'static str> {
    let items = items.collect::<Result<_, _>>()?;
    let unseen = source.unseen.into_iter().collect();
    Ok(Fact::Known(Value::List(Arc::new(List { items, unseen }))))
}

fn block(source: &Source<'_>, spec: &FactSpec, value: &Json) -> Result<Fact, &'static str> {
    let inner = Source {
        of: &spec.inside,
        scope: source.scope,
        item: value,
        unseen: None,
    };
    let mut entries: BTreeMap<Untrusted, Fact> = BTreeMap::new();
    for (name, spec) in inner.of {
        entries.insert(Untrusted::from(name.as_str()), fact(&inner, spec)?);
    }
    let unseen = BTreeSet::new();
    Ok(Fact::Known(Value::Map(Arc::new(Map { entries, unseen }))))
}

/// Texts by name.
fn named(source: &Source<'_>, found: &[&Json]) -> Result<Fact, &'static str> {
    let mut entries: BTreeMap<Untrusted, Fact> = BTreeMap::new();
    for value in found {
        if let Json::Object(members) = value
            && pair(value).is_none()
        {
            for (name, value) in members {
                entries.insert(Untrusted::from(name.as_str()), Fact::Known(plain(value)));
            }
            continue;
        }
        for entry in items(value) {
            let (name, value) = pair(entry).ok_or("a list of names and values")?;
            entries.insert(Untrusted::from(name), Fact::Known(plain(value)));
        }
    }
    let unseen = source.unseen.into_iter().collect();
    Ok(Fact::Known(Value::Map(Arc::new(Map { entries, unseen }))))
}

fn plain(value: &Json) -> Value {
    Value::text(scalar(value).unwrap_or_default())
}

fn is_empty(value: &Json) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn is_one_of(value: &Json, words: &[String]) -> bool {
    words.is_empty() || scalar(value).is_some_and(|said| words.contains(&said))
}

fn flag(value: &Json, is: &[String]) -> Result<bool, &'static str> {
    let said = scalar(value).ok_or("a word")?;
    match said.as_str() {
        said if !is.is_empty() => Ok(is.iter().any(|word| word == said)),
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("true or false"),
    }
}

fn number(value: &Json) -> Result<f64, &'static str> {
    let number = match value {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite()).ok_or("a number")
}

fn text(value: &Json) -> Result<Value, &'static str> {
    scalar(value).map(Value::text).ok_or("a text")
}

/// Seconds since 1970, with a fraction, or ISO 8601.
fn moment(value: &Json) -> Result<Timestamp, &'static str> {
    let time = match value {
        Json::Number(number) => number.as_f64().and_then(|seconds| {
            let millis = (seconds * 1_000.0).round();
            // Beyond what a moment holds, the cast ends at the limit and is refused below.
            Timestamp::from_millisecond(millis as i64).ok()
        }),
        Json::String(text) => text.parse().ok(),
        _ => None,
    };
    time.ok_or("a moment")
}

/// A JSON document as text. IAM encodes it for URLs, API Gateway for JSON; ECS gives a tree.
fn document(value: &Json) -> String {
    let Json::String(text) = value else {
        return value.to_string();
    };
    let text = text.trim();
    if text.starts_with('%') {
        return percent_decode_str(text).decode_utf8_lossy().into_owned();
    }
    if text.starts_with("{\\\"") {
        let unescaped: Result<String, _> = serde_json::from_str(&format!("\"{text}\""));
        return unescaped.unwrap_or_else(|_| text.to_owned());
    }
    text.to_owned()
}
