//! What a schema says about keys: which are known where, and what they mean. Used to find
//! unknown keys and to explain missing ones.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::state::diagnostic::locate::PathStep;

/// Keys of a value, and of the values inside it.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// Anything may stand here.
    Any,
    /// These keys.
    Keys(BTreeMap<String, KeyShape>),
    /// Any keys, with values of one shape, besides some keys of their own.
    Map(BTreeMap<String, KeyShape>, Box<Shape>),
    /// A list of one shape.
    List(Box<Shape>),
}

/// A key.
#[derive(Debug, Clone)]
pub(crate) struct KeyShape {
    pub(crate) description: String,
    pub(crate) shape: Shape,
}

/// The way from a document's root to a value: made of steps only where it is shown, for
/// every key of every document is looked at.
#[derive(Clone, Copy)]
pub(crate) enum Trail<'a> {
    Root,
    Key(&'a Trail<'a>, &'a str),
    Index(&'a Trail<'a>, usize),
}

impl Trail<'_> {
    fn steps(self) -> Vec<PathStep> {
        let (before, step) = match self {
            Self::Root => return Vec::new(),
            Self::Key(before, key) => (before, PathStep::Key(key.to_owned())),
            Self::Index(before, index) => (before, PathStep::Index(index)),
        };
        let mut steps = before.steps();
        steps.push(step);
        steps
    }
}

/// Deepest nesting of a schema that is followed; they have no recursion today.
const DEEPEST: usize = 32;

impl Shape {
    /// From a schema.
    pub(crate) fn from_schema(schema: &Value) -> Self {
        Self::build(schema, schema, 0)
    }

    fn build(root: &Value, schema: &Value, depth: usize) -> Self {
        if depth > DEEPEST {
            return Self::Any;
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let found = target.strip_prefix('#').and_then(|at| root.pointer(at));
            return found.map_or(Self::Any, |found| Self::build(root, found, depth + 1));
        }
        if let Some(options) = schema.get("anyOf").and_then(Value::as_array) {
            // Unions of this project have at most one option with keys.
            return options
                .iter()
                .map(|option| Self::build(root, option, depth + 1))
                .find(|shape| !matches!(shape, Self::Any))
                .unwrap_or(Self::Any);
        }
        if let Some(items) = schema.get("items") {
            return Self::List(Box::new(Self::build(root, items, depth + 1)));
        }
        let fields = schema
            .get("properties")
            .and_then(Value::as_object)
            .map(|properties| {
                let field = |(key, value): (&String, &Value)| {
                    let text = value.get("description").and_then(Value::as_str);
                    let field = KeyShape {
                        description: text.unwrap_or_default().replace('\n', " "),
                        shape: Self::build(root, value, depth + 1),
                    };
                    (key.clone(), field)
                };
                properties.iter().map(field).collect::<BTreeMap<_, _>>()
            });
        match (fields, schema.get("additionalProperties")) {
            (fields, Some(rest @ Value::Object(_))) => Self::Map(
                fields.unwrap_or_default(),
                Box::new(Self::build(root, rest, depth + 1)),
            ),
            // Entries of logs say more than their chain needs.
            (Some(fields), Some(Value::Bool(true))) => Self::Map(fields, Box::new(Self::Any)),
            (Some(fields), _) => Self::Keys(fields),
            (None, _) => Self::Any,
        }
    }

    /// The shape at a path.
    pub(crate) fn at(&self, path: &[PathStep]) -> Option<&Self> {
        let Some(step) = path.first() else {
            return Some(self);
        };
        let inner = match (self, step) {
            (Self::Keys(fields), PathStep::Key(key)) => &fields.get(key)?.shape,
            (Self::Map(fields, rest), PathStep::Key(key)) => {
                fields.get(key).map_or(rest.as_ref(), |field| &field.shape)
            }
            (Self::List(inner), PathStep::Index(_)) => inner.as_ref(),
            _ => return None,
        };
        inner.at(&path[1..])
    }

    /// The known keys.
    pub(crate) fn keys(&self) -> Vec<&str> {
        match self {
            Self::Keys(fields) | Self::Map(fields, _) => {
                fields.keys().map(String::as_str).collect()
            }
            Self::Any | Self::List(_) => Vec::new(),
        }
    }

    /// What a key means.
    pub(crate) fn description(&self, key: &str) -> Option<&str> {
        match self {
            Self::Keys(fields) | Self::Map(fields, _) => {
                fields.get(key).map(|field| field.description.as_str())
            }
            Self::Any | Self::List(_) => None,
        }
    }

    /// Calls `found` with the path of every key that is not known, and the shape around it.
    pub(crate) fn unknown_keys(
        &self,
        value: &Value,
        path: Trail<'_>,
        found: &mut dyn FnMut(&[PathStep], &Self),
    ) {
        match (self, value) {
            (Self::List(inner), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    inner.unknown_keys(item, Trail::Index(&path, index), found);
                }
            }
            (Self::Keys(fields) | Self::Map(fields, _), Value::Object(map)) => {
                for (key, item) in map {
                    let inner = match (fields.get(key), self) {
                        (Some(field), _) => Some(&field.shape),
                        (None, Self::Map(_, rest)) => Some(rest.as_ref()),
                        (None, _) => None,
                    };
                    let path = Trail::Key(&path, key);
                    match inner {
                        Some(Self::Any) => {}
                        Some(inner) => inner.unknown_keys(item, path, found),
                        None => found(&path.steps(), self),
                    }
                }
            }
            _ => {}
        }
    }
}
