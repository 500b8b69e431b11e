//! How far a time is from what was recorded last. Old documents are removed by the clock, and a
//! clock that is wrong by years would remove them all.

use jiff::Timestamp;

const DAY: i64 = 86_400;
/// Days without an observation from which on a clock is not believed.
const FAR: i64 = 180;

/// How far a time is from what was recorded last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeDistance {
    /// It is earlier.
    Before,
    /// It is later, as the time of the next run is.
    Near,
    /// It is so many days later that it may be wrong.
    FarAfter(i64),
}

/// Returns how far a time is from what was recorded last.
pub fn distance(recorded: Timestamp, now: Timestamp) -> TimeDistance {
    let days = (now.as_second() - recorded.as_second()).div_euclid(DAY);
    match days {
        _ if now < recorded => TimeDistance::Before,
        days if days > FAR => TimeDistance::FarAfter(days),
        _ => TimeDistance::Near,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_year_is_far() {
        let at = |text: &str| -> Timestamp { text.parse().expect("a time") };
        let recorded = at("2026-11-30T10:00:00Z");
        for (now, want) in [
            ("2026-11-30T09:59:59Z", TimeDistance::Before),
            ("1970-01-01T00:00:00Z", TimeDistance::Before),
            ("2026-11-30T10:00:00Z", TimeDistance::Near),
            ("2027-05-29T10:00:00Z", TimeDistance::Near),
            ("2027-05-31T10:00:00Z", TimeDistance::FarAfter(182)),
            ("2099-11-30T10:00:00Z", TimeDistance::FarAfter(26_663)),
        ] {
            assert_eq!(distance(recorded, at(now)), want, "{now}");
        }
    }
}
