//! Status over time as signs and bars. A time without an observation stays empty: a gap is
//! never drawn as health.

use jiff::Timestamp;

use crate::model::history::HistoryEntry;
use crate::model::status::Status;

/// One part of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bucket {
    /// Its start.
    pub(crate) start: Timestamp,
    /// The worst status seen in it, `None` where nothing was observed.
    pub(crate) worst: Option<Status>,
    /// The most resources that were not healthy at once.
    pub(crate) not_healthy: u32,
}

/// The sign of a status, or of none: taller is worse.
pub(crate) fn sign(worst: Option<Status>) -> char {
    match worst {
        None => '·',
        Some(Status::Healthy) => '▁',
        Some(Status::Unknown) => '?',
        Some(Status::Degraded) => '▄',
        Some(Status::Unhealthy) => '█',
    }
}

/// The last 24 hours before `now` in `count` equal parts, oldest first. An observation
/// counts for every part that its window touches.
pub(crate) fn last_day(entries: &[HistoryEntry], now: Timestamp, count: usize) -> Vec<Bucket> {
    const DAY: i64 = 86_400;
    let count = count.max(1);
    let end = now.as_second();
    let begin = end - DAY;
    let edge = |i: usize| begin + DAY * i as i64 / count as i64;
    let mut buckets: Vec<Bucket> = (0..count)
        .map(|i| Bucket {
            start: Timestamp::from_second(edge(i)).unwrap_or(now),
            worst: None,
            not_healthy: 0,
        })
        .collect();
    for entry in entries {
        // An observation without a span still counts for the instant it was made.
        let from = entry
            .window_start
            .as_second()
            .min(entry.window_end.as_second());
        let to = entry.window_end.as_second().max(from + 1);
        for (i, bucket) in buckets.iter_mut().enumerate() {
            if from < edge(i + 1) && to > edge(i) {
                bucket.worst = bucket.worst.max(Some(entry.overall_health));
                let bad = entry
                    .resources
                    .total
                    .saturating_sub(entry.resources.healthy);
                bucket.not_healthy = bucket.not_healthy.max(bad);
            }
        }
    }
    buckets
}
