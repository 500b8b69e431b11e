//! The life of infrastructure: from words to a design, from a design to code, and decisions about
//! plans, deployments and drift. All of it is pure.

pub mod architect;
pub mod compose;
pub mod consented;
pub mod cost;
pub mod deploy_proposal;
pub mod design;
pub mod drift;
pub mod drift_issues;
pub mod events;
pub(crate) mod fill;
pub mod front_matter;
pub mod generate;
pub mod guard;
pub mod kept;
pub mod lease;
pub mod merge;
pub mod naming;
pub mod outcome;
pub mod shared_files;
pub mod teardown;
pub mod tested;
pub mod validate;
pub mod words;

#[cfg(test)]
mod tests;
