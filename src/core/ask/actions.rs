//! Which action an order means for a resource, and what the words give for its parameters. The
//! actions are those of the catalog; the words of orders and units are in the vocabulary.

use crate::catalog::actions::{Action, Actions, ParameterKind};

use super::Utterance;
use super::entity::Placed;
use super::services::Services;
use super::vocabulary::Intent;

/// Words that say that a number is added to what is there, or taken from it.
const RELATIVE: &[&str] = &[
    "by",
    "more",
    "another",
    "extra",
    "additional",
    "further",
    "fewer",
    "less",
    "percent",
    "%",
    "times",
];

/// The action that one of these names means for a kind of resource.
pub(super) fn called(names: &[String], kind: &str) -> Option<&'static Action> {
    let called = |name: &String| match Actions::built_in().called(name, Some(kind))[..] {
        [one] => Some(one),
        _ => None,
    };
    names.iter().find_map(called)
}

/// The action of an intent for the resource that is named.
pub(super) fn of(intent: &Intent, utterance: &Utterance<'_>) -> Option<&'static Action> {
    let names = utterance
        .vocabulary
        .actions
        .get(intent.action.as_deref()?)?;
    match &utterance.entities.services {
        Services::One(service) => called(names, service.kind.as_deref()?),
        _ => None,
    }
}

/// What the words give for the parameters of the action: `--set count=6`.
pub(super) fn placed(intent: &Intent, utterance: &Utterance<'_>) -> Vec<Placed> {
    let Some(action) = of(intent, utterance) else {
        return Vec::new();
    };
    let is_number = |kind: &ParameterKind| matches!(kind, ParameterKind::Number { .. });
    let numbers = action
        .parameters
        .values()
        .filter(|one| is_number(&one.kind))
        .count();
    let mut out = Vec::new();
    for (name, parameter) in &action.parameters {
        let found = match &parameter.kind {
            ParameterKind::Number { .. } => number(name, &parameter.about, numbers == 1, utterance),
            ParameterKind::Text { pattern, .. } => text(name, pattern, utterance),
            // Only programs have these, and `--set` says them.
            ParameterKind::Choice { .. } => None,
        };
        out.extend(found);
    }
    out
}

/// What an action cannot do without and the words do not give.
pub(super) fn missing(action: &Action, placed: &[Placed]) -> Vec<String> {
    let given = |name: &str| {
        let mut all = placed.iter().filter(|one| one.option == "set");
        all.any(|one| one.value.split('=').next() == Some(name))
    };
    let all = action.parameters.iter();
    let lacking = all.filter(|(name, one)| one.default.is_none() && !given(name));
    lacking
        .map(|(_, one)| match &one.kind {
            ParameterKind::Number { .. } => format!("how many {}? say `to 100`", one.about),
            ParameterKind::Text { example, .. } => {
                format!("which {}? for instance `{example}`", one.about)
            }
            ParameterKind::Choice { values } => {
                format!("which {}? one of {}", one.about, values.join(", "))
            }
        })
        .collect()
}

fn set(name: &str, value: &str, at: usize, from: usize, to: usize) -> Placed {
    Placed {
        option: "set".to_owned(),
        value: format!("{name}={value}"),
        at,
        from,
        to,
    }
}

/// A number in the words that nothing else has taken.
struct SpokenNumber {
    value: u64,
    at: usize,
    from: usize,
    to: usize,
    is_target: bool,
    is_named: bool,
}

fn number(name: &str, about: &str, only: bool, utterance: &Utterance<'_>) -> Option<Placed> {
    let all: Vec<SpokenNumber> = (0..utterance.tokens.len())
        .filter_map(|at| number_at(at, name, about, utterance))
        .collect();
    let one = match all.as_slice() {
        [one] if only => one,
        several => {
            let named = several.iter().find(|one| one.is_named);
            named.or_else(|| several.iter().find(|one| only && one.is_target))?
        }
    };
    Some(set(name, &one.value.to_string(), one.at, one.from, one.to))
}

fn number_at(
    at: usize,
    name: &str,
    about: &str,
    utterance: &Utterance<'_>,
) -> Option<SpokenNumber> {
    let tokens = utterance.tokens;
    let token = &tokens[at];
    let mut all = utterance.entities.all.iter();
    let taken = all.any(|one| (one.from..one.to).contains(&at) && one.slot != "top");
    if taken || token.quoted || utterance.clauses.masked.contains(&at) {
        return None;
    }
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let digits = token.word.len()
        - token
            .word
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .len();
    let (number, joined) = token.word.split_at(digits);
    let spelled = utterance.vocabulary.values.get(&token.word);
    let spelled = spelled.and_then(|all| all.iter().find(|(slot, _)| *slot == "number"));
    let number = match spelled {
        Some((_, number)) if number != "1" => number.as_str(),
        _ => number,
    };
    let number: u64 = number.parse().ok()?;
    let units = utterance.vocabulary.units.get(about);
    let factor = |unit: &str| units.and_then(|units| units.get(unit)).copied();
    let joined_factor = match joined {
        "" => Some(1),
        unit => factor(unit),
    };
    let joined_factor = joined_factor.or_else(|| spelled.map(|_| 1))?;
    let next = factor(word(at + 1)).filter(|_| token.stop.is_none());
    let before = at.checked_sub(1).map_or("", &word);
    let behind = at + 1 + usize::from(next.is_some());
    if [before, word(at + 1), word(behind)]
        .iter()
        .any(|word| RELATIVE.contains(word))
    {
        return None;
    }
    let is_target = matches!(before, "to" | "at" | "of" | "=");
    let out_of = is_target && at > 2 && word(at - 3) == "from";
    let says = |at: usize| word(at).trim_end_matches('s') == name.trim_end_matches('s');
    Some(SpokenNumber {
        value: number * joined_factor * next.unwrap_or(1),
        at,
        from: if out_of { at - 3 } else { at },
        to: behind,
        is_target,
        is_named: next.is_some() || says(at + 1) || at > 0 && says(at - 1),
    })
}

/// A word that a text of the action fits as a whole; digits only behind the name of what they are.
fn text(name: &str, pattern: &regex::Regex, utterance: &Utterance<'_>) -> Option<Placed> {
    let tokens = utterance.tokens;
    (0..tokens.len()).find_map(|at| {
        let raw = tokens[at].raw.as_str();
        let whole = pattern.find(raw).is_some_and(|found| found.as_str() == raw);
        let plain = raw.bytes().all(|b| b.is_ascii_digit());
        let led = at > 0 && tokens[at - 1].word == name;
        let open = !utterance.clauses.masked.contains(&at) && !tokens[at].quoted;
        let from = if led { at - 1 } else { at };
        (whole && open && (led || !plain)).then(|| set(name, raw, at, from, at + 1))
    })
}
