//! The denials of a text, in their order.

use super::cursor::{Text, is_blank};
use super::principal::principal;
use super::reason::{authorization_id, encoded_message, policy_arn, reason};
use super::sentence::action;
use super::service::without_phrase;
use super::undress::undress;
use super::value::value;
use crate::model::denial::Denial;
use crate::text::Untrusted;

/// The most denials of one text.
const MOST: usize = 500;

/// What stands before the action.
const PHRASES: &[&str] = &[
    "is not authorized to perform",
    "are not authorized to perform",
    "isn't authorized to perform",
    "is not authorised to perform",
    "doesn't have permission to call",
    "does not have permission to call",
    "doesn't have permission to perform",
    "does not have permission to perform",
    "doesn't have permissions to perform",
    "does not have permissions to perform",
    "is not permitted to perform",
];

/// Words that point at a resource instead of naming it.
const DETERMINERS: &[&str] = &["the ", "this ", "that ", "your ", "any ", "one of the "];
const NOUNS: &[&str] = &["resources", "resource(s)", "resource"];

/// Every denial of a text, in order; what is told twice is once. None where the text tells of
/// no denial.
pub fn denials(text: &str) -> Vec<Denial> {
    let text = Text::new(undress(text));
    let mut found: Vec<Denial> = Vec::new();
    let mut seen = Vec::new();
    for one in readings(&text) {
        let actions = one.action.iter().chain(&one.other_actions);
        let actions: Vec<String> = actions.map(|one| one.raw().to_lowercase()).collect();
        let (resource, principal) = (one.resource.clone(), one.principal.clone());
        let key = (actions, resource, principal, one.deny_type);
        if !seen.contains(&key) {
            seen.push(key);
            found.push(one);
        }
    }
    found
}

fn readings(text: &Text) -> Vec<Denial> {
    let mut sentences = Vec::new();
    let mut from = 0;
    while let Some((start, end)) = text.find_any(PHRASES, from, text.len()) {
        if let Some((action, after)) = action(text, end) {
            sentences.push((start, after, action));
        }
        from = end;
        if sentences.len() >= MOST {
            break;
        }
    }
    if sentences.is_empty() {
        sentences.extend(glued_sentence(text));
    }
    if sentences.is_empty() {
        return without_phrase(text).into_iter().collect();
    }
    let mut found = Vec::new();
    for (index, (start, after, action)) in sentences.iter().enumerate() {
        let begin = index.checked_sub(1).map_or(0, |before| sentences[before].1);
        let end = sentences.get(index + 1).map_or(text.len(), |next| next.0);
        found.push(Denial {
            action: Some(Untrusted::new(whole(text, action, *after, end))),
            other_actions: Vec::new(),
            implied_action: None,
            operation: None,
            resource: resource(text, *after, end).map(Untrusted::new),
            principal: principal(text, begin, *start).map(Untrusted::new),
            deny_type: reason(text, *after, end),
            likely_deny_type: None,
            policy_arn: policy_arn(text, *after, end).map(Untrusted::new),
            has_authorization_id: authorization_id(text, *after, end).is_some(),
            has_encoded_message: encoded_message(text, *after, end).is_some(),
        });
    }
    found
}

/// A sentence whose first word lost the blank in front of it: `…/i-0abcis not authorized to …`.
fn glued_sentence(text: &Text) -> Option<(usize, usize, String)> {
    (0..text.len()).find_map(|place| {
        let end = text.phrase(place, PHRASES[0])?;
        let (action, after) = action(text, end)?;
        Some((place, after, action))
    })
}

/// AWS says the action twice: a line that ends in the middle of the first does not cut both.
fn whole(text: &Text, action: &str, from: usize, to: usize) -> String {
    let said = [" allows the ", " allow the "];
    let again = text
        .find_any(&said.map(str::trim_start), from, to.min(from + 3_000))
        .and_then(|(_, end)| super::sentence::action(text, end));
    match again {
        Some((again, _))
            if again.len() > action.len()
                && again.is_char_boundary(action.len())
                && again[..action.len()].eq_ignore_ascii_case(action) =>
        {
            again
        }
        _ => action.to_owned(),
    }
}

/// The resource behind `on resource:`.
fn resource(text: &Text, from: usize, to: usize) -> Option<String> {
    let mut place = from;
    while text
        .at(place)
        .is_some_and(|c| matches!(c, '"' | '\'' | '`' | ']' | ')'))
    {
        place += 1;
    }
    place = text.blanks(place);
    if let Some(end) = text.phrase(place, "action ") {
        place = end;
    }
    let end = text.phrase(place, "on")?;
    let mut place = text.blanks(end);
    // `on this resource because …`, `on the specified resource` name none: behind such words
    // only a colon, a quote or an ARN begins a name.
    let determined = DETERMINERS.iter().find_map(|word| text.phrase(place, word));
    let mut bare = false;
    if let Some(end) = determined {
        bare = true;
        place = noun(text, text.blanks(end))?;
    } else if let Some(end) = NOUNS.iter().find_map(|noun| text.phrase(place, noun)) {
        place = text.blanks(end);
    }
    let colon = text.at(place) == Some(':');
    if colon {
        place = text.blanks(place + 1);
    }
    // Without the colon only an ARN is a resource.
    let apart = place > 0 && text.at(place - 1).is_some_and(is_blank);
    let quoted = apart
        && text
            .at(place)
            .is_some_and(|c| matches!(c, '"' | '\'' | '`'));
    let is_named = text.phrase(place, "arn:").is_some() || quoted;
    if !colon && !is_named && (bare || text.at(place).is_none_or(is_blank)) {
        return None;
    }
    Some(value(text, place, to)?.0)
}

/// Behind the noun of `the specified resource`, or where an ARN begins instead of it.
fn noun(text: &Text, from: usize) -> Option<usize> {
    let mut place = from;
    for _ in 0..4 {
        if text.phrase(place, "arn:").is_some() {
            return Some(place);
        }
        if let Some(end) = NOUNS.iter().find_map(|noun| text.phrase(place, noun)) {
            return Some(text.blanks(end));
        }
        let word = text.slice(place, place + 20).iter();
        let word = word.take_while(|c| c.is_ascii_alphabetic()).count();
        let next = text.blanks(place + word);
        if word == 0 || next == place + word {
            return None;
        }
        place = next;
    }
    None
}
