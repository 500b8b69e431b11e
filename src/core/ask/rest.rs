//! What is left of an utterance when a command took its share. Nothing of it is dropped without
//! a word: it is named as ignored, or asked about.

use super::entity::{Entity, Placed};
use super::explained::{fits, polite, related};
use super::hits::Hit;
use super::leaning;
use super::model;
use super::names;
use super::places;
use super::services::Services;
use super::vocabulary::Intent;
use super::{AskContext, Candidate, Utterance};

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
    /// Words that were taken up because they speak of the command, as it was learnt.
    pub(super) taken: Vec<usize>,
}

/// Recognised words that are words of the language as well.
pub(super) const SOFT: &[&str] = &[
    "metric",
    "level",
    "audit",
    "symptom",
    "state",
    "command",
    "schema",
    "indicator",
];

/// Looks for it. `share`: how sure the command is.
pub(super) fn of(
    best: &Candidate,
    intent: &Intent,
    utterance: &Utterance<'_>,
    hits: &[Hit],
    world: &AskContext,
    share: f64,
) -> Rest {
    let mut left = Left {
        best,
        intent,
        utterance,
        related: related(intent),
        placed: places::of(intent, utterance),
        evidence: evidence(best, intent, utterance),
        share,
        hits,
        world,
        rest: Rest::default(),
    };
    left.texts();
    left.times();
    left.entities();
    left.lost();
    left.words();
    left.rest
}

/// Words that speak of the command, or of an option that it got by them.
fn evidence(best: &Candidate, intent: &Intent, utterance: &Utterance<'_>) -> Vec<usize> {
    let mut out = model::evidence(utterance, intent);
    let has = |option: &str| {
        let name = option.split(' ').next();
        best.arguments.iter().any(|one| Some(one.as_str()) == name)
    };
    let (given, lacking): (Vec<_>, Vec<_>) = leaning::own_leanings(intent, utterance)
        .into_iter()
        .partition(|one| has(one.option));
    // A word that speaks of an option is not taken up by a command without it.
    out.retain(|at| !lacking.iter().any(|one| one.words.contains(at)));
    out.extend(given.iter().flat_map(|one| &one.words));
    out
}

pub(super) struct Left<'a> {
    pub(super) best: &'a Candidate,
    pub(super) intent: &'a Intent,
    pub(super) utterance: &'a Utterance<'a>,
    pub(super) related: Vec<&'a str>,
    pub(super) placed: Vec<Placed>,
    /// Words that speak of the command.
    pub(super) evidence: Vec<usize>,
    pub(super) share: f64,
    pub(super) hits: &'a [Hit],
    pub(super) world: &'a AskContext,
    pub(super) rest: Rest,
}

impl Left<'_> {
    pub(super) fn argument(&self, value: &str) -> bool {
        let arguments = self.best.arguments.iter().skip(1);
        arguments
            .flat_map(|one| one.split(',').chain([one.as_str()]))
            .any(|one| one == value)
    }

    pub(super) fn doubt(&mut self, doubt: String) {
        if !self.rest.doubts.contains(&doubt) {
            self.rest.doubts.push(doubt);
        }
    }

    /// `because of infra-001`.
    pub(super) fn is_for_an_issue(&self, from: usize, to: usize) -> bool {
        let mut aside = self.utterance.entities.left_out.iter();
        aside.any(|one| {
            one.slot == "issue" && (from..to).contains(&one.from) && self.argument(&one.value)
        })
    }

    /// Whether a text that would be a note is not on the command line.
    pub(super) fn lacks_the_note(&self) -> bool {
        let text = self.utterance.free_text();
        self.intent.has("note") && !text.is_some_and(|text| self.argument(&text))
    }

    /// Texts that have no place, and what is not to be done.
    pub(super) fn texts(&mut self) {
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
            let asks = (*from..*to).any(|at| self.evidence.contains(&at));
            if named && !orders || some && !orders && !asks {
                let said = self.utterance.said(*from, *to).to_owned();
                self.doubt(format!(
                    "`{said}`: nothing can be left out; name what to look at"
                ));
            }
        }
    }

    /// `since the deploy` is a time, and none that is known.
    pub(super) fn times(&mut self) {
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

    pub(super) fn entities(&mut self) {
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
                "wish" if (one.from..one.to).any(|at| self.evidence.contains(&at)) => {}
                "file" | "output" if self.is_its_own_file(&one.value) => self.rest.ignored.push(said),
                "wish" if self.utterance.vocabulary.switches.contains(&one.value) => {
                    self.doubt(format!("`{command}` has no place for `{said}`"));
                }
                "since" if is_about_now(&said) => self.rest.ignored.push(said),
                slot if SOFT.contains(&slot) && self.is_only_a_word(one) => {}
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
    pub(super) fn names_what_an_issue_is_about(&self) -> bool {
        !self.intent.write && self.intent.has("issue")
    }

    /// Whether it is on the command line.
    pub(super) fn is_used(&self, one: &Entity) -> bool {
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
        let of_its_name = leaning::OF_THEIR_NAME.contains(&one.slot);
        there && (one.slot == "text" || of_its_name || fits(self.intent, one.slot))
    }

    /// `the lambda checkout`: the kind of what is named beside it.
    pub(super) fn is_kind_of_the_service(&self, kind: &str) -> bool {
        let Services::One(service) = &self.utterance.entities.services else {
            return false;
        };
        let own = service.kind.as_deref();
        self.argument(&service.name)
            && own.is_some_and(|own| names::alike(own, kind, self.utterance.vocabulary))
    }

    /// Whether something longer or of more use stands at the same words.
    pub(super) fn is_covered(&self, one: &Entity) -> bool {
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

    /// Whether a word carries meaning.
    pub(super) fn says(&self, at: usize) -> bool {
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
    pub(super) fn is_explained(&self, at: usize) -> bool {
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
    pub(super) fn is_end_of_an_issue(&self, at: usize) -> bool {
        let word = &self.utterance.tokens[at].word;
        let ids = self.utterance.entities.of("issue");
        word.len() >= 3
            && word.bytes().any(|b| b.is_ascii_digit())
            && ids.iter().any(|id| id.ends_with(&format!("-{word}")))
    }
}

/// Times that a look at now answers.
fn is_about_now(said: &str) -> bool {
    matches!(
        said.to_lowercase().as_str(),
        "today" | "today's" | "this morning" | "tonight" | "this evening"
    )
}
