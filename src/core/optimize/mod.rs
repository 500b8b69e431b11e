//! What key figures say about what to work on. Pure, and changes nothing.

pub mod analyze;
mod project;
pub mod roadmap;
#[cfg(test)]
mod tests;
