//! Options that no phrase of the vocabulary asks for, and the words as a whole do, as it was learnt
//! (`option-weights.txt`).

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use super::Utterance;
use super::line::Line;
use super::model::{Learnt, head, parse};
use super::named_options::NEVER;
use super::stem::stem;
use super::vocabulary::Intent;
use super::words::Token;

/// The weights of words for options, with their values where those are few.
static OPTIONS: LazyLock<Learnt> = LazyLock::new(|| parse(include_str!("option-weights.txt")));

/// An option that the words ask for, as it was learnt.
#[derive(Debug, Clone)]
pub(super) struct Leaning {
    /// `--stored`, `--type cost`.
    pub(super) option: &'static str,
    /// What the words weigh for it.
    weight: i32,
    /// The words that speak of it.
    pub(super) words: Vec<usize>,
}

/// From here on an option is asked for.
const ASKED_FOR: i32 = 100;

/// What the words weigh for each option, whatever the command.
pub(super) fn leanings(utterance: &Utterance<'_>) -> Vec<Leaning> {
    let weights = &*OPTIONS;
    let sums = weights.sums(&option_features(utterance.tokens, &utterance.free_words()));
    let all = weights.titles.iter().zip(sums).enumerate();
    all.map(|(column, (option, weight))| Leaning {
        option,
        weight,
        words: match weight > -ASKED_FOR {
            true => weights.evidence(column, utterance),
            false => Vec::new(),
        },
    })
    .collect()
}

impl Leaning {
    /// Whether it is asked for of a command.
    pub(super) fn is_asked_of(&self, command: &str) -> bool {
        let feature = format!("command {command}");
        let all = OPTIONS.features.get(feature.as_str()).into_iter().flatten();
        let mut own = all.filter(|(column, _)| OPTIONS.titles[*column] == self.option);
        let of_command = own.next().map_or(0, |(_, weight)| *weight);
        self.weight + of_command >= ASKED_FOR && !self.words.is_empty()
    }
}

/// What an utterance is known by where options are looked for: all of its words but free text.
pub(super) fn option_features(tokens: &[Token], free: &HashSet<usize>) -> BTreeSet<String> {
    let mut words = vec!["^".to_owned()];
    for (at, token) in tokens.iter().enumerate() {
        if free.contains(&at) || token.quoted {
            continue;
        }
        let odd = |c: char| !(c.is_ascii_alphabetic() || c == '\'' || c == '-');
        words.push(match token.word.contains(odd) {
            true => "#".to_owned(),
            false => stem(&token.word),
        });
    }
    let mut out: BTreeSet<String> = BTreeSet::from(["*".to_owned()]);
    for pair in words.windows(2) {
        out.insert(format!("{} {}", pair[0], pair[1]));
    }
    for word in words.into_iter().skip(1) {
        out.extend(head(&word));
        out.insert(word);
    }
    out
}

/// Options that every command has and that words may ask for.
const OF_ALL: &[&str] = &[
    "--dry-run",
    "--commit",
    "--push",
    "--write",
    "--quiet",
    "--verbose",
    "--alerts",
    "--color",
];

/// Things that are named, and that options are called after.
pub(super) const OF_THEIR_NAME: &[&str] = &["design", "since", "until", "top", "domain"];

/// The options of an intent that the words as a whole ask for.
fn asked<'a>(intent: &Intent, utterance: &'a Utterance<'_>) -> Vec<&'a Leaning> {
    let mut all = own_leanings(intent, utterance);
    all.retain(|one| one.is_asked_of(&intent.command));
    all
}

/// Those that an intent may have.
pub(super) fn own_leanings<'a>(intent: &Intent, utterance: &'a Utterance<'_>) -> Vec<&'a Leaning> {
    let command = utterance.command_of(intent);
    let places = || command.iter().flat_map(|command| &command.places);
    let there = |option: &str| {
        let (name, value) = option.split_once(' ').unwrap_or((option, ""));
        if NEVER.contains(&name.trim_start_matches('-')) {
            return false;
        }
        let own = places().any(|place| {
            let fits = match value {
                "" => place.is_switch(),
                value => place.values.iter().any(|one| one == value),
            };
            place.name == name && fits
        });
        let shown = name == "--format" && intent.has("format");
        own || shown || OF_ALL.contains(&name)
    };
    let all = utterance.leanings.iter();
    all.filter(|one| there(one.option)).collect()
}

impl Line<'_> {
    /// What is named and has an option of its own name in the definition of the command.
    pub(super) fn by_name(&mut self) {
        let Some(command) = self.utterance.command_of(self.intent) else {
            return;
        };
        for slot in OF_THEIR_NAME {
            let option = command.option(slot).filter(|place| !place.is_switch());
            let name = format!("--{slot}");
            if option.is_none() || self.takes(slot) || self.has(&name) {
                continue;
            }
            let value = self.first(slot);
            self.option(&name, value);
        }
    }

    /// Options that no phrase asks for, and the words as a whole do.
    pub(super) fn leanings(&mut self) {
        for leaning in asked(self.intent, self.utterance) {
            let (name, value) = leaning
                .option
                .split_once(' ')
                .unwrap_or((leaning.option, ""));
            let excluded = match name {
                "--dry-run" if !self.intent.write => true,
                "--commit" if self.intent.write => true,
                "--stored" => self.has("--refresh"),
                "--refresh" => self.has("--stored"),
                "--list" => self.has("--history"),
                "--write" => self.has("--commit") || self.has("--push") || self.has("--dry-run"),
                "--dry-run" => self.has("--write") || self.has("--commit") || self.has("--push"),
                "--commit" | "--push" => self.has("--write") || self.has("--dry-run"),
                _ => false,
            };
            if self.has(name) || excluded {
                continue;
            }
            self.push(name);
            if !value.is_empty() {
                self.push(value);
            }
        }
    }
}
