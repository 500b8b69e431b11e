//! Plain language and old names to a command line: deterministic, and it says how it read the
//! words. Knows neither which commands this version has nor how they are run, and takes no
//! decision to run anything.

mod clauses;
mod entities;
mod entity;
mod explained;
mod hits;
mod lacks;
mod line;
mod meant;
mod names;
pub mod old_names;
mod quote;
mod rest;
mod score;
mod services;
mod several;
mod spans;
mod stem;
mod texts;
mod vocabulary;
mod wishes;
mod words;

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use clauses::{Clauses, Tail};
use entity::Entity;
use vocabulary::VOCABULARY;
use words::Token;

pub use quote::quoted;
pub use vocabulary::Intent;

/// Names that the state knows, and the time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AskContext {
    /// Now: `since yesterday` counts from it.
    pub now: Timestamp,
    /// Names of environments; empty where the state could not be read.
    #[serde(default)]
    pub environments: Vec<String>,
    /// Names of domains, planned ones included.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Ids of issues, open and resolved.
    #[serde(default)]
    pub issues: Vec<String>,
    /// The open ones among them, with what they are about.
    #[serde(default)]
    pub open: Vec<OpenIssue>,
    /// Names of designs of infrastructure.
    #[serde(default)]
    pub designs: Vec<String>,
    /// Services and resources of every environment.
    #[serde(default)]
    pub services: Vec<Service>,
    /// Names of the commands that there are.
    #[serde(default)]
    pub commands: Vec<String>,
}

/// A service or resource.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Service {
    /// Its name, as `--service` takes it.
    pub name: String,
    /// Its kind, for instance `lambda`.
    #[serde(default)]
    pub kind: Option<String>,
}

/// An issue that is open.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OpenIssue {
    /// Its id.
    pub id: String,
    /// The name of the service or resource that has it.
    pub service: String,
}

/// How an utterance was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    /// What was recognised, in the order of the text.
    pub words: Vec<Recognised>,
    /// Words that change nothing of what is meant, as they were written.
    pub ignored: Vec<String>,
    /// What is meant, if anything came to mind.
    pub best: Option<Candidate>,
    /// The next two.
    pub others: Vec<Candidate>,
    /// Why it is not clear enough to do anything; empty where it is.
    pub doubts: Vec<String>,
}

/// A word, and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recognised {
    /// As it was written.
    pub said: String,
    /// What it was taken for, for instance `environment prod`.
    pub taken_for: String,
}

/// A command that may be meant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// The command, for instance `issues resolve`.
    pub command: String,
    /// The whole command line, one argument an entry, without the program's name.
    pub arguments: Vec<String>,
    /// Whether it changes something.
    pub write: bool,
    /// From 0 to 1.
    pub confidence: f64,
    /// How one may ask for it.
    pub example: String,
    /// What its command line lacks.
    pub missing: Vec<String>,
    /// The nearest command line, where a version has not got this one.
    pub instead: Vec<String>,
}

impl Reading {
    /// Whether something may be done without asking back.
    pub fn is_clear(&self) -> bool {
        self.best.is_some() && self.doubts.is_empty()
    }

    fn unclear(doubt: &str) -> Self {
        Self {
            words: Vec::new(),
            ignored: Vec::new(),
            best: None,
            others: Vec::new(),
            doubts: vec![doubt.to_owned()],
        }
    }
}

/// Reads an utterance. The same words in the same world are always read the same way.
pub fn read(text: &str, world: &AskContext) -> Reading {
    if text.trim().is_empty() {
        return Reading::unclear("nothing was asked");
    }
    if text.len() > words::LONGEST_TEXT {
        return Reading::unclear("that is too long to be a request; 1,000 bytes are the most");
    }
    let split: Vec<String> = old_names::split(text);
    if let Some(renamed) = old_names::translate(&split, world) {
        return match renamed.arguments.as_slice() {
            // The director of old is what this is; its words are shorter than the whole.
            [command, words, ..] if command == "ask" => read(words, world),
            [command] if command == "ask" => Reading::unclear("nothing was asked"),
            _ => of_name(renamed),
        };
    }
    words_of(&unflagged(text), world, true)
}

