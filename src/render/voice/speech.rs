//! Saying things: numbers, units and names as words.

/// `twelve hundred` is never said: `one thousand two hundred`.
pub(super) fn words(value: u64) -> String {
    const ONES: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] = [
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    let ones = |n: u64| usize::try_from(n).ok().and_then(|n| ONES.get(n)).copied();
    if let Some(word) = ones(value) {
        return word.to_owned();
    }
    if value < 100 {
        let tens = usize::try_from(value / 10 - 2)
            .ok()
            .and_then(|n| TENS.get(n));
        let tens = tens.copied().unwrap_or("many");
        return match value % 10 {
            0 => tens.to_owned(),
            rest => format!("{tens} {}", words(rest)),
        };
    }
    for (size, name) in [
        (1_000_000_000_000_000, "quadrillion"),
        (1_000_000_000_000, "trillion"),
        (1_000_000_000, "billion"),
        (1_000_000, "million"),
        (1_000, "thousand"),
        (100, "hundred"),
    ] {
        if value >= size {
            let head = format!("{} {name}", words(value / size));
            return match value % size {
                0 => head,
                rest => format!("{head} {}", words(rest)),
            };
        }
    }
    "many".to_owned()
}

/// Digits of a decimal number, as in `3.25`, `-4` or `1,200`.
fn number(text: &str) -> Option<String> {
    let clean = text.replace(',', "");
    let (sign, digits) = match clean.strip_prefix(['-', '−']) {
        Some(rest) => ("minus ", rest),
        None => ("", clean.as_str()),
    };
    let (whole, decimals) = match digits.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (digits, None),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || decimals.is_some_and(|text| !all_digits(text)) {
        return None;
    }
    let mut out = match whole.parse::<u64>() {
        // Years, ports and the like are numbers too; account numbers are read digit by digit.
        Ok(value) if whole.len() <= 9 && (whole == "0" || !whole.starts_with('0')) => words(value),
        _ => spelled(whole),
    };
    if let Some(decimals) = decimals {
        out = format!(
            "{out} point {}",
            spelled(&decimals[..decimals.len().min(4)])
        );
    }
    Some(format!("{sign}{out}"))
}

fn spelled(digits: &str) -> String {
    let words: Vec<String> = digits
        .bytes()
        .take(12)
        .map(|digit| words(u64::from(digit.saturating_sub(b'0'))))
        .collect();
    words.join(" ")
}

/// A share as people say it: `ninety nine point nine`, `twenty nine`.
pub(super) fn rounded(value: f64) -> String {
    let text = if value.abs() >= 99.0 && value < 100.0 || value.abs() < 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    };
    let text = text.strip_suffix(".0").unwrap_or(&text);
    number(text).unwrap_or_else(|| "an unknown number".to_owned())
}

/// `one issue`, `two issues`.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", words(count), if count == 1 { one } else { many })
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A span as people say it, by its largest unit or two: `two hours and fourteen minutes`.
pub(super) fn span(minutes: i64) -> String {
    let minutes = u64::try_from(minutes).unwrap_or(0);
    let (days, hours, rest) = (minutes / 1_440, minutes % 1_440 / 60, minutes % 60);
    let day = || counted(days, "day", "days");
    let hour = || counted(hours, "hour", "hours");
    let minute = || counted(rest, "minute", "minutes");
    match (days, hours, rest) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, _) => minute(),
        (0, _, 0) => hour(),
        (0, _, _) => format!("{} and {}", hour(), minute()),
        (1..7, 1.., _) => format!("{} and {}", day(), hour()),
        _ => day(),
    }
}

/// Signs, units and abbreviations that have a word of their own where they stand alone.
fn known(word: &str) -> Option<&'static str> {
    Some(match word {
        "%" => "percent",
        "ms" => "milliseconds",
        "s" => "seconds",
        "m" | "min" => "minutes",
        "h" => "hours",
        "d" => "days",
        "B" => "bytes",
        "KiB" => "kibibytes",
        "MiB" => "mebibytes",
        "GiB" => "gibibytes",
        "TiB" => "tebibytes",
        "<" => "under",
        ">" => "over",
        "≤" | "<=" => "at most",
        "≥" | ">=" => "at least",
        "=" => "is",
        "+" | "&" => "and",
        "×" => "times",
        "≈" | "~" => "about",
        "→" | "->" => "to",
        "$" => "dollars",
        "prod" => "production",
        "p50" => "median",
        "p95" => "ninety fifth percentile",
        "p99" => "ninety ninth percentile",
        "SLO" => "service level",
        "SLI" => "service level indicator",
        "vs" => "versus",
        _ => return None,
    })
}

/// Any text in words: letters, blanks, commas and full stops. What is in brackets becomes a
/// clause of its own; identifiers become their parts.
pub(super) fn say(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    // A fraction of things, as in `3 of 4`, needs no sign; brackets are pauses.
    let spaced = text.replace(['(', ')', '—', '–', ':', ';'], " , ");
    for token in spaced.split_whitespace().take(400) {
        let bare = token.trim_end_matches(['.', ',', '!', '?']);
        let pause = match token[bare.len()..].chars().next() {
            Some(',') => ",",
            Some('.' | '!' | '?') => ".",
            _ => "",
        };
        let said = token_in_words(bare);
        if said.is_empty() && out.is_empty() {
            continue;
        }
        match (said.is_empty(), out.last_mut()) {
            (true, Some(last)) if !last.ends_with([',', '.']) => last.push_str(pause),
            (true, _) => {}
            (false, _) => out.push(format!("{said}{pause}")),
        }
    }
    let text = out.join(" ");
    text.trim_end_matches([',', '.', ' ']).to_owned()
}

fn token_in_words(token: &str) -> String {
    if let Some(word) = known(token) {
        return word.to_owned();
    }
    if let Some(said) = number(token) {
        return said;
    }
    // `3.2%`, `61d`, `$0.5`: a number and a unit that are written together.
    let (sign, rest) = match token.strip_prefix('$') {
        Some(rest) => (true, rest),
        None => (false, token),
    };
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && !".,-".contains(c))
        .unwrap_or(rest.len());
    if let Some(said) = number(&rest[..end]) {
        let unit = &rest[end..];
        if unit.is_empty() || known(unit).is_some() {
            let unit = if sign { Some("dollars") } else { known(unit) };
            return format!("{said} {}", unit.unwrap_or("")).trim().to_owned();
        }
    }
    name_in_words(token)
}

/// `orders-api` → `orders api`, `max_connections` → `max connections`, `s3` → `s three`.
fn name_in_words(name: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in name.split(|c: char| !c.is_alphanumeric()) {
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let digits = first.is_ascii_digit();
            let end = rest
                .find(|c: char| c.is_ascii_digit() != digits)
                .unwrap_or(rest.len());
            let (piece, tail) = rest.split_at(end);
            if digits {
                parts.extend(number(piece));
            } else {
                // Digits of other scripts and signs have no word that every voice knows.
                let letters: String = piece.chars().filter(|c| c.is_alphabetic()).collect();
                let letters: String = letters.chars().take(40).collect();
                if !letters.is_empty() {
                    parts.push(known(&letters).map_or(letters, str::to_owned));
                }
            }
            rest = tail;
        }
    }
    parts.join(" ")
}
