//! How grave an event says that it is.

use serde_json::{Map, Value};

use super::join::looks_like_trace;
use crate::model::log_events::LogLevel;

/// The names that loggers give a level in JSON.
const NAMES: [&str; 6] = [
    "level",
    "severity",
    "lvl",
    "log_level",
    "levelname",
    "severity_text",
];
/// The words of a line among which its level stands.
const REACH: usize = 8;
/// The bytes of a line that are looked at.
const HEAD: usize = 256;
/// The longest message that is read as JSON.
const LONGEST: usize = 1 << 16;

/// Returns the level of a message. Of text it is the first word of its head that is a level in
/// capitals, in brackets or before a colon, because `error` in a sentence is none. The lines of an
/// exception are an error, whether they say so or not.
pub fn level_of(message: &str) -> Option<LogLevel> {
    let text = message.trim_start();
    if text.starts_with('{')
        && text.len() <= LONGEST
        && let Ok(object) = serde_json::from_str::<Map<String, Value>>(text)
    {
        return of_json(&object);
    }
    of_text(text).or_else(|| looks_like_trace(message).then_some(LogLevel::Error))
}

fn of_json(object: &Map<String, Value>) -> Option<LogLevel> {
    let value = NAMES.iter().find_map(|name| object.get(*name))?;
    match value {
        Value::String(word) => LogLevel::parse(word),
        // The numbers of pino and bunyan.
        Value::Number(number) => match number.as_u64()? {
            10 => Some(LogLevel::Trace),
            20 => Some(LogLevel::Debug),
            30 => Some(LogLevel::Info),
            40 => Some(LogLevel::Warn),
            50 => Some(LogLevel::Error),
            60 => Some(LogLevel::Fatal),
            _ => None,
        },
        _ => None,
    }
}

fn of_text(text: &str) -> Option<LogLevel> {
    let first = text.lines().next().unwrap_or_default();
    let mut end = first.len().min(HEAD);
    while !first.is_char_boundary(end) {
        end -= 1;
    }
    let head = &first[..end];
    let words = head.split(|letter: char| letter.is_whitespace() || letter == '|');
    words
        .filter(|word| !word.is_empty())
        .take(REACH)
        .find_map(of_word)
}

/// The level that a word names: `[error]`, `ERROR`, `level=error`, `error:`.
fn of_word(word: &str) -> Option<LogLevel> {
    let value = word
        .split_once('=')
        .filter(|(name, _)| NAMES.contains(name))
        .map(|(_, value)| value);
    let bare = |letter: char| !letter.is_ascii_alphabetic();
    let named = value.unwrap_or(word).trim_matches(bare);
    // `app[ERROR]` and `main/INFO` name theirs last.
    let named = named.rsplit(['[', '/']).next().unwrap_or(named);
    let marked = value.is_some()
        || word.starts_with(['[', '<', '('])
        || word.ends_with([':', ']'])
        || named.bytes().all(|letter| letter.is_ascii_uppercase());
    marked.then(|| LogLevel::parse(named)).flatten()
}
