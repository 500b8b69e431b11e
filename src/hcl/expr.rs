//! Expressions.

use serde_json::Number;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text without interpolations.
    Text(String),
    /// A text with interpolations.
    Template(Vec<Part>),
    /// `[a, b]`.
    List(Vec<Self>),
    /// `{ a = b }`.
    Object(Vec<(Key, Self)>),
    /// `var.name`, `aws_s3_bucket.b[0].arn`.
    Path(Vec<Step>),
    /// `name(…)`.
    Call(String, Vec<Self>),
    /// `a ? b : c`.
    Conditional(Box<[Self; 3]>),
    /// `a == b`.
    Binary(String, Box<[Self; 2]>),
    /// `!a`.
    Unary(String, Box<Self>),
    /// `(a)`.
    Parenthesis(Box<Self>),
    /// What this module does not take apart, such as `for` expressions, with the paths in it.
    Other(String, Vec<Vec<Step>>),
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Text.
    Text(String),
    /// `${…}`.
    Expr(Expr),
}

/// A key of an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    /// A bare word.
    Name(String),
    /// An expression.
    Expr(Expr),
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// `.name`; the first has no dot.
    Name(String),
    /// `[…]`.
    Index(Expr),
    /// `[*]`.
    Splat,
}

impl Expr {
    /// Returns a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Returns the path of names between dots.
    pub fn path(dotted: &str) -> Self {
        let names = dotted.split('.').map(|name| Step::Name(name.to_owned()));
        Self::Path(names.collect())
    }

    /// Returns its names where it is a path of names alone, as in `var.name`.
    pub fn names(&self) -> Option<Vec<&str>> {
        match self {
            Self::Path(steps) => steps
                .iter()
                .map(|step| match step {
                    Step::Name(name) => Some(name.as_str()),
                    Step::Index(_) | Step::Splat => None,
                })
                .collect(),
            _ => None,
        }
    }

    /// Puts every expression in it through `change`, from the inside outwards.
    ///
    /// # Errors
    /// The first that `change` returns.
    pub fn map<E>(self, change: &mut impl FnMut(Self) -> Result<Self, E>) -> Result<Self, E> {
        let inner = match self {
            Self::Template(parts) => {
                let mapped = parts.into_iter().map(|part| match part {
                    Part::Text(text) => Ok(Part::Text(text)),
                    Part::Expr(expr) => expr.map(change).map(Part::Expr),
                });
                Self::Template(mapped.collect::<Result<_, E>>()?)
            }
            Self::List(items) => Self::List(map_all(items, change)?),
            Self::Object(entries) => {
                let mapped = entries.into_iter().map(|(key, value)| {
                    let key = match key {
                        Key::Name(name) => Key::Name(name),
                        Key::Expr(expr) => Key::Expr(expr.map(change)?),
                    };
                    Ok((key, value.map(change)?))
                });
                Self::Object(mapped.collect::<Result<_, E>>()?)
            }
            Self::Path(steps) => {
                let mapped = steps.into_iter().map(|step| match step {
                    Step::Index(index) => index.map(change).map(Step::Index),
                    other => Ok(other),
                });
                Self::Path(mapped.collect::<Result<_, E>>()?)
            }
            Self::Call(name, arguments) => Self::Call(name, map_all(arguments, change)?),
            Self::Conditional(parts) => {
                let [condition, yes, no] = *parts;
                let parts = [condition.map(change)?, yes.map(change)?, no.map(change)?];
                Self::Conditional(Box::new(parts))
            }
            Self::Binary(operator, sides) => {
                let [left, right] = *sides;
                Self::Binary(operator, Box::new([left.map(change)?, right.map(change)?]))
            }
            Self::Unary(operator, inner) => Self::Unary(operator, Box::new(inner.map(change)?)),
            Self::Parenthesis(inner) => Self::Parenthesis(Box::new(inner.map(change)?)),
            leaf => leaf,
        };
        change(inner)
    }

    /// Calls `see` with every path in it.
    pub fn visit_paths(&self, see: &mut impl FnMut(&[Step])) {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => {}
            Self::Template(parts) => {
                for part in parts {
                    if let Part::Expr(expr) = part {
                        expr.visit_paths(see);
                    }
                }
            }
            Self::List(items) | Self::Call(_, items) => {
                items.iter().for_each(|item| item.visit_paths(see));
            }
            Self::Object(entries) => {
                for (key, value) in entries {
                    if let Key::Expr(key) = key {
                        key.visit_paths(see);
                    }
                    value.visit_paths(see);
                }
            }
            Self::Path(steps) => {
                see(steps);
                for step in steps {
                    if let Step::Index(index) = step {
                        index.visit_paths(see);
                    }
                }
            }
            Self::Conditional(parts) => parts.iter().for_each(|part| part.visit_paths(see)),
            Self::Binary(_, sides) => sides.iter().for_each(|side| side.visit_paths(see)),
            Self::Unary(_, inner) | Self::Parenthesis(inner) => inner.visit_paths(see),
            Self::Other(_, paths) => paths.iter().for_each(|path| see(path)),
        }
    }
}

fn map_all<E>(
    items: Vec<Expr>,
    change: &mut impl FnMut(Expr) -> Result<Expr, E>,
) -> Result<Vec<Expr>, E> {
    items.into_iter().map(|item| item.map(change)).collect()
}

impl From<bool> for Expr {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<u64> for Expr {
    fn from(number: u64) -> Self {
        Self::Number(number.into())
    }
}

impl From<&str> for Expr {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<Vec<Self>> for Expr {
    fn from(items: Vec<Self>) -> Self {
        Self::List(items)
    }
}
