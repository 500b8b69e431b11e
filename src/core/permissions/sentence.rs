//! The action that a sentence names.

use super::cursor::{Text, glued, is_break};
use super::undress::{FOLD, WIDE};

/// The action behind a phrase, and where it ends.
pub(super) fn action(text: &Text, from: usize) -> Option<(String, usize)> {
    let mut place = text.blanks(from);
    for filler in [
        "the action",
        "this action",
        "action",
        "operation",
        "the following action",
    ] {
        if let Some(end) = text.phrase(place, filler) {
            place = text.blanks(end);
        }
    }
    if text.at(place) == Some(':') {
        place = text.blanks(place + 1);
    }
    if text
        .at(place)
        .is_some_and(|c| matches!(c, '"' | '\'' | '`' | '[' | '('))
    {
        place += 1;
    }
    let begin = place;
    let end = word_end(text, begin, true);
    let service = glued(text.slice(begin, end));
    if service.is_empty() || text.at(end) != Some(':') {
        return None;
    }
    let name = text.folds(end + 1);
    let last = word_end(text, name, false);
    let operation = glued(text.slice(name, last));
    let operation = operation.trim_end_matches(['.', '-', '_']);
    (!operation.is_empty()).then(|| (format!("{service}:{operation}"), last))
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
