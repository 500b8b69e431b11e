//! Watching what AWS makes of a write: when the next is sent, and when it is stopped.

use std::time::Duration;

/// Looks in a row after which an action is stopped that does not help: what AWS counts lags behind.
const BAD_LOOKS: u32 = 3;

/// What is watched, and what was seen so far.
#[derive(Debug, Clone)]
pub struct Watch {
    /// How long everything that is sent may take.
    pub limit: Duration,
    /// How long it is watched in any case before the next is sent. What counts against it counts from
    /// then on: counts of AWS that are younger say little.
    pub enough: Option<Duration>,
    /// Looks in a row that were a reason to stop.
    bad_looks: u32,
}

/// What a look showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CanaryLook {
    /// Whether what is waited for holds.
    pub is_done: bool,
    /// Whether it is a reason to stop; `None` where that cannot be known.
    pub stops: Option<bool>,
    /// Whether a write was not confirmed that it does not show either.
    pub is_in_doubt: bool,
}

/// What is done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterLook {
    /// It is as it should be: the next may be sent.
    GoOn,
    /// It is looked at again.
    LookAgain,
    /// It is stopped.
    Stop,
    /// The time is over, or there is nothing to wait for.
    GiveUp,
}

impl Watch {
    /// Begins to watch.
    pub fn new(limit: Duration, enough: Option<Duration>) -> Self {
        Self {
            limit,
            enough,
            bad_looks: 0,
        }
    }

    /// Says what is done after a look. `watched` is how long it was watched, `total` the time since
    /// the first write.
    pub fn after(&mut self, look: CanaryLook, watched: Duration, total: Duration) -> AfterLook {
        let is_enough = self.enough.is_none_or(|enough| watched >= enough);
        let is_bad = is_enough && look.stops == Some(true);
        self.bad_looks = match is_bad {
            true => self.bad_looks + 1,
            false => 0,
        };
        if self.bad_looks == BAD_LOOKS {
            return AfterLook::Stop;
        }
        let is_good = match self.enough {
            // Nothing stands against it, and that is known.
            Some(_) => is_enough && look.stops == Some(false),
            None => look.is_done,
        };
        if is_good && !look.is_in_doubt {
            return AfterLook::GoOn;
        }
        match total >= self.limit || look.is_in_doubt {
            true => AfterLook::GiveUp,
            false => AfterLook::LookAgain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO: CanaryLook = CanaryLook {
        is_done: false,
        stops: Some(false),
        is_in_doubt: false,
    };
    const BACK: CanaryLook = CanaryLook {
        stops: Some(true),
        ..NO
    };
    const UNREADABLE: CanaryLook = CanaryLook { stops: None, ..NO };
    const DONE: CanaryLook = CanaryLook {
        is_done: true,
        ..NO
    };
    const DOUBT: CanaryLook = CanaryLook {
        is_in_doubt: true,
        ..NO
    };

    /// What comes of looks at these seconds.
    fn ends(enough: Option<u64>, looks: &[(u64, CanaryLook)]) -> (AfterLook, usize) {
        let mut watch = Watch::new(Duration::from_secs(3600), enough.map(Duration::from_secs));
        for (index, (second, look)) in looks.iter().enumerate() {
            let at = Duration::from_secs(*second);
            let next = watch.after(*look, at, at);
            if next != AfterLook::LookAgain {
                return (next, index + 1);
            }
        }
        (AfterLook::LookAgain, looks.len())
    }

    #[test]
    fn what_was_tried_first_is_watched_long_enough() {
        use AfterLook::{GiveUp, GoOn, LookAgain, Stop};
        for (name, enough, looks, wanted) in [
            ("done at once", None, &[(0, DONE)][..], (GoOn, 1)),
            (
                "done later",
                None,
                &[(0, NO), (1, NO), (3, DONE)],
                (GoOn, 3),
            ),
            (
                "the first minute says little",
                Some(60),
                &[(0, DONE), (30, NO)],
                (LookAgain, 2),
            ),
            (
                "nothing came back",
                Some(60),
                &[(0, NO), (30, NO), (61, NO)],
                (GoOn, 3),
            ),
            (
                "counts that lag are no reason",
                Some(60),
                &[(0, BACK), (1, BACK), (3, BACK), (7, BACK), (61, NO)],
                (GoOn, 5),
            ),
            (
                "messages came back",
                Some(60),
                &[(30, NO), (61, BACK), (71, BACK), (81, BACK)],
                (Stop, 4),
            ),
            (
                "one look alone is no reason",
                Some(60),
                &[(61, BACK), (71, BACK), (81, NO)],
                (GoOn, 3),
            ),
            (
                "what cannot be known is not gone on with",
                Some(60),
                &[(61, UNREADABLE), (71, UNREADABLE), (3601, UNREADABLE)],
                (GiveUp, 3),
            ),
            (
                "stopped on the way",
                None,
                &[(9, BACK), (19, BACK), (29, BACK)],
                (Stop, 3),
            ),
            ("the limit", None, &[(3599, NO), (3600, NO)], (GiveUp, 2)),
            ("in doubt", None, &[(0, DOUBT)], (GiveUp, 1)),
            (
                "in doubt, and watched",
                Some(60),
                &[(61, DOUBT)],
                (GiveUp, 1),
            ),
        ] {
            assert_eq!(ends(enough, looks), wanted, "{name}");
        }
    }
}
