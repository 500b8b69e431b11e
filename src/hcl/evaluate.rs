//! What an expression comes to without Terraform: constants, variables whose values are given, and
//! locals made of them. Everything else is unknown, never guessed.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Expr, Key, Part, Step};

/// Locals that lead to locals further than this are unknown, as are those that lead to themselves.
const DEEPEST: usize = 32;
/// Steps of one evaluation. Locals that name another one twice double at each level, and so do
/// texts: beyond this, the value is unknown.
const MOST_STEPS: usize = 65_536;
/// Bytes of a text that are one step.
const BYTES_A_STEP: usize = 64;

/// What expressions may refer to.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Values of variables.
    pub variables: BTreeMap<String, Value>,
    /// Locals as they are written.
    pub locals: BTreeMap<String, Expr>,
}

/// The value of an expression, as a plan shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// The value; null where it is unknown.
    pub value: Value,
    /// `true` in place of what is unknown, `false` where all is known.
    pub unknown: Value,
}

impl Evaluated {
    fn known(value: Value) -> Self {
        Self {
            value,
            unknown: Value::Bool(false),
        }
    }

    fn unknown() -> Self {
        Self {
            value: Value::Null,
            unknown: Value::Bool(true),
        }
    }

    /// Whether no part of it is unknown.
    pub fn is_known(&self) -> bool {
        is_false(&self.unknown)
    }

    fn of_list(items: Vec<Self>) -> Self {
        let (values, unknown) = items
            .into_iter()
            .map(|one| (one.value, one.unknown))
            .unzip();
        Self {
            value: Value::Array(values),
            unknown: Value::Array(unknown),
        }
    }
}

/// Whether a tree of flags says that all is known.
fn is_false(unknown: &Value) -> bool {
    match unknown {
        Value::Bool(flag) => !flag,
        Value::Array(items) => items.iter().all(is_false),
        Value::Object(fields) => fields.values().all(is_false),
        _ => true,
    }
}

