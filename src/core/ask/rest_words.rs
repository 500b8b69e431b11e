//! Words that are left: names that nothing has are asked back, and words of the language are passed
//! over where the command is sure, and named as ignored.

use super::entity::Entity;
use super::lacks;
use super::names;
use super::rank::VERY_SURE;
use super::rest::{Left, SOFT};
use super::several;
use super::stem::{normal, stem};

/// More ignored words than this are too much to be sure of the rest.
const MOST_IGNORED: usize = 3;
/// The same for words that the vocabulary knows.
const FEW_KNOWN_WORDS: usize = 1;
/// In a request of so few words, each of them matters.
const FEW_WORDS: usize = 3;
/// Words of time: what they stand for has to be known.
const TIMES: &[&str] = &[
    "tonight",
    "tomorrow",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "weekend",
    "month",
    "months",
    "quarter",
    "year",
    "years",
    "fortnight",
    "january",
    "february",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// In an order to change something, so many of them.
const MOST_IN_AN_ORDER: usize = 2;
/// From here on the command is sure, and plain words beside it may be passed over.
const SURE: f64 = 0.85;

impl Left<'_> {
    pub(super) fn words(&mut self) {
        let tokens = self.utterance.tokens;
        let says = |i: usize| self.says(i);
        let all = (0..tokens.len()).filter(|i| says(*i)).count();
        let unknown: Vec<usize> = (0..tokens.len())
            .filter(|i| says(*i) && !self.is_explained(*i))
            .collect();
        let mut ignored = Vec::new();
        for at in &unknown {
            if !self.is_settled(*at, all) {
                ignored.extend(self.unknown_word(*at, all));
            }
        }
        let taken = all.saturating_sub(unknown.len()) + self.rest.taken.len();
        if taken == 0 && !self.rest.ignored.is_empty() && self.rest.doubts.is_empty() {
            let said = self.rest.ignored.join(", ");
            self.doubt(format!("nothing is known here of `{said}`"));
        }
        if ignored.len() > MOST_IGNORED {
            self.doubt(format!(
                "too many of the words say nothing to it: {}",
                ignored.join(", ")
            ));
        }
        self.rest.ignored.extend(ignored);
    }

    /// What is plain of a word among so many that say something: it speaks of the command, or it is
    /// passed over, or it is a time or a format that there is not.
    fn is_settled(&mut self, at: usize, all: usize) -> bool {
        let token = &self.utterance.tokens[at];
        let raw = &token.raw;
        let is_named = self.utterance.is_named(at);
        let told = !self.rest.doubts.is_empty() || self.names_what_an_issue_is_about();
        if is_named && told {
            return true;
        }
        if TIMES.contains(&token.word.as_str()) && !is_named {
            self.doubt(format!("`{raw}` is no time that is known here"));
        } else if self.is_a_foreign_format(at) {
            self.doubt(no_format(raw));
        } else if self.evidence.contains(&at)
            && self.is_sure()
            && !self.is_named_hard(at)
            && !self.is_another_order(at)
        {
            self.rest.taken.push(at);
        } else if all > FEW_KNOWN_WORDS && self.may_be_ignored(at) {
            self.rest.ignored.push(raw.clone());
        } else {
            return false;
        }
        true
    }

    /// What becomes of a word that is none of that: a doubt, or a word to ignore where those are few.
    fn unknown_word(&mut self, at: usize, all: usize) -> Option<String> {
        let tokens = self.utterance.tokens;
        let vocabulary = self.utterance.vocabulary;
        let (raw, word) = (&tokens[at].raw, &tokens[at].word);
        let other = self.is_another_command(at);
        // `status of finance`, but `a report of the night`.
        let of = at.checked_sub(1).is_some_and(|at| tokens[at].word == "of")
            && self.stands_for_a_name(at)
            && self.intent.has("domain");
        if vocabulary.is_harmless(word) && !(self.best.write && other) && !of
            || other && self.is_very_sure() && !self.is_joined(at)
        {
            self.rest.ignored.push(raw.clone());
        } else if vocabulary.foreign_formats.contains(word) {
            self.doubt(no_format(raw));
        } else if other {
            self.doubt(format!(
                "`{raw}` is not a part of `{}`; ask for one of them",
                self.best.command
            ));
        } else if self.intent.write || self.best.write || all <= FEW_WORDS || self.matters(at) {
            let next = tokens.get(at + 1);
            let doubt = names::unknown(&tokens[at], next, self.world, vocabulary);
            self.doubt(doubt);
        } else {
            return Some(raw.clone());
        }
        None
    }

    /// Where only something is looked at, or rehearsed, a word that the vocabulary knows is no name:
    /// it is ignored, and named. An order of its own is not.
    pub(super) fn may_be_ignored(&self, at: usize) -> bool {
        let looks = !self.intent.write || self.argument("--dry-run");
        let few = self.rest.ignored.len() < MOST_IN_AN_ORDER;
        (looks || few && self.is_sure()) && self.is_a_plain_word(at)
    }

    /// `in word format`, `as csv`.
    pub(super) fn is_a_foreign_format(&self, at: usize) -> bool {
        let tokens = self.utterance.tokens;
        let next = tokens.get(at + 1).is_some_and(|next| next.word == "format");
        let before = at.checked_sub(1).map_or("", |at| tokens[at].word.as_str());
        let formats = &self.utterance.vocabulary.foreign_formats;
        formats.contains(&tokens[at].word) && (next || matches!(before, "as" | "in"))
    }

    /// Whether a word is one of the help of the commands.
    pub(super) fn is_of_the_help(&self, word: &str) -> bool {
        let stem = stem(word);
        let places = self.utterance.commands.iter();
        let mut texts = places.flat_map(|command| {
            let about = command.places.iter().map(|place| place.about.as_str());
            about.chain([command.about.as_str()])
        });
        texts.any(|text| {
            let words = text.split(|c: char| !c.is_alphanumeric());
            // Most words are told apart by a letter; stems are dear.
            let begin = word.chars().next();
            let mut alike =
                words.filter(|one| one.chars().flat_map(char::to_lowercase).next() == begin);
            alike.any(|one| stem_of(one) == stem)
        })
    }

    /// `kpis.toml`, where the command says that it writes or reads it.
    pub(super) fn is_its_own_file(&self, file: &str) -> bool {
        let name = file.split('.').next().unwrap_or_default();
        let vocabulary = self.utterance.vocabulary;
        let schema = vocabulary.values.get(name).into_iter().flatten();
        let document = schema.into_iter().any(|(slot, _)| *slot == "schema");
        let command = self.utterance.command_of(self.intent);
        let said = command.is_some_and(|command| {
            let about = command.places.iter().map(|place| &place.about);
            about
                .chain([&command.about])
                .any(|about| about.contains(file))
        });
        said || document && self.best.command == "check"
    }

    /// Whether no other command comes near.
    pub(super) fn is_very_sure(&self) -> bool {
        self.share >= VERY_SURE
    }

    /// Whether a word stands behind something that may begin another order.
    pub(super) fn is_joined(&self, at: usize) -> bool {
        several::joins(self.utterance).is_some_and(|joint| joint <= at)
    }

    /// Whether an order to change something begins at a word, where something is only looked at.
    pub(super) fn is_another_order(&self, at: usize) -> bool {
        let utterance = self.utterance;
        !self.intent.write
            && utterance.vocabulary.is_order(&utterance.tokens[at].word)
            && lacks::begins_an_order(utterance, at)
            && !utterance.clauses.question
    }

    /// Whether there is hardly a doubt about the command.
    pub(super) fn is_sure(&self) -> bool {
        self.share >= SURE
    }

    /// Whether something stands at a word that is no word of the language.
    pub(super) fn is_named_hard(&self, at: usize) -> bool {
        let mut all = self.utterance.entities.all.iter();
        all.any(|one| (one.from..one.to).contains(&at) && !SOFT.contains(&one.slot))
    }

    /// Whether a word is one of the language, and neither a name nor an order here.
    pub(super) fn is_a_plain_word(&self, at: usize) -> bool {
        let vocabulary = self.utterance.vocabulary;
        let token = &self.utterance.tokens[at];
        let next = self.utterance.tokens.get(at + 1);
        let named =
            next.is_some_and(|next| vocabulary.heads.contains(&next.word) && token.stop.is_none());
        let odd = |c: char| c.is_ascii_digit() || "_./:@=".contains(c);
        let special = vocabulary.elsewhere.contains(&token.word)
            || vocabulary.foreign_formats.contains(&token.word)
            || vocabulary.generic.contains(&token.word) && self.is_led(at)
            || vocabulary
                .exclusions
                .iter()
                .any(|phrase| phrase[0] == token.word);
        let ordered = self.is_another_command(at) || vocabulary.is_order(&token.word);
        let passed = self.is_very_sure() && !self.is_joined(at);
        let change = self.is_another_order(at);
        let order = change || ordered && !passed && lacks::begins_an_order(self.utterance, at);
        let mut entities = self.utterance.entities.all.iter();
        let entity = entities.any(|one| {
            (one.from..one.to).contains(&at) && !(self.is_sure() && SOFT.contains(&one.slot))
        });
        (vocabulary.has_word(&token.word) || self.is_of_the_help(&token.word))
            && !(named || special || order || entity || token.slip || token.raw.contains(odd))
            && !self.stands_for_a_name(at)
    }

    /// Whether a word stands behind one that names things: `of`, `in the`.
    pub(super) fn is_led(&self, at: usize) -> bool {
        let tokens = self.utterance.tokens;
        let mut before = (0..at).rev().map(|at| tokens[at].word.as_str());
        let before = before.find(|word| !matches!(*word, "the" | "our" | "my" | "a" | "an"));
        before.is_some_and(|word| self.utterance.vocabulary.leads.contains(word))
    }

    /// Whether a name is expected at a word: `status of finance`, `health of the moon base`.
    pub(super) fn stands_for_a_name(&self, at: usize) -> bool {
        let tokens = self.utterance.tokens;
        let articles = ["the", "our", "my", "a", "an", "this", "that", "all", "any"];
        let before = (0..at)
            .rev()
            .find(|i| !articles.contains(&tokens[*i].word.as_str()));
        let Some(before) = before else { return false };
        let word = tokens[before].word.as_str();
        let last = at + 1 == tokens.len() || tokens[at].stop.is_some();
        let leads = self.utterance.vocabulary.leads.contains(word);
        let directly = last && (before + 1 == at && leads || word == "of");
        let narrows = ["service", "about", "subject", "domain"];
        let takes_a_name = narrows.iter().any(|slot| self.intent.has(slot));
        let all = self.utterance.entities.all.iter();
        let mut names = all.filter(|one| matches!(one.slot, "service" | "domain" | "issue"));
        let lacks_one = takes_a_name && names.next().is_none();
        let points = matches!(
            word,
            "of" | "for" | "on" | "in" | "from" | "tagged" | "called" | "named"
        );
        directly || points && lacks_one
    }

    /// Whether something that was recognised is a word of the language here, and is looked at with
    /// the other words.
    pub(super) fn is_only_a_word(&self, one: &Entity) -> bool {
        self.is_sure() && (one.from..one.to).all(|at| !self.stands_for_a_name(at))
    }

    /// Whether a word by itself asks for another command.
    pub(super) fn is_another_command(&self, at: usize) -> bool {
        let mut said = self
            .hits
            .iter()
            .filter(|hit| (hit.from..hit.to).contains(&at) && hit.weight > 1.0);
        said.any(|hit| {
            let mut intents = self.utterance.vocabulary.intents.iter();
            intents.any(|intent| intent.patterns.contains(&hit.concept))
        })
    }

    /// Whether a word stands where a name stands, or looks like one.
    pub(super) fn matters(&self, at: usize) -> bool {
        let tokens = self.utterance.tokens;
        let vocabulary = self.utterance.vocabulary;
        let raw = &tokens[at].raw;
        let odd = |c: char| c.is_ascii_digit() || "-_./:@=".contains(c);
        let capital = at > self.utterance.clauses.begin && raw.starts_with(char::is_uppercase);
        let followed = tokens
            .get(at + 1)
            .is_some_and(|next| vocabulary.heads.contains(&next.word));
        let articles = ["the", "our", "my", "a", "an", "this", "that", "all", "any"];
        let before = (0..at)
            .rev()
            .find(|i| !articles.contains(&tokens[*i].word.as_str()));
        let led = before
            .map(|i| &tokens[i].word)
            .is_some_and(|word| vocabulary.leads.contains(word) || vocabulary.heads.contains(word));
        raw.contains(odd) || capital || followed || led
    }
}

fn no_format(raw: &str) -> String {
    format!("no answer comes as {raw}: text, json, markdown, voice or html")
}

fn stem_of(word: &str) -> String {
    stem(&normal(word))
}
