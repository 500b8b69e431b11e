//! Which intent is meant, and how sure that is.

use std::collections::BTreeMap;

use super::clauses::begins;
use super::services::Services;
use super::vocabulary::{Intent, LONGEST_PHRASE, stems};
use super::{Candidate, Reading, Recognised, Utterance, line};

/// Below this it asks back.
const SURE: f64 = 0.6;
/// Below this it asks back before it even shows a change.
const SURE_TO_CHANGE: f64 = 0.65;
/// Of a phrase inside of a longer one.
const SHADOW: f64 = 0.5;

/// A concept that was found.
pub(super) struct Hit {
    concept: String,
    from: usize,
    to: usize,
    weight: f64,
}

struct Scored<'a> {
    intent: &'a Intent,
    score: f64,
    coverage: f64,
}

/// Reads an utterance whose parts are known.
pub(super) fn judge(utterance: &Utterance<'_>) -> Reading {
    let hits = hits(utterance);
    let mut doubts = Vec::new();
    let changes = changes(utterance, &hits);
    let barred = utterance.clauses.question || utterance.clauses.condition;
    let mut scored: Vec<Scored<'_>> = utterance
        .vocabulary
        .intents
        .iter()
        .filter_map(|intent| score(intent, utterance, &hits))
        .collect();
    let order = |a: &Scored<'_>, b: &Scored<'_>| b.score.total_cmp(&a.score);
    scored.sort_by(order);
    let meant_change = scored.first().is_some_and(|first| first.intent.write);
    if barred {
        if meant_change && utterance.clauses.condition {
            doubts
                .push("a condition cannot be carried out; ask for the one thing to do".to_owned());
        } else if meant_change {
            doubts.push("that is a question, and nothing is changed for a question".to_owned());
        }
        scored.retain(|one| !one.intent.write || !doubts.is_empty());
    }
    if utterance.clauses.condition && changes && doubts.is_empty() {
        doubts.push("a condition cannot be carried out; ask for the one thing to do".to_owned());
    }
    if joined(utterance, &hits) {
        doubts.push("that is more than one thing; ask for one at a time".to_owned());
    }
    let mut candidates = candidates(utterance, &hits, &scored);
    let best = (!candidates.is_empty()).then(|| candidates.remove(0));
    candidates.truncate(2);
    match &best {
        Some(best) => {
            doubts.extend(doubt(best, utterance));
            doubts.extend(passed_over(best, utterance, &hits).filter(|_| doubts.is_empty()));
        }
        None if utterance.clauses.negated => {
            doubts.push("the words say only what not to do".to_owned())
        }
        None => doubts.push("no command comes to mind".to_owned()),
    }
    Reading {
        words: recognised(utterance, &hits, best.as_ref()),
        best,
        others: candidates,
        doubts,
    }
}

fn candidates(utterance: &Utterance<'_>, hits: &[Hit], scored: &[Scored<'_>]) -> Vec<Candidate> {
    let concepts: Vec<&str> = hits.iter().map(|hit| hit.concept.as_str()).collect();
    let mut out: Vec<Candidate> = Vec::new();
    for (i, one) in scored.iter().enumerate() {
        let made = line::make(one.intent, utterance, &concepts);
        if out.iter().any(|other| other.arguments == made.arguments) {
            continue;
        }
        let next = scored[i + 1..]
            .iter()
            .find(|next| next.intent.command != one.intent.command);
        let margin = next.map_or(1.0, |next| one.score - next.score);
        let clarity = match margin {
            margin if margin >= 0.4 => 1.0,
            margin if margin >= 0.15 => 0.9,
            _ => 0.75,
        };
        // What comes after the first is less sure than the first.
        let behind = scored.first().map_or(0.0, |first| first.score - one.score);
        let confidence = (0.35 + 0.65 * one.coverage) * clarity / (1.0 + behind);
        out.push(Candidate {
            command: one.intent.command.clone(),
            arguments: made.arguments,
            write: one.intent.write,
            confidence: (confidence * 100.0).round() / 100.0,
            example: one.intent.example.clone(),
            missing: made.missing,
            instead: made.instead,
        });
    }
    out
}

/// Why the best is not good enough.
fn doubt(best: &Candidate, utterance: &Utterance<'_>) -> Vec<String> {
    let mut out: Vec<String> = best.missing.clone();
    let limit = if best.write { SURE_TO_CHANGE } else { SURE };
    if best.confidence < limit {
        out.push("too many of the words say nothing to it, or too many commands fit".to_owned());
    }
    let intent = utterance
        .vocabulary
        .intents
        .iter()
        .find(|intent| intent.command == best.command);
    let many = intent.is_some_and(|intent| intent.many || !intent.has("env"));
    let environments = utterance.entities.of("env");
    if environments.len() > 1 && !many {
        out.push(format!(
            "`{}` takes one environment at a time",
            best.command
        ));
    }
    out
}

