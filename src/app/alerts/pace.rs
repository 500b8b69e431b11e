//! How fast messages go to one channel: as the service documents it, and slower where it asks.

use std::cell::Cell;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::model::helm::ChannelType;

/// Slack takes one message a second of a webhook,
/// <https://docs.slack.dev/apis/web-api/rate-limits>.
const SLACK_GAP: Duration = Duration::from_secs(1);
/// The gap after a service has asked to slow down.
const SLOW_GAP: Duration = Duration::from_secs(1);
/// The longest that a run waits when a service asks to; the next run is its next chance.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// Times that one message is held back.
const MOST_PAUSES: u32 = 5;

/// The pace of one channel.
#[derive(Debug)]
pub(super) struct Pace {
    /// When the next message may leave; held by whoever waits for it.
    next: Mutex<Option<Instant>>,
    gap: Cell<Duration>,
    not_before: Cell<Option<Instant>>,
    /// Nothing more is sent to it in this run.
    is_closed: Cell<bool>,
}

impl Pace {
    pub(super) fn new(channel: Option<ChannelType>) -> Self {
        let gap = match channel {
            Some(ChannelType::Slack) => SLACK_GAP,
            _ => Duration::ZERO,
        };
        Self {
            next: Mutex::new(None),
            gap: Cell::new(gap),
            not_before: Cell::new(None),
            is_closed: Cell::new(false),
        }
    }

    /// Waits for the turn of one message. Says whether there is one in this run.
    pub(super) async fn turn(&self) -> bool {
        let mut next = self.next.lock().await;
        while let Some(at) = later(*next, self.not_before.get(), Instant::now()) {
            if self.is_closed.get() {
                break;
            }
            tokio::time::sleep_until(at).await;
        }
        *next = Some(Instant::now() + self.gap.get());
        !self.is_closed.get()
    }

    /// The service asked to slow down. Says whether the message is worth another turn.
    pub(super) fn slow_down(&self, pause: Duration, pauses: u32) -> bool {
        let pause = pause.max(SLOW_GAP);
        if pause > LONGEST_PAUSE || pauses >= MOST_PAUSES {
            self.is_closed.set(true);
            return false;
        }
        self.gap.set(self.gap.get().max(SLOW_GAP));
        let until = Instant::now() + pause;
        self.not_before.set(self.not_before.get().max(Some(until)));
        true
    }
}

/// What is still to be waited for: the later of two moments, where it has not come.
fn later(next: Option<Instant>, not_before: Option<Instant>, now: Instant) -> Option<Instant> {
    next.max(not_before).filter(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_two_moments_is_waited_for_and_none_that_has_passed() {
        let now = Instant::now();
        let in_seconds = |seconds| Some(now + Duration::from_secs(seconds));
        for (next, not_before, waits) in [
            (None, None, None),
            (in_seconds(0), None, None),
            (in_seconds(1), None, in_seconds(1)),
            (in_seconds(1), in_seconds(7), in_seconds(7)),
            (in_seconds(3), in_seconds(2), in_seconds(3)),
            (None, in_seconds(2), in_seconds(2)),
        ] {
            assert_eq!(later(next, not_before, now), waits);
        }
    }

    #[test]
    fn a_service_that_asks_gets_a_second_between_messages() {
        let pace = Pace::new(Some(ChannelType::Webhook));
        assert_eq!(pace.gap.get(), Duration::ZERO);
        assert!(pace.slow_down(Duration::ZERO, 0));
        assert_eq!(pace.gap.get(), SLOW_GAP);
        assert!(!pace.is_closed.get());
    }

    #[test]
    fn a_service_that_asks_for_long_or_again_and_again_is_left_alone() {
        for (pause, pauses) in [(3_600, 0), (1, MOST_PAUSES)] {
            let pace = Pace::new(Some(ChannelType::Slack));
            assert!(!pace.slow_down(Duration::from_secs(pause), pauses));
            assert!(pace.is_closed.get());
        }
    }
}
