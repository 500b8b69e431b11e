//! Values in the texts of rules.

use crate::expr::{Fact, Value};
use crate::text::{Untrusted, numbers};

/// A fact in a sentence.
pub(super) fn in_sentence(fact: &Fact) -> Option<Untrusted> {
    match fact.known()? {
        Value::Number(number) => Some(Untrusted::from(numbers::number(*number))),
        other => plain(other),
    }
}

/// A fact in a command: numbers whole, rounded up, without separators. `None` for a text that a
/// shell could take for more than a word, so that no name from outside becomes a command.
pub(super) fn in_command(fact: &Fact) -> Option<Untrusted> {
    let is_word = |text: &Untrusted| {
        let harmless = |c: char| c.is_ascii_alphanumeric() || "._:/@+=,-".contains(c);
        let text = text.raw();
        !text.is_empty() && !text.starts_with('-') && text.chars().all(harmless)
    };
    match fact.known()? {
        Value::Number(number) => Some(Untrusted::from(format!("{:.0}", number.ceil()))),
        other => plain(other).filter(is_word),
    }
}

fn plain(value: &Value) -> Option<Untrusted> {
    match value {
        Value::Text(text) => Some(text.as_ref().clone()),
        Value::Flag(flag) => Some(Untrusted::from(flag.to_string())),
        Value::Time(time) => Some(Untrusted::from(time.to_string())),
        Value::Number(_) | Value::List(_) | Value::Map(_) => None,
    }
}