/// An order to change something that looking does not carry out: it is not passed over.
fn passed_over(best: &Candidate, utterance: &Utterance<'_>, hits: &[Hit]) -> Option<String> {
    let intents = &utterance.vocabulary.intents;
    let intent = intents.iter().find(|one| one.command == best.command)?;
    if intent.write || intent.free || utterance.clauses.question {
        return None;
    }
    let related = related(intent);
    // `give me an overview` gives nobody anything.
    let says = |i: usize| {
        let fillers = &utterance.vocabulary.fillers;
        !fillers.contains(&utterance.tokens[i].word) && !polite(utterance, i)
    };
    let order = hits.iter().find(|hit| {
        hit.weight > 1.0
            && (hit.from..hit.to).any(says)
            && utterance.vocabulary.verbs.contains(&hit.concept)
            && !hits.iter().any(|other| {
                (other.from, other.to) == (hit.from, hit.to)
                    && related.contains(&other.concept.as_str())
            })
    })?;
    let (start, end) = (
        utterance.tokens[order.from].start,
        utterance.tokens[order.to - 1].end,
    );
    Some(format!(
        "`{}` asks for a change, and `{}` only looks",
        &utterance.text[start..end],
        best.command
    ))
}

/// All concepts in the words; one inside of a longer phrase counts less.
pub(super) fn hits(utterance: &Utterance<'_>) -> Vec<Hit> {
    let tokens = utterance.tokens;
    let open = |i: usize| !utterance.clauses.masked.contains(&i) && !tokens[i].quoted;
    let mut out: Vec<Hit> = Vec::new();
    for length in (1..=LONGEST_PHRASE.min(tokens.len())).rev() {
        for from in 0..=tokens.len() - length {
            let to = from + length;
            if !(from..to).all(open) {
                continue;
            }
            let words: Vec<&str> = tokens[from..to]
                .iter()
                .map(|token| token.word.as_str())
                .collect();
            let phrase = words.join(" ");
            let exact = utterance.vocabulary.exact.get(&phrase);
            let stemmed = utterance.vocabulary.stems.get(&stems(&phrase));
            let shadowed = out
                .iter()
                .any(|hit| hit.from <= from && hit.to >= to && hit.to - hit.from > length);
            let named = utterance.entities.all.iter().any(|one| {
                matches!(
                    one.slot,
                    "service" | "issue" | "file" | "permission" | "tag" | "design"
                ) && one.from <= from
                    && one.to >= to
            });
            for concept in exact.into_iter().chain(stemmed).flatten() {
                let weight = if shadowed || named {
                    SHADOW
                } else {
                    1.0 + words.len() as f64
                };
                out.push(Hit {
                    concept: concept.clone(),
                    from,
                    to,
                    weight,
                });
            }
        }
    }
    out
}

/// Whether a concept stands there by itself, and not inside of another phrase or a name.
pub(super) fn is_said(concept: &str, hits: &[Hit]) -> bool {
    let mut of_concept = hits.iter().filter(|hit| hit.concept == concept);
    of_concept.any(|hit| hit.weight > 1.0)
}

/// Whether all of one pattern is there, and how much that says.
fn score<'a>(intent: &'a Intent, utterance: &Utterance<'_>, hits: &[Hit]) -> Option<Scored<'a>> {
    let patterns = intent.patterns.iter().filter_map(|pattern| {
        let items: Option<Vec<f64>> = pattern
            .split(' ')
            .map(|item| weight(item, utterance, hits))
            .collect();
        items.map(|items| items.iter().sum::<f64>())
    });
    let base = patterns.max_by(f64::total_cmp)?;
    let related = related(intent);
    let mut also: BTreeMap<&str, f64> = BTreeMap::new();
    for hit in hits.iter().filter(|hit| intent.also.contains(&hit.concept)) {
        also.insert(&hit.concept, 0.3);
    }
    let coverage = coverage(intent, &related, utterance, hits);
    Some(Scored {
        intent,
        score: base + also.values().sum::<f64>() + 2.0 * coverage,
        coverage,
    })
}

fn weight(item: &str, utterance: &Utterance<'_>, hits: &[Hit]) -> Option<f64> {
    let Some(slot) = item.strip_prefix('@') else {
        return hits
            .iter()
            .filter(|hit| hit.concept == item)
            .map(|hit| hit.weight)
            .max_by(f64::total_cmp);
    };
    let (slot, wanted) = match slot.split_once(['=', '!']) {
        Some((name, value)) => (name, Some((value, slot.contains('=')))),
        None => (slot, None),
    };
    let test = |found: &str| wanted.is_none_or(|(value, same)| (found == value) == same);
    if slot == "text" && utterance.clauses.tail.is_some() {
        return Some(1.0);
    }
    let found = utterance.entities.of(slot);
    found.iter().any(|value| test(value)).then_some(match slot {
        "env" | "format" => 0.5,
        "issue" => 1.5,
        "metric" | "file" | "tag" | "permission" => 2.0,
        _ => 1.0,
    })
}

