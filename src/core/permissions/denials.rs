//! The denials of a text, in their order.

use super::cursor::{Text, is_blank};
use super::parts::parts;
use super::principal::principal;
use super::reason::{authorization_id, encoded_message, policy_arn, reason};
use super::sentence::{action, further};
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
    "are not permitted to perform",
    "is not allowed to perform",
    "are not allowed to perform",
    "is unauthorized to perform",
    "is not authorized to call",
    "is not authorized to execute",
    "is not authorized to invoke",
    "does not have the permission to perform",
    "do not have permission to perform",
    "don't have permission to perform",
    "has no permission to perform",
    "has no permissions to perform",
    "lacks permission to perform",
    "lacks permissions to perform",
];

/// Words that point at a resource instead of naming it.
const DETERMINERS: &[&str] = &["the ", "this ", "that ", "your ", "any ", "one of the "];
const NOUNS: &[&str] = &["resources", "resource(s)", "resource"];
/// What stands between such a word and a name.
const SIGNS: &[&str] = &[":", "=>", "=", "->"];
/// Words for what has a name.
const KINDS: &[&str] = &[
    "bucket",
    "cluster",
    "function",
    "instance",
    "key",
    "object",
    "parameter",
    "queue",
    "secret",
    "stream",
    "table",
    "topic",
];

/// Every denial of a text, in order; what is told twice is once. None where the text tells of
/// no denial.
pub fn denials(text: &str) -> Vec<Denial> {
    let parts = parts(text);
    let read = |part: &&str| Text::new(undress(part));
    let mut found: Vec<Denial> = Vec::new();
    let mut seen = Vec::new();
    for one in parts.iter().flat_map(|part| readings(&read(part))) {
        let actions = one.action.iter().chain(&one.other_actions);
        let actions: Vec<String> = actions.map(|one| one.raw().to_lowercase()).collect();
        let (resource, principal) = (one.resource.clone(), one.principal.clone());
        let key = (actions, resource, principal, one.deny_type);
        if !seen.contains(&key) {
            seen.push(key);
            found.push(one);
        }
        if found.len() >= MOST {
            break;
        }
    }
    if found.is_empty() {
        // Words such as `forbidden` say less than a sentence anywhere in the text.
        let words = parts.iter().find_map(|part| without_phrase(&read(part)));
        found.extend(words);
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
    let mut found = Vec::new();
    for (index, (start, after, action)) in sentences.iter().enumerate() {
        let begin = index.checked_sub(1).map_or(0, |before| sentences[before].1);
        let end = sentences.get(index + 1).map_or(text.len(), |next| next.0);
        let (others, last) = further(text, *after);
        found.push(Denial {
            action: Some(Untrusted::new(whole(text, action, *after, end))),
            other_actions: others.into_iter().map(Untrusted::new).collect(),
            implied_action: None,
            operation: None,
            resource: resource(text, last, end).map(Untrusted::new),
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
    let (mut place, is_on) = preposition(text, from)?;
    // `on this resource because …`, `on the specified resource` name none, and neither does
    // `on main.tf line 3`: behind such words only a sign, a quote or an ARN begins a name.
    let mut any_word = matches!(text.at(place), Some('*' | '<' | '{'));
    let determined = DETERMINERS.iter().find_map(|word| text.phrase(place, word));
    if let Some(end) = determined {
        place = noun(text, text.blanks(end))?;
    } else if let Some(end) = NOUNS.iter().find_map(|noun| text.phrase(place, noun)) {
        place = text.blanks(end);
        any_word = is_on && text.at(place).is_some_and(|c| !is_blank(c));
    } else if !is_on {
        text.phrase(place, "arn:")?;
    } else if let Some(name) = of_kind(text, place) {
        place = name;
    }
    let sign = SIGNS.iter().find_map(|sign| text.phrase(place, sign));
    if let Some(end) = sign {
        place = text.blanks(end);
    }
    if sign.is_none() && !any_word && !names_itself(text, place) {
        return None;
    }
    Some(value(text, place, to)?.0)
}

/// What is a name whatever stands in front of it: an ARN, or something in quotes.
fn names_itself(text: &Text, place: usize) -> bool {
    let apart = place > 0 && text.at(place - 1).is_some_and(is_blank);
    let bracket = matches!(text.at(place), Some('(' | '['));
    let arn = place + usize::from(bracket);
    text.phrase(arn, "arn:").is_some() || (apart && is_quote(text, place))
}

fn is_quote(text: &Text, place: usize) -> bool {
    matches!(text.at(place), Some('"' | '\'' | '`'))
}

/// Behind `on`, or behind `for`, `against` and `to`, which stand before other things too: whether
/// it was `on`.
fn preposition(text: &Text, from: usize) -> Option<(usize, bool)> {
    let closes = |c: char| matches!(c, '"' | '\'' | '`' | ']' | ')' | ',');
    let mut place = from;
    while text.at(place).is_some_and(closes) {
        place += 1;
    }
    place = text.blanks(place);
    let fillers = ["action ", "operation ", "api call ", "call "];
    place = fillers
        .iter()
        .find_map(|word| text.phrase(place, word))
        .unwrap_or(place);
    if let Some(end) = text.phrase(place, "on") {
        // `once`, `only`: another word.
        let is_word = text.at(end).is_none_or(|c| !c.is_alphanumeric())
            || ["arn:", "resource"]
                .iter()
                .any(|next| text.phrase(end, next).is_some());
        return is_word.then(|| (text.blanks(end), true));
    }
    let others = ["against ", "for ", "to "];
    let end = others.iter().find_map(|word| text.phrase(place, word))?;
    Some((end, false))
}

/// Behind the word for what it is: `on bucket: arn:…`, `on table "orders"`. Any word may stand in
/// front of an ARN, and only these in front of a name in quotes.
fn of_kind(text: &Text, from: usize) -> Option<usize> {
    let letters = text.slice(from, from + 20).iter();
    let end = from + letters.take_while(|c| c.is_ascii_lowercase()).count();
    let colon = usize::from(text.at(end) == Some(':'));
    let place = text.blanks(end + colon);
    if end == from || place == end + colon {
        return None;
    }
    let quoted = is_quote(text, place);
    let is_arn = text.phrase(place + usize::from(quoted), "arn:").is_some();
    let known = KINDS
        .iter()
        .any(|kind| text.phrase(from, kind) == Some(end));
    (is_arn || (quoted && known)).then_some(place)
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
