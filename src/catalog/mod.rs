//! Data that the product is made of, one file each, embedded and proven by tests.
//!
//! Knows [`crate::model`] and nothing else. To add a resource kind, put a file into
//! `catalog/kinds/` and its line into [`kinds`]'s list; see `docs/adding-a-kind.md`.

pub mod kind;
pub mod kinds;

pub use kind::Kind;

/// Every kind the binary knows, and those a user added.
#[derive(Debug, Clone)]
pub struct Catalog {
    kinds: Vec<Kind>,
}

impl Catalog {
    /// The kinds that are built in.
    pub fn built_in() -> Result<Self, kind::KindError> {
        Ok(Self {
            kinds: kinds::load()?,
        })
    }

    /// All kinds, sorted by id.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }
}
