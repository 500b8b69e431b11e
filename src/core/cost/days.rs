//! The days that are reported and those that they are compared with.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::model::cost::CostDays;

/// Days that are reported, and days that they are compared with.
pub const REPORTED_DAYS: i32 = 30;

/// Two spans of the same length, one behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostWindows {
    /// The days that are reported, up to the last complete one.
    pub current: CostDays,
    /// As many days before them.
    pub previous: CostDays,
}

impl CostWindows {
    /// Returns the windows of a moment. The day that is going on is in neither: its costs are not
    /// complete.
    pub fn at(now: Timestamp) -> Self {
        let end = today(now);
        let start = back(end, REPORTED_DAYS);
        Self {
            current: CostDays { start, end },
            previous: CostDays {
                start: back(start, REPORTED_DAYS),
                end: start,
            },
        }
    }

    /// Returns both as one span, which is what Cost Explorer is asked for.
    pub fn both(&self) -> CostDays {
        CostDays {
            start: self.previous.start,
            end: self.current.end,
        }
    }

    /// Returns the last complete days, so many of them.
    pub fn last_days(&self, days: u32) -> CostDays {
        let end = self.current.end;
        CostDays {
            start: back(end, i32::try_from(days).unwrap_or(i32::MAX)),
            end,
        }
    }
}

/// The day in UTC.
fn today(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// The day so many days before; the first day there is, where there are not so many.
fn back(day: Date, days: i32) -> Date {
    day.saturating_sub(Span::new().days(days.clamp(0, 3_650)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn windows(now: &str) -> [String; 4] {
        let CostWindows { current, previous } = CostWindows::at(now.parse().expect("a time"));
        [current.start, current.end, previous.start, previous.end].map(|day| day.to_string())
    }

    #[test]
    fn windows_end_with_the_last_complete_day() {
        assert_eq!(
            windows("2026-03-15T08:00:00Z"),
            ["2026-02-13", "2026-03-15", "2026-01-14", "2026-02-13"]
        );
        assert_eq!(
            windows("2026-03-15T00:00:00Z"),
            windows("2026-03-15T23:59:59Z")
        );
        // A leap day is a day.
        assert_eq!(windows("2028-03-01T12:00:00Z")[0], "2028-01-31");
    }

    proptest! {
        #[test]
        fn windows_are_equal_and_touch(seconds in 0_i64..4_000_000_000) {
            let windows = CostWindows::at(Timestamp::from_second(seconds).expect("a time"));
            prop_assert_eq!(windows.current.len(), 30);
            prop_assert_eq!(windows.previous.len(), 30);
            prop_assert_eq!(windows.previous.end, windows.current.start);
            prop_assert_eq!(windows.both().len(), 60);
            prop_assert_eq!(windows.current.iter().count(), 30);
            prop_assert_eq!(windows.last_days(14).len(), 14);
        }
    }
}
