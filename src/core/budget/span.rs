//! What spans of metrics error budgets are counted from.

use jiff::Timestamp;

use crate::core::window::LONGEST_SECONDS;
use crate::model::slo_budgets::{
    DAY, HOUR, PERIODS_READ, QUARTER, SloBudgets, floor, window_start,
};
use crate::model::window::Window;

/// Whether counts up to here are to be written: once in a quarter of a day. All sums change
/// with every run, and the next one reads again what was not written. A run that is blind for
/// part of them leaves it to the next, for a day at most: what is behind the counts that are
/// written is not read again.
pub(super) fn is_due(stored: Option<&SloBudgets>, end: Timestamp, blind: bool) -> bool {
    let quarter = |at: Timestamp| floor(at.as_second(), QUARTER);
    stored.is_none_or(|stored| {
        let age = end.as_second() - stored.observed_to.as_second();
        quarter(stored.observed_to) != quarter(end) && (!blind || !(0..DAY).contains(&age))
    })
}

/// From when on a run reads single periods, at or before the start of its window: the last two
/// hours, and everything since what was written last, at most a day and the time that it was
/// not yet due in; whole hours of it.
pub fn read_from(window: Window, stored: Option<&SloBudgets>) -> Timestamp {
    let period = i64::from(window.period_seconds.max(1));
    let end = window.end.as_second();
    let fresh = end - PERIODS_READ;
    let since = stored.map_or(fresh, |stored| stored.observed_to.as_second());
    let first = since.min(fresh).max(end - LONGEST_SECONDS - QUARTER);
    let hour = floor(first.min(window.start.as_second()), HOUR);
    let aligned = hour + (-hour).rem_euclid(period);
    Timestamp::from_second(aligned).unwrap_or(window.start)
}

/// What to read of the past besides: the days of a budget before what a run reads anyway, in
/// hours.
pub fn back_fill_span(window: Window, read_from: Timestamp, days: u32) -> Option<Window> {
    let start = window_start(window.end.as_second(), days);
    let end = floor(read_from.as_second(), HOUR);
    let window = Window {
        start: Timestamp::from_second(start).ok()?,
        end: Timestamp::from_second(end).ok()?,
        period_seconds: u32::try_from(HOUR).ok()?,
    };
    (start < end).then_some(window)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::EnvironmentName;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}Z").parse().expect("a time")
    }

    #[test]
    fn whole_hours_are_read() {
        // (what, window, period, counted up to, read from)
        let cases = [
            (
                "first run",
                "21T10:10:00",
                "21T10:15:00",
                300,
                None,
                "21T08:00:00",
            ),
            (
                "on the hour",
                "21T09:55:00",
                "21T10:00:00",
                300,
                None,
                "21T08:00:00",
            ),
            (
                "a moment ago",
                "21T10:10:00",
                "21T10:15:00",
                300,
                Some("21T10:10:00"),
                "21T08:00:00",
            ),
            (
                "five hours ago",
                "21T05:20:00",
                "21T10:15:00",
                300,
                Some("21T05:20:00"),
                "21T05:00:00",
            ),
            (
                "three days ago",
                "20T10:15:00",
                "21T10:15:00",
                300,
                Some("18T05:20:00"),
                "20T04:00:00",
            ),
            (
                "a window that is longer",
                "21T04:15:00",
                "21T10:15:00",
                300,
                Some("21T10:10:00"),
                "21T04:00:00",
            ),
            (
                "a clock that was wrong",
                "21T10:10:00",
                "21T10:15:00",
                300,
                Some("28T10:10:00"),
                "21T08:00:00",
            ),
            // Periods of 7 minutes begin at 1970, not at the hour.
            (
                "odd periods",
                "21T11:02:00",
                "21T11:09:00",
                420,
                None,
                "21T09:03:00",
            ),
        ];
        for (what, start, end, period_seconds, counted, expected) in cases {
            let window = Window {
                start: at(start),
                end: at(end),
                period_seconds,
            };
            let name = EnvironmentName::new("prod").expect("a name");
            let stored = counted.map(|counted| SloBudgets::new(name, at(counted)));
            let from = read_from(window, stored.as_ref());
            assert_eq!(from, at(expected), "{what}");
            assert!(from <= window.start, "{what}");
            let past = back_fill_span(window, from, 30).expect("a past");
            assert_eq!(
                past.start,
                "2026-10-23T00:00:00Z".parse().expect("a time"),
                "{what}"
            );
            assert!(past.end <= from, "{what}");
        }
    }

    #[test]
    fn counts_are_written_once_in_a_quarter_of_a_day() {
        // (written up to, counted up to, due, due where part of it was not seen)
        let cases = [
            (None, "21T10:15:00", true, true),
            (Some("21T10:10:00"), "21T10:15:00", false, false),
            (Some("21T06:00:00"), "21T11:55:00", false, false),
            (Some("21T05:55:00"), "21T06:00:00", true, false),
            (Some("20T10:10:00"), "21T10:05:00", true, false),
            (Some("20T10:10:00"), "21T10:15:00", true, true),
            // A clock was wrong; what is counted now is not to wait for that time.
            (Some("29T10:10:00"), "21T10:15:00", true, true),
        ];
        for (written, end, expected, blind) in cases {
            let name = EnvironmentName::new("prod").expect("a name");
            let stored = written.map(|written| SloBudgets::new(name, at(written)));
            let due = [false, true].map(|blind| is_due(stored.as_ref(), at(end), blind));
            assert_eq!(due, [expected, blind], "{written:?} {end}");
        }
    }
}
