//! The leading items of a line, and what each looks like: the material from which a header is
//! inferred.

use super::bytes::{BLANK, hash, is};
use super::values::calendar;

/// The items of a line that may belong to a header.
pub(super) const MOST_ITEMS: usize = 16;
/// The longest run in brackets that is one item.
const LONGEST_BOX: usize = 160;

/// What an item looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A number, a time, a date, an identifier in hexadecimal.
    Value,
    /// The severity of a message, with or without brackets.
    Level,
    /// Punctuation only.
    Mark,
    /// Anything in brackets.
    Box,
    Word,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) class: Class,
    /// Ends with a colon.
    pub(super) colon: bool,
    /// Followed by a tab, two blanks or a bar.
    pub(super) wide: bool,
}

/// Returns the item that begins at or after a place of the line.
pub(super) fn next_item(line: &[u8], mut at: usize) -> Option<Item> {
    while at < line.len() && (is(line[at], BLANK) || line[at] == b'|') {
        at += 1;
    }
    if at >= line.len() {
        return None;
    }
    let start = at;
    let boxed = box_end(line, at);
    at = boxed.unwrap_or(at);
    let glued = start > 0 && line[start - 1] == b':';
    while at < line.len() && !is(line[at], BLANK) && line[at] != b'|' {
        // Boxes may stand side by side: `[time][level]`.
        if boxed == Some(at) && line[at] == b'[' {
            break;
        }
        at += 1;
        // `INFO:logger:message`.
        if line[at - 1] == b':' && (glued || is_level(&line[start..at - 1]) && at - start > 2) {
            break;
        }
    }
    let text = &line[start..at];
    let rest = &line[at..];
    let wide = matches!(rest, [b'|' | b'\t', ..] | [b' ', b' ' | b'\t', ..]);
    // The name of a field of JSON is no tag.
    let colon = text.len() > 1 && text.ends_with(b":") && !text.contains(&b'"');
    Some(Item {
        start,
        end: at,
        class: class(text, boxed.is_some()),
        colon,
        wide,
    })
}

/// The end of a run in balanced brackets that begins here.
fn box_end(line: &[u8], start: usize) -> Option<usize> {
    let (open, close) = match line[start] {
        b'[' => (b'[', b']'),
        b'(' => (b'(', b')'),
        b'<' => (b'<', b'>'),
        _ => return None,
    };
    let mut depth = 0_usize;
    for (offset, &byte) in line[start..].iter().take(LONGEST_BOX).enumerate() {
        if byte == open {
            depth += 1;
        } else if byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(start + offset + 1);
            }
        }
    }
    None
}

fn class(text: &[u8], boxed: bool) -> Class {
    let edge = |c: &u8| !c.is_ascii_alphanumeric() && *c < 128;
    let Some(first) = text.iter().position(|c| !edge(c)) else {
        return if boxed { Class::Box } else { Class::Mark };
    };
    let last = text.iter().rposition(|c| !edge(c)).unwrap_or(first);
    let inner = &text[first..=last];
    if is_level(inner) {
        return Class::Level;
    }
    if boxed {
        return Class::Box;
    }
    if is_value(inner) {
        Class::Value
    } else {
        Class::Word
    }
}

/// Returns whether the word is a severity, as programs of any kind write it.
pub(super) fn is_level(word: &[u8]) -> bool {
    if word.len() == 1 {
        return matches!(
            word[0],
            b'V' | b'D' | b'I' | b'W' | b'E' | b'F' | b'T' | b'C' | b'N'
        );
    }
    if word.len() > 9 {
        return false;
    }
    let mut lower = [0_u8; 9];
    for (to, from) in lower.iter_mut().zip(word) {
        *to = from.to_ascii_lowercase();
    }
    matches!(
        &lower[..word.len()],
        b"trace"
            | b"debug"
            | b"info"
            | b"notice"
            | b"warn"
            | b"warning"
            | b"error"
            | b"err"
            | b"crit"
            | b"critical"
            | b"fatal"
            | b"severe"
            | b"alert"
            | b"emerg"
            | b"emergency"
            | b"panic"
            | b"fine"
            | b"finer"
            | b"finest"
            | b"failure"
            | b"verbose"
    )
}

/// Returns whether the text holds a digit, and letters only as a time, a date or a long number
/// in hexadecimal does; or is a word of the calendar.
fn is_value(text: &[u8]) -> bool {
    if calendar(text).is_some() {
        return true;
    }
    if !text.iter().any(u8::is_ascii_digit) {
        return false;
    }
    let hex = |c: &u8| c.is_ascii_hexdigit() || matches!(c, b'-' | b':');
    if text.len() >= 8 && text.iter().all(hex) {
        return true;
    }
    text.split(|c| !c.is_ascii_alphabetic() && *c < 128)
        .all(|run| {
            matches!(run, b"" | b"T" | b"Z" | b"UTC" | b"GMT" | b"AM" | b"PM")
                || calendar(run).is_some()
        })
}

/// A hash of the item with every run of digits as one `0`, and with every run of letters as one
/// `a` when the words do not matter.
pub(super) fn shape(text: &[u8], keep_words: bool) -> u64 {
    let mut out = [0_u8; 48];
    let mut length = 0;
    for &byte in text {
        let mapped = match byte {
            b'0'..=b'9' => b'0',
            byte if (byte.is_ascii_alphabetic() || byte >= 128) && !keep_words => b'a',
            byte => byte,
        };
        let run = matches!(mapped, b'0' | b'a') && !(keep_words && mapped == b'a');
        if run && length > 0 && out[length - 1] == mapped {
            continue;
        }
        if length == out.len() {
            break;
        }
        out[length] = mapped;
        length += 1;
    }
    hash(&out[..length])
}
