//! Plain language and old names to a command line: deterministic, and it says how it read the
//! words. Knows neither which commands this version has nor how they are run, and takes no
//! decision to run anything.

mod actions;
mod clauses;
mod commands;
mod counts;
mod entities;
mod entity;
mod explained;
mod fitness;
mod found;
mod hits;
mod ids;
mod instead;
mod lacks;
mod leaning;
mod learning;
mod line;
mod lost;
mod marks;
mod meant;
mod model;
mod moments;
mod named_options;
mod names;
mod needs;
pub mod old_names;
mod option_words;
mod places;
mod quote;
mod rank;
mod rest;
mod rest_words;
mod score;
mod services;
mod several;
mod spans;
pub(crate) mod stem;
mod subject;
mod texts;
mod utterance;
mod vocabulary;
mod wishes;
mod words;
mod written;

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use clauses::Tail;
use utterance::{ReadingDepth, Utterance};
use vocabulary::VOCABULARY;
use words::Token;

pub use commands::{KnownCommand, KnownPlace};
pub use learning::{by_vocabulary, features, intents, option_features};
pub use model::NOTHING;
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
    /// The commands that there are.
    #[serde(default)]
    pub commands: Vec<KnownCommand>,
}

impl AskContext {
    /// Whether there is a command of this name, or one below it.
    pub fn has(&self, name: &str) -> bool {
        let mut all = self.commands.iter();
        all.any(|one| one.name.split(' ').next() == Some(name))
    }

    /// Whether there is the command of a command line.
    pub fn offers(&self, candidate: &Candidate) -> bool {
        let mut all = self.commands.iter();
        all.any(|one| one.name == candidate.command)
    }
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

/// From here on a command takes up every word that says something.
const ALL_TAKEN: f64 = 0.85;

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
            _ => of_name(renamed, world),
        };
    }
    words_of(&unflagged(text), world, ReadingDepth::Whole)
}

/// Reads words that are no name of a command.
fn words_of(text: &str, world: &AskContext, reach: ReadingDepth) -> Reading {
    let vocabulary: &'static vocabulary::Vocabulary = &VOCABULARY;
    let mut tokens = words::tokens(text);
    words::mend(&mut tokens, vocabulary, &names(world), &world.domains);
    let marked = Tail::marked(&tokens, vocabulary);
    let first = pass(text, &tokens, marked, world, reach);
    match (&first.best, marked) {
        // A colon that no text stands behind: `issues: prod`, `dry run: escalate infra-001`.
        (None, Some(tail)) if !tail.because => pass(text, &tokens, None, world, reach),
        (Some(best), Some(tail)) if !tail.because && !takes_text(best) => {
            pass(text, &tokens, None, world, reach)
        }
        // A text that nothing marks.
        (_, None) if reach == ReadingDepth::Whole => behind(text, &tokens, world).unwrap_or(first),
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
        let reading = pass(text, tokens, Some(tail), world, ReadingDepth::Whole);
        let best = reading.best.as_ref().filter(|_| reading.is_clear())?;
        let meant = match note {
            true => {
                let mut words = reading.words.iter();
                let that = tokens
                    .get(issue + 1)
                    .is_some_and(|next| next.word == "that");
                best.command == "issues note"
                    && (that || words.any(|word| word.taken_for.starts_with("note")))
            }
            false if best.command == "escalate" => tail.tells_why(tokens, issue, &VOCABULARY),
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
    reach: ReadingDepth,
) -> Reading {
    let mut utterance = Utterance::of(text, tokens, tail, world, reach);
    let several = meant::complete(&mut utterance, world);
    let hits = hits::hits(&utterance);
    drop_times_in_phrases(&mut utterance, &hits);
    utterance.leanings = leaning::leanings(&utterance);
    let mut reading = score::judge(&utterance, &hits, world);
    reading.doubts.extend(several);
    reading.doubts.extend(second_order(&utterance, world));
    reading.doubts.extend(flags(text));
    if reach == ReadingDepth::Whole && reading.is_clear() {
        let part = |text: &str, world: &AskContext, reach| words_of(text, world, reach);
        let best = reading.best.as_ref();
        let all_taken =
            best.is_some_and(|best| best.confidence >= ALL_TAKEN) && reading.ignored.len() < 2;
        reading
            .doubts
            .extend(several::doubt(&utterance, &hits, world, all_taken, &part));
    }
    reading
}

/// `…, because it is fixed and assign infra-002 to jo`: an order that a free text would swallow.
fn second_order(utterance: &Utterance<'_>, world: &AskContext) -> Option<String> {
    let (from, to) = utterance.clauses.tail?;
    let tokens = utterance.tokens;
    let joins = |at: &usize| matches!(tokens[*at].word.as_str(), "and" | "then" | "also");
    let at = (from..to.min(tokens.len())).filter(joins).find(|at| {
        let Some(order) = tokens.get(at + 1).filter(|_| at + 1 < to) else {
            return false;
        };
        let names = |token: &Token| {
            entities::is_issue(&token.word, world)
                || world
                    .services
                    .iter()
                    .any(|service| service.name == token.word)
        };
        utterance.vocabulary.is_order(&order.word)
            && !order.word.ends_with("ed")
            && tokens[at + 1..to].iter().any(names)
    })?;
    let said = utterance.said(at + 1, to);
    Some(format!(
        "that is more than one thing; `{said}` is another, or put the text in quotes"
    ))
}

/// `what should I work on today` is a phrase, and no time to narrow to; a JSON schema is no answer
/// as JSON.
fn drop_times_in_phrases(utterance: &mut Utterance<'_>, hits: &[hits::Hit]) {
    utterance.entities.all.retain(|one| {
        let in_thing = |hit: &hits::Hit| {
            hit.from <= one.from && hit.to >= one.to && hit.to - hit.from > one.to - one.from
        };
        if one.slot == "format"
            && hits
                .iter()
                .filter(|hit| hit.concept != "list")
                .any(in_thing)
        {
            return false;
        }
        let inside =
            |hit: &hits::Hit| hit.from <= one.from && hit.to >= one.to && hit.to - hit.from > 2;
        one.slot != "since" || !hits.iter().any(inside)
    });
}

/// Whether a word carries no meaning of its own in a request: `please`, `the`.
pub fn says_nothing(word: &str) -> bool {
    let vocabulary: &'static vocabulary::Vocabulary = &VOCABULARY;
    let polite = vocabulary
        .polite
        .iter()
        .any(|phrase| phrase.iter().any(|part| part == word));
    vocabulary.is_filler(&stem::normal(word)) || polite
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
    instead::instead_of_name(&renamed.intent, &renamed.arguments)
}

fn of_name(renamed: old_names::Renamed, world: &AskContext) -> Reading {
    let old_names::Renamed {
        old,
        arguments,
        intent,
        dropped,
        ..
    } = renamed;
    // What a command of today cannot do without, and the old one could.
    let mut all = world.commands.iter();
    let command = all.find(|one| one.name == intent.command);
    let options = command.iter().flat_map(|command| &command.places);
    let lacks = options.filter(|place| place.required && place.option().is_some());
    let doubts: Vec<String> = lacks
        .filter(|place| !arguments.contains(&place.name))
        .map(|place| {
            let value = place.value.as_deref().unwrap_or_default();
            format!("`{}` needs `{} <{value}>`", intent.command, place.name)
        })
        .chain(needs::of_name(&intent.command, &arguments))
        .collect();
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
            missing: doubts.clone(),
            instead: instead::instead_of_name(&intent, &arguments),
            arguments,
        }),
        others: Vec::new(),
        doubts,
    }
}

#[cfg(test)]
mod tests;
