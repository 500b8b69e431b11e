//! The repository underneath: reading a commit, and landing a [`Transaction`] as one commit.
//!
//! Knows [`crate::model`] and nothing else of this crate.

mod transaction;

pub use transaction::{Edit, Transaction};