/// What `tostring` makes of a value; `None` where that is an error.
fn to_text(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(flag) => Some(Value::String(flag.to_string())),
        Value::Number(number) => Some(Value::String(number.to_string())),
        Value::Null | Value::String(_) => Some(value.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// What `tonumber` makes of a value; `None` where that is an error.
fn to_number(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => text.parse().ok().map(Value::Number),
        Value::Null | Value::Number(_) => Some(value.clone()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// How many steps a value is.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => 1 + text.len() / BYTES_A_STEP,
        Value::Array(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(weight).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}

/// Where an evaluation is, and how many steps it has left.
#[derive(Debug, Clone, Copy)]
struct Progress<'a> {
    depth: usize,
    left: &'a Cell<usize>,
}

impl Progress<'_> {
    fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }

    /// Takes steps; `false` where not so many are left, and then none are.
    fn take(self, steps: usize) -> bool {
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }
}

impl Scope {
    /// Evaluates an expression.
    pub fn evaluate(&self, expr: &Expr) -> Evaluated {
        let left = Cell::new(MOST_STEPS);
        let start = Progress {
            depth: 0,
            left: &left,
        };
        self.evaluate_at(expr, start)
    }

    /// Returns the value of an expression, where all of it is known.
    pub fn known(&self, expr: &Expr) -> Option<Value> {
        let evaluated = self.evaluate(expr);
        evaluated.is_known().then_some(evaluated.value)
    }

    fn evaluate_at(&self, expr: &Expr, at: Progress<'_>) -> Evaluated {
        if at.depth > DEEPEST || !at.take(1) {
            return Evaluated::unknown();
        }
        let found = self.evaluate_kind(expr, at);
        match &found.value {
            Value::String(text) if !at.take(text.len() / BYTES_A_STEP) => Evaluated::unknown(),
            _ => found,
        }
    }

    fn evaluate_kind(&self, expr: &Expr, at: Progress<'_>) -> Evaluated {
        let inner = |expr: &Expr| self.evaluate_at(expr, at.deeper());
        match expr {
            Expr::Null => Evaluated::known(Value::Null),
            Expr::Bool(flag) => Evaluated::known(Value::Bool(*flag)),
            Expr::Number(number) => Evaluated::known(Value::Number(number.clone())),
            Expr::Text(text) => Evaluated::known(Value::String(text.clone())),
            Expr::Template(parts) => self.template(parts, at),
            Expr::List(items) => Evaluated::of_list(items.iter().map(inner).collect()),
            Expr::Object(entries) => self.object(entries, at),
            Expr::Path(steps) => self.path(steps, at),
            Expr::Call(name, arguments) => self.call(name, arguments, at),
            Expr::Conditional(parts) => {
                let [condition, yes, no] = &**parts;
                match inner(condition).value {
                    Value::Bool(true) => inner(yes),
                    Value::Bool(false) => inner(no),
                    _ => Evaluated::unknown(),
                }
            }
            Expr::Binary(operator, sides) => {
                let [left, right] = &**sides;
                let (left, right) = (inner(left), inner(right));
                if !left.is_known() || !right.is_known() {
                    return Evaluated::unknown();
                }
                match operator.as_str() {
                    "==" => Evaluated::known(Value::Bool(left.value == right.value)),
                    "!=" => Evaluated::known(Value::Bool(left.value != right.value)),
                    _ => Evaluated::unknown(),
                }
            }
            Expr::Unary(operator, one) => match (operator.as_str(), inner(one).value) {
                ("!", Value::Bool(flag)) => Evaluated::known(Value::Bool(!flag)),
                _ => Evaluated::unknown(),
            },
            Expr::Parenthesis(one) => inner(one),
            Expr::Other(..) => Evaluated::unknown(),
        }
    }

    fn template(&self, parts: &[Part], at: Progress<'_>) -> Evaluated {
        let mut out = String::new();
        for part in parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Expr(expr) => {
                    let inner = self.evaluate_at(expr, at.deeper());
                    match inner.value {
                        Value::String(text) if inner.unknown == Value::Bool(false) => {
                            out.push_str(&text);
                        }
                        Value::Number(number) => out.push_str(&number.to_string()),
                        Value::Bool(flag) => out.push_str(&flag.to_string()),
                        _ => return Evaluated::unknown(),
                    }
                }
            }
        }
        Evaluated::known(Value::String(out))
    }

    fn object(&self, entries: &[(Key, Expr)], at: Progress<'_>) -> Evaluated {
        let (mut values, mut unknown) = (Map::new(), Map::new());
        for (key, value) in entries {
            let name = match key {
                Key::Name(name) => name.clone(),
                Key::Expr(key) => match self.evaluate_at(key, at.deeper()).value {
                    Value::String(name) => name,
                    _ => return Evaluated::unknown(),
                },
            };
            let inner = self.evaluate_at(value, at.deeper());
            values.insert(name.clone(), inner.value);
            unknown.insert(name, inner.unknown);
        }
        Evaluated {
            value: Value::Object(values),
            unknown: Value::Object(unknown),
        }
    }

    fn path(&self, steps: &[Step], at: Progress<'_>) -> Evaluated {
        let [Step::Name(root), Step::Name(name), rest @ ..] = steps else {
            return Evaluated::unknown();
        };
        let found = match root.as_str() {
            "var" => self
                .variables
                .get(name)
                .filter(|value| at.take(weight(value)))
                .map(|value| Evaluated::known(value.clone())),
            "local" => self
                .locals
                .get(name)
                .map(|expr| self.evaluate_at(expr, at.deeper())),
            _ => None,
        };
        let mut found = found.unwrap_or_else(Evaluated::unknown);
        for step in rest {
            let Step::Name(name) = step else {
                return Evaluated::unknown();
            };
            let value = found.value.get(name).cloned();
            let unknown = match &found.unknown {
                Value::Object(fields) => fields.get(name).cloned(),
                whole => Some(whole.clone()),
            };
            let (Some(value), Some(unknown)) = (value, unknown) else {
                return Evaluated::unknown();
            };
            found = Evaluated { value, unknown };
        }
        found
    }

    fn call(&self, name: &str, arguments: &[Expr], at: Progress<'_>) -> Evaluated {
        let values: Vec<Evaluated> = arguments
            .iter()
            .map(|argument| self.evaluate_at(argument, at.deeper()))
            .collect();
        if !values.iter().all(Evaluated::is_known) {
            return Evaluated::unknown();
        }
        let known = match (name, values.as_slice()) {
            ("jsonencode", [one]) => serde_json::to_string(&one.value).ok().map(Value::String),
            ("lower", [one]) => one.value.as_str().map(|text| text.to_lowercase().into()),
            ("upper", [one]) => one.value.as_str().map(|text| text.to_uppercase().into()),
            ("toset" | "tolist", [one]) => Some(one.value.clone()),
            ("tostring", [one]) => to_text(&one.value),
            ("tonumber", [one]) => to_number(&one.value),
            ("merge", all) => {
                let maps: Option<Vec<&Map<String, Value>>> =
                    all.iter().map(|one| one.value.as_object()).collect();
                maps.map(|maps| {
                    let entries = maps.into_iter().flatten();
                    let pairs = entries.map(|(key, value)| (key.clone(), value.clone()));
                    Value::Object(pairs.collect())
                })
            }
            _ => None,
        };
        known.map_or_else(Evaluated::unknown, Evaluated::known)
    }
}
