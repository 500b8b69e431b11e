//! An utterance, with all that was found in it.

use std::collections::HashSet;

use super::AskContext;
use super::clauses::{self, Clauses, Tail};
use super::commands::KnownCommand;
use super::entities;
use super::entity::Entity;
use super::found;
use super::leaning;
use super::places;
use super::vocabulary::{self, VOCABULARY};
use super::wishes;
use super::words::Token;

/// What is read, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadingDepth {
    /// All that was said.
    Whole,
    /// A part of it, which may be an order of its own.
    Part,
    /// All of it, by the vocabulary alone.
    Vocabulary,
}

/// An utterance with all that was found in it.
pub(super) struct Utterance<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) clauses: Clauses,
    pub(super) entities: found::Entities,
    /// What is wanted of any command; among the entities, too.
    pub(super) wishes: Vec<Entity>,
    /// Options that the words may ask for.
    pub(super) leanings: Vec<leaning::Leaning>,
    /// What is read of it.
    pub(super) reach: ReadingDepth,
    /// Names of all environments.
    pub(super) environments: &'a [String],
    /// The commands that there are.
    pub(super) commands: &'a [KnownCommand],
    pub(super) vocabulary: &'static vocabulary::Vocabulary,
}

impl<'a> Utterance<'a> {
    /// Words of the free text.
    pub(super) fn free_words(&self) -> HashSet<usize> {
        let text = self.clauses.tail.map(|(_, to)| self.clauses.lead..to);
        text.into_iter().flatten().collect()
    }

    /// An utterance, with all that is named in it.
    pub(super) fn of(
        text: &'a str,
        tokens: &'a [Token],
        tail: Option<Tail>,
        world: &'a AskContext,
        reach: ReadingDepth,
    ) -> Self {
        let vocabulary: &'static vocabulary::Vocabulary = &VOCABULARY;
        let free = tail.map(Tail::words).unwrap_or_default();
        let of_an_issue = tokens
            .iter()
            .any(|token| entities::is_issue(&token.word, world));
        let aside = clauses::aside(tokens, &free);
        let hidden = free
            .into_iter()
            .chain(aside.into_iter().flat_map(|(from, to)| from..to))
            .collect();
        let wishes = wishes::find(tokens, &hidden, of_an_issue, world.now, vocabulary);
        let mut clauses = Clauses::of(tokens, tail, aside, &wishes, vocabulary);
        // `do the runs restart it?` asks, where `do the run` is an order.
        let begins_with_do = tokens.first().is_some_and(|first| first.word == "do");
        clauses.question |= begins_with_do && text.trim_end().ends_with('?');
        let mut entities = named(tokens, &clauses, world);
        entities.all.extend(wishes.iter().cloned());
        let mut utterance = Self {
            text,
            tokens,
            clauses,
            entities,
            wishes,
            leanings: Vec::new(),
            environments: &world.environments,
            commands: &world.commands,
            reach,
            vocabulary,
        };
        if let Some((who, from, to)) = utterance.assignee() {
            utterance.entities.add("assignee", who, from, to);
        }
        utterance
    }
}

/// All that is named in the words of a request.
fn named(tokens: &[Token], clauses: &Clauses, world: &AskContext) -> found::Entities {
    let vocabulary: &'static vocabulary::Vocabulary = &VOCABULARY;
    let mut out = entities::find(tokens, &clauses.masked, world, vocabulary);
    out.placed = places::find(tokens, &text_and_left_out(clauses), &out, vocabulary);
    let left_out = clauses
        .left_out
        .iter()
        .chain(&clauses.aside)
        .chain(&clauses.tail);
    let left_out: HashSet<usize> = left_out.flat_map(|(from, to)| *from..*to).collect();
    let others: HashSet<usize> = (0..tokens.len())
        .filter(|at| !left_out.contains(at))
        .collect();
    out.left_out = entities::find(tokens, &others, world, vocabulary).all;
    out
}

/// Words in which no value is looked for. Those that became an option are looked at: `to` a file
/// may mean any answer, or one option of a command.
fn text_and_left_out(clauses: &Clauses) -> HashSet<usize> {
    let text = clauses.tail.map_or(0..0, |(_, to)| clauses.lead..to);
    let left_out = clauses.left_out.iter().flat_map(|(from, to)| *from..*to);
    text.chain(left_out).collect()
}
