//! Numbers for people: three significant digits, units, durations, dollars, times.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Three significant digits, whole numbers in full with `,` between thousands.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        return "not a number".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "-∞" }.to_owned();
    }
    let size = value.abs();
    let whole = (value - value.round()).abs() < 1e-9;
    if size >= 1e15 {
        return format!("{value:.2e}");
    }
    if size >= 100.0 || whole {
        return thousands(value.round());
    }
    if size < 1e-6 {
        return format!("{value:.2e}");
    }
    // Digits behind the point that leave three significant ones.
    let decimals = (2.0 - size.log10().floor()).max(0.0) as usize;
    let text = format!("{value:.decimals$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut out = String::new();
    if value < 0.0 && digits != "0" {
        out.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A value with the unit that reports use (`percent`, `milliseconds`, `bytes` …).
pub fn with_unit(value: f64, unit: &str) -> String {
    match unit {
        "percent" => percent(value),
        // As reasons and titles say them, so that one value never stands in two forms.
        "milliseconds" if value.abs() >= 10_000.0 => seconds(value / 1000.0),
        "milliseconds" => format!("{} ms", number(value)),
        "seconds" => seconds(value),
        "bytes" => bytes(value),
        _ => number(value),
    }
}

fn seconds(value: f64) -> String {
    let (size, name) = match value.abs() {
        v if v >= 172_800.0 => (86_400.0, "d"),
        v if v >= 7_200.0 => (3_600.0, "h"),
        v if v >= 120.0 => (60.0, "min"),
        v if v >= 1.0 || v == 0.0 => (1.0, "s"),
        _ => return format!("{} ms", number(value * 1000.0)),
    };
    format!("{} {name}", number(value / size))
}

/// Just below 100 two digits beyond the nines are kept: 99.99 must not read as 100.
fn percent(value: f64) -> String {
    let rest = 100.0 - value;
    if !(1e-6..1.0).contains(&rest) {
        return format!("{} %", number(value));
    }
    let decimals = (1.0 - rest.log10().floor()) as usize;
    let text = format!("{value:.decimals$}");
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

fn bytes(value: f64) -> String {
    let mut value = value;
    let mut unit = "B";
    for next in ["KiB", "MiB", "GiB", "TiB", "PiB"] {
        if value.abs() < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    format!("{} {unit}", number(value))
}

/// US dollars: cents from one dollar up, three significant digits below.
pub fn usd(value: f64) -> String {
    if value == 0.0 {
        "$0".to_owned()
    } else if value.abs() < 0.0001 {
        "under $0.0001".to_owned()
    } else if value.abs() < 1.0 {
        format!("${}", number(value))
    } else {
        format!("${value:.2}")
    }
}

/// A span in minutes as its two largest units: `45m`, `2h 14m`, `3d 4h`.
pub fn minutes(minutes: i64) -> String {
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

/// Milliseconds as seconds or milliseconds.
pub fn duration_ms(milliseconds: u64) -> String {
    let value = milliseconds as f64;
    if value >= 1000.0 {
        seconds(value / 1000.0)
    } else {
        with_unit(value, "milliseconds")
    }
}

/// How long ago `then` was, seen from `now`: `just now`, `5m ago`.
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    match (now.as_second() - then.as_second()) / 60 {
        0 => "just now".to_owned(),
        past if past > 0 => format!("{} ago", minutes(past)),
        ahead => format!("in {}", minutes(-ahead)),
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

/// `2026-11-21`, in UTC.
pub fn date(at: Timestamp) -> String {
    time(at).chars().take(10).collect()
}

/// `1 issue`, `2 issues`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    let word = if count == 1 { one } else { many };
    format!("{} {word}", number(count as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_significant_digits() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (0.1, "0.1"),
            (0.123456, "0.123"),
            (3.2, "3.2"),
            (3.256, "3.26"),
            (12.345, "12.3"),
            (99.95, "100"),
            (184.4, "184"),
            (1234567.0, "1,234,567"),
            (-1234.5, "-1,235"),
            (0.000_012_3, "0.0000123"),
            (1e-9, "1.00e-9"),
            (1e20, "1.00e20"),
            (f64::NAN, "not a number"),
            (f64::INFINITY, "∞"),
        ] {
            assert_eq!(number(value), text, "{value}");
        }
    }

    #[test]
    fn units_spans_and_dollars() {
        assert_eq!(with_unit(3.2, "percent"), "3.2 %");
        assert_eq!(with_unit(99.99, "percent"), "99.99 %");
        assert_eq!(with_unit(99.123_456, "percent"), "99.12 %");
        assert_eq!(with_unit(100.0, "percent"), "100 %");
        assert_eq!(with_unit(1840.0, "milliseconds"), "1,840 ms");
        assert_eq!(with_unit(12_345.0, "milliseconds"), "12.3 s");
        assert_eq!(with_unit(600.0, "seconds"), "10 min");
        assert_eq!(duration_ms(1840), "1.84 s");
        assert_eq!(with_unit(536_870_912.0, "bytes"), "512 MiB");
        assert_eq!(with_unit(0.5, "ratio"), "0.5");
        assert_eq!(usd(0.0), "$0");
        assert_eq!(usd(0.00052), "$0.00052");
        assert_eq!(usd(12.5), "$12.50");
        for (from, to) in [
            (0, "0m"),
            (59, "59m"),
            (60, "1h"),
            (134, "2h 14m"),
            (4560, "3d 4h"),
        ] {
            assert_eq!(minutes(from), to);
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
    }
}
