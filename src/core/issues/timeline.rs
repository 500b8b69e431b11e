//! The timeline of an issue: the newest events, and how many older ones there were.

use jiff::Timestamp;

use crate::model::issue::{Event, Issue};
use crate::text::Untrusted;

pub(crate) use crate::model::issue::MOST_EVENTS;

/// Adds an event, dropping (and counting) the oldest above [`MOST_EVENTS`].
pub(crate) fn push(issue: &mut Issue, at: Timestamp, event: &str, detail: impl Into<Untrusted>) {
    let detail = detail.into();
    issue.timeline.push(Event {
        at,
        event: event.to_owned(),
        detail: (!detail.is_empty()).then_some(detail),
    });
    let surplus = issue.timeline.len().saturating_sub(MOST_EVENTS);
    if surplus > 0 {
        issue.timeline.drain(..surplus);
        let dropped = u32::try_from(surplus).unwrap_or(u32::MAX);
        issue.timeline_dropped = issue.timeline_dropped.saturating_add(dropped);
    }
}
