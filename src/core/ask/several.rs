//! More than one order in an utterance: `dashboard and issues`. None of them is passed over.

use super::hits::Hit;
use super::quote::quoted;
use super::{AskContext, Candidate, Reading, ReadingDepth, Utterance};

/// More places than this are not looked at.
const MOST_PLACES: usize = 6;
/// A part that is less sure than this is no order of its own.
const SURE: f64 = 0.6;

/// Says that there are two, where the words on both sides of a joiner mean a command each, and not
/// the same one. `read` reads a part.
pub(super) fn doubt(
    utterance: &Utterance<'_>,
    hits: &[Hit],
    world: &AskContext,
    all_taken: bool,
    read: &dyn Fn(&str, &AskContext, ReadingDepth) -> Reading,
) -> Option<String> {
    let tokens = utterance.tokens;
    let places = (1..tokens.len()).filter(|at| parts(utterance, hits, *at));
    places.take(MOST_PLACES).find_map(|at| {
        let joiner = is_joiner(utterance, at);
        let behind = at + usize::from(joiner);
        let lead = utterance.clauses.tail.map_or(tokens.len(), |(from, _)| from);
        let says = |at: usize| !utterance.vocabulary.is_filler(&tokens[at].word);
        // `…, reason: false alarm` only leads to a text.
        if !(behind..lead.min(tokens.len())).any(says) {
            return None;
        }
        // `merge infra-001 and infra-002 into …`: one more of the same.
        let listed = utterance.entities.all.iter().any(|one| {
            one.from == behind && matches!(one.slot, "issue" | "env" | "service" | "region" | "tag" | "file")
        });
        if listed && all_taken {
            return None;
        }
        // Behind a comma stands what says more of the same, where all of it is taken up.
        if !joiner && all_taken {
            return None;
        }
        // A side that says nothing asks for nothing; most commas are such.
        let asks = |from: usize, to: usize| {
            let inside = |hit: &Hit| from <= hit.from && hit.to <= to && hit.weight > 1.0;
            hits.iter().any(inside)
        };
        if !(asks(0, at) && asks(behind, tokens.len())) {
            return None;
        }
        let whole = utterance.text;
        let order = |text: &str| order(text, world, read);
        let left = order(&whole[..tokens[at - 1].end])?;
        let right = order(&whole[tokens[behind].start..])?;
        // `…, is it really broken?` asks more of the same thing.
        let pronoun = |at: usize| matches!(tokens[at].word.as_str(), "it" | "that" | "they" | "them" | "this");
        let same_thing = (behind..(behind + 3).min(tokens.len())).any(pronoun)
            && !left.write
            && !right.write
            && !utterance.entities.all.iter().any(|one| {
                one.from >= behind && matches!(one.slot, "service" | "env" | "issue" | "domain")
            });
        (left.command != right.command && !same_thing).then(|| {
            format!(
                "that is more than one thing, `fractary {}` and `fractary {}`; ask for one at a time",
                quoted(&left.arguments),
                quoted(&right.arguments)
            )
        })
    })
}

/// A part that is an order, even one that lacks something: by its words and by what was learnt.
fn order(
    text: &str,
    world: &AskContext,
    read: &dyn Fn(&str, &AskContext, ReadingDepth) -> Reading,
) -> Option<Candidate> {
    let best = |reach| read(text, world, reach).best;
    let sure = |best: &Candidate| best.confidence >= SURE;
    let spoken = best(ReadingDepth::Vocabulary).filter(sure)?;
    let learnt = best(ReadingDepth::Part).filter(sure)?;
    (spoken.command == learnt.command).then_some(learnt)
}

/// The first word that may join two orders.
pub(super) fn joins(utterance: &Utterance<'_>) -> Option<usize> {
    (1..utterance.tokens.len()).find(|at| {
        let comma = matches!(utterance.tokens[at - 1].stop, Some(',' | ';' | '.' | '!'));
        comma || is_joiner(utterance, *at)
    })
}

fn is_joiner(utterance: &Utterance<'_>, at: usize) -> bool {
    let word = &utterance.tokens[at].word;
    utterance.vocabulary.joiners.contains(word) || matches!(word.as_str(), "+" | "&")
}

/// Whether a word, or the comma before it, parts the utterance, and no name or phrase.
fn parts(utterance: &Utterance<'_>, hits: &[Hit], at: usize) -> bool {
    let masked = &utterance.clauses.masked;
    if masked.contains(&at) || masked.contains(&(at - 1)) {
        return false;
    }
    let comma = matches!(utterance.tokens[at - 1].stop, Some(',' | ';' | '.' | '!'));
    let inside = |from: usize, to: usize| from < at && at < to;
    let phrase = hits.iter().any(|hit| inside(hit.from, hit.to));
    let name = utterance
        .entities
        .all
        .iter()
        .any(|one| inside(one.from, one.to));
    (comma || is_joiner(utterance, at)) && !phrase && !name
}
