//! Which events of reads that overlap are new.
//!
//! Events arrive late and not in the order of their times, so a follower reads the last while
//! again each time, and knows by their ids what it has given already. Ids are forgotten only when
//! their time is never read again.

use std::collections::{BTreeSet, HashSet};

/// Milliseconds that are read again in any case.
const OVERLAP: i64 = 60_000;
/// The most that are read again, however late events arrive.
const MOST_OVERLAP: i64 = 15 * 60_000;

/// Tells new events from those that were given before.
#[derive(Debug, Clone)]
pub struct Follower {
    /// From when on the next read has to start.
    from: i64,
    /// The largest delay that was seen.
    delay: i64,
    seen: HashSet<String>,
    by_time: BTreeSet<(i64, String)>,
}

impl Follower {
    /// A follower from this moment on, in milliseconds since 1970.
    pub fn new(start: i64) -> Self {
        Self {
            from: start,
            delay: 0,
            seen: HashSet::new(),
            by_time: BTreeSet::new(),
        }
    }

    /// Returns from when on the next read has to start.
    pub fn start(&self) -> i64 {
        self.from
    }

    /// Takes an event; returns whether it is new.
    pub fn is_new(&mut self, id: &str, time: i64, received: Option<i64>) -> bool {
        if let Some(received) = received {
            self.delay = self.delay.max(received.saturating_sub(time));
        }
        if !self.seen.insert(id.to_owned()) {
            return false;
        }
        self.by_time.insert((time, id.to_owned()));
        true
    }

    /// Ends a read that reached this moment: the next one starts as long before as events were
    /// late, and no earlier than it did.
    pub fn end(&mut self, reached: i64) {
        let overlap = self.delay.saturating_mul(2).clamp(OVERLAP, MOST_OVERLAP);
        self.from = self.from.max(reached.saturating_sub(overlap));
        let kept = self.by_time.split_off(&(self.from, String::new()));
        for (_, id) in std::mem::replace(&mut self.by_time, kept) {
            self.seen.remove(&id);
        }
    }
}
