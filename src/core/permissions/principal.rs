//! Who was denied: what stands before "is not authorized to perform".

use super::cursor::{Text, glued, is_blank};
use super::undress::FOLD;

/// The longest principal, in characters.
const LONGEST: usize = 2_200;

/// The principal in front of `end`, not before `begin`. Nothing where the message names none.
pub(super) fn principal(text: &Text, begin: usize, end: usize) -> Option<String> {
    let begin = begin.max(end.saturating_sub(LONGEST + 200));
    match last_user(text, begin, end) {
        Some(from) => {
            let named = glued(text.slice(from, end));
            let named = unmarked(named.trim_matches(['"', '\'', '`', ',', ';', ' ']));
            is_somebody(named).then(|| named.to_owned())
        }
        None => last_token(text, begin, end),
    }
}

/// Behind the last `User:`.
fn last_user(text: &Text, begin: usize, end: usize) -> Option<usize> {
    let mut found = None;
    let mut from = begin;
    while let Some((start, after)) = text.find("user:", from, end) {
        found = Some(text.blanks(after));
        from = start + 1;
    }
    found.filter(|&from| from < end)
}

/// A message that is not AWS's own words: `SnapshotterRole/session is not authorized to …`.
fn last_token(text: &Text, begin: usize, end: usize) -> Option<String> {
    let before = text.slice(begin, end);
    let last = before.len() - before.iter().rev().take_while(|&&c| is_blank(c)).count();
    let start = token_start(&before[..last]);
    let token = glued(&before[start..last]);
    // `AccessDenied: is not authorized …`: a label, and behind it nobody.
    let is_label = token.ends_with(':') && !token.contains('/');
    if is_label || token.matches('>').count() > token.matches('<').count() {
        return None;
    }
    let token = token.trim_start_matches(['"', '\'', '`', '(', ',', ';', ':']);
    let token = unmarked(token.trim_end_matches(['"', '\'', '`', ',', ';', ':']));
    let is_name = token.starts_with("arn:")
        || token.contains(['/', '@', '_', '<', '{', '*'])
        || token.contains(|c: char| c.is_ascii_digit())
        || token.trim_matches('.').contains(['.', '-'])
        || mixed(token)
        || token.eq_ignore_ascii_case("anonymous");
    (is_name && is_somebody(token)).then(|| token.to_owned())
}

/// `[arn:…]`, `**arn:…**` and `user=arn:…` without what is not of the ARN.
fn unmarked(named: &str) -> &str {
    let Some(begin) = named.find("arn:") else {
        return named;
    };
    let (before, mut arn) = named.split_at(begin);
    let is_label = before
        .strip_suffix('=')
        .is_some_and(|word| word.chars().all(char::is_alphanumeric));
    if is_label {
        return arn;
    }
    if !before.chars().all(|c| "[(<*".contains(c)) {
        return named;
    }
    for _ in before.chars() {
        arn = arn.strip_suffix([']', ')', '>', '*']).unwrap_or(arn);
    }
    arn
}

/// Where the last word begins; blanks in an open placeholder belong to it.
fn token_start(chars: &[char]) -> usize {
    let mut depth = 0_i32;
    for (place, &c) in chars.iter().enumerate().rev() {
        match c {
            '>' | '}' => depth += 1,
            '<' | '{' => depth -= 1,
            '"' if depth <= 0 && place + 1 < chars.len() => return place + 1,
            _ if depth <= 0 && is_blank(c) && c != FOLD => return place + 1,
            _ => {}
        }
        if chars.len() - place > 400 {
            return place;
        }
    }
    0
}

/// `MyUser`, and not `User`.
fn mixed(token: &str) -> bool {
    let inner = token.chars().skip(1);
    token.chars().all(char::is_alphanumeric)
        && token.chars().any(char::is_lowercase)
        && inner.clone().any(char::is_uppercase)
}

/// Dots and dashes stand for somebody that was left out.
fn is_somebody(named: &str) -> bool {
    let known = named.chars().any(|c| c.is_alphanumeric() || c == '*');
    known && named.chars().count() <= LONGEST
}
