//! The repository underneath: reading a commit, and landing a [`Transaction`] as one commit.
//!
//! Knows [`crate::model`] and nothing else of this crate.

mod advice;
mod arrival;
mod ask;
mod blobs;
mod branch;
mod check;
mod commit;
mod compare;
mod driver;
mod error;
mod files;
mod filters;
mod follow;
mod format;
mod identity;
mod ids;
mod index;
mod journal;
mod lock;
mod log;
mod maintain;
mod objects;
mod operation;
mod outcome;
mod program;
mod push;
mod range;
mod rebuild;
mod recover;
mod refresh;
mod repository;
mod signing;
mod sparse;
mod step;
mod transaction;
mod tree;
mod work_tree;

pub use arrival::{Arrival, Signer};
pub use compare::{ChangedPath, PathKind};
pub use driver::{DRIVER, DRIVER_KEY};
pub use error::{DirtyPath, DirtyReason, GitError};
pub use files::CommitFiles;
pub use format::Format;
pub use log::CommitSummary;
pub use operation::Operation;
pub use outcome::PushOutcome;
pub use push::{PushManner, PushTarget};
pub use range::{Ancestry, RangeCommit};
pub use rebuild::{MergeRules, MergedFiles, Rebuilt, ThreeVersions};
pub use recover::Recovery;
pub use repository::{Head, Repository};
pub use step::{Fault, InvalidStep, Step};
pub use transaction::{CommitRequest, Edit, Transaction};
