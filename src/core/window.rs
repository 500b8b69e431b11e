//! Chooses the span that a check judges.

use jiff::Timestamp;

use crate::model::monitoring::Monitoring;
use crate::model::window::Window;

/// Longest span that one run looks back over, in seconds: a day.
pub const LONGEST_SECONDS: i64 = 86_400;

const DEFAULT_PERIOD_SECONDS: u64 = 300;
const DEFAULT_SETTLE_SECONDS: u64 = 60;
/// CloudWatch has no finer periods than this for the services' own metrics.
const FINEST_PERIOD_SECONDS: u64 = 60;
const COARSEST_PERIOD_SECONDS: u64 = 3_600;

/// How windows are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowSettings {
    /// Length of one metric period in seconds: a multiple of 60, at most 3600.
    pub period_seconds: u32,
    /// Seconds that CloudWatch is given to fill a period after its end.
    pub settle_seconds: i64,
    /// Least span that is judged, in seconds.
    pub least_seconds: i64,
}

impl WindowSettings {
    /// From monitoring.toml. Values that CloudWatch could not serve are moved to the nearest
    /// that it can: a period to a multiple of a minute between `1m` and `1h`.
    pub fn resolve(monitoring: &Monitoring) -> Self {
        let section = &monitoring.monitoring;
        let seconds = |text: Option<crate::model::monitoring::DurationText>, default: u64| {
            text.map_or(default, |duration| duration.seconds)
        };
        let period = seconds(section.period, DEFAULT_PERIOD_SECONDS)
            .clamp(FINEST_PERIOD_SECONDS, COARSEST_PERIOD_SECONDS)
            .next_multiple_of(FINEST_PERIOD_SECONDS);
        let bounded = |seconds: u64| {
            i64::try_from(seconds)
                .unwrap_or(LONGEST_SECONDS)
                .min(LONGEST_SECONDS)
        };
        Self {
            period_seconds: u32::try_from(period).expect("a period is at most an hour"),
            settle_seconds: bounded(seconds(section.settle, DEFAULT_SETTLE_SECONDS)),
            least_seconds: bounded(seconds(section.window, period)),
        }
    }
}

/// Chooses the span that ends with the last full period that had `settle` time to fill, and
/// starts where the last committed observation ended: at least one period and the configured
/// least, at most a day.
pub fn choose(
    now: Timestamp,
    settings: &WindowSettings,
    last_observed_end: Option<Timestamp>,
) -> Window {
    let period = i64::from(settings.period_seconds.max(1));
    let longest = (LONGEST_SECONDS / period).max(1) * period;
    let least = round_up(settings.least_seconds.max(period), period).min(longest);

    let end = round_down(
        now.as_second().saturating_sub(settings.settle_seconds),
        period,
    );
    // A last end in the future means that a clock was wrong; then the least span has to do.
    let since = last_observed_end.map_or(end - least, |last| round_down(last.as_second(), period));
    let start = since.min(end - least).max(end - longest);

    Window {
        start: at(start),
        end: at(end),
        period_seconds: settings.period_seconds.max(1),
    }
}

fn round_down(seconds: i64, period: i64) -> i64 {
    seconds - seconds.rem_euclid(period)
}

fn round_up(seconds: i64, period: i64) -> i64 {
    round_down(seconds + period - 1, period)
}

