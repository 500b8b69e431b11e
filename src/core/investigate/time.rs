//! The time that a line begins with.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The bytes of a line among which a time is looked for.
const REACH: usize = 48;
/// The most hours that a place is from UTC.
const FARTHEST: i64 = 14;

/// Returns the first time in the head of a line, in milliseconds since 1970: a date and a time of
/// day in the order of ISO 8601, with `-` or `/` and with `T` or a blank between them. Without an
/// offset it is UTC. `None` for any other form: a guess would order events wrongly.
pub fn leading_time(line: &[u8]) -> Option<i64> {
    let head = &line[..line.len().min(REACH)];
    let year = head.windows(5).position(|window| {
        window[..4].iter().all(u8::is_ascii_digit) && matches!(window[4], b'-' | b'/')
    })?;
    let text = &line[year..];
    let number = |from: usize, to: usize| -> Option<i16> {
        std::str::from_utf8(text.get(from..to)?).ok()?.parse().ok()
    };
    let marks = text.get(7)? == text.get(4)?
        && matches!(text.get(10)?, b'T' | b' ' | b'_')
        && text.get(13)? == &b':'
        && text.get(16)? == &b':';
    if !marks {
        return None;
    }
    let small = |from: usize| number(from, from + 2).and_then(|number| i8::try_from(number).ok());
    let mut at = 19;
    let mut milliseconds = 0_i64;
    if matches!(text.get(at), Some(b'.' | b',')) {
        let digits = text[at + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        for place in 0..3 {
            let digit = if place < digits {
                text[at + 1 + place] - b'0'
            } else {
                0
            };
            milliseconds = milliseconds * 10 + i64::from(digit);
        }
        at += 1 + digits;
    }
    let moment = DateTime::new(
        number(0, 4)?,
        small(5)?,
        small(8)?,
        small(11)?,
        small(14)?,
        small(17)?,
        0,
    )
    .ok()?;
    let utc = moment.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    Some((utc - offset(text.get(at..).unwrap_or(b""))) * 1_000 + milliseconds)
}

/// The seconds east of UTC that `+01:00`, `-0800` or ` +0100` says; 0 for anything else.
fn offset(text: &[u8]) -> i64 {
    let (sign, rest) = match text.strip_prefix(b" ").unwrap_or(text).split_first() {
        Some((b'+', rest)) => (1, rest),
        Some((b'-', rest)) => (-1, rest),
        _ => return 0,
    };
    let digits: Vec<i64> = rest
        .iter()
        .filter(|&&byte| byte != b':')
        .take_while(|byte| byte.is_ascii_digit())
        .take(5)
        .map(|byte| i64::from(byte - b'0'))
        .collect();
    match digits[..] {
        // A longer number is none.
        [a, b, c, d] if a * 10 + b <= FARTHEST && c < 6 => {
            sign * ((a * 10 + b) * 3_600 + (c * 10 + d) * 60)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_iso_times_anywhere_in_the_head() {
        for (line, want) in [
            ("2026-11-29T14:03:00Z started", Some(1_795_960_980_000)),
            (
                "2026-11-29 14:03:00,250 - INFO started",
                Some(1_795_960_980_250),
            ),
            (
                "[INFO]\t2026-11-29T15:03:00.5+01:00 started",
                Some(1_795_960_980_500),
            ),
            (
                "2026/11/29 14:03:00 main.go:3: started",
                Some(1_795_960_980_000),
            ),
            ("2026-11-29 15:03:00 +0100 go", Some(1_795_960_980_000)),
            ("2026-11-29 14:03:00 - 1200", Some(1_795_960_980_000)),
            ("2026-11-29 14:03:00 -9999", Some(1_795_960_980_000)),
            ("Nov 29 14:03:00 host started", None),
            ("2026-13-29T14:03:00Z started", None),
            ("2026-1", None),
            ("", None),
        ] {
            assert_eq!(leading_time(line.as_bytes()), want, "{line}");
        }
    }
}