/// Reads words that are no name of a command. `whole` tells them from a part of some.
fn words_of(text: &str, world: &AskContext, whole: bool) -> Reading {
    let vocabulary = &*VOCABULARY;
    let mut tokens = words::tokens(text);
    words::mend(&mut tokens, vocabulary, &names(world), &world.domains);
    let marked = Tail::marked(&tokens, vocabulary);
    let first = pass(text, &tokens, marked, world, whole);
    match (&first.best, marked) {
        // A colon that no text stands behind: `issues: prod`, `dry run: escalate infra-001`.
        (None, Some(tail)) if !tail.because => pass(text, &tokens, None, world, whole),
        (Some(best), Some(tail)) if !tail.because && !takes_text(best) => {
            pass(text, &tokens, None, world, whole)
        }
        // A text that nothing marks.
        (_, None) if whole => behind(text, &tokens, world).unwrap_or(first),
        _ => first,
    }
}

/// A reading with the free text behind an issue, where the words in front of it ask for one.
fn behind(text: &str, tokens: &[Token], world: &AskContext) -> Option<Reading> {
    let issue = tokens
        .iter()
        .rposition(|token| entities::is_issue(&token.word, world))?;
    [false, true].into_iter().find_map(|note| {
        let tail = Tail::behind(tokens, issue, note, &VOCABULARY)?;
        let reading = pass(text, tokens, Some(tail), world, true);
        let best = reading.best.as_ref().filter(|_| reading.is_clear())?;
        let meant = match note {
            true => {
                let mut words = reading.words.iter();
                best.command == "issues note"
                    && words.any(|word| word.taken_for.starts_with("note"))
            }
            false => matches!(best.command.as_str(), "issues resolve" | "issues reopen"),
        };
        meant.then_some(reading)
    })
}

/// Whether a command of the issues lives on a text.
fn takes_text(best: &Candidate) -> bool {
    let intents = VOCABULARY.intents.iter();
    let mut same = intents.filter(|intent| intent.command == best.command);
    same.any(|intent| {
        ["text", "reason", "words", "filter", "feature"]
            .iter()
            .any(|slot| intent.has(slot))
    })
}

/// One reading, with the free text where it is thought to be.
fn pass(
    text: &str,
    tokens: &[Token],
    tail: Option<Tail>,
    world: &AskContext,
    whole: bool,
) -> Reading {
    let vocabulary = &*VOCABULARY;
    let free = tail.map(Tail::words).unwrap_or_default();
    let of_an_issue = tokens
        .iter()
        .any(|token| entities::is_issue(&token.word, world));
    let aside = clauses::aside(tokens, &free);
    let hidden = free
        .into_iter()
        .chain(aside.into_iter().flat_map(|(from, to)| from..to))
        .collect();
    let wishes = wishes::find(tokens, &hidden, of_an_issue, vocabulary);
    let clauses = Clauses::of(tokens, tail, aside, &wishes, vocabulary);
    let mut entities = entities::find(tokens, &clauses.masked, world, vocabulary);
    let left_out: HashSet<usize> = clauses
        .left_out
        .iter()
        .flat_map(|(from, to)| *from..*to)
        .collect();
    let others: HashSet<usize> = (0..tokens.len())
        .filter(|at| !left_out.contains(at))
        .collect();
    entities.left_out = entities::find(tokens, &others, world, vocabulary).all;
    entities.all.extend(wishes.iter().cloned());
    let mut utterance = Utterance {
        text,
        tokens,
        clauses,
        entities,
        wishes,
        environments: &world.environments,
        whole,
        vocabulary,
    };
    if let Some((who, from, to)) = utterance.assignee() {
        utterance.entities.add("assignee", who, from, to);
    }
    let several = meant::complete(&mut utterance, world);
    let hits = hits::hits(&utterance);
    drop_times_in_phrases(&mut utterance, &hits);
    let mut reading = score::judge(&utterance, &hits, world);
    reading.doubts.extend(several);
    reading.doubts.extend(flags(text));
    if whole && reading.is_clear() {
        let part = |text: &str, world: &AskContext| words_of(text, world, false);
        reading
            .doubts
            .extend(several::doubt(&utterance, &hits, world, &part));
    }
    reading
}

