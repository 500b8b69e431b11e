//! Errors of Terraform and AWS: what they say, which of them are the same, what is known to
//! solve them.
//!
//! A text is read into diagnostics ([`diagnostics`]), each diagnostic into the call that failed
//! ([`call`]), and only then are names and numbers taken out of its message ([`normalise`]), so
//! that wrappers of new versions make no new issue.

mod address;
mod call;
mod category;
mod clean;
mod complete;
mod diagnostic;
mod diagnostics;
mod experience;
mod facts;
mod follow;
mod found;
mod identity;
mod json;
mod known_fix;
mod learn;
mod lock;
mod normalise;
mod own_run;
mod rank;
mod report;
mod similar;
mod solutions;
mod steps;

pub use complete::{completions, find_solution};
pub use experience::Experience;
pub use facts::errors;
pub use found::FoundError;
pub use known_fix::{KnownFix, NextStep, before_retry, proven_fixes};
pub use learn::{Attempt, RecordContext, Recorded, is_open, occurred, statistics, tidy, tried};
pub use lock::state_lock;
pub use normalise::{normalise, scrub};
pub use own_run::{answers_the_rest, own_errors, passed};
pub use report::diagnose;
pub use solutions::WAIT;

#[cfg(test)]
mod learn_tests;
#[cfg(test)]
mod tests;
