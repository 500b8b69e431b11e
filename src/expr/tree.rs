//! The tree of an expression.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use regex::Regex;

use super::fault::Fault;
use super::limits::MOST_DEPTH;
use crate::text::Untrusted;

#[derive(Debug, Clone)]
pub(super) struct Node {
    /// The bytes of its sign or its first word, for faults.
    pub(super) at: Range<usize>,
    depth: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Number(f64),
    Text(Arc<Untrusted>),
    Flag(bool),
    /// `timestamp('…')`, once it is checked.
    Time(Timestamp),
    List(Vec<Node>),
    Name(String),
    Field(Box<Node>, String),
    Index(Box<Node>, Box<Node>),
    Has(Box<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    /// With the order of words, where the schema has one: the check fills it in.
    Compare(Relation, Box<[Node; 2]>, Option<Arc<[String]>>),
    Arithmetic(Operation, Box<[Node; 2]>),
    In(Box<[Node; 2]>),
    If(Box<[Node; 3]>),
    /// Name and arguments, the target first, and the pattern of `matches`: the check fills it in.
    Call(String, Vec<Node>, Option<Regex>),
    /// Quantifier, list, name of an item, and what is asked of it.
    Each(Quantifier, Box<Node>, String, Box<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    Exists,
    All,
    ExistsOne,
    Filter,
    Map,
}

impl Relation {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Whether it asks which side comes first.
    pub(super) fn is_by_order(self) -> bool {
        !matches!(self, Self::Equal | Self::Unequal)
    }
}

impl Operation {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

impl Quantifier {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "exists" => Self::Exists,
            "all" => Self::All,
            "exists_one" => Self::ExistsOne,
            "filter" => Self::Filter,
            "map" => Self::Map,
            _ => return None,
        })
    }
}

impl Node {
    /// Refuses a tree that is too deep: chains of `+` and `.` count too, so that every walk
    /// of the tree is bounded.
    pub(super) fn new(at: Range<usize>, kind: Kind) -> Result<Self, Fault> {
        let deepest = kind.children().iter().map(|node| node.depth).max();
        let depth = 1 + deepest.unwrap_or(0);
        if depth > MOST_DEPTH {
            return Err(Fault::new(
                at,
                format!("nested more than {MOST_DEPTH} deep"),
            ));
        }
        Ok(Self { at, depth, kind })
    }

    /// Joins by `&&` or `||`. `a && b && c` is one node, so that long chains are flat.
    pub(super) fn chain(at: Range<usize>, and: bool, parts: [Self; 2]) -> Result<Self, Fault> {
        let mut flat = Vec::new();
        for part in parts {
            match part.kind {
                Kind::And(inner) if and => flat.extend(inner),
                Kind::Or(inner) if !and => flat.extend(inner),
                _ => flat.push(part),
            }
        }
        Self::new(at, if and { Kind::And(flat) } else { Kind::Or(flat) })
    }

    /// A call: `list.all(item, …)`, `has(name.field)`, or one of a function.
    pub(super) fn call(
        at: Range<usize>,
        name: &str,
        target: Option<Self>,
        args: Vec<Self>,
    ) -> Result<Self, Fault> {
        match (target, Quantifier::from_name(name)) {
            (Some(list), Some(quantifier)) => Self::each(at, (name, quantifier), list, args),
            (None, _) if name == "has" => Self::has(at, args),
            (target, _) => {
                let args = target.into_iter().chain(args).collect();
                Self::new(at, Kind::Call(name.to_owned(), args, None))
            }
        }
    }

    fn each(
        at: Range<usize>,
        (name, quantifier): (&str, Quantifier),
        list: Self,
        args: Vec<Self>,
    ) -> Result<Self, Fault> {
        let Ok([item, body]) = <[Self; 2]>::try_from(args) else {
            let fault = Fault::new(at, format!("`{name}` asks something of every item"));
            return Err(fault.hint(format!("write `list.{name}(item, … item …)`")));
        };
        let Kind::Name(item) = item.kind else {
            let message = format!("the first argument of `{name}` is a new name");
            return Err(Fault::new(item.at, message));
        };
        let body = Box::new(body);
        Self::new(at, Kind::Each(quantifier, Box::new(list), item, body))
    }

    fn has(at: Range<usize>, args: Vec<Self>) -> Result<Self, Fault> {
        let fault = || Fault::new(at.clone(), "`has` asks whether a name or field is there");
        match <[Self; 1]>::try_from(args) {
            Ok([inner]) if inner.is_path() => Self::new(at, Kind::Has(Box::new(inner))),
            _ => Err(fault().hint("write `has(name)` or `has(name.field)`")),
        }
    }

