//! Decisions: pure functions from typed facts to typed results. Knows [`crate::model`] and
//! [`crate::catalog`]; has no clock, environment, file, network or terminal.

pub mod expr;
pub mod health;
pub mod registry;
pub mod window;