/// `what should I work on today` is a phrase, and no time to narrow to.
fn drop_times_in_phrases(utterance: &mut Utterance<'_>, hits: &[hits::Hit]) {
    utterance.entities.all.retain(|one| {
        let inside =
            |hit: &hits::Hit| hit.from <= one.from && hit.to >= one.to && hit.to - hit.from > 2;
        one.slot != "since" || !hits.iter().any(inside)
    });
}

/// Whether a word carries no meaning of its own in a request: `please`, `the`.
pub fn says_nothing(word: &str) -> bool {
    let vocabulary = &*VOCABULARY;
    let polite = vocabulary
        .polite
        .iter()
        .any(|phrase| phrase.iter().any(|part| part == word));
    vocabulary.is_filler(&stem::normal(word)) || polite
}

/// An utterance with all that was found in it.
struct Utterance<'a> {
    text: &'a str,
    tokens: &'a [Token],
    clauses: Clauses,
    entities: entities::Entities,
    /// What is wanted of any command; among the entities, too.
    wishes: Vec<Entity>,
    /// Whether it is not a part of another.
    whole: bool,
    /// Names of all environments.
    environments: &'a [String],
    vocabulary: &'a vocabulary::Vocabulary,
}

/// Names of services and environments, and parts of them.
fn names(world: &AskContext) -> Vec<String> {
    let services = world
        .services
        .iter()
        .map(|service| service.name.to_lowercase());
    let parts = services.flat_map(|name| {
        let parts: Vec<String> = name.split(['-', '_', '.']).map(str::to_owned).collect();
        parts.into_iter().chain([name])
    });
    let all: HashSet<String> = parts.chain(world.environments.iter().cloned()).collect();
    let mut out: Vec<String> = all.into_iter().collect();
    out.sort();
    out
}

/// Options that people mix into sentences, as words: `check health --env=prod`.
fn unflagged(text: &str) -> String {
    let mut out = text.to_owned();
    for name in ["env", "service", "top", "since", "format", "domain"] {
        out = out.replace(&format!("--{name}="), &format!("{name} "));
        out = out.replace(&format!("--{name} "), &format!("{name} "));
    }
    out
}

fn flags(text: &str) -> Option<String> {
    let flag = text.split_whitespace().find(|word| {
        word.strip_prefix("--")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    })?;
    Some(format!(
        "`{flag}` is an option, and words are not the place for one"
    ))
}

/// The nearest command line to one that was given by an old name.
pub fn instead(renamed: &old_names::Renamed) -> Vec<String> {
    line::instead_of_name(&renamed.intent, &renamed.arguments)
}

fn of_name(renamed: old_names::Renamed) -> Reading {
    let old_names::Renamed {
        old,
        arguments,
        intent,
        dropped,
        ..
    } = renamed;
    let mut words = vec![Recognised {
        said: old,
        taken_for: format!("command {}", intent.command),
    }];
    words.extend(
        dropped
            .into_iter()
            .map(|(said, taken_for)| Recognised { said, taken_for }),
    );
    Reading {
        words,
        ignored: Vec::new(),
        best: Some(Candidate {
            command: intent.command.clone(),
            write: intent.write,
            confidence: 1.0,
            example: intent.example.clone(),
            missing: Vec::new(),
            instead: line::instead_of_name(&intent, &arguments),
            arguments,
        }),
        others: Vec::new(),
        doubts: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
