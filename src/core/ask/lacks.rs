//! Orders that no command carries out: they are asked back with what there is, and never
//! answered by a look at something else.

use super::Utterance;
use super::clauses::begins;
use super::vocabulary::{Lack, stems};

/// What is asked for and cannot be done, and the words that say so.
pub(super) fn find<'a>(utterance: &Utterance<'a>) -> Option<(&'a Lack, usize, usize)> {
    let words = utterance.tokens.iter().map(|token| token.word.as_str());
    let words: Vec<String> = words.map(stems).collect();
    (0..words.len()).find_map(|at| {
        let mut lacks = utterance.vocabulary.lacks.iter();
        let first = begins_an_order(utterance, at);
        lacks.find_map(|lack| {
            let orders = lack.orders.iter().filter(|_| first);
            let mut said = orders.chain(&lack.phrases);
            let length = said.find_map(|phrase| stands_at(utterance, &words, at, phrase))?;
            Some((lack, at, at + length))
        })
    })
}

/// How many words a phrase has, where it begins at a word and no name and no text hides it.
fn stands_at(
    utterance: &Utterance<'_>,
    words: &[String],
    at: usize,
    phrase: &str,
) -> Option<usize> {
    let length = phrase.split(' ').count();
    let said = words.get(at..at + length)?;
    if !said
        .iter()
        .zip(phrase.split(' '))
        .all(|(one, other)| one == other)
    {
        return None;
    }
    let hidden = |at: usize| {
        let named = utterance.entities.all.iter().any(|one| {
            (one.from..one.to).contains(&at)
                && matches!(
                    one.slot,
                    "service" | "issue" | "file" | "tag" | "permission"
                )
        });
        named || utterance.clauses.masked.contains(&at) || utterance.tokens[at].quoted
    };
    (!(at..at + length).any(hidden)).then_some(length)
}

/// Whether an order may begin at a word: nothing but politeness stands before it, or a joiner.
fn begins_an_order(utterance: &Utterance<'_>, at: usize) -> bool {
    let vocabulary = utterance.vocabulary;
    let says = |i: usize| {
        let word = &utterance.tokens[i].word;
        let polite = vocabulary
            .polite
            .iter()
            .any(|phrase| phrase.len() == 1 && begins(utterance.tokens, i, phrase));
        !(utterance.clauses.masked.contains(&i)
            || vocabulary.fillers.contains(word)
            || vocabulary.everyday.contains(word)
            || vocabulary.questions.contains(word)
            || polite)
    };
    let part = |i: usize| {
        let token = &utterance.tokens[i];
        vocabulary.joiners.contains(&token.word)
            || matches!(token.stop, Some(',' | ';' | '.' | '!'))
            || vocabulary.clauses.contains(&token.word)
    };
    for i in (utterance.clauses.begin.min(at)..at).rev() {
        if part(i) {
            return true;
        }
        if says(i) {
            return false;
        }
    }
    true
}
