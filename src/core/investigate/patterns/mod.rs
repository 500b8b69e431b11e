//! Groups log lines into patterns.
//!
//! A line loses its header ([`Headers`]) and becomes a key in one pass over its bytes; lines with
//! equal keys are only counted ([`Miner`]). The search for parameters works on the distinct keys,
//! so that neither the order of lines nor how they are split decides anything.

mod bytes;
mod columns;
mod generalise;
mod header;
mod json;
mod lexer;
mod miner;
mod samples;
mod slots;
mod summary;
mod values;
mod words;

pub use generalise::Tuning;
pub use header::Headers;
pub use miner::{Mined, Miner, Span};
pub use slots::{Slot, SlotKind, SlotValue};
pub use summary::{Change, Pattern, summarise, template_text};

#[cfg(test)]
mod tests;
