//! The repository underneath: reading a commit, and landing a [`Transaction`] as one commit.
//!
//! Knows [`crate::model`] and nothing else of this crate.

mod branch;
mod check;
mod commit;
mod driver;
mod error;
mod files;
mod follow;
mod identity;
mod ids;
mod index;
mod journal;
mod lock;
mod log;
mod maintain;
mod program;
mod push;
mod rebuild;
mod recover;
mod refresh;
mod repository;
mod step;
mod transaction;
mod tree;
mod work_tree;

pub use driver::{DRIVER, DRIVER_KEY};
pub use error::{DirtyPath, DirtyReason, GitError};
pub use files::CommitFiles;
pub use log::CommitSummary;
pub use push::{PushManner, PushOutcome, PushTarget};
pub use rebuild::{MergeRules, MergedFiles, Rebuilt, ThreeVersions};
pub use recover::Recovery;
pub use repository::{Head, Repository};
pub use step::{Fault, InvalidStep, Step};
pub use transaction::{CommitRequest, Edit, Transaction};
