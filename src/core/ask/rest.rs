//! What is left of an utterance when a command took its share. Nothing of it is dropped without
//! a word: it is named as ignored, or asked about.

use super::entity::{Entity, Placed};
use super::explained::{fits, polite, related};
use super::hits::Hit;
use super::lacks;
use super::names;
use super::places;
use super::services::Services;
use super::vocabulary::Intent;
use super::{AskContext, Candidate, Utterance};

/// More ignored words than this are too much to be sure of the rest.
const MOST_IGNORED: usize = 3;
/// The same for words that the vocabulary knows.
const FEW_KNOWN_WORDS: usize = 1;
/// In a request of so few words, each of them matters.
const FEW_WORDS: usize = 3;

/// Commands that read standard input where no file is named.
const READS_STDIN: &[&str] = &[
    "adopt",
    "slo import",
    "permissions explain",
    "permissions propose",
    "debug",
];

/// What is left.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// Why it has to be asked back.
    pub(super) doubts: Vec<String>,
    /// Words that change nothing, as they were written.
    pub(super) ignored: Vec<String>,
}

/// Looks for it.
pub(super) fn of(
    best: &Candidate,
    intent: &Intent,
    utterance: &Utterance<'_>,
    hits: &[Hit],
    world: &AskContext,
) -> Rest {
    let mut left = Left {
        best,
        intent,
        utterance,
        related: related(intent),
        placed: places::of(intent, utterance),
        hits,
        world,
        rest: Rest::default(),
    };
    left.texts();
    left.times();
    left.entities();
    left.words();
    left.rest
}

struct Left<'a> {
    best: &'a Candidate,
    intent: &'a Intent,
    utterance: &'a Utterance<'a>,
    related: Vec<&'a str>,
    placed: Vec<Placed>,
    hits: &'a [Hit],
    world: &'a AskContext,
    rest: Rest,
}

