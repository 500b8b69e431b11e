//! Words that make another order of what is said: `not in prod`, `twice`, `every five minutes`, `and run it`.
//! No command line says them, so a command without them would do something else; they are asked back.

use super::rest::Left;
use super::services::Services;
use super::stem::stem;
use super::words::Token;

/// Words that leave out what they stand before.
const INVERTING: &[&str] = &[
    "not", "nor", "isn't", "isnt", "aren't", "arent", "wasn't", "weren't", "doesn't", "didn't",
    "hasn't", "haven't", "ignore", "ignoring", "skip", "skipping", "omit", "omitting", "unlike",
    "avoid",
];
/// What a command line is narrowed by.
const NARROWING: &[&str] = &[
    "env", "service", "kind", "domain", "severity", "issue", "assignee", "region", "since",
    "until", "state", "level", "audit", "tag",
];
/// So many words may stand between one that leaves out and what it leaves out.
const MOST_BETWEEN: usize = 4;
/// How often.
const TIMES: &[&str] = &["twice", "thrice", "repeatedly", "periodically", "forever"];
const RHYTHMS: &[&str] = &["hourly", "daily", "nightly", "weekly", "monthly"];
/// What something may be done again at, in the singular.
const OCCASIONS: &[&str] = &[
    "second", "sec", "minute", "min", "hour", "hr", "day", "night", "morning", "evening", "week",
    "weekday", "weekend", "month", "quarter", "year", "commit", "push", "merge", "deploy",
    "release",
];
const NUMBERS: &[&str] = &[
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "fifteen", "twenty",
    "thirty", "sixty",
];
/// Words before what something else does, and before what was done to it.
const HAPPENED: &[&str] = &[
    "is", "are", "was", "were", "been", "got", "gets", "keep", "keeps", "kept", "have", "has",
    "had",
];
/// Orders of which one is meant at a time.
const ACTIONS: &[&str] = &["restart", "scale", "rollback", "resize", "flush", "redrive"];
/// Words that make another number of the one before them.
const SCALES: &[&str] = &[
    "cent", "cents", "dozen", "hundred", "thousand", "million", "euro", "euros", "pounds",
];
/// Words that name a number by another one.
const MULTIPLES: &[&str] = &["double", "triple", "halve", "quadruple"];
/// What a second order is about where it names nothing.
const PRONOUNS: &[&str] = &["it", "them", "that", "this", "those", "these", "everything"];

