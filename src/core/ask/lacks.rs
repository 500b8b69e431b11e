//! Orders that no command carries out: they are asked back with what there is, and never
//! answered by a look at something else.

use super::Utterance;
use super::clauses::begins;
use super::vocabulary::{Lack, stems};

/// What is asked for and cannot be done, each with the words that say so.
pub(super) fn find<'a>(utterance: &Utterance<'a>) -> Vec<(&'a Lack, usize, usize)> {
    let words = utterance.tokens.iter().map(|token| token.word.as_str());
    let words: Vec<String> = words.map(stems).collect();
    let found = (0..words.len()).filter_map(|at| {
        let mut lacks = utterance.vocabulary.lacks.iter();
        let first = begins_an_order(utterance, at);
        lacks.find_map(|lack| {
            let orders = lack.orders.iter().filter(|_| first);
            let mut said = orders.chain(&lack.phrases);
            let length = said.find_map(|phrase| stands_at(utterance, &words, at, phrase))?;
            Some((lack, at, at + length))
        })
    });
    found.collect()
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
    // `any criticals tonight?` asks about now, and `…, help` for nothing in particular.
    let asks = utterance.text.trim_end().ends_with('?');
    let last = at > 0 && at + 1 == utterance.tokens.len();
    if phrase == "tonight" && asks || phrase == "help" && last {
        return None;
    }
    // `for the weekly` is a meeting.
    let article = at
        .checked_sub(1)
        .map_or("", |at| utterance.tokens[at].word.as_str());
    let is_thing = matches!(phrase, "daily" | "weekly" | "hourly")
        && matches!(article, "the" | "our" | "my" | "a")
        && utterance
            .tokens
            .get(at + 1)
            .is_none_or(|next| !matches!(next.word.as_str(), "run" | "job"));
    (!is_thing && !(at..at + length).any(hidden)).then_some(length)
}

/// Whether an order may begin at a word: nothing but politeness stands before it, or a joiner.
pub(super) fn begins_an_order(utterance: &Utterance<'_>, at: usize) -> bool {
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
            || matches!(token.stop, Some(',' | ';' | '.' | '!' | ':'))
            || vocabulary.clauses.contains(&token.word)
    };
    // `what helps`, `the message is in …`: a thing or a question, and no order.
    let before = at
        .checked_sub(1)
        .map_or("", |at| utterance.tokens[at].word.as_str());
    let noun = [
        "the", "a", "an", "my", "our", "this", "that", "what", "which", "who", "whose",
    ];
    if at > utterance.clauses.begin && noun.contains(&before) {
        return false;
    }
    // `add a note`: the verb in front only carries the order.
    let carries = |i: usize| {
        let word = utterance.tokens[i].word.as_str();
        matches!(
            word,
            "add" | "make" | "put" | "leave" | "set" | "create" | "drop"
        )
    };
    for i in (utterance.clauses.begin.min(at)..at).rev() {
        let word = utterance.tokens[i].word.as_str();
        if matches!(
            word,
            "how" | "what" | "why" | "who" | "when" | "where" | "which"
        ) {
            return false;
        }
        if carries(i) {
            continue;
        }
        if part(i) {
            return true;
        }
        if says(i) {
            return false;
        }
    }
    true
}
