//! Numbers as people read them: few digits, a unit, no noise of binary fractions.

/// A number with its unit, to three significant digits (whole from 1,000 on).
pub fn quantity(value: f64, unit: &str) -> String {
    with_digits(value, unit, 3)
}

/// A number beside its limit: with as many digits as it takes to tell them apart.
pub fn beside(value: f64, limit: f64, unit: &str) -> String {
    let shown_limit = quantity(limit, unit);
    (3..=8)
        .map(|digits| with_digits(value, unit, digits))
        .find(|shown| value == limit || *shown != shown_limit)
        .unwrap_or_else(|| quantity(value, unit))
}

/// A count: `1,204`.
pub fn count(value: f64) -> String {
    number(value, 3)
}

/// As documents store it: nine significant digits, which keeps counts whole and drops the
/// noise of binary fractions from diffs.
pub(super) fn rounded(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
}

fn with_digits(value: f64, unit: &str, digits: i32) -> String {
    match unit {
        "percent" => format!("{} %", number(value, digits.max(nines(value)))),
        "milliseconds" if value.abs() >= 10_000.0 => seconds(value / 1_000.0, digits),
        "milliseconds" => format!("{} ms", number(value, digits)),
        "seconds" => seconds(value, digits),
        "bytes" => bytes(value, digits),
        "count" | "ratio" | "flag" => number(value, digits),
        other => format!("{} {other}", number(value, digits)),
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
        _ => return format!("{} ms", number(value * 1_000.0, digits)),
    };
    format!("{} {name}", number(value / size, digits))
}

fn bytes(value: f64, digits: i32) -> String {
    const NAMES: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut scaled = value;
    let mut index = 0;
    while scaled.abs() >= 1_024.0 && index + 1 < NAMES.len() {
        scaled /= 1_024.0;
        index += 1;
    }
    format!("{} {}", number(scaled, digits), NAMES[index])
}

/// `digits` significant digits without trailing zeros; whole with separators from 1,000 on.
fn number(value: f64, digits: i32) -> String {
    if !value.is_finite() {
        return "no number".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    // Digits in front of the point, negative for 0.0…; at most 17, so the sum cannot overflow.
    let magnitude = value.abs().log10().floor() as i32 + 1;
    let decimals = usize::try_from((digits - magnitude).clamp(0, 12)).unwrap_or(0);
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
            (f64::NAN, "count", "no number"),
            (1e300, "ratio", &separated(&format!("{:.0}", 1e300))),
            (1e-300, "ratio", "0"),
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
