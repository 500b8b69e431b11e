//! The one expression language: rules of helm.toml, indicators of kinds, checks.
//!
//! The syntax is that of CEL (the Common Expression Language of Kubernetes, Envoy and Google
//! IAM), with a parser of our own. Texts are compiled against a schema of names; a fault has a
//! place and says what to write instead. What is compiled is evaluated over facts that may be
//! absent or unreadable, and comes to a value only where no answer to an open question could
//! change it. Knows no document and no provider.

mod check;
mod constant;
mod eval;
mod fault;
mod functions;
mod held;
mod limits;
mod parse;
mod token;
mod tree;
mod types;
mod unknown;
mod value;

use std::fmt;
use std::sync::Arc;

pub use fault::{Fault, locate};
pub use limits::MOST_BYTES;
pub use types::{Schema, Type, Words};
pub use unknown::{Cause, Unknown};
pub use value::{Fact, FactName, GapId, List, Map, NotAName, Value};

use limits::MOST_STEPS;
use tree::Node;

/// An expression that makes sense. Cheap to clone.
#[derive(Clone)]
pub struct Expression {
    source: Arc<str>,
    names: Arc<[String]>,
    root: Arc<Node>,
}

impl Expression {
    /// Parses a text and checks it against the names there are; it comes to `wanted`.
    ///
    /// # Errors
    /// With the place, and with what to write instead.
    pub fn compile(source: &str, schema: &Schema, wanted: &Type) -> Result<Self, Fault> {
        let mut root = parse::parse(source)?;
        check::check(&mut root, schema, wanted)?;
        let mut names = Vec::new();
        root.names(&mut Vec::new(), &mut names);
        names.sort_unstable();
        names.dedup();
        Ok(Self {
            source: source.into(),
            names: names.into_iter().map(str::to_owned).collect(),
            root: Arc::new(root),
        })
    }

    /// Returns the text that it was compiled from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns the names that it asks about, sorted.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the paths of fields that it asks about (`resource.tags.owner`), sorted. Those
    /// into the items of a list are not among them.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.root.paths(&mut Vec::new(), &mut paths);
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// Evaluates over facts by name; `None` for a name that nobody asked about.
    ///
    /// # Errors
    /// Where it cannot be known: with the gaps that decided that, or with the reason why
    /// reading more would not help.
    pub fn evaluate(&self, lookup: impl Fn(&str) -> Option<Fact>) -> Result<Value, Unknown> {
        eval::evaluate(&self.root, &lookup, MOST_STEPS)
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.source)
    }
}

#[cfg(test)]
mod tests;
