//! Numbers as people read them: few digits, a unit, no noise of binary fractions.

/// A number to three significant digits, whole from 1,000 on, with `,` between thousands.
pub fn number(value: f64) -> String {
    significant(value, 3)
}

/// A number with its unit as reports name it (`percent`, `milliseconds`, `bytes` …).
pub fn quantity(value: f64, unit: &str) -> String {
    with_digits(value, unit, 3)
}

/// The same where there is little room: a unit without a sign (`per minute`) is left out.
pub fn short_quantity(value: f64, unit: &str) -> String {
    match unit {
        "percent" | "milliseconds" | "seconds" | "bytes" => quantity(value, unit),
        _ => number(value),
    }
}

/// A number beside its limit: with as many digits as it takes to tell them apart.
pub fn beside(value: f64, limit: f64, unit: &str) -> String {
    let shown_limit = quantity(limit, unit);
    (3..=8)
        .map(|digits| with_digits(value, unit, digits))
        .find(|shown| value == limit || *shown != shown_limit)
        .unwrap_or_else(|| quantity(value, unit))
}

/// As documents store it: nine significant digits, which keeps counts whole and drops the
/// noise of binary fractions from diffs.
pub fn rounded(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
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

/// An amount of money with cents: `$1,234.50`, `-$3.00`, `12.00 CNY`.
pub fn money(value: f64, currency: &str) -> String {
    let cents = (value * 100.0).round() / 100.0;
    let sign = if cents < 0.0 { "-" } else { "" };
    let amount = separated(&format!("{:.2}", cents.abs()));
    match currency {
        "USD" => format!("{sign}${amount}"),
        other => format!("{sign}{amount} {other}"),
    }
}

/// US dollars, without cents where there are none: `$85`, `$4.50`.
pub fn whole_usd(value: f64) -> String {
    let text = money(value, "USD");
    text.strip_suffix(".00").map_or(text.clone(), str::to_owned)
}

/// Milliseconds as seconds or milliseconds.
pub fn duration_ms(milliseconds: u64) -> String {
    let value = milliseconds as f64;
    match value >= 1_000.0 {
        true => quantity(value / 1_000.0, "seconds"),
        false => quantity(value, "milliseconds"),
    }
}

fn with_digits(value: f64, unit: &str, digits: i32) -> String {
    match unit {
        "percent" => format!("{} %", significant(value, digits.max(nines(value)))),
        "milliseconds" if value.abs() >= 10_000.0 => seconds(value / 1_000.0, digits),
        "milliseconds" => format!("{} ms", significant(value, digits)),
        "seconds" => seconds(value, digits),
        "bytes" => bytes(value, digits),
        "count" | "ratio" | "flag" => significant(value, digits),
        other => format!("{} {other}", significant(value, digits)),
    }
}

/// Significant digits that a percentage just below 100 needs, so that 99.99 does not read as
/// 100: two beyond its nines.
fn nines(percent: f64) -> i32 {
    let rest = 100.0 - percent;
    if (1e-6..1.0).contains(&rest) {
        3 - rest.log10().floor() as i32
    } else {
        0
    }
}

fn seconds(value: f64, digits: i32) -> String {
    let (size, name) = match value.abs() {
        v if v >= 172_800.0 => (86_400.0, "d"),
        v if v >= 7_200.0 => (3_600.0, "h"),
        v if v >= 120.0 => (60.0, "min"),
        v if v >= 1.0 || v == 0.0 => (1.0, "s"),
        _ => return format!("{} ms", significant(value * 1_000.0, digits)),
    };
    format!("{} {name}", significant(value / size, digits))
}

fn bytes(value: f64, digits: i32) -> String {
    const NAMES: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut scaled = value;
    let mut index = 0;
    while scaled.abs() >= 1_024.0 && index + 1 < NAMES.len() {
        scaled /= 1_024.0;
        index += 1;
    }
    format!("{} {}", significant(scaled, digits), NAMES[index])
}

/// `digits` significant digits without trailing zeros; whole with separators from 1,000 on.
fn significant(value: f64, digits: i32) -> String {
    if value.is_nan() {
        return "not a number".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "-∞" }.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-6..1e15).contains(&value.abs()) {
        return format!("{value:.2e}");
    }
    // Digits in front of the point, negative for 0.0….
    let magnitude = value.abs().log10().floor() as i32 + 1;
    let decimals = usize::try_from(digits - magnitude).unwrap_or(0);
    // Halves go away from zero, as people round them.
    let value = if decimals == 0 { value.round() } else { value };
    let text = format!("{value:.decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text.as_str(),
    };
    separated(match text {
        "-0" => "0",
        other => other,
    })
}

/// Commas between groups of three digits in front of the point.
fn separated(text: &str) -> String {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
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
    fn milliseconds_and_dollars() {
        assert_eq!(duration_ms(840), "840 ms");
        assert_eq!(duration_ms(1840), "1.84 s");
        assert_eq!(usd(0.0), "$0");
        assert_eq!(usd(0.00052), "$0.00052");
        assert_eq!(usd(12.5), "$12.50");
    }

    #[test]
    fn numbers_are_short_and_exact_enough() {
        for (value, unit, expected) in [
            (3.2, "percent", "3.2 %"),
            (0.1 + 0.2, "percent", "0.3 %"),
            (99.95, "percent", "99.95 %"),
            (99.994, "percent", "99.994 %"),
            (99.123_456, "percent", "99.12 %"),
            (100.0, "percent", "100 %"),
            (0.012_345, "percent", "0.0123 %"),
            (0.0, "percent", "0 %"),
            (200.0, "milliseconds", "200 ms"),
            (1_234.56, "milliseconds", "1,235 ms"),
            (12_345.0, "milliseconds", "12.3 s"),
            (0.004_2, "seconds", "4.2 ms"),
            (59.0, "seconds", "59 s"),
            (600.0, "seconds", "10 min"),
            (9_000.0, "seconds", "2.5 h"),
            (1_000_000.0, "seconds", "11.6 d"),
            (1_536.0, "bytes", "1.5 KiB"),
            (21_474_836_480.0, "bytes", "20 GiB"),
            (0.5, "ratio", "0.5"),
            (2.0 / 3.0, "ratio", "0.667"),
            (1_234_567.0, "count", "1,234,567"),
            (999.6, "count", "1,000"),
            (-1_234.0, "count", "-1,234"),
            (2.5, "per minute", "2.5 per minute"),
            (f64::NAN, "count", "not a number"),
            (1e300, "ratio", "1.00e300"),
            (1e-300, "ratio", "1.00e-300"),
        ] {
            assert_eq!(quantity(value, unit), expected, "{value} {unit}");
        }
    }

    #[test]
    fn a_value_is_told_apart_from_its_limit() {
        for (value, limit, expected) in [
            (0.100_4, 0.1, "0.1004 %"),
            (99.895, 99.9, "99.89 %"),
            (3.2, 0.1, "3.2 %"),
            (0.1, 0.1, "0.1 %"),
        ] {
            assert_eq!(beside(value, limit, "percent"), expected);
        }
    }
}
