//! Which intents may be meant, by the patterns of the vocabulary and by what was learnt, and how
//! likely each is.

use std::collections::BTreeMap;

use super::Candidate;
use super::explained::{coverage, polite, related};
use super::fitness;
use super::hits::Hit;
use super::model;
use super::vocabulary::Intent;
use super::{ReadingDepth, Utterance};

/// From here on there is hardly a doubt about the command.
pub(super) const VERY_SURE: f64 = 0.95;
/// Below this no change is meant.
pub(super) const NO_CHANGE: f64 = 0.02;
/// How much what was learnt counts beside the patterns of the vocabulary.
const LEARNT: f64 = 1.0;
const PATTERN: f64 = 0.7;
/// Intents that come so far behind the first are not looked at.
const FAR: f64 = 12.0;
/// What no command does is not meant below this.
pub(super) const NOTHING_AT_LEAST: f64 = 0.6;
/// What words explain that were learnt as a whole.
pub(super) const SHARE_EXPLAINS: f64 = 0.65;
/// Above this an order that nothing carries out may be meant.
pub(super) const CAN_BE_NOTHING: f64 = 0.1;

/// An intent that may be meant.
pub(super) struct Scored<'a> {
    pub(super) intent: &'a Intent,
    /// How much speaks for it.
    pub(super) score: f64,
    /// The share of the words that it explains.
    pub(super) coverage: f64,
    /// How likely it is, among all.
    pub(super) share: f64,
}

/// All intents that may be meant, the best first, and how likely it is that none is.
pub(super) fn ranked<'a>(utterance: &Utterance<'a>, hits: &[Hit]) -> (Vec<Scored<'a>>, f64) {
    let intents = &utterance.vocabulary.intents;
    let by_pattern = intents.iter().map(|intent| score(intent, utterance, hits));
    if utterance.reach == ReadingDepth::Vocabulary {
        let mut out: Vec<Scored<'_>> = by_pattern.flatten().collect();
        out.sort_by(|a, b| b.score.total_cmp(&a.score));
        return (out, 0.0);
    }
    let odds = model::weigh(utterance, hits, intents);
    let mut all: Vec<(usize, f64)> = by_pattern
        .zip(&odds.weights)
        .map(|(rule, weight)| LEARNT * weight + PATTERN * rule.map_or(0.0, |rule| rule.score))
        .enumerate()
        .collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    let nothing = LEARNT * odds.nothing;
    let first = all.first().map_or(0.0, |first| first.1).max(nothing);
    let shares: Vec<f64> = all.iter().map(|one| (one.1 - first).exp()).collect();
    let sum = shares.iter().sum::<f64>() + (nothing - first).exp();
    let near = all.iter().zip(&shares);
    let near = near.take_while(|(one, _)| first - one.1 < FAR).take(8);
    let scored = near.map(|((at, weight), share)| {
        let intent = &intents[*at];
        Scored {
            intent,
            score: *weight,
            coverage: coverage(intent, &related(intent), utterance, hits),
            share: share / sum,
        }
    });
    (scored.collect(), (nothing - first).exp() / sum)
}

/// How likely it is that a command is meant, in any of its intents.
pub(super) fn share(best: &Candidate, scored: &[Scored<'_>]) -> f64 {
    let same = scored
        .iter()
        .filter(|one| one.intent.command == best.command);
    same.map(|one| one.share).sum()
}

/// How likely it is that a change is meant, whichever.
pub(super) fn share_of_changes(scored: &[Scored<'_>]) -> f64 {
    let changes = scored.iter().filter(|one| one.intent.write);
    changes.map(|one| one.share).sum()
}

/// Whether all of one pattern is there, and how much that says.
fn score<'a>(intent: &'a Intent, utterance: &Utterance<'_>, hits: &[Hit]) -> Option<Scored<'a>> {
    let patterns = intent.patterns.iter().filter_map(|pattern| {
        let items: Option<Vec<f64>> = pattern
            .split(' ')
            .map(|item| fitness::weight(item, utterance, hits))
            .collect();
        items.map(|items| items.iter().sum::<f64>())
    });
    let patterns = patterns.max_by(f64::total_cmp);
    let base = match (patterns, fitness::called(intent, utterance)) {
        (Some(base), called) => base + called.unwrap_or_default(),
        (None, called) => called?,
    };
    let related = related(intent);
    let mut also: BTreeMap<&str, f64> = BTreeMap::new();
    for hit in hits.iter().filter(|hit| intent.also.contains(&hit.concept)) {
        also.insert(&hit.concept, 0.3);
    }
    let coverage = coverage(intent, &related, utterance, hits);
    Some(Scored {
        intent,
        score: base + also.values().sum::<f64>() + 2.0 * coverage
            - fitness::misfit(intent, utterance),
        coverage,
        share: 0.0,
    })
}

/// `do not escalate infra-001`, `ok`.
pub(super) fn says_nothing(utterance: &Utterance<'_>, hits: &[Hit]) -> bool {
    let says = |at: usize| {
        let token = &utterance.tokens[at];
        let empty = utterance.clauses.masked.contains(&at)
            || utterance.vocabulary.is_filler(&token.word)
            || polite(utterance, at);
        !empty
    };
    let some = hits.iter().any(|hit| hit.weight > 1.0) || !utterance.entities.all.is_empty();
    let asks = utterance.clauses.question || some && !utterance.clauses.negated;
    !asks && !(0..utterance.tokens.len()).any(says) && !hits.iter().any(|hit| hit.weight > 1.0)
}