impl Left<'_> {
    fn argument(&self, value: &str) -> bool {
        let arguments = self.best.arguments.iter().skip(1);
        arguments
            .flat_map(|one| one.split(',').chain([one.as_str()]))
            .any(|one| one == value)
    }

    fn doubt(&mut self, doubt: String) {
        if !self.rest.doubts.contains(&doubt) {
            self.rest.doubts.push(doubt);
        }
    }

    /// `because of infra-001`.
    fn is_for_an_issue(&self, from: usize, to: usize) -> bool {
        let mut aside = self.utterance.entities.left_out.iter();
        aside.any(|one| {
            one.slot == "issue" && (from..to).contains(&one.from) && self.argument(&one.value)
        })
    }

    /// Whether a text that would be a note is not on the command line.
    fn lacks_the_note(&self) -> bool {
        let text = self.utterance.free_text();
        self.intent.has("note") && !text.is_some_and(|text| self.argument(&text))
    }

    /// Texts that have no place, and what is not to be done.
    fn texts(&mut self) {
        if let Some((from, to)) = self.utterance.clauses.tail
            && (!fits(self.intent, "text") || self.lacks_the_note())
            && !self.is_for_an_issue(from, to)
        {
            let said = self.utterance.said(from, to).to_owned();
            self.rest.ignored.push(said);
        }
        if let Some((from, to)) = self.utterance.clauses.aside {
            let said = self.utterance.said(from, to).to_owned();
            // `before we deploy prod`: what stands aside may be what is meant.
            let mut others = self.utterance.entities.left_out.iter();
            let meant = others.find(|one| {
                let named = matches!(one.slot, "env" | "service" | "issue");
                named && (from..to).contains(&one.from) && !self.argument(&one.value)
            });
            match meant {
                Some(one) => {
                    let doubt = format!("`{said}`: is `{}` where it is to be done?", one.value);
                    self.doubt(doubt);
                }
                None => self.rest.ignored.push(said),
            }
        }
        for (from, to) in &self.utterance.clauses.left_out {
            let narrows = |one: &&Entity| {
                (*from..*to).contains(&one.from)
                    && matches!(one.slot, "service" | "env" | "severity" | "domain" | "kind")
            };
            let named = self
                .utterance
                .entities
                .left_out
                .iter()
                .any(|one| narrows(&one));
            let vocabulary = self.utterance.vocabulary;
            let words = self.utterance.tokens[*from..*to].iter();
            let orders = words.clone().any(|token| vocabulary.is_order(&token.word));
            let says = |word: &str| {
                !vocabulary.is_filler(word)
                    && !vocabulary.is_harmless(word)
                    && !vocabulary.negates(word)
            };
            let some = words.clone().any(|token| says(&token.word));
            if (named || some) && !orders {
                let said = self.utterance.said(*from, *to).to_owned();
                self.doubt(format!(
                    "`{said}`: nothing can be left out; name what to look at"
                ));
            }
        }
    }

    /// `since the deploy` is a time, and none that is known.
    fn times(&mut self) {
        let tokens = self.utterance.tokens;
        for at in 0..tokens.len() {
            let masked = self.utterance.clauses.masked.contains(&at);
            let when = matches!(
                tokens[at].word.as_str(),
                "since" | "until" | "till" | "during"
            );
            if !when || masked || tokens[at].quoted || self.utterance.is_named(at) {
                continue;
            }
            // `since when` asks for one.
            let asks = self
                .hits
                .iter()
                .any(|hit| (hit.from..hit.to).contains(&at) && hit.weight > 1.0);
            let next = (at + 1..(at + 3).min(tokens.len())).find(|next| self.says(*next));
            if let Some(next) = next.filter(|_| !asks) {
                let said = self.utterance.said(at, next + 1).to_owned();
                self.doubt(format!("`{said}` is no time that is known here"));
            }
        }
    }

    fn entities(&mut self) {
        let all: Vec<Entity> = self.utterance.entities.all.clone();
        for one in &all {
            if self.is_used(one) || self.is_covered(one) {
                continue;
            }
            let said = self.utterance.said(one.from, one.to).to_owned();
            let command = &self.best.command;
            match one.slot {
                // What an issue is about is in its answer.
                "service" | "kind" | "state" if self.names_what_an_issue_is_about() => {
                    self.rest.ignored.push(said);
                }
                // Whatever looks, looks now.
                "wish" if one.value == "refresh" => self.rest.ignored.push(said),
                "wish" if self.utterance.vocabulary.switches.contains(&one.value) => {
                    self.doubt(format!("`{command}` has no place for `{said}`"));
                }
                "since" if is_about_now(&said) => self.rest.ignored.push(said),
                "service" => self.doubt(format!(
                    "`{command}` cannot be narrowed to `{said}`; `fractary health --service {}` can be",
                    one.value
                )),
                "kind" => {
                    let names = names::of_kind(&one.value, self.world, self.utterance.vocabulary);
                    self.doubt(format!("`{command}` cannot be narrowed to a kind; {names}"));
                }
                "region" => self.doubt(format!(
                    "`{command}` takes no region, `{said}`: an environment has one; name the environment"
                )),
                "since" | "until" => self.doubt(format!(
                    "`{command}` has no place for a time, `{said}`: it shows what is so now"
                )),
                "env" | "domain" | "severity" | "top" | "issue" | "design" | "format" | "file"
                | "assignee" | "state" | "remediation" | "url" | "indicator" | "shard" | "permission" | "tag" | "account" | "metric" | "text" => {
                    self.doubt(format!("`{command}` has no place for `{said}`"));
                }
                _ => {}
            }
        }
    }

    /// Whether a name beside an issue says no more than the issue itself.
    fn names_what_an_issue_is_about(&self) -> bool {
        !self.intent.write && self.intent.has("issue")
    }

    /// Whether it is on the command line.
    fn is_used(&self, one: &Entity) -> bool {
        let there = match one.slot {
            "severity" => {
                // A priority is told as it was said: `P2`.
                let said = &self.utterance.tokens[one.from].raw;
                self.argument(&format!("--{}", one.value))
                    || self.argument(&one.value)
                    || self.intent.has("priority") && self.argument(said)
            }
            // Health is of the infrastructure.
            "domain" => {
                fits(self.intent, "domain") && !self.intent.has("domain")
                    || self.argument(&one.value)
            }
            "kind" => return self.is_kind_of_the_service(&one.value),
            "wish" => {
                let alerts = matches!(one.value.as_str(), "no-alerts" | "always-alerts");
                return alerts || self.argument(&format!("--{}", one.value));
            }
            "folder" => return true,
            // What a command reads where it is given nothing else.
            "stdin" => return READS_STDIN.contains(&self.best.command.as_str()),
            // What is to be explained: `slow`, `the latency`.
            "metric" | "symptom" if self.intent.has("subject") => return true,
            // Told apart by what stands there: `2/5` and `2 of 5`.
            "shard" => return self.intent.has("shard"),
            // Several sorts of audits are all of them.
            "audit" => self.intent.has("audit") && self.argument("--type"),
            "author" => self.argument(&one.value),
            "tag" if self.intent.has("filter") => return self.argument(&one.value),
            _ => self.argument(&one.value),
        };
        there && (one.slot == "text" || fits(self.intent, one.slot))
    }

    /// `the lambda checkout`: the kind of what is named beside it.
    fn is_kind_of_the_service(&self, kind: &str) -> bool {
        let Services::One(service) = &self.utterance.entities.services else {
            return false;
        };
        let own = service.kind.as_deref();
        self.argument(&service.name)
            && own.is_some_and(|own| names::alike(own, kind, self.utterance.vocabulary))
    }

    /// Whether something longer or of more use stands at the same words.
    fn is_covered(&self, one: &Entity) -> bool {
        let whole = |from: usize, to: usize| from <= one.from && one.to <= to;
        let mut all = self.utterance.entities.all.iter();
        let by_entity =
            all.any(|other| other != one && whole(other.from, other.to) && self.is_used(other));
        // `the infra domain` is no kind, but `lambdas` is one though it is said of resources.
        let by_word = one.slot != "kind"
            && self.hits.iter().any(|hit| {
                whole(hit.from, hit.to)
                    && hit.weight > 1.0
                    && self.related.contains(&hit.concept.as_str())
            });
        let by_option = self.placed.iter().any(|other| whole(other.from, other.to));
        by_entity || by_word || by_option
    }

    fn words(&mut self) {
        let tokens = self.utterance.tokens;
        let says = |i: usize| self.says(i);
        let all = (0..tokens.len()).filter(|i| says(*i)).count();
        let unknown: Vec<usize> = (0..tokens.len())
            .filter(|i| says(*i) && !self.is_explained(*i))
            .collect();
        let mut ignored = Vec::new();
        for at in &unknown {
            let raw = &tokens[*at].raw;
            let told = !self.rest.doubts.is_empty() || self.names_what_an_issue_is_about();
            if self.utterance.is_named(*at) && told {
                continue;
            }
            if all > FEW_KNOWN_WORDS && self.may_be_ignored(*at) {
                self.rest.ignored.push(raw.clone());
                continue;
            }
            let order = self.best.write && self.is_another_command(*at);
            if self.utterance.vocabulary.is_harmless(&tokens[*at].word) && !order {
                self.rest.ignored.push(raw.clone());
            } else if self
                .utterance
                .vocabulary
                .foreign_formats
                .contains(&tokens[*at].word)
            {
                self.doubt(format!(
                    "no answer comes as {raw}: text, json, markdown, voice or html"
                ));
            } else if self.is_another_command(*at) {
                self.doubt(format!(
                    "`{raw}` is not a part of `{}`; ask for one of them",
                    self.best.command
                ));
            } else if self.intent.write || self.best.write || all <= FEW_WORDS || self.matters(*at)
            {
                let doubt = names::unknown(
                    &tokens[*at],
                    tokens.get(at + 1),
                    self.world,
                    self.utterance.vocabulary,
                );
                self.doubt(doubt);
            } else {
                ignored.push(raw.clone());
            }
        }
        if ignored.len() > MOST_IGNORED {
            self.doubt(format!(
                "too many of the words say nothing to it: {}",
                ignored.join(", ")
            ));
        }
        self.rest.ignored.extend(ignored);
    }

    /// Where only something is looked at, or rehearsed, a word that the vocabulary knows is no name:
    /// it is ignored, and named. An order of its own is not.
    fn may_be_ignored(&self, at: usize) -> bool {
        let looks = !self.intent.write || self.argument("--dry-run");
        looks && self.is_a_plain_word(at)
    }

    /// Whether a word is one of the language, and neither a name nor an order here.
    fn is_a_plain_word(&self, at: usize) -> bool {
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
        let order = ordered && lacks::begins_an_order(self.utterance, at);
        let mut entities = self.utterance.entities.all.iter();
        let entity = entities.any(|one| (one.from..one.to).contains(&at));
        vocabulary.has_word(&token.word)
            && !(named || special || order || entity || token.slip || token.raw.contains(odd))
            && !self.stands_for_a_name(at)
    }

    /// Whether a word stands behind one that names things: `of`, `in the`.
    fn is_led(&self, at: usize) -> bool {
        let tokens = self.utterance.tokens;
        let mut before = (0..at).rev().map(|at| tokens[at].word.as_str());
        let before = before.find(|word| !matches!(*word, "the" | "our" | "my" | "a" | "an"));
        before.is_some_and(|word| self.utterance.vocabulary.leads.contains(word))
    }

    /// Whether a name is expected at a word: `status of finance`, `health of the moon base`.
    fn stands_for_a_name(&self, at: usize) -> bool {
        let tokens = self.utterance.tokens;
        let articles = ["the", "our", "my", "a", "an", "this", "that", "all", "any"];
        let before = (0..at)
            .rev()
            .find(|i| !articles.contains(&tokens[*i].word.as_str()));
        let Some(before) = before else { return false };
        let word = tokens[before].word.as_str();
        let last = at + 1 == tokens.len() || tokens[at].stop.is_some();
        let directly = before + 1 == at && last && self.utterance.vocabulary.leads.contains(word);
        let narrows = ["service", "about", "subject", "domain"];
        let takes_a_name = narrows.iter().any(|slot| self.intent.has(slot));
        let all = self.utterance.entities.all.iter();
        let mut names = all.filter(|one| matches!(one.slot, "service" | "domain" | "issue"));
        let lacks_one = takes_a_name && names.next().is_none();
        let points = matches!(
            word,
            "of" | "for" | "on" | "in" | "tagged" | "called" | "named"
        );
        directly || points && lacks_one
    }

    /// Whether a word by itself asks for another command.
    fn is_another_command(&self, at: usize) -> bool {
        let mut said = self
            .hits
            .iter()
            .filter(|hit| (hit.from..hit.to).contains(&at) && hit.weight > 1.0);
        said.any(|hit| {
            let mut intents = self.utterance.vocabulary.intents.iter();
            intents.any(|intent| intent.patterns.contains(&hit.concept))
        })
    }

    /// Whether a word carries meaning.
    fn says(&self, at: usize) -> bool {
        let token = &self.utterance.tokens[at];
        let vocabulary = self.utterance.vocabulary;
        let empty = !token.raw.contains(char::is_alphanumeric)
            || self.utterance.clauses.masked.contains(&at)
            || token.quoted
            || vocabulary.is_filler(&token.word)
            || polite(self.utterance, at);
        !empty
    }

    /// Whether the command has taken it up.
    fn is_explained(&self, at: usize) -> bool {
        let inside = |from: usize, to: usize| (from..to).contains(&at);
        let mut entities = self.utterance.entities.all.iter();
        let mut hits = self.hits.iter();
        entities.any(|one| inside(one.from, one.to) && (self.is_used(one) || self.is_covered(one)))
            || hits
                .any(|hit| inside(hit.from, hit.to) && self.related.contains(&hit.concept.as_str()))
            || self.placed.iter().any(|one| inside(one.from, one.to))
            || self.argument(&self.utterance.tokens[at].raw)
            || self.is_end_of_an_issue(at)
    }

    /// `keep 001`: the end of an id that is named in full.
    fn is_end_of_an_issue(&self, at: usize) -> bool {
        let word = &self.utterance.tokens[at].word;
        let ids = self.utterance.entities.of("issue");
        word.len() >= 3
            && word.bytes().any(|b| b.is_ascii_digit())
            && ids.iter().any(|id| id.ends_with(&format!("-{word}")))
    }

    /// Whether a word stands where a name stands, or looks like one.
    fn matters(&self, at: usize) -> bool {
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

/// Times that a look at now answers.
fn is_about_now(said: &str) -> bool {
    matches!(
        said.to_lowercase().as_str(),
        "today" | "today's" | "this morning" | "tonight" | "this evening"
    )
}
