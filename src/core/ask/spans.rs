//! Spans of time: `last 2 hours`, `since yesterday`, `this morning`.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::AskContext;
use super::words::Token;

/// Finds spans, and gives each as a duration such as `2h`, counted back from now (in UTC): where
/// something begins (`since`), or where it ends (`until`).
pub(crate) fn find(
    tokens: &[Token],
    masked: &HashSet<usize>,
    world: &AskContext,
    found: &mut dyn FnMut(&'static str, String, usize, usize),
) {
    let word = |at: usize| -> &str {
        match tokens.get(at) {
            Some(token) if !masked.contains(&at) && !token.quoted => &token.word,
            _ => "",
        }
    };
    let (mut at, mut last) = (0, None);
    while at < tokens.len() {
        // `between 8:00 and 9:00`, `from 2 hours ago to …`.
        let goes_on = last == Some(at) && matches!(word(at), "to" | "and" | "-" | "\u{2013}");
        let ends = goes_on || matches!(word(at), "until" | "till");
        match span(&word, at, ends, world.now) {
            Some((value, length)) => {
                found(if ends { "until" } else { "since" }, value, at, at + length);
                at += length;
                last = Some(at);
            }
            None => at += 1,
        }
    }
}

/// The span that begins at a word, and how many words it is long.
fn span<'a>(
    word: &dyn Fn(usize) -> &'a str,
    at: usize,
    ends: bool,
    now: Timestamp,
) -> Option<(String, usize)> {
    let leads = ["since", "from", "over", "during", "within", "between"];
    let lead = usize::from(ends || leads.contains(&word(at)));
    let the = usize::from(word(at + lead) == "the");
    let first = at + lead + the;
    if let Some((value, length)) = at_an_hour(word, first, now) {
        return Some((value, lead + the + length));
    }
    let named = match (word(first), word(first + 1)) {
        ("yesterday", "morning") => Some((since_midnight(now, 1, 6), 2)),
        ("yesterday", "evening") => Some((since_midnight(now, 1, 18), 2)),
        ("yesterday", _) => Some((since_midnight(now, 1, 0), 1)),
        ("today", _) => Some((since_midnight(now, 0, 0), 1)),
        ("overnight", _) => Some((since_midnight(now, 1, 20), 1)),
        ("last" | "tonight", "night") => Some((since_midnight(now, 1, 20), 2)),
        ("this", "morning") => Some((since_midnight(now, 0, 6), 2)),
        ("this", "week") => Some(("7d".to_owned(), 2)),
        ("this", "month") => Some(("30d".to_owned(), 2)),
        // A day is written as the option takes it.
        (day, _) if lead == 1 && day.parse::<jiff::civil::Date>().is_ok() => {
            Some((format!("{day}T00:00:00Z"), 1))
        }
        _ if (lead == 1 || ends) && date(word, first, now).is_some() => {
            date(word, first, now).map(|(day, length)| (format!("{day}T00:00:00Z"), length))
        }
        ("yesterday's", _) => Some((since_midnight(now, 1, 0), 1)),
        (day, _) if lead == 1 => weekday(day)
            .map(|day| (since_weekday(now, day), 1))
            .or_else(|| since_an_hour(word, first, now)),
        _ => None,
    };
    if let Some((value, length)) = named {
        return Some((value, lead + the + length));
    }
    let past = matches!(word(first), "last" | "past" | "previous");
    let start = first + usize::from(past);
    let (value, length) = quantity(word, start, past)?;
    // `24h` by itself is a span; `5 minutes` may be anything.
    let short = length == 1 && value.ends_with(['h', 'd']);
    if past || lead == 1 || short {
        let ago =
            usize::from(lead == 1 && matches!(word(start + length), "ago" | "back" | "earlier"));
        return Some((value, start + length + ago - at));
    }
    // `…, 2 weeks`: what stands by itself at the end of a part.
    let by_itself =
        length == 2 && value.ends_with(['h', 'd']) && word(start + length).is_empty() && at > 0;
    if by_itself {
        return Some((value, start + length - at));
    }
    matches!(word(start + length), "ago" | "back" | "earlier")
        .then(|| (value, start + length + 1 - at))
}

