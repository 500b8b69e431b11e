//! What AWS says when it denies a call, and what helps.

mod advice;
mod arn;
mod cursor;
mod denials;
mod principal;
mod reason;
mod sentence;
mod service;
mod undress;
mod value;

#[cfg(test)]
mod tests;

pub use advice::explain;
pub use denials::denials;
pub(in crate::core) use undress::{without_colours, without_gutter};
