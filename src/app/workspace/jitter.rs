//! How long a push that lost a race waits before it tries again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// How often a lost race is run again.
pub(super) const TRIES: u32 = 5;

/// Waiting times that spread out those who lost the same race.
pub(super) struct Jitter {
    seed: Option<u64>,
}

impl Jitter {
    pub(super) fn new(seed: Option<u64>) -> Self {
        Self { seed }
    }

    /// A random time before the next attempt.
    pub(super) fn pause(&self, attempt: u32, round: Duration) -> Duration {
        let random = match self.seed {
            Some(seed) => {
                let mixed = seed.wrapping_add(u64::from(attempt) + 1);
                mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
            }
            // Keys of its hash maps are what a process has as random numbers without asking
            // for more.
            None => RandomState::new().hash_one(attempt),
        };
        spread(attempt, round).mul_f64(f64::from((random >> 32) as u32) / f64::from(u32::MAX))
    }
}

/// The longest time to wait: some rounds of fetch and push, twice as many each time.
fn spread(attempt: u32, round: Duration) -> Duration {
    let first = (round * 4).clamp(Duration::from_millis(500), Duration::from_secs(8));
    (first * 2u32.saturating_pow(attempt)).min(Duration::from_secs(40))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_and_is_bounded() {
        let round = Duration::from_millis(200);
        let longest: Vec<u128> = (0..TRIES).map(|n| spread(n, round).as_millis()).collect();
        assert_eq!(longest, [800, 1600, 3200, 6400, 12800]);
        assert_eq!(spread(9, Duration::from_secs(60)), Duration::from_secs(40));
        for attempt in 0..TRIES {
            let random = Jitter::new(None).pause(attempt, round);
            assert!(random <= spread(attempt, round));
            let seeded = |seed| Jitter::new(Some(seed)).pause(attempt, round);
            assert_eq!(seeded(7), seeded(7));
            assert_ne!(seeded(7), seeded(8));
        }
    }
}
