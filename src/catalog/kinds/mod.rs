//! Resource kinds: how to recognise a resource, what to read, what to evaluate. One file each.

pub mod clue;
pub mod command;
pub mod compile;
pub mod example;
mod facts;
mod inherit;
pub mod kind;
pub mod log_source;
pub mod states;
pub mod status_read;