    fn is_path(&self) -> bool {
        matches!(self.kind, Kind::Name(_) | Kind::Field(..) | Kind::Index(..))
    }

    pub(super) fn is_literal(&self) -> bool {
        use Kind::{Flag, Number, Text, Time};
        matches!(self.kind, Number(_) | Text(_) | Flag(_) | Time(_))
    }

    /// Whether no name is asked about, so that it is always the same.
    pub(super) fn is_constant(&self) -> bool {
        !matches!(self.kind, Kind::Name(_)) && self.kind.children().iter().all(|c| c.is_constant())
    }

    /// Collects the names that it asks about, but those that it gives to items.
    pub(super) fn names<'n>(&'n self, items: &mut Vec<&'n str>, out: &mut Vec<&'n str>) {
        match &self.kind {
            Kind::Name(name) if !items.contains(&name.as_str()) => out.push(name),
            Kind::Each(_, list, item, body) => {
                list.names(items, out);
                items.push(item);
                body.names(items, out);
                items.pop();
            }
            kind => kind.children().iter().for_each(|c| c.names(items, out)),
        }
    }

    /// Collects the paths that it asks about (`resource.tags.owner`), but those into items.
    pub(super) fn paths<'n>(&'n self, items: &mut Vec<&'n str>, out: &mut Vec<String>) {
        if let Some((name, path)) = self.path() {
            if !items.contains(&name) {
                out.push(path);
            }
            return;
        }
        match &self.kind {
            Kind::Each(_, list, item, body) => {
                list.paths(items, out);
                items.push(item);
                body.paths(items, out);
                items.pop();
            }
            kind => kind.children().iter().for_each(|c| c.paths(items, out)),
        }
    }

    /// The name that a path begins with, and the whole path.
    fn path(&self) -> Option<(&str, String)> {
        match &self.kind {
            Kind::Name(name) => Some((name, name.clone())),
            Kind::Field(inner, field) => {
                let (name, path) = inner.path()?;
                Some((name, format!("{path}.{field}")))
            }
            _ => None,
        }
    }
}

impl Kind {
    pub(super) fn children(&self) -> Vec<&Node> {
        match self {
            Self::Number(_) | Self::Text(_) | Self::Flag(_) | Self::Time(_) | Self::Name(_) => {
                Vec::new()
            }
            Self::List(nodes) | Self::And(nodes) | Self::Or(nodes) | Self::Call(_, nodes, _) => {
                nodes.iter().collect()
            }
            Self::Field(node, _) | Self::Has(node) | Self::Not(node) | Self::Negate(node) => {
                vec![node]
            }
            Self::Index(one, other) | Self::Each(_, one, _, other) => vec![one, other],
            Self::Compare(_, pair, _) | Self::Arithmetic(_, pair) | Self::In(pair) => {
                pair.iter().collect()
            }
            Self::If(three) => three.iter().collect(),
        }
    }
}

/// Without places and what the check fills in: equal for what means the same.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = match &self.kind {
            Kind::Number(number) => return write!(f, "{number}"),
            Kind::Text(text) => return write!(f, "{:?}", text.raw()),
            Kind::Flag(flag) => return write!(f, "{flag}"),
            Kind::Time(time) => return write!(f, "{time}"),
            Kind::Name(name) => return write!(f, "{name}"),
            Kind::List(_) => "list".to_owned(),
            Kind::Field(_, name) => format!("field {name}"),
            Kind::Index(..) => "index".to_owned(),
            Kind::Has(_) => "has".to_owned(),
            Kind::Not(_) => "!".to_owned(),
            Kind::Negate(_) => "negate".to_owned(),
            Kind::And(_) => "&&".to_owned(),
            Kind::Or(_) => "||".to_owned(),
            Kind::Compare(relation, ..) => relation.sign().to_owned(),
            Kind::Arithmetic(operation, _) => operation.sign().to_owned(),
            Kind::In(_) => "in".to_owned(),
            Kind::If(_) => "if".to_owned(),
            Kind::Call(name, ..) => name.clone(),
            Kind::Each(quantifier, _, item, _) => format!("{quantifier:?} {item}"),
        };
        write!(f, "({head}")?;
        for child in self.kind.children() {
            write!(f, " {child}")?;
        }
        write!(f, ")")
    }
}
