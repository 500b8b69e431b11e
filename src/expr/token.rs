//! From text to tokens.

use std::ops::Range;

use super::fault::{Fault, quoted};
use super::limits::MOST_BYTES;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Word(String),
    Sign(&'static str),
    End,
}

/// A token and its bytes.
pub(super) type Placed = (Range<usize>, Token);

/// Longer ones before those that they begin with.
const SIGNS: [&str; 25] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",",
    "(", ")", "[", "]", "{", "}", "=",
];

/// Words that are no names: those of the language, and those that people write by mistake.
const RESERVED: [&str; 10] = [
    "true", "false", "null", "in", "and", "or", "not", "is", "if", "else",
];

/// Returns whether a word cannot be a name.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// Returns whether a word cannot be a field either. Attributes called `and` or `not` exist.
pub(super) fn is_reserved_field(word: &str) -> bool {
    RESERVED[..4].contains(&word)
}

/// Splits into tokens, [`Token::End`] last.
pub(super) fn tokens(source: &str) -> Result<Vec<Placed>, Fault> {
    if source.len() > MOST_BYTES {
        let message = format!("{} bytes; the limit is {MOST_BYTES}", source.len());
        return Err(Fault::new(0..0, message));
    }
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        if first.is_ascii_whitespace() {
            at += 1;
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else {
            let (token, length) = next(rest, first, at)?;
            out.push((at..at + length, token));
            at += length;
        }
    }
    out.push((at..at, Token::End));
    Ok(out)
}

/// The token at the start of `rest`, and its length.
fn next(rest: &str, first: char, at: usize) -> Result<(Token, usize), Fault> {
    let second = rest[first.len_utf8()..].chars().next();
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    if is_digit(Some(first)) || (first == '.' && is_digit(second)) {
        return number(rest, at);
    }
    if matches!(first, '"' | '\'') {
        return text(rest, at);
    }
    if first == 'r' && matches!(second, Some('"' | '\'')) {
        return raw_text(rest, at);
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        return Ok((Token::Word(rest[..length].to_owned()), length));
    }
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return Ok((Token::Sign(sign), sign.len()));
    }
    let message = format!(
        "{} is not part of an expression",
        quoted(&first.to_string())
    );
    let fault = Fault::new(at..at + first.len_utf8(), message);
    Err(match first {
        '&' => fault.hint("write `&&`"),
        '|' => fault.hint("write `||`"),
        '“' | '”' | '„' | '’' | '‘' | '`' => fault.hint("texts stand in \"…\" or '…'"),
        _ => fault,
    })
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn number(rest: &str, at: usize) -> Result<(Token, usize), Fault> {
    let bytes = rest.as_bytes();
    let is_digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let digits = |from: usize| (from..).find(|i| !is_digit(*i)).unwrap_or(from);
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && is_digit(end + 1) {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if is_digit(end + 1 + signed) {
            end = digits(end + 1 + signed);
        }
    }
    let glued = rest[end..]
        .find(|c| !is_word(c))
        .unwrap_or(rest.len() - end);
    match rest[..end].parse::<f64>() {
        Ok(number) if number.is_finite() && glued == 0 => Ok((Token::Number(number), end)),
        _ => {
            let all = &rest[..end + glued];
            let message = format!("{} is not a number", quoted(all));
            Err(Fault::new(at..at + all.len(), message))
        }
    }
}

fn text(rest: &str, at: usize) -> Result<(Token, usize), Fault> {
    let mut chars = rest.char_indices();
    let quote = chars.next().map(|(_, quote)| quote);
    let mut out = String::new();
    while let Some((i, c)) = chars.next() {
        match c {
            _ if Some(c) == quote => return Ok((Token::Text(out), i + 1)),
            '\n' => break,
            '\\' => match chars.next().map(|(_, c)| c) {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some(c @ ('\\' | '"' | '\'' | '`' | '?')) => out.push(c),
                _ => {
                    let fault = Fault::new(at + i..at + i + 1, "unknown escape in a text");
                    return Err(fault.hint("a pattern is easier to write as r'…'"));
                }
            },
            _ => out.push(c),
        }
    }
    Err(unclosed(at))
}

fn raw_text(rest: &str, at: usize) -> Result<(Token, usize), Fault> {
    let quote = &rest[1..2];
    let body = &rest[2..];
    match body.find(quote) {
        Some(length) if !body[..length].contains('\n') => {
            Ok((Token::Text(body[..length].to_owned()), length + 3))
        }
        _ => Err(unclosed(at)),
    }
}

fn unclosed(at: usize) -> Fault {
    Fault::new(at..at + 1, "this text has no end").hint("close its quotes")
}
