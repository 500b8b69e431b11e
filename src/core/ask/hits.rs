//! The concepts that words say.

use super::Utterance;
use super::stem::stem;
use super::vocabulary::{LONGEST_PHRASE, stems};

/// So many words may stand in the middle of a phrase.
const MOST_BETWEEN: usize = 6;
/// Of a phrase inside of a longer one.
const SHADOW: f64 = 0.5;

/// A concept that was found.
pub(super) struct Hit {
    pub(super) concept: String,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) weight: f64,
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
                    "service"
                        | "issue"
                        | "file"
                        | "permission"
                        | "tag"
                        | "design"
                        | "state"
                        | "indicator"
                        | "url"
                        | "shard"
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
    gaps(utterance, &open, &mut out);
    out
}

/// Phrases with something in between: `hand infra-001 over`, `set this repository up`.
fn gaps(utterance: &Utterance<'_>, open: &dyn Fn(usize) -> bool, out: &mut Vec<Hit>) {
    let tokens = utterance.tokens;
    let is = |at: usize, phrase: &[String]| {
        let there = tokens.get(at..at + phrase.len());
        there.is_some_and(|there| {
            let mut pairs = there.iter().zip(phrase);
            (at..at + phrase.len()).all(open)
                && pairs.all(|(token, word)| stem(&token.word) == *word)
        })
    };
    for gap in &utterance.vocabulary.gaps {
        for from in (0..tokens.len()).filter(|from| is(*from, &gap.head)) {
            let begin = from + gap.head.len();
            let ends = (begin + 1..tokens.len().min(begin + MOST_BETWEEN + 1))
                .take_while(|at| tokens[at - 1].stop.is_none());
            let Some(at) = ends.into_iter().find(|at| is(*at, &gap.tail)) else {
                continue;
            };
            for (from, to) in [(from, begin), (at, at + gap.tail.len())] {
                out.push(Hit {
                    concept: gap.concept.clone(),
                    from,
                    to,
                    weight: 1.0 + (gap.head.len() + gap.tail.len()) as f64,
                });
            }
        }
    }
}

/// Whether a concept stands there by itself, and not inside of another phrase or a name.
pub(super) fn is_said(concept: &str, hits: &[Hit]) -> bool {
    let mut of_concept = hits.iter().filter(|hit| hit.concept == concept);
    of_concept.any(|hit| hit.weight > 1.0)
}
