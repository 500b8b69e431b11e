//! Terraform's language as data: reading it, changing it, writing it as `terraform fmt` would, and
//! evaluating what is known without Terraform.
//!
//! `hcl-edit` parses; its interface changes with every release, so only [`parse`] knows it here.
//! What is written is made of [`Item`]s and [`Expr`]s and printed by [`print`], never pasted
//! together. Files of other people are read and never printed.

mod evaluate;
mod expr;
pub mod files;
pub mod parse;
pub mod plan;
pub mod print;
#[cfg(test)]
mod tests;

pub use evaluate::{Evaluated, Scope};
pub use expr::{Expr, Key, Part, Step};
pub use parse::{HclFault, parse_body, parse_expression};
pub use print::print;

/// One thing in a body.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A comment of one or more lines, without `#`.
    Comment(String),
    /// `name = value`.
    Attribute(String, Expr),
    /// A block.
    Block(Block),
}

/// A block.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Its type: `resource`, `variable`, `lifecycle`.
    pub kind: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// What is in it.
    pub items: Vec<Item>,
    /// Its line in the file it was read from, from 1; 0 for one that was made.
    pub line: u32,
}

impl Block {
    /// Returns a block with these contents.
    pub fn new(kind: &str, labels: &[&str], items: Vec<Item>) -> Self {
        Self {
            kind: kind.to_owned(),
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            items,
            line: 0,
        }
    }

    /// Returns the value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&Expr> {
        self.items.iter().find_map(|item| match item {
            Item::Attribute(key, value) if key == name => Some(value),
            _ => None,
        })
    }

    /// Returns the blocks directly in it.
    pub fn blocks(&self) -> impl Iterator<Item = &Self> {
        self.items.iter().filter_map(Item::as_block)
    }

    /// Returns the address of a resource or data source, without its module.
    pub fn address(&self) -> Option<String> {
        match (self.kind.as_str(), self.labels.as_slice()) {
            ("resource", [kind, name]) => Some(format!("{kind}.{name}")),
            ("data", [kind, name]) => Some(format!("data.{kind}.{name}")),
            _ => None,
        }
    }
}

impl Item {
    /// Returns an attribute.
    pub fn attribute(name: &str, value: impl Into<Expr>) -> Self {
        Self::Attribute(name.to_owned(), value.into())
    }

    /// Returns the block, where it is one.
    pub fn as_block(&self) -> Option<&Block> {
        match self {
            Self::Block(block) => Some(block),
            Self::Comment(_) | Self::Attribute(..) => None,
        }
    }
}

/// Puts every expression of a body, however deep, through `change`, from the inside outwards.
///
/// # Errors
/// The first that `change` returns.
pub fn map_items<E>(
    items: Vec<Item>,
    change: &mut impl FnMut(Expr) -> Result<Expr, E>,
) -> Result<Vec<Item>, E> {
    let mapped = items.into_iter().map(|item| {
        Ok(match item {
            Item::Comment(text) => Item::Comment(text),
            Item::Attribute(name, value) => Item::Attribute(name, value.map(change)?),
            Item::Block(block) => Item::Block(Block {
                items: map_items(block.items, change)?,
                ..block
            }),
        })
    });
    mapped.collect()
}

/// Calls `see` with every path (`aws_s3_bucket.b.arn`) of a body, however deep.
pub fn visit_paths(items: &[Item], see: &mut impl FnMut(&[Step])) {
    for item in items {
        match item {
            Item::Comment(_) => {}
            Item::Attribute(_, value) => value.visit_paths(see),
            Item::Block(block) => visit_paths(&block.items, see),
        }
    }
}