impl Left<'_> {
    /// Asks back what would be lost.
    pub(super) fn lost(&mut self) {
        let checks: [fn(&Self, usize) -> Option<String>; 7] = [
            Self::left_out,
            Self::repeated,
            Self::scaled,
            Self::counted,
            Self::second_order,
            Self::happened,
            Self::another_action,
        ];
        for at in 0..self.utterance.tokens.len() {
            let doubt = checks.iter().find_map(|check| check(self, at));
            if let Some(doubt) = doubt.filter(|_| self.is_open(at)) {
                self.doubt(doubt);
            }
        }
    }

    fn word(&self, at: usize) -> &str {
        word(self.utterance.tokens, at)
    }

    /// Whether nothing takes a word up: neither a value, nor a phrase of more than one word.
    fn is_open(&self, at: usize) -> bool {
        let inside = |from: usize, to: usize| (from..to).contains(&at);
        let mut entities = self.utterance.entities.all.iter();
        let mut phrases = self.hits.iter().filter(|hit| hit.weight > 2.0);
        let closed = self.utterance.clauses.masked.contains(&at)
            || self.utterance.tokens[at].quoted
            || self.placed.iter().any(|one| inside(one.from, one.to))
            || entities.any(|one| inside(one.from, one.to) && self.is_used(one))
            || phrases.any(|hit| {
                inside(hit.from, hit.to) && self.related.contains(&hit.concept.as_str())
            });
        !closed
    }

    /// `issues not in prod`, `logs of checkout, skipping errors`.
    fn left_out(&self, at: usize) -> Option<String> {
        let tokens = self.utterance.tokens;
        if !INVERTING.contains(&self.word(at)) || self.only_asks(at) {
            return None;
        }
        let narrows = |next: usize| {
            let mut entities = self.utterance.entities.all.iter();
            entities.any(|one| (one.from..one.to).contains(&next) && NARROWING.contains(&one.slot))
        };
        let behind = (at + 1..tokens.len()).take(MOST_BETWEEN + 1);
        let mut behind = behind.take_while(|next| tokens[next - 1].stop.is_none());
        let what = behind.find(|next| self.says(*next) || *next == at + 1 && narrows(*next))?;
        let is_passed_over = !self.is_explained(what) && !self.evidence.contains(&what);
        let is_lost = is_passed_over && !self.describes_a_failure();
        (narrows(what) || self.is_an_option(what) || is_lost).then(|| {
            let said = self.utterance.said(at, what + 1);
            format!("`{said}`: nothing can be left out; name what to look at")
        })
    }

    /// Whether the command line has an option of this name: `not resolved` beside `--resolved`.
    fn is_an_option(&self, at: usize) -> bool {
        let wanted = stem(self.word(at));
        let arguments = self.best.arguments.iter();
        let mut names = arguments.filter_map(|one| one.strip_prefix("--"));
        names.any(|name| name.split('-').any(|part| stem(part) == wanted))
    }

    /// Whether words may say how something fails: `checkout hasn't drained its queue`.
    fn describes_a_failure(&self) -> bool {
        let services = &self.utterance.entities.services;
        self.seeks_a_cause() || matches!(services, Services::One(_)) && !self.intent.write
    }

    /// Whether all that describes a failure may be said beside the command.
    fn seeks_a_cause(&self) -> bool {
        matches!(self.best.command.as_str(), "investigate" | "debug")
    }

    /// `isn't checkout up?`, `why isn't it?`: the question is the same without it.
    fn only_asks(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map_or("", |before| self.word(before));
        let is_contracted = self.word(at).ends_with("n't") || self.word(at).ends_with("nt");
        let asks = self.utterance.vocabulary.questions.contains(before);
        is_contracted && (at <= self.utterance.clauses.begin || asks)
    }

    /// `health twice`, `audit prod every morning`.
    fn repeated(&self, at: usize) -> Option<String> {
        let to = repetition(self.utterance.tokens, at).filter(|_| !self.seeks_a_cause())?;
        let said = self.utterance.said(at, to);
        Some(format!(
            "`{said}`: nothing is repeated from here; the workflow that `init` writes runs the job on a schedule, and `--watch` of `status` and `dashboard` looks again"
        ))
    }

    /// `20 cents`, `double the memory`: the number is another one.
    fn scaled(&self, at: usize) -> Option<String> {
        let before = at.checked_sub(1).filter(|at| is_number(self.word(*at)));
        let from = match self.word(at) {
            one if SCALES.contains(&one) => before?,
            one if MULTIPLES.contains(&one) && self.word(at + 1) != "check" => at,
            _ => return None,
        };
        let said = self.utterance.said(from, at + 1);
        Some(format!(
            "`{said}` is no number that an option takes; write it in figures, in the unit of the option"
        ))
    }

    /// `take the third of four shares`: a number in words has a place, or it is asked about as one in
    /// figures is.
    fn counted(&self, at: usize) -> Option<String> {
        let before = at.checked_sub(1).map_or("", |before| self.word(before));
        let is_lost = NUMBERS.contains(&self.word(at))
            && !self.is_explained(at)
            && !self.seeks_a_cause()
            && !matches!(before, "every" | "each");
        let raw = &self.utterance.tokens[at].raw;
        is_lost.then(|| format!("`{}` has no place for `{raw}`", self.best.command))
    }

    /// `checkout was restarted`, `nobody should restart it`: no order to change something.
    fn happened(&self, at: usize) -> Option<String> {
        if self.best.command != "remediate" || !self.intent.write {
            return None;
        }
        let word = self.word(at);
        if word == "nobody" {
            return Some(format!("`{word}` says what not to do; say what to do"));
        }
        let next = self.word(at + 1);
        let is_told = HAPPENED.contains(&word)
            && (next.ends_with("ed") || next.ends_with("ing"))
            && self.utterance.vocabulary.is_order(next);
        let said = self.utterance.said(at, at + 2);
        is_told.then(|| format!("`{said}` says what happens; say what to do"))
    }

    /// `undo the restart`: another action than the one that is meant.
    fn another_action(&self, at: usize) -> Option<String> {
        let mut hits = self.hits.iter().filter(|hit| hit.weight > 1.0);
        let is_other = self.best.command == "remediate"
            && self.intent.write
            && !self.is_explained(at)
            && hits.any(|hit| {
                (hit.from..hit.to).contains(&at) && ACTIONS.contains(&hit.concept.as_str())
            });
        let raw = &self.utterance.tokens[at].raw;
        is_other.then(|| format!("`{raw}` is another action; ask for one"))
    }

    /// `init the repository and run it`: an order about what was named before.
    fn second_order(&self, at: usize) -> Option<String> {
        let tokens = self.utterance.tokens;
        if at == 0 || !self.utterance.vocabulary.joiners.contains(self.word(at)) {
            return None;
        }
        let between = |word: &str| matches!(word, "then" | "also" | "please" | "just" | "now");
        let verb = (at + 1..tokens.len()).find(|next| !between(self.word(*next)))?;
        let is_order = PRONOUNS.contains(&self.word(verb + 1)) && self.says(verb);
        if !is_order || !self.is_open(verb) || self.goes_with_it(verb) {
            return None;
        }
        let said = self.utterance.said(verb, verb + 2);
        Some(format!(
            "that is more than one thing; `{said}` is another: ask for one at a time"
        ))
    }

    /// Whether a verb says what the command does anyway.
    fn goes_with_it(&self, at: usize) -> bool {
        let said = |concept: &str| {
            let mut hits = self.hits.iter().filter(|hit| hit.weight > 1.0);
            hits.any(|hit| hit.concept == concept && (hit.from..hit.to).contains(&at))
        };
        let mut patterns = self.intent.patterns.iter();
        let is_of_it = patterns.any(|pattern| pattern.split(' ').any(said));
        let word = self.word(at);
        let mut commands = self.utterance.commands.iter();
        let is_other = self.is_another_command(at)
            || self.utterance.vocabulary.is_order(word)
            || commands.any(|one| one.name == word && one.name != self.best.command);
        let is_beside_it = self.related.iter().copied().any(said);
        is_of_it || is_beside_it && !is_other
    }
}

