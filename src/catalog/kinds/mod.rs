//! Resource kinds: how to recognise a resource, what to ask, what to judge. One file each.

pub mod command;
pub mod compile;
pub mod example;
pub mod kind;
