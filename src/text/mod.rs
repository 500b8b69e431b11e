//! Text from outside, and the only ways out for it.
//!
//! Log lines, resource names, tags, alarm reasons and error messages can be written by
//! anyone. They are held as [`Untrusted`], which has no `Display`: a renderer must choose
//! the escape of its format ([`escape`]), and every escape redacts secrets ([`redact`])
//! before it neutralises markup. Below every other module; knows none of them.

pub(crate) mod csv;
pub(crate) mod encoding;
pub mod escape;
pub mod numbers;
pub mod phrases;
pub mod redact;
pub mod secret;
pub(crate) mod similar;
pub mod stamp;
pub mod template;
pub mod times;
mod untrusted;

pub use untrusted::Untrusted;
