//! Decisions: pure functions from typed facts to typed results. Knows [`crate::model`],
//! [`crate::catalog`] and [`crate::expr`]; has no clock, environment, file, network or terminal.

pub mod adopt;
pub mod alerts;
pub mod ask;
pub mod audit;
pub mod budget;
pub mod cost;
pub mod dashboard;
pub mod debug;
pub mod deployed;
pub mod domains;
pub mod formula;
pub mod growth;
pub mod health;
pub mod history;
pub mod incidents;
pub mod infra;
pub mod investigate;
#[cfg(test)]
pub(crate) mod issue_fixtures;
pub mod issues;
pub mod known;
pub mod kpi;
pub mod optimize;
pub mod permissions;
pub mod policy;
pub mod quiet;
pub mod registry;
pub mod remediate;
pub mod review;
pub mod shards;
pub mod targets;
pub mod window;
