//! The action that a sentence names.

use super::cursor::{Text, glued, is_break};
use super::undress::{FOLD, WIDE};

/// What may stand between the phrase and the action, in this order.
const DETERMINERS: &[&str] = &["the following ", "the ", "this "];
const NOUNS: &[&str] = &[
    "actions",
    "action",
    "operations",
    "operation",
    "api call",
    "call",
];
const SIGNS: &[&str] = &[":", "=>", "=", "->"];

/// The most actions of one list.
const MOST: usize = 50;

/// The action behind a phrase, and where it ends.
pub(super) fn action(text: &Text, from: usize) -> Option<(String, usize)> {
    let mut place = text.blanks(from);
    let passed = |place: usize, words: &[&str]| {
        let end = words.iter().find_map(|word| text.phrase(place, word));
        end.map_or(place, |end| text.blanks(end))
    };
    for words in [SIGNS, DETERMINERS, NOUNS, SIGNS] {
        place = passed(place, words);
    }
    let opened = place;
    while place < opened + 3 && text.at(place).is_some_and(opens) {
        place += 1;
    }
    let begin = place;
    let end = word_end(text, begin, true);
    let service = glued(text.slice(begin, end));
    if service.is_empty() || service == "arn" || text.at(end) != Some(':') {
        return None;
    }
    let name = text.folds(end + 1);
    let last = word_end(text, name, false);
    let operation = glued(text.slice(name, last));
    let operation = operation.trim_end_matches(['.', '-', '_']);
    // `**s3:GetObject**`: the stars are not of the action.
    let operation = match text.slice(opened, begin).contains(&'*') {
        true => operation.trim_end_matches('*'),
        false => operation,
    };
    (!operation.is_empty()).then(|| (format!("{service}:{operation}"), last))
}

/// What may stand in front of an action: quotes, brackets, stars.
fn opens(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '[' | '(' | '*')
}

/// Further actions of a list, `[a:B, c:D]` or `a:B and c:D`, and where the last one ends.
pub(super) fn further(text: &Text, after: usize) -> (Vec<String>, usize) {
    let mut found = Vec::new();
    let mut end = after;
    while let Some((one, next)) = following(text, end) {
        found.push(one);
        end = next;
        if found.len() >= MOST {
            break;
        }
    }
    (found, end)
}

fn following(text: &Text, from: usize) -> Option<(String, usize)> {
    let quotes = text.slice(from, from + 2).iter();
    let quotes = quotes.take_while(|c| matches!(**c, '"' | '\'' | '`'));
    let mut place = text.blanks(from + quotes.count());
    let comma = text.at(place) == Some(',');
    if comma {
        place = text.blanks(place + 1);
    }
    let word = text.phrase(place, "and ");
    let word = word.or_else(|| text.phrase(place, "or "));
    if !comma && word.is_none() {
        return None;
    }
    let (one, end) = action(text, word.unwrap_or(place))?;
    // `host:8080` looks like one.
    let (service, operation) = one.split_once(':')?;
    let of_service = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_action = service.chars().all(of_service)
        && operation.starts_with(|c: char| c.is_ascii_uppercase())
        && text.at(end) != Some(':');
    is_action.then_some((one, end))
}

/// Where a word of letters and digits ends; a break within it is passed over where the word
/// goes on behind it.
fn word_end(text: &Text, from: usize, service: bool) -> usize {
    let of_word = |c: char| {
        c.is_ascii_alphanumeric() || (service && (c == '-' || c == '.')) || (!service && c == '*')
    };
    let mut end = from;
    loop {
        match text.at(end) {
            Some(c) if of_word(c) => end += 1,
            Some(c) if is_break(c) && end > from && goes_on(text, end, service) => {
                end = text.blanks(end);
            }
            _ => return end,
        }
    }
}

/// A word was cut, if its line was full, or if it would be no action without the rest.
fn goes_on(text: &Text, place: usize, service: bool) -> bool {
    let next = text.blanks(place);
    if service {
        let rest = text.slice(next, next + 40);
        let word = rest
            .iter()
            .take_while(|c| c.is_ascii_alphanumeric() || **c == '-');
        return rest.get(word.count()) == Some(&':');
    }
    let ends = [
        "on ",
        "because ",
        "with ",
        "status ",
        "action",
        "operation",
        "user:",
        "error",
    ];
    let rest = text.slice(next, next + 60);
    let word = rest.iter().take_while(|c| c.is_ascii_alphanumeric());
    let inner = word.skip(1).any(|c| c.is_ascii_uppercase());
    let cut = text.at(place) == Some(FOLD) || (text.at(place) == Some(WIDE) && inner);
    cut && text.at(next).is_some_and(|c| c.is_ascii_alphanumeric())
        && !ends
            .iter()
            .any(|phrase| text.phrase(next, phrase).is_some())
}