/// Concepts that go with an intent.
fn related(intent: &Intent) -> Vec<&str> {
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
fn coverage(intent: &Intent, related: &[&str], utterance: &Utterance<'_>, hits: &[Hit]) -> f64 {
    let (mut all, mut explained) = (0.0, 0.0);
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
        let filler = utterance.vocabulary.fillers.contains(&token.word)
            || utterance.vocabulary.joiners.contains(&token.word)
            || utterance.vocabulary.clauses.contains(&token.word)
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

fn polite(utterance: &Utterance<'_>, at: usize) -> bool {
    at < utterance.clauses.begin
        || utterance
            .vocabulary
            .polite
            .iter()
            .any(|phrase| phrase.len() == 1 && begins(utterance.tokens, at, phrase))
}

/// Whether a recognised thing has its place in an intent.
fn fits(intent: &Intent, slot: &str) -> bool {
    let wanted = match slot {
        "kind" => "service",
        "severity" if intent.has("priority") => return true,
        "level" if intent.has("level") => return true,
        "text" => {
            return ["text", "reason", "words", "filter", "feature"]
                .iter()
                .any(|slot| intent.has(slot));
        }
        "region" => "env",
        other => other,
    };
    let named = intent
        .patterns
        .iter()
        .any(|pattern| pattern.contains(&format!("@{wanted}")));
    intent.has(wanted) || named
}

/// Whether a change is asked for somewhere.
fn changes(utterance: &Utterance<'_>, hits: &[Hit]) -> bool {
    hits.iter()
        .any(|hit| hit.weight > 1.0 && utterance.vocabulary.verbs.contains(&hit.concept))
}

/// `… and restart …`: one more order behind another.
fn joined(utterance: &Utterance<'_>, hits: &[Hit]) -> bool {
    let open = |i: usize| !utterance.clauses.masked.contains(&i);
    let says = |i: &usize| {
        open(*i)
            && !utterance
                .vocabulary
                .fillers
                .contains(&utterance.tokens[*i].word)
            && !polite(utterance, *i)
    };
    (1..utterance.tokens.len()).any(|at| {
        let token = &utterance.tokens[at];
        let comma = utterance.tokens[at - 1]
            .stop
            .is_some_and(|stop| stop != ':');
        let joiner = open(at) && utterance.vocabulary.joiners.contains(&token.word);
        if !(joiner || comma && open(at - 1) && open(at)) {
            return false;
        }
        let before = (utterance.clauses.begin..at).any(|i| says(&i));
        let behind = (at + usize::from(joiner)..utterance.tokens.len()).find(says);
        before
            && behind.is_some_and(|next| {
                hits.iter().any(|hit| {
                    hit.from == next
                        && hit.weight > 1.0
                        && utterance.vocabulary.verbs.contains(&hit.concept)
                })
            })
    })
}

fn slot_as_said(slot: &str) -> &str {
    match slot {
        "env" => "environment",
        "since" => "the last",
        "top" => "at most",
        "audit" => "audit of",
        other => other,
    }
}

/// What each word was taken for.
fn recognised(
    utterance: &Utterance<'_>,
    hits: &[Hit],
    best: Option<&Candidate>,
) -> Vec<Recognised> {
    let intent = best.and_then(|best| {
        utterance
            .vocabulary
            .intents
            .iter()
            .find(|intent| intent.command == best.command)
    });
    let related: Vec<&str> = intent.map(related).unwrap_or_default();
    let said = |from: usize, to: usize| {
        let (start, end) = (utterance.tokens[from].start, utterance.tokens[to - 1].end);
        utterance.text[start..end].to_owned()
    };
    let entities = utterance.entities.all.iter();
    let mut out: Vec<(usize, Recognised)> = entities
        .filter(|entity| intent.is_none_or(|intent| fits(intent, entity.slot)))
        .map(|entity| {
            let taken_for = format!("{} {}", slot_as_said(entity.slot), entity.value);
            let said = said(entity.from, entity.to);
            (entity.from, Recognised { said, taken_for })
        })
        .collect();
    let mut covered: Vec<usize> = Vec::new();
    for hit in hits
        .iter()
        .filter(|hit| related.contains(&hit.concept.as_str()))
    {
        if hit.weight <= 1.0 || (hit.from..hit.to).any(|i| covered.contains(&i)) {
            continue;
        }
        covered.extend(hit.from..hit.to);
        let slip = utterance.tokens[hit.from..hit.to]
            .iter()
            .any(|token| token.slip);
        let taken_for = match slip {
            true => format!("{}, with a slip", hit.concept),
            false => hit.concept.clone(),
        };
        out.push((
            hit.from,
            Recognised {
                said: said(hit.from, hit.to),
                taken_for,
            },
        ));
    }
    if let Services::Several(_) = utterance.entities.services {
        out.retain(|(_, one)| !one.said.is_empty());
    }
    out.sort_by_key(|(at, _)| *at);
    out.into_iter().map(|(_, one)| one).collect()
}
