//! The life of issues: found by an examination, followed over runs, acted on by people, ranked.
//!
//! Knows nothing of files: callers read the issues, hand them in, and write what changed.

pub mod actions;
pub mod attach;
pub mod causes;
mod coverage;
pub mod id;
pub mod investigated;
pub mod priority;
mod recall;
pub mod reconcile;
pub(crate) mod timeline;

pub use recall::needs_resolved;
pub use reconcile::{ChangeKind, IssueChange, ReconcileInput, Reconciliation, reconcile};

#[cfg(test)]
mod properties;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod tests;
