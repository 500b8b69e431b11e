//! The concepts that words say.

use super::Utterance;
use super::vocabulary::{LONGEST_PHRASE, stems};

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
    out
}

/// Whether a concept stands there by itself, and not inside of another phrase or a name.
pub(super) fn is_said(concept: &str, hits: &[Hit]) -> bool {
    let mut of_concept = hits.iter().filter(|hit| hit.concept == concept);
    of_concept.any(|hit| hit.weight > 1.0)
}
