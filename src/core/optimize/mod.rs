//! What key figures say about what to work on, what is done about it, and what came of it. Pure: what
//! changes something is `app/apply`.

mod aims;
pub mod analyze;
pub mod choose;
pub mod cycles;
pub mod judge;
pub mod learn;
pub mod metrics;
mod outside;
mod project;
pub mod roadmap;
#[cfg(test)]
mod tests;
