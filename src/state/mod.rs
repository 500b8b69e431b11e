//! The repository as a database: where documents lie, what they must look like, reading
//! them with every fault reported at its place, and rewriting them without losing what
//! this version does not know.
//!
//! Knows [`crate::model`] and [`crate::text`]; never the cloud, git, decisions or output.

pub mod diagnostic;
pub mod document;
pub mod documents;
pub mod load;
pub mod log;
pub mod reports;
pub mod worktree;

mod append;
mod exact;
mod guard;
mod json;
mod merge;
mod read;
mod shape;
mod toml_tree;
mod typed;
mod validate;

pub use append::append_entry;
pub use diagnostic::{Diagnostic, DiagnosticLevel, Invalid, render};
pub use document::{Document, to_bytes};
pub use documents::{is_configuration, is_generated};
pub use load::{
    Glance, Past, State, check_logs, load, load_past, load_present, load_thoroughly,
    may_have_resolved,
};
pub use merge::{MergeError, Merged, Versions, merge_files, places};
pub(crate) use read::place;
pub use read::{check_document, read_document};
pub use reports::{audits_before, incidents_before, reports_before};
pub use worktree::WorkTree;
