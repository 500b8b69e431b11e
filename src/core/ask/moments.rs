//! Moments: `as of 2026-11-01T12:00:00Z`, `on October 30 at noon`.

use super::entity::{Entity, entity};
use super::spans;
use super::words::Token;

/// `as of 2026-11-01T12:00:00Z`, `between 2026-11-01T12:00:00Z and …`.
pub(super) fn time(tokens: &[Token], at: usize) -> Option<Entity> {
    tokens[at].raw.parse::<jiff::Timestamp>().ok()?;
    let is_time = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|token| token.raw.parse::<jiff::Timestamp>().is_ok())
    };
    let word = |back: usize| {
        at.checked_sub(back)
            .map_or("", |at| tokens[at].word.as_str())
    };
    let earlier = at >= 2 && (is_time(at - 2) || is_time(at.saturating_sub(3)));
    let (slot, lead) = match (word(2), word(1)) {
        ("as", "of") => ("at", 2),
        (_, "since" | "from" | "after" | "between" | "starting") => ("since", 1),
        ("starting" | "beginning", _) => ("since", 2),
        (_, "until" | "till" | "before" | "through") => ("until", 1),
        ("up", "to") => ("until", 2),
        (_, "to" | "and" | "-" | "\u{2013}") if earlier => ("until", 1),
        (_, "at" | "on" | "of") => ("at", 1),
        _ => ("at", 0),
    };
    // `from … on`.
    let on = slot == "since"
        && tokens[at].stop.is_none()
        && tokens
            .get(at + 1)
            .is_some_and(|next| matches!(next.word.as_str(), "on" | "onwards"));
    Some(entity(
        slot,
        tokens[at].raw.clone(),
        at - lead,
        at + 1 + usize::from(on),
    ))
}

/// `on October 30 at noon UTC`, `as of Oct 30 14:00`: one moment.
pub(super) fn moment(tokens: &[Token], at: usize, now: jiff::Timestamp) -> Option<Entity> {
    let word = |at: usize| match tokens.get(at) {
        Some(token) if !token.quoted => token.word.as_str(),
        _ => "",
    };
    let lead = match (word(at), word(at + 1)) {
        ("as", "of") => 2,
        ("on" | "at", _) => 1,
        _ => return None,
    };
    let begin = at + lead + usize::from(word(at + lead) == "the");
    let (date, length) = match word(begin).parse::<jiff::civil::Date>() {
        Ok(date) => (date, 1),
        Err(_) => spans::date(&word, begin, now)?,
    };
    let behind = begin + length;
    let by = usize::from(matches!(word(behind), "at" | "around"));
    let half = Some(word(behind + by + 1)).filter(|next| matches!(*next, "am" | "pm"));
    let text = format!("{}{}", word(behind + by), half.unwrap_or_default());
    let (hour, minute) = spans::clock(&text)?;
    let end = behind + by + 1 + usize::from(half.is_some());
    let zone = usize::from(matches!(word(end), "utc" | "gmt" | "z"));
    let time = date
        .at(hour, minute, 0, 0)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .ok()?;
    Some(entity("at", time.timestamp().to_string(), at, end + zone))
}