/// `this morning 6:00 UTC`, `yesterday at 14:30`.
fn at_an_hour<'a>(
    word: &dyn Fn(usize) -> &'a str,
    first: usize,
    now: Timestamp,
) -> Option<(String, usize)> {
    let (days, length) = match (word(first), word(first + 1)) {
        ("this", "morning") => (0, 2),
        ("today", _) => (0, 1),
        ("yesterday", _) => (1, 1),
        _ => return None,
    };
    let by = usize::from(matches!(word(first + length), "at" | "around"));
    let (hour, minute) = clock(word(first + length + by))?;
    let minutes = minutes_today(now) + days * 1440 - i64::from(hour) * 60 - i64::from(minute);
    let zone = usize::from(matches!(word(first + length + by + 1), "utc" | "gmt"));
    (minutes > 0).then(|| (format!("{minutes}m"), length + by + 1 + zone))
}

/// `9am`, `9 am`, `08:00 UTC`.
fn since_an_hour<'a>(
    word: &dyn Fn(usize) -> &'a str,
    first: usize,
    now: Timestamp,
) -> Option<(String, usize)> {
    // `9 am` is one time in two words.
    let half = Some(word(first + 1)).filter(|next| matches!(*next, "am" | "pm"));
    let text = format!("{}{}", word(first), half.unwrap_or_default());
    let (hour, minute) = clock(&text)?;
    let behind = word(first + 1 + usize::from(half.is_some()));
    let zone = usize::from(matches!(behind, "utc" | "gmt" | "today" | "sharp"));
    let length = 1 + usize::from(half.is_some()) + zone;
    Some((since_clock(now, hour, minute), length))
}

/// `Oct 20`, `20th of October`, `oct. 20 2026`: the last such day that has begun, and how many words.
pub(super) fn date<'a>(
    word: &dyn Fn(usize) -> &'a str,
    at: usize,
    now: Timestamp,
) -> Option<(jiff::civil::Date, usize)> {
    let month = |word: &str| {
        let months = [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ];
        let long = word.len() >= 3 && word != "may";
        let found = months
            .iter()
            .position(|month| month.starts_with(word) && long || *month == word);
        found.and_then(|at| i8::try_from(at + 1).ok())
    };
    let day = |word: &str| {
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let ordinal = matches!(&word[digits.len()..], "" | "st" | "nd" | "rd" | "th");
        digits
            .parse::<i8>()
            .ok()
            .filter(|day| ordinal && (1..=31).contains(day))
    };
    let of = usize::from(word(at + 1) == "of");
    let (month, day) = match (month(word(at)), day(word(at))) {
        (Some(month), _) => (month, day(word(at + 1))?),
        (_, Some(day)) => (month(word(at + 1 + of))?, day),
        _ => return None,
    };
    let mut length = 2 + if word(at + 1) == "of" { 1 } else { 0 };
    let today = now.to_zoned(TimeZone::UTC).date();
    let year = word(at + length)
        .parse::<i16>()
        .ok()
        .filter(|year| (2000..2100).contains(year));
    length += usize::from(year.is_some());
    let of_year = |year: i16| jiff::civil::Date::new(year, month, day).ok();
    let date = match year {
        Some(year) => of_year(year)?,
        None => of_year(today.year())
            .filter(|date| *date <= today)
            .or_else(|| of_year(today.year() - 1))?,
    };
    Some((date, length))
}

/// `2 hours`, `2h`, `hour`.
pub(super) fn quantity<'a>(
    word: &dyn Fn(usize) -> &'a str,
    at: usize,
    bare: bool,
) -> Option<(String, usize)> {
    let text = word(at);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, name, length) = if digits > 0 && digits < text.len() {
        (&text[..digits], &text[digits..], 1)
    } else if digits > 0 {
        (text, word(at + 1), 2)
    } else if let Some(number) = spelled(text) {
        (number, word(at + 1), 2)
    } else if bare {
        ("1", text, 1)
    } else {
        return None;
    };
    let unit = unit(name)?;
    let number: u32 = number
        .parse()
        .ok()
        .filter(|number| (1..=10_000).contains(number))?;
    match unit {
        "w" => Some((format!("{}d", number * 7), length)),
        "mo" => Some((format!("{}d", number * 30), length)),
        unit => Some((format!("{number}{unit}"), length)),
    }
}

