//! From text to tokens.

use super::{ConditionError, MOST_LENGTH, Relation};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Word(String),
    Text(String),
    Number(f64),
    Relation(Relation),
    Open,
    Close,
    ListOpen,
    ListClose,
    Comma,
    End,
}

pub(super) fn fault(at: usize, message: impl Into<String>) -> ConditionError {
    ConditionError {
        at,
        message: message.into(),
        instead: None,
    }
}

/// Tokens with their places, [`Token::End`] last.
pub(super) fn tokens(source: &str) -> Result<Vec<(usize, Token)>, ConditionError> {
    if source.len() > MOST_LENGTH {
        return Err(fault(
            0,
            format!(
                "the condition has {} bytes; the limit is {MOST_LENGTH}",
                source.len()
            ),
        ));
    }
    let chars: Vec<char> = source.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let (token, end) = one(&chars, at, c)?;
        out.push((at, token));
        at = end;
    }
    out.push((chars.len(), Token::End));
    Ok(out)
}

fn one(chars: &[char], at: usize, c: char) -> Result<(Token, usize), ConditionError> {
    let next = chars.get(at + 1).copied();
    Ok(match (c, next) {
        ('=', Some('=')) => (Token::Relation(Relation::Equal), at + 2),
        ('!', Some('=')) => (Token::Relation(Relation::Unequal), at + 2),
        ('<', Some('=')) => (Token::Relation(Relation::LessOrEqual), at + 2),
        ('>', Some('=')) => (Token::Relation(Relation::GreaterOrEqual), at + 2),
        ('<', _) => (Token::Relation(Relation::Less), at + 1),
        ('>', _) => (Token::Relation(Relation::Greater), at + 1),
        ('=', _) => return Err(fault(at, "`=` compares nothing; write `==`")),
        ('&', _) => return Err(fault(at, "write `and` for `&&`")),
        ('|', _) => return Err(fault(at, "write `or` for `||`")),
        ('!', _) => return Err(fault(at, "write `not` for `!`")),
        ('(', _) => (Token::Open, at + 1),
        (')', _) => (Token::Close, at + 1),
        ('[', _) => (Token::ListOpen, at + 1),
        (']', _) => (Token::ListClose, at + 1),
        (',', _) => (Token::Comma, at + 1),
        ('"' | '\'', _) => text(chars, at, c)?,
        (c, _) if c.is_ascii_digit() => number(chars, at)?,
        ('-', Some(digit)) if digit.is_ascii_digit() => number(chars, at)?,
        (c, _) if c.is_ascii_alphabetic() || c == '_' => {
            let end = end_of(chars, at, |c| c.is_ascii_alphanumeric() || c == '_');
            (Token::Word(chars[at..end].iter().collect()), end)
        }
        (c, _) => {
            let shown = crate::text::escape::terminal(&c.to_string());
            return Err(fault(at, format!("`{shown}` is not part of a condition")));
        }
    })
}

fn text(chars: &[char], at: usize, quote: char) -> Result<(Token, usize), ConditionError> {
    let body = &chars[at + 1..];
    let Some(length) = body.iter().position(|c| *c == quote) else {
        return Err(fault(at, "this text has no end; close its quotes"));
    };
    Ok((
        Token::Text(body[..length].iter().collect()),
        at + length + 2,
    ))
}

fn number(chars: &[char], at: usize) -> Result<(Token, usize), ConditionError> {
    let end = end_of(chars, at + 1, |c| c.is_ascii_alphanumeric() || c == '.');
    let text: String = chars[at..end].iter().collect();
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok((Token::Number(number), end)),
        _ => Err(fault(at, format!("`{text}` is not a number"))),
    }
}

fn end_of(chars: &[char], from: usize, belongs: fn(char) -> bool) -> usize {
    let rest = chars.iter().skip(from);
    from + rest.take_while(|c| belongs(**c)).count()
}
