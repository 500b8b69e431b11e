//! What stays in the tree, and for how long, so that a run costs the same after a year as on
//! its first day. Git keeps everything else.

mod distance;
mod retention;
mod rollup;

pub use distance::{TimeDistance, distance};
pub use retention::{Retention, is_expired};
pub use rollup::{MOST_DAILY, MOST_ENTRIES, MOST_HOURLY, roll_up};

#[cfg(test)]
mod tests;
