//! Which events are wanted. Filters run here and not at the provider: what its emulators and
//! some of its classes make of a pattern differs, and a filter that finds nothing by mistake looks
//! like health.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

/// The largest program of a regular expression.
const MOST_PROGRAM: usize = 1 << 20;

/// A filter that means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// The expression between the slashes is none.
    #[error("not a regular expression: {0}")]
    Regex(String),
    /// No text at all.
    #[error("an empty filter")]
    Empty,
}

/// Which events are wanted.
#[derive(Debug, Clone, Default)]
pub struct LogFilter {
    parts: Vec<FilterPart>,
}

#[derive(Debug, Clone)]
enum FilterPart {
    /// Anywhere in the text, in any case.
    Text(String),
    /// Found in the text.
    Pattern(Regex),
    /// A field of JSON has this value; the path of a nested one has dots.
    Field(Vec<String>, String),
    /// Fits not.
    Not(Box<FilterPart>),
}

impl LogFilter {
    /// Parses the filters of a command line; an event has to fit all. `/…/` is a regular
    /// expression, `name=value` a field of an event in JSON (or that very text), a leading `!` what
    /// may not fit, anything else text in any case.
    ///
    /// # Errors
    /// Where one is empty or no regular expression.
    pub fn parse<T: AsRef<str>>(filters: &[T]) -> Result<Self, FilterError> {
        let parts = filters.iter().map(|filter| part(filter.as_ref()));
        Ok(Self {
            parts: parts.collect::<Result<_, _>>()?,
        })
    }

    /// Returns whether an event is wanted.
    pub fn fits(&self, message: &str) -> bool {
        self.parts.iter().all(|part| part.fits(message))
    }
}

fn part(text: &str) -> Result<FilterPart, FilterError> {
    if text.trim().is_empty() {
        return Err(FilterError::Empty);
    }
    if let Some(rest) = text.strip_prefix('!').filter(|rest| !rest.is_empty()) {
        return Ok(FilterPart::Not(Box::new(part(rest)?)));
    }
    let between = text
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    if let Some(pattern) = between.filter(|pattern| !pattern.is_empty()) {
        let built = RegexBuilder::new(pattern)
            .size_limit(MOST_PROGRAM)
            .multi_line(true)
            .build();
        return built
            .map(FilterPart::Pattern)
            .map_err(|error| FilterError::Regex(reason(&error)));
    }
    if let Some((name, value)) = text.split_once('=')
        && !name.is_empty()
        && name
            .bytes()
            .all(|letter| letter.is_ascii_alphanumeric() || b"._-@".contains(&letter))
    {
        let path = name.split('.').map(str::to_owned).collect();
        return Ok(FilterPart::Field(path, value.to_owned()));
    }
    Ok(FilterPart::Text(text.to_lowercase()))
}

/// The last line of the error: the ones before draw a picture of the pattern.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().next_back().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

impl FilterPart {
    fn fits(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => message.to_lowercase().contains(text),
            Self::Pattern(pattern) => pattern.is_match(message),
            Self::Not(part) => !part.fits(message),
            Self::Field(path, value) => field(message, path, value),
        }
    }
}

fn field(message: &str, path: &[String], wanted: &str) -> bool {
    let written = format!("{}={wanted}", path.join("."));
    let text = message.trim_start();
    let object = text
        .starts_with('{')
        .then(|| serde_json::from_str::<Value>(text).ok());
    let Some(object) = object.flatten() else {
        return message.contains(&written);
    };
    let found = path
        .iter()
        .try_fold(&object, |value, name| value.get(name.as_str()))
        // A name may have dots itself.
        .or_else(|| object.get(path.join(".")));
    match found {
        Some(Value::String(text)) => text.eq_ignore_ascii_case(wanted),
        Some(Value::Null) | None => false,
        Some(other) => other.to_string().eq_ignore_ascii_case(wanted),
    }
}
