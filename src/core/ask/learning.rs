//! What whoever learns the weights needs to see of an utterance: `tests/ask/learn.rs`.

use super::clauses::Tail;
use super::hits;
use super::leaning;
use super::model;
use super::vocabulary::{self, Intent, VOCABULARY};
use super::words;
use super::{AskContext, Reading, names, unflagged, words_of};
use super::{ReadingDepth, Utterance};

/// What an utterance is known by, for whoever learns the weights.
pub fn features(text: &str, world: &AskContext) -> Vec<String> {
    let vocabulary: &'static vocabulary::Vocabulary = &VOCABULARY;
    let text = &unflagged(text);
    let mut tokens = words::tokens(text);
    words::mend(&mut tokens, vocabulary, &names(world), &world.domains);
    let marked = Tail::marked(&tokens, vocabulary);
    let utterance = Utterance::of(text, &tokens, marked, world, ReadingDepth::Whole);
    let hits = hits::hits(&utterance);
    model::features(&utterance, &hits).into_iter().collect()
}

/// What an utterance is known by where options are looked for, for whoever learns the weights.
pub fn option_features(text: &str, world: &AskContext) -> Vec<String> {
    let vocabulary: &'static vocabulary::Vocabulary = &VOCABULARY;
    let text = &unflagged(text);
    let mut tokens = words::tokens(text);
    words::mend(&mut tokens, vocabulary, &names(world), &world.domains);
    let free = Tail::marked(&tokens, vocabulary).map(Tail::words);
    let found = leaning::option_features(&tokens, &free.unwrap_or_default());
    found.into_iter().collect()
}

/// How it is read by the vocabulary alone, without what was learnt.
pub fn by_vocabulary(text: &str, world: &AskContext) -> Reading {
    words_of(&unflagged(text), world, ReadingDepth::Vocabulary)
}

/// The intents that there are, with the command of each.
pub fn intents() -> impl Iterator<Item = &'static Intent> {
    let vocabulary: &'static vocabulary::Vocabulary = &VOCABULARY;
    vocabulary.intents.iter()
}
