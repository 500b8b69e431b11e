//! Fractary keeps a team's cloud operations as files in its own git repository.
//!
//! The crate is a functional core in an imperative shell. Facts go in at the edges
//! ([`cloud`], [`state`], [`git`], [`iac`]), decisions are pure functions in [`core`], and
//! [`render`] turns their results into text. `docs/how-a-run-works.md` draws it.

pub mod app;
pub mod catalog;
pub mod cli;
pub mod cloud;
pub mod commands;
pub mod core;
pub mod env;
pub mod error;
pub mod expr;
pub mod forge;
pub mod git;
pub mod hcl;
pub mod http;
pub mod iac;
pub mod model;
pub mod notify;
pub mod openslo;
pub mod pricing;
pub mod process;
pub mod render;
pub mod state;
pub mod text;
pub mod ui;
