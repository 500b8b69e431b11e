//! One file per command: options in, report out. What they are made of is in [`crate::app`].

pub mod adopt;
pub mod ask;
pub mod check;
pub mod completions;
pub mod dashboard;
pub mod demo;
pub mod doctor;
pub mod escalate;
pub mod health;
pub mod iam_policy;
pub mod init;
pub mod issues;
pub mod merge_file;
pub mod merge_shards;
pub mod monitor;
pub mod run;
pub mod schema;
pub mod shards;
pub mod slo;
pub mod status;
