//! Times and spans of time as people read them. Times are UTC.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// How long ago `then` was, seen from `now`: `just now`, `5m ago`.
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    match (now.as_second() - then.as_second()) / 60 {
        0 => "just now".to_owned(),
        past if past > 0 => format!("{} ago", short_span(past)),
        ahead => format!("in {}", short_span(-ahead)),
    }
}

/// `2026-11-21 10:15 UTC`.
pub fn time(at: Timestamp) -> String {
    let utc = at.to_zoned(TimeZone::UTC);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02} UTC",
        utc.year(),
        utc.month(),
        utc.day(),
        utc.hour(),
        utc.minute()
    )
}

/// `10:15`, in UTC.
pub fn clock(at: Timestamp) -> String {
    let utc = at.to_zoned(TimeZone::UTC);
    format!("{:02}:{:02}", utc.hour(), utc.minute())
}

/// `2026-11-21 11:15:02.250`, so many seconds east of UTC.
pub fn exact(at: Timestamp, offset_seconds: i32) -> String {
    let offset = Offset::from_seconds(offset_seconds).unwrap_or(Offset::UTC);
    let local = at.to_zoned(TimeZone::fixed(offset));
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}",
        local.year(),
        local.month(),
        local.day(),
        local.hour(),
        local.minute(),
        local.second(),
        local.millisecond()
    )
}

/// `UTC`, `UTC+02:00`.
pub fn zone(offset_seconds: i32) -> String {
    let minutes = offset_seconds / 60;
    match minutes {
        0 => "UTC".to_owned(),
        _ => format!(
            "UTC{}{:02}:{:02}",
            if minutes < 0 { '-' } else { '+' },
            minutes.abs() / 60,
            minutes.abs() % 60
        ),
    }
}

/// `2026-11-21`, in UTC.
pub fn date(at: Timestamp) -> String {
    time(at).chars().take(10).collect()
}

/// `10:00–10:05 UTC`, with dates where it spans two days.
pub fn between(start: Timestamp, end: Timestamp) -> String {
    if date(start) == date(end) {
        format!("{}–{} UTC", clock(start), clock(end))
    } else {
        let start = time(start);
        format!("{} – {}", start.trim_end_matches(" UTC"), time(end))
    }
}

/// A span as people say it: `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. Negative spans (clocks
/// that disagree) read as none.
pub fn span(seconds: i64) -> String {
    let two = |big: i64, big_unit: &str, small: i64, small_unit: &str| {
        if small == 0 {
            format!("{big} {big_unit}")
        } else {
            format!("{big} {big_unit} {small} {small_unit}")
        }
    };
    match seconds.max(0) {
        s @ 0..60 => format!("{s} s"),
        s @ 60..3_600 => format!("{} min", s / 60),
        s @ 3_600..86_400 => two(s / 3_600, "h", s % 3_600 / 60, "min"),
        s => two(s / 86_400, "d", s % 86_400 / 3_600, "h"),
    }
}

/// A span in minutes as tables show it: `45m`, `2h 14m`, `3d 4h`.
pub fn short_span(minutes: i64) -> String {
    let minutes = minutes.max(0);
    let (days, hours, rest) = (minutes / 1440, minutes % 1440 / 60, minutes % 60);
    match (days, hours, rest) {
        (0, 0, rest) => format!("{rest}m"),
        (0, hours, 0) => format!("{hours}h"),
        (0, hours, rest) => format!("{hours}h {rest}m"),
        (days, 0, _) => format!("{days}d"),
        (days, hours, _) => format!("{days}d {hours}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_naturally() {
        for (seconds, want) in [
            (-5, "0 s"),
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h"),
            (11_100, "3 h 5 min"),
            (86_400, "1 d"),
            (187_200, "2 d 4 h"),
        ] {
            assert_eq!(span(seconds), want);
        }
        for (minutes, want) in [
            (0, "0m"),
            (59, "59m"),
            (60, "1h"),
            (134, "2h 14m"),
            (4560, "3d 4h"),
        ] {
            assert_eq!(short_span(minutes), want);
        }
    }

    #[test]
    fn times_are_utc() {
        let at: Timestamp = "2026-11-21T10:15:42Z".parse().expect("a time");
        assert_eq!(time(at), "2026-11-21 10:15 UTC");
        assert_eq!(clock(at), "10:15");
        let later: Timestamp = "2026-11-21T12:20:00Z".parse().expect("a time");
        assert_eq!(ago(at, later), "2h 4m ago");
        assert_eq!(ago(later, at), "in 2h 4m");
        assert_eq!(between(at, later), "10:15–12:20 UTC");
        let tomorrow: Timestamp = "2026-11-22T00:05:00Z".parse().expect("a time");
        assert_eq!(
            between(at, tomorrow),
            "2026-11-21 10:15 – 2026-11-22 00:05 UTC"
        );
    }
}