fn spelled(word: &str) -> Option<&'static str> {
    let words = [
        ("an", "1"),
        ("a", "1"),
        ("one", "1"),
        ("two", "2"),
        ("couple", "2"),
        ("three", "3"),
        ("few", "3"),
        ("four", "4"),
        ("five", "5"),
        ("five", "5"),
        ("six", "6"),
        ("seven", "7"),
        ("eight", "8"),
        ("nine", "9"),
        ("ten", "10"),
        ("twelve", "12"),
        ("fifteen", "15"),
        ("twenty", "20"),
        ("thirty", "30"),
        ("forty", "40"),
        ("fifty", "50"),
        ("sixty", "60"),
        ("ninety", "90"),
    ];
    words
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, number)| *number)
}

fn unit(name: &str) -> Option<&'static str> {
    Some(match name {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "week" | "weeks" => "w",
        "month" | "months" => "mo",
        _ => return None,
    })
}

/// `08:00`, `9am`, `3:15pm`, `noon`.
pub(super) fn clock(word: &str) -> Option<(i8, i8)> {
    match word {
        "noon" => return Some((12, 0)),
        "midnight" => return Some((0, 0)),
        _ => {}
    }
    let (time, half) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
        (Some(time), _) => (time, Some(0)),
        (_, Some(time)) => (time, Some(12)),
        _ => (word, None),
    };
    let (hour, minute) = match (time.split_once(':'), half) {
        (Some(parts), _) => parts,
        (None, Some(_)) => (time, "0"),
        (None, None) => return None,
    };
    let number = |text: &str, below: i8| {
        let short = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let number: i8 = text.parse().ok().filter(|_| short)?;
        (number < below).then_some(number)
    };
    let minute = number(minute, 60)?;
    let hour = match half {
        Some(half) => number(hour, 13).filter(|hour| *hour > 0)? % 12 + half,
        None => number(hour, 24)?,
    };
    Some((hour, minute))
}

fn weekday(word: &str) -> Option<i64> {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    days.iter()
        .position(|day| *day == word)
        .and_then(|day| i64::try_from(day).ok())
}

/// Minutes since midnight (UTC) of now.
fn minutes_today(now: Timestamp) -> i64 {
    let time = now.to_zoned(TimeZone::UTC);
    i64::from(time.hour()) * 60 + i64::from(time.minute())
}

/// From an hour of today, or of so many days ago.
fn since_midnight(now: Timestamp, days: i64, hour: i64) -> String {
    let minutes = minutes_today(now) + days * 24 * 60 - hour * 60;
    // Before six in the morning, `this morning` has not begun: then all of the night.
    let minutes = if minutes <= 0 {
        minutes_today(now).max(1)
    } else {
        minutes
    };
    back(minutes)
}

fn since_weekday(now: Timestamp, day: i64) -> String {
    let today = i64::from(
        now.to_zoned(TimeZone::UTC)
            .weekday()
            .to_monday_zero_offset(),
    );
    let days = (today - day).rem_euclid(7);
    since_midnight(now, if days == 0 { 7 } else { days }, 0)
}

fn since_clock(now: Timestamp, hour: i8, minute: i8) -> String {
    let minutes =
        (minutes_today(now) - i64::from(hour) * 60 - i64::from(minute)).rem_euclid(24 * 60);
    if minutes % 60 == 0 && minutes > 0 {
        format!("{}h", minutes / 60)
    } else {
        format!("{}m", minutes.max(1))
    }
}

/// Whole hours, rounded up: to look a little too far back loses nothing.
fn back(minutes: i64) -> String {
    format!("{}h", (minutes + 59) / 60)
}
