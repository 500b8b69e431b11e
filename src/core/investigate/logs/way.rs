//! How a group is read, and why it gave nothing.

use jiff::Timestamp;

use crate::model::log_events::{LogClass, LogGroup, LogGroupCoverage, LogSilence, LogWay};
use crate::text::phrases;

/// Bytes up to which a group is read page by page; beyond, Logs Insights is faster.
const MOST_BY_PAGES: u64 = 200_000_000;
/// Bytes of a part of a span that one query is asked for at first.
const BYTES_PER_QUERY: u64 = 2_000_000;

/// Returns how a group is read; `None` where its class does not allow it.
pub fn way_of(class: LogClass, expected_bytes: Option<u64>) -> Option<LogWay> {
    match (class, expected_bytes) {
        (LogClass::Delivery, _) => None,
        (LogClass::InfrequentAccess, _) => Some(LogWay::Insights),
        (LogClass::Standard | LogClass::Other, Some(bytes)) if bytes > MOST_BY_PAGES => {
            Some(LogWay::Insights)
        }
        (LogClass::Standard | LogClass::Other, _) => Some(LogWay::Filter),
    }
}

/// Returns into how many parts a span is split before anything is asked.
pub fn parts_for(expected_bytes: Option<u64>) -> u64 {
    expected_bytes.map_or(1, |bytes| bytes.div_ceil(BYTES_PER_QUERY).max(1))
}

/// Returns why a group that was read to the end gave no events.
pub fn silence_of(group: &LogGroup, end: Timestamp, now: Timestamp) -> LogSilence {
    if let Some(created) = group.created_at.filter(|created| *created >= end) {
        return LogSilence::CreatedAfter(created);
    }
    match group.retention_days {
        Some(days) if is_deleted(group, end, now) => LogSilence::Expired(days),
        _ => LogSilence::Empty,
    }
}

/// Returns whether a group no longer keeps its events of a moment.
pub fn is_deleted(group: &LogGroup, at: Timestamp, now: Timestamp) -> bool {
    let kept = group.retention_days.map(|days| i64::from(days) * 86_400);
    kept.is_some_and(|kept| now.as_second() - at.as_second() > kept)
}

/// Returns why no one can read what a group held in the span, in a sentence without a full stop;
/// `None` where that is not so. What was deleted was written all the same.
pub fn lost_events(of: &LogGroupCoverage) -> Option<String> {
    let group = of.group.raw();
    match of.silence.as_ref()? {
        LogSilence::ClassForbids => Some(format!("the class of {group} does not allow reading")),
        LogSilence::Expired(days) => {
            let days = phrases::counted(u64::from(*days), "day");
            Some(format!("{group} keeps its events for {days} only"))
        }
        LogSilence::NoSuchGroup(_)
        | LogSilence::CreatedAfter(_)
        | LogSilence::Empty
        | LogSilence::Unreadable => None,
    }
}