/// Behind the last word of how often something is to be done, where that begins at a word.
fn repetition(tokens: &[Token], at: usize) -> Option<usize> {
    let word = |at: usize| word(tokens, at);
    match word(at) {
        one if TIMES.contains(&one) => Some(at + 1),
        one if RHYTHMS.contains(&one) => {
            // `the nightly run`, `for the weekly`.
            let before = at.checked_sub(1).map_or("", word);
            let ends = tokens[at].stop.is_some() || matches!(word(at + 1), "" | "and" | "please");
            (ends && !matches!(before, "the" | "our" | "my" | "a")).then_some(at + 1)
        }
        "every" | "each" => {
            let skipped = matches!(word(at + 1), "other" | "single" | "few" | "couple");
            let first = at + 1 + usize::from(skipped);
            let last = first + usize::from(is_number(word(first)));
            (is_occasion(word(last)) || is_span(word(last))).then_some(last + 1)
        }
        one if word(at + 1) == "times" && (is_number(one) || matches!(one, "several" | "many")) => {
            Some(at + 2)
        }
        _ => None,
    }
}

/// A word that is no text in quotes; empty where there is none.
fn word(tokens: &[Token], at: usize) -> &str {
    let token = tokens.get(at).filter(|token| !token.quoted);
    token.map_or("", |token| token.word.as_str())
}

fn is_number(word: &str) -> bool {
    let digits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    digits || NUMBERS.contains(&word)
}

fn is_occasion(word: &str) -> bool {
    OCCASIONS.contains(&word.strip_suffix('s').unwrap_or(word))
}

/// `30s`, `5min`.
fn is_span(word: &str) -> bool {
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
    unit.len() < word.len() && matches!(unit, "s" | "sec" | "m" | "min" | "h" | "d")
}
