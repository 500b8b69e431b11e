//! Options that are said by their own name, `with the prefix app-`, `overwrite`, and values of which
//! an option has few, `a comprehensive analysis`. They come from the definition of the command
//! alone, so that a new command has them before anybody writes words for it.

use super::Utterance;
use super::commands::KnownPlace;
use super::entity::Placed;
use super::spans;
use super::stem::stem;
use super::vocabulary::Intent;
use super::words::Token;

/// Consent is given beside the words, and never by them.
pub(super) const NEVER: &[&str] = &["yes", "i-know"];
/// Options that have words of their own, under the name of a slot.
const SLOTS: &[(&str, &str)] = &[
    ("status", "state"),
    ("action", "action"),
    ("action", "listactions"),
    ("list", "listactions"),
    ("set", "action"),
    ("type", "audit"),
    ("into", "into"),
    ("undo", "remediation"),
];
/// What may stand between the name of an option and its value.
const BETWEEN: &[&str] = &[
    "of", "is", "to", "as", "the", "called", "named", "on", "=", "a", "be", "should", "in", "next",
];
/// So many words of those.
const MOST_BETWEEN: usize = 3;

/// Those of a command that nothing else has found.
pub(super) fn find(intent: &Intent, utterance: &Utterance<'_>, taken: &[Placed]) -> Vec<Placed> {
    let command = utterance.command_of(intent);
    let mut out: Vec<Placed> = Vec::new();
    for place in command.iter().flat_map(|command| &command.places) {
        let Some(name) = place.option() else { continue };
        let vocabulary = utterance.vocabulary;
        let has_words = vocabulary.places.iter().any(|words| words.option == name)
            || vocabulary.switches.contains(name);
        let is_taken = taken.iter().any(|one| one.option == name);
        let is_slot = SLOTS
            .iter()
            .any(|(option, slot)| *option == name && intent.has(slot));
        if NEVER.contains(&name) || has_words || is_taken || is_slot || intent.has(name) {
            continue;
        }
        let found =
            (0..utterance.tokens.len()).filter_map(|at| at_word(place, name, at, utterance));
        for one in found {
            let again = out
                .iter()
                .any(|other| other.option == one.option || other.at == one.at);
            let inside = out
                .iter()
                .any(|other| other.from < one.to && one.from < other.to);
            if !inside && (place.many || !again) {
                out.push(one);
            }
        }
    }
    out
}

/// The option, where its name or one of its values stands at a word.
fn at_word(place: &KnownPlace, name: &str, at: usize, utterance: &Utterance<'_>) -> Option<Placed> {
    let tokens = utterance.tokens;
    let open = |at: usize| at < tokens.len() && !utterance.clauses.masked.contains(&at);
    let placed = |value: String, at: usize, from: usize, to: usize| {
        let option = name.to_owned();
        Placed {
            option,
            value,
            at,
            from,
            to,
        }
    };
    if !open(at) || tokens[at].quoted {
        return None;
    }
    let known = |word: &str| utterance.vocabulary.knows(word);
    // `top-three` may be said in two words.
    let listed = place
        .values
        .iter()
        .find(|value| says(tokens, at, value) && !known(value));
    if let Some(value) = listed {
        let length = length(tokens, at, value);
        return Some(placed(value.clone(), at, at, at + length));
    }
    if !says(tokens, at, name) {
        return None;
    }
    let behind = at + length(tokens, at, name);
    if place.is_switch() {
        // A word that says something else as well is no switch.
        let plain = name.contains('-') || !known(name);
        return plain.then(|| placed(String::new(), at, at, behind));
    }
    let between = |at: &usize| open(*at) && BETWEEN.contains(&tokens[*at].word.as_str());
    let mut value_at = behind;
    while value_at < behind + MOST_BETWEEN && between(&value_at) {
        value_at += 1;
    }
    if !open(value_at) {
        return None;
    }
    let (value, length) = value(place, value_at, tokens)?;
    let says_nothing = utterance.vocabulary.is_filler(&tokens[value_at].word);
    if says_nothing && place.values.is_empty() && !tokens[value_at].quoted {
        return None;
    }
    Some(placed(value, value_at, at, value_at + length))
}

/// Whether the words from here on are a name of one or several.
fn says(tokens: &[Token], at: usize, name: &str) -> bool {
    let whole =
        tokens[at].word == name || !name.contains('-') && stem(&tokens[at].word) == stem(name);
    whole || name.contains('-') && split(tokens, at, name)
}

fn split(tokens: &[Token], at: usize, name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let there = tokens.get(at..at + parts.len());
    there.is_some_and(|there| {
        let mut pairs = there.iter().zip(&parts);
        pairs.all(|(token, part)| !token.quoted && token.word == *part)
    })
}

fn length(tokens: &[Token], at: usize, name: &str) -> usize {
    match name.contains('-') && split(tokens, at, name) {
        true => name.split('-').count(),
        false => 1,
    }
}

/// The value at a word, where it is of the form that the option takes, and how many words it has.
fn value(place: &KnownPlace, at: usize, tokens: &[Token]) -> Option<(String, usize)> {
    let token = &tokens[at];
    let raw = token.raw.as_str();
    if !place.values.is_empty() {
        let value = place.values.iter().find(|value| says(tokens, at, value))?;
        return Some((value.clone(), length(tokens, at, value)));
    }
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let plain = |at: usize| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.:/@=*".contains(c);
        (!raw.is_empty() && !raw.starts_with('-') && raw.chars().all(fits))
            .then(|| (raw.to_owned(), at))
    };
    match place.value.as_deref().unwrap_or_default() {
        "DURATION" | "EVERY" => spans::quantity(&word, at, false),
        "N" | "NUMBER" | "USD" | "MB" | "VALUE" => {
            let digits = raw.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            plain(1).filter(|_| digits)
        }
        "KEY=VALUE" | "NAME=VALUE" => plain(1).filter(|_| raw.contains('=')),
        "ARN" => plain(1).filter(|_| raw.starts_with("arn:")),
        "URL" => plain(1).filter(|_| raw.starts_with("http")),
        "FILE" => plain(1).filter(|_| raw.contains('.')),
        "ID" => plain(1).filter(|_| raw.contains(|c: char| c.is_ascii_digit())),
        _ if token.quoted => Some((raw.to_owned(), 1)),
        _ => plain(1),
    }
}
