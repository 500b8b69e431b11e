//! Reading logs, without asking for them: how grave an event is, which events are one, which
//! fit a filter, how a span is split, and which events of two overlapping reads are new.

mod filter;
mod follow;
mod join;
mod level;
mod lines;
mod span;
mod way;

pub use filter::{FilterError, LogFilter};
pub use follow::Follower;
pub use join::{Joiner, WrittenEvent, headline};
pub use level::level_of;
pub use lines::{LineChoice, LineMaker, Unwanted, lines_of};
pub use span::{Lag, MOST_ROWS, SpanPart, SpanParts, lag};
pub use way::{is_deleted, lost_events, parts_for, silence_of, way_of};

#[cfg(test)]
mod tests;
