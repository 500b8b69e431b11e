//! Changing resources: what an action would do, whether it may be done, what came of it. Pure: what
//! is sent, and when, is the business of `app/apply`.

pub mod batch;
pub mod brakes;
pub mod case;
#[cfg(test)]
mod examples;
pub mod find;
pub mod history;
pub mod identity;
pub mod offer;
pub mod patch;
pub mod permit;
pub mod plan;
pub mod proposal;
pub mod protocol;
#[cfg(test)]
mod tests;
pub mod verify;
pub mod watch;
