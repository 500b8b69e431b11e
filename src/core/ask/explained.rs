//! Which of the words an intent explains.

use super::clauses::begins;
use super::entity::{Entity, Placed};
use super::hits::Hit;
use super::places;
use super::services::Services;
use super::vocabulary::Intent;
use super::{Candidate, Recognised, Utterance};

/// Concepts that go with an intent.
pub(super) fn related(intent: &Intent) -> Vec<&str> {
    let items = intent
        .patterns
        .iter()
        .flat_map(|pattern| pattern.split(' '));
    items
        .filter(|item| !item.starts_with('@'))
        .chain(intent.also.iter().map(String::as_str))
        .collect()
}

/// The share of the words that an intent explains.
pub(super) fn coverage(
    intent: &Intent,
    related: &[&str],
    utterance: &Utterance<'_>,
    hits: &[Hit],
) -> f64 {
    let (mut all, mut explained) = (0.0, 0.0);
    let placed = places::of(intent, utterance);
    for (i, token) in utterance.tokens.iter().enumerate() {
        if utterance.clauses.masked.contains(&i) {
            continue;
        }
        let inside = |from: usize, to: usize| (from..to).contains(&i);
        let mut worth: f64 = 0.0;
        for hit in hits.iter().filter(|hit| inside(hit.from, hit.to)) {
            worth = worth.max(if related.contains(&hit.concept.as_str()) {
                1.0
            } else {
                0.5
            });
        }
        for entity in utterance
            .entities
            .all
            .iter()
            .filter(|one| inside(one.from, one.to))
        {
            worth = worth.max(if fits(intent, entity.slot) { 1.0 } else { 0.5 });
        }
        if placed.iter().any(|one| inside(one.from, one.to)) {
            worth = 1.0;
        }
        let filler = utterance.vocabulary.is_filler(&token.word)
            || utterance.vocabulary.is_harmless(&token.word) && worth == 0.0
            || !token.quoted && !token.raw.contains(char::is_alphanumeric)
            || polite(utterance, i);
        if filler {
            continue;
        }
        if intent.free {
            worth = worth.max(0.9);
        }
        all += 1.0;
        explained += worth;
    }
    if all == 0.0 { 1.0 } else { explained / all }
}

pub(super) fn polite(utterance: &Utterance<'_>, at: usize) -> bool {
    at < utterance.clauses.begin
        || utterance
            .vocabulary
            .polite
            .iter()
            .any(|phrase| phrase.len() == 1 && begins(utterance.tokens, at, phrase))
}

/// Whether a recognised thing has its place in an intent.
pub(super) fn fits(intent: &Intent, slot: &str) -> bool {
    let wanted = match slot {
        "kind" if intent.has("about") => return true,
        "kind" => "service",
        "severity" if intent.has("priority") => return true,
        "level" if intent.has("level") => return true,
        "text" => {
            return ["text", "reason", "words", "filter", "feature", "note"]
                .iter()
                .any(|slot| intent.has(slot));
        }
        "service" if intent.has("about") => return true,
        "domain" if intent.has("monitor") => return true,
        other => other,
    };
    let named = intent
        .patterns
        .iter()
        .any(|pattern| pattern.contains(&format!("@{wanted}")));
    intent.has(wanted) || named
}

fn slot_as_said(slot: &str) -> &str {
    match slot {
        "env" => "environment",
        "since" => "the last",
        "top" => "at most",
        "audit" => "audit of",
        "wish" => "option",
        other => other,
    }
}

fn concept_as_said(hit: &Hit, utterance: &Utterance<'_>) -> String {
    let mut words = utterance.tokens[hit.from..hit.to].iter();
    match words.any(|token| token.slip) {
        true => format!("{}, with a slip", hit.concept),
        false => hit.concept.clone(),
    }
}

/// What is not to be done, and the free text.
fn texts(utterance: &Utterance<'_>, intent: Option<&Intent>) -> Vec<(usize, Recognised)> {
    let row = |from: usize, to: usize, taken_for: &str| {
        let (said, taken_for) = (utterance.said(from, to).to_owned(), taken_for.to_owned());
        (from, Recognised { said, taken_for })
    };
    let left_out = utterance.clauses.left_out.iter();
    let mut out: Vec<(usize, Recognised)> = left_out
        .map(|(from, to)| row(*from, *to, "not to be done"))
        .collect();
    let takes_text = intent.is_some_and(|intent| fits(intent, "text"));
    if let Some((_, to)) = utterance.clauses.tail.filter(|_| takes_text) {
        out.push(row(utterance.clauses.lead, to, "text"));
    }
    out
}

/// Values of options that only some commands have.
fn options(utterance: &Utterance<'_>, intent: Option<&Intent>) -> Vec<(usize, Recognised)> {
    let placed = intent.map(|intent| places::of(intent, utterance));
    let row = |one: Placed| {
        let taken_for = format!("{} {}", one.option, one.value);
        let said = utterance.said(one.from, one.to).to_owned();
        (one.from, Recognised { said, taken_for })
    };
    placed.into_iter().flatten().map(row).collect()
}

/// What each word was taken for.
pub(super) fn recognised(
    utterance: &Utterance<'_>,
    hits: &[Hit],
    best: Option<&Candidate>,
    learnt: &[usize],
) -> Vec<Recognised> {
    let intent = best.and_then(|best| utterance.intent_of(best));
    let related: Vec<&str> = intent.map(related).unwrap_or_default();
    let said = |from: usize, to: usize| {
        let (start, end) = (utterance.tokens[from].start, utterance.tokens[to - 1].end);
        utterance.text[start..end].to_owned()
    };
    let fitting = |entity: &&Entity| {
        let option = utterance.wishes.contains(entity);
        option || intent.is_none_or(|intent| fits(intent, entity.slot))
    };
    let entities = utterance.entities.all.iter();
    let mut out: Vec<(usize, Recognised)> = entities
        .filter(fitting)
        .map(|entity| {
            let taken_for = format!("{} {}", slot_as_said(entity.slot), entity.value);
            let said = said(entity.from, entity.to);
            (entity.from, Recognised { said, taken_for })
        })
        .collect();
    out.extend(texts(utterance, intent));
    out.extend(options(utterance, intent));
    for at in learnt {
        let command = best.map_or("", |best| best.command.as_str());
        let taken_for = format!("a word of {command}");
        let said = said(*at, at + 1);
        out.push((*at, Recognised { said, taken_for }));
    }
    let mut covered: Vec<usize> = Vec::new();
    for hit in hits
        .iter()
        .filter(|hit| related.contains(&hit.concept.as_str()))
    {
        // A part of a longer phrase that goes with another command is a word of this one.
        let mut entities = utterance.entities.all.iter();
        let named = hit.weight <= 1.0
            && entities.any(|one| one.from <= hit.from && hit.to <= one.to && fitting(&one));
        if named || (hit.from..hit.to).all(|i| covered.contains(&i)) {
            continue;
        }
        covered.extend(hit.from..hit.to);
        let taken_for = concept_as_said(hit, utterance);
        let said = said(hit.from, hit.to);
        out.push((hit.from, Recognised { said, taken_for }));
    }
    if let Services::Several(_) = utterance.entities.services {
        out.retain(|(_, one)| !one.said.is_empty());
    }
    out.sort_by_key(|(at, _)| *at);
    out.into_iter().map(|(_, one)| one).collect()
}