/// The instant, or the nearest that can be written.
fn at(seconds: i64) -> Timestamp {
    let nearest = if seconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    Timestamp::from_second(seconds).unwrap_or(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::monitoring::DurationText;
    use proptest::prelude::*;

    fn time(text: &str) -> Timestamp {
        format!("2026-11-{text}Z").parse().expect("a time")
    }

    const FIVE_MINUTES: WindowSettings = WindowSettings {
        period_seconds: 300,
        settle_seconds: 60,
        least_seconds: 300,
    };

    #[test]
    fn windows_end_settled_and_start_where_the_last_one_ended() {
        let cases = [
            // (now, last end, start, end)
            (
                "first run",
                "21T10:03:20",
                None,
                "21T09:55:00",
                "21T10:00:00",
            ),
            (
                "not settled yet",
                "21T10:00:59",
                None,
                "21T09:50:00",
                "21T09:55:00",
            ),
            (
                "settled to the second",
                "21T10:01:00",
                None,
                "21T09:55:00",
                "21T10:00:00",
            ),
            (
                "on time",
                "21T10:06:10",
                Some("21T10:00:00"),
                "21T10:00:00",
                "21T10:05:00",
            ),
            (
                "again at once",
                "21T10:06:20",
                Some("21T10:05:00"),
                "21T10:00:00",
                "21T10:05:00",
            ),
            (
                "late",
                "21T10:48:00",
                Some("21T10:00:00"),
                "21T10:00:00",
                "21T10:45:00",
            ),
            (
                "a day late",
                "22T10:01:00",
                Some("21T10:00:00"),
                "21T10:00:00",
                "22T10:00:00",
            ),
            (
                "two days late",
                "23T10:01:00",
                Some("21T10:00:00"),
                "22T10:00:00",
                "23T10:00:00",
            ),
            (
                "clock was ahead",
                "21T10:06:00",
                Some("21T12:00:00"),
                "21T10:00:00",
                "21T10:05:00",
            ),
            (
                "other period before",
                "21T10:06:00",
                Some("21T09:58:00"),
                "21T09:55:00",
                "21T10:05:00",
            ),
        ];
        for (what, now, last, start, end) in cases {
            let chosen = choose(time(now), &FIVE_MINUTES, last.map(time));
            let expected = Window {
                start: time(start),
                end: time(end),
                period_seconds: 300,
            };
            assert_eq!(chosen, expected, "{what}");
        }
    }

    #[test]
    fn the_least_span_is_kept() {
        let settings = WindowSettings {
            least_seconds: 1_000,
            ..FIVE_MINUTES
        };
        let last = Some(time("21T10:00:00"));
        let chosen = choose(time("21T10:06:00"), &settings, last);
        assert_eq!(chosen.seconds(), 1_200, "rounded up to whole periods");
    }

    #[test]
    fn settings_come_from_the_file_within_what_cloudwatch_serves() {
        let settings = |period: Option<u64>, window: Option<u64>, settle: Option<u64>| {
            let mut monitoring = Monitoring::default();
            monitoring.monitoring.period = period.map(DurationText::seconds);
            monitoring.monitoring.window = window.map(DurationText::seconds);
            monitoring.monitoring.settle = settle.map(DurationText::seconds);
            let resolved = WindowSettings::resolve(&monitoring);
            (
                resolved.period_seconds,
                resolved.least_seconds,
                resolved.settle_seconds,
            )
        };
        assert_eq!(settings(None, None, None), (300, 300, 60));
        assert_eq!(settings(Some(60), Some(900), Some(0)), (60, 900, 0));
        assert_eq!(settings(Some(0), None, None), (60, 60, 60));
        assert_eq!(settings(Some(90), None, None), (120, 120, 60));
        assert_eq!(
            settings(Some(u64::MAX), Some(u64::MAX), Some(u64::MAX)),
            (3_600, 86_400, 86_400)
        );
    }

    proptest! {
        #[test]
        fn windows_are_aligned_settled_and_bounded(
            now in 0_i64..10_000_000_000,
            last in proptest::option::of(-1_000_i64..11_000_000_000),
            minutes in 1_u32..=60,
            settle in 0_i64..10_000,
            least in 0_i64..200_000,
        ) {
            let settings = WindowSettings {
                period_seconds: minutes * 60,
                settle_seconds: settle,
                least_seconds: least,
            };
            let at = |seconds| Timestamp::from_second(seconds).expect("in range");
            let window = choose(at(now), &settings, last.map(at));
            let period = i64::from(window.period_seconds);
            prop_assert_eq!(window.start.as_second().rem_euclid(period), 0);
            prop_assert_eq!(window.end.as_second().rem_euclid(period), 0);
            prop_assert!(window.end.as_second() <= now - settle);
            prop_assert!(window.end.as_second() > now - settle - period);
            prop_assert!(window.seconds() >= period);
            prop_assert!(window.seconds() <= LONGEST_SECONDS);
            // Nothing of the last day between the last observation and this one is left out.
            if let Some(last) = last {
                let oldest = window.end.as_second() - LONGEST_SECONDS + period;
                prop_assert!(window.start.as_second() <= last.max(oldest));
            }
        }
    }
}
