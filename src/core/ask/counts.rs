//! How many: `top 3`, `at most 4 of them`, `the worst issue`.

use std::collections::{HashMap, HashSet};

use super::found::Entities;
use super::words::Token;

/// `top 3`, `first five`, `3 worst issues`, `at most 4 of them`.
pub(super) fn numbers(tokens: &[Token], masked: &HashSet<usize>, out: &mut Entities) {
    let times = out
        .all
        .iter()
        .filter(|one| matches!(one.slot, "since" | "until"));
    let times: HashSet<usize> = times.flat_map(|one| one.from..one.to).collect();
    let spelled: HashMap<usize, String> = out
        .all
        .iter()
        .filter(|one| one.slot == "number")
        .map(|one| (one.from, one.value.clone()))
        .collect();
    for (at, token) in tokens.iter().enumerate() {
        if masked.contains(&at) || times.contains(&at) {
            continue;
        }
        let digits = token.word.len() <= 2 && token.word.bytes().all(|b| b.is_ascii_digit());
        let number = || digits.then(|| token.word.clone());
        let Some(value) = spelled.get(&at).cloned().or_else(number) else {
            continue;
        };
        let Some((from, to)) = counted(tokens, at) else {
            continue;
        };
        if value.parse::<u32>().is_ok_and(|number| number > 0) {
            out.add("top", value, from, to);
        }
    }
    out.all.retain(|one| one.slot != "number");
    if out.first("top").is_none() {
        foremost(tokens, masked, out);
    }
}

/// From where to where the words say that a number is how many to show.
fn counted(tokens: &[Token], at: usize) -> Option<(usize, usize)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let before = |back: usize| at.checked_sub(back).map_or("", &word);
    let next = word(at + 1);
    if let Some(lead) = bound(tokens, at) {
        let unit = matches!(next, "items" | "entries" | "rows" | "results" | "max");
        return Some((at - lead, at + 1 + usize::from(unit)));
    }
    let lead = matches!(before(1), "top" | "first" | "worst" | "highest");
    let tail = matches!(
        next,
        "most"
            | "worst"
            | "top"
            | "issue"
            | "problem"
            | "issues"
            | "problems"
            | "highest"
            | "biggest"
            | "important"
    );
    (lead || tail).then_some((at - usize::from(lead), at + 1))
}

/// `at most 4 of them`, `max 2`, `only 3 results`: how many words lead to it, where nothing else is
/// counted.
fn bound(tokens: &[Token], at: usize) -> Option<usize> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let before = |back: usize| at.checked_sub(back).map_or("", &word);
    let next = word(at + 1);
    let some = matches!(
        next,
        "of" | "ones" | "items" | "entries" | "rows" | "results"
    );
    let nothing_else =
        some || tokens[at].stop.is_some() || matches!(next, "" | "please" | "pls" | "only" | "max");
    match (before(2), before(1)) {
        ("at", "most")
        | ("up" | "limit" | "down" | "limited" | "cut", "to")
        | ("more", "than")
        | ("maximum", "of") => nothing_else.then_some(2),
        (_, "max" | "maximum" | "limit") => nothing_else.then_some(1),
        (_, "only" | "just" | "the") => some.then_some(1),
        _ => None,
    }
}

/// `the worst issue` is one.
fn foremost(tokens: &[Token], masked: &HashSet<usize>, out: &mut Entities) {
    let most = |word: &str| matches!(word, "top" | "worst" | "highest" | "biggest" | "most");
    let Some(at) = (0..tokens.len()).find(|at| !masked.contains(at) && most(&tokens[*at].word))
    else {
        return;
    };
    let one = |word: &str| matches!(word, "issue" | "problem" | "one");
    let near = at + 1..(at + 4).min(tokens.len());
    if near.clone().any(|at| one(&tokens[at].word)) {
        out.add("top", "1", at, at + 1);
    }
}
