//! Free texts in an utterance: reasons, notes, people, what to search for.

use super::Utterance;
use super::vocabulary::stems;
use super::words::Token;

/// Orders to find out, which are no part of what is to be found out.
const TRIGGERS: &[&str] = &[
    "investigate",
    "look into",
    "dig into",
    "find out",
    "get to the bottom of",
    "diagnose",
    "troubleshoot",
    "figure out",
    "check",
    "debug",
    "explain",
    "tell me",
];

impl Utterance<'_> {
    /// The free text: in quotes, or behind a colon or `because`.
    pub(super) fn free_text(&self) -> Option<String> {
        if let Some(quoted) = self.entities.first("text") {
            return Some(quoted.to_owned());
        }
        let (from, to) = self.clauses.tail?;
        let text = self.said(from, to).trim().to_owned();
        Some(text).filter(|text| !text.is_empty())
    }

    /// Words as they were written.
    pub(super) fn said(&self, from: usize, to: usize) -> &str {
        match (self.tokens.get(from), self.tokens.get(to.wrapping_sub(1))) {
            (Some(first), Some(last)) if from < to => &self.text[first.start..last.end],
            _ => "",
        }
    }

    /// Whether something with a name of its own stands at a word.
    pub(super) fn is_named(&self, at: usize) -> bool {
        let mut all = self.entities.all.iter();
        all.any(|one| (one.from..one.to).contains(&at))
    }

    fn person_at(&self, at: usize) -> Option<String> {
        let token = self.tokens.get(at)?;
        let letter = |c: char| c.is_alphanumeric() || "-_.@".contains(c);
        let safe = token.raw.chars().all(letter) && !token.raw.starts_with('-');
        let nobody = matches!(
            token.word.as_str(),
            "me" | "us" | "him" | "her" | "them" | "someone" | "somebody" | "it" | "this" | "that"
        );
        (!self.is_named(at) && safe && !nobody).then(|| token.raw.clone())
    }

    /// Who: `to sam`, `sam takes …`, `let sam handle …`.
    pub(super) fn person(&self) -> Option<String> {
        let word = |at: usize| self.tokens.get(at).map_or("", |token| token.word.as_str());
        let tokens = self.tokens.iter();
        if let Some(at) = tokens.clone().rposition(|token| token.word == "to") {
            // `i'd like sam to take it`.
            if matches!(
                word(at + 1),
                "take" | "handle" | "own" | "look" | "fix" | "do"
            ) {
                return self.person_at(at.checked_sub(1)?);
            }
            // `over to the colleague named teodor`.
            let named = (at + 1..(at + 5).min(self.tokens.len()))
                .find(|at| matches!(word(*at), "named" | "called"));
            if let Some(named) = named {
                return self.person_at(named + 1);
            }
            // `to the tracker` names nobody.
            let article = matches!(word(at + 1), "the" | "our" | "my" | "a" | "an");
            return self.person_at(at + 1).filter(|_| !article);
        }
        let makes = |word: &str| matches!(word, "let" | "make" | "put");
        if let Some(at) = tokens.clone().position(|token| makes(&token.word)) {
            return self.person_at(at + 1);
        }
        let verb = |word: &str| matches!(word, "takes" | "will" | "has" | "should");
        let at = tokens.clone().position(|token| verb(&token.word))?;
        self.person_at(at.checked_sub(1)?)
    }

    /// Who an issue goes to.
    pub(super) fn whom(&self) -> Option<String> {
        let plain = |who: &String| !self.vocabulary.is_filler(&who.to_lowercase());
        self.person().filter(plain).or_else(|| self.stranger())
    }

    /// The one word that is nothing else: who is meant where an order needs somebody.
    pub(super) fn stranger(&self) -> Option<String> {
        let strange = |at: &usize| {
            let token = &self.tokens[*at];
            let vocabulary = self.vocabulary;
            !(token.quoted
                || self.clauses.masked.contains(at)
                || vocabulary.has_word(&token.word)
                || vocabulary.knows(&token.word)
                || vocabulary.is_filler(&token.word))
        };
        let mut all = (0..self.tokens.len()).filter(strange);
        let one = all.next().and_then(|at| self.person_at(at));
        one.filter(|_| all.next().is_none())
    }

    /// Whose, where a word ends in `'s`: `priya's plate`.
    fn owner(&self, at: usize) -> Option<(String, usize, usize)> {
        const THINGS: &[&str] = &[
            "plate", "list", "desk", "queue", "todo", "work", "backlog", "pile",
        ];
        const ISSUES: &[&str] = &["issues", "issue", "tickets", "problems"];
        let word = |at: usize| self.tokens.get(at).map_or("", |token| token.word.as_str());
        let token = self.tokens.get(at)?;
        let raw = token.raw.as_str();
        let who = raw
            .strip_suffix("'s")
            .or_else(|| raw.strip_suffix("\u{2019}s"))?;
        let thing = |word: &str| THINGS.contains(&word) || ISSUES.contains(&word);
        let theirs = thing(word(at + 1)) || thing(word(at + 2));
        let vocabulary = self.vocabulary;
        let owner = token.word.trim_end_matches("'s");
        let known = vocabulary.has_word(owner) || vocabulary.is_filler(owner);
        let more = usize::from(THINGS.contains(&word(at + 1)));
        (theirs && !known && !self.is_named(at)).then(|| (who.to_owned(), at, at + 1 + more))
    }

    /// Who has something: `does sam have`, `has sam got`, `everything sam is working on`.
    fn holder(&self, at: usize) -> Option<(String, usize, usize)> {
        let word = |at: usize| self.tokens.get(at).map_or("", |token| token.word.as_str());
        let has = matches!(word(at), "does" | "has" | "did")
            && matches!(word(at + 2), "have" | "got" | "own" | "hold");
        let works = matches!((word(at + 1), word(at + 2)), ("works", "on"));
        let is_on = matches!(
            (word(at + 1), word(at + 2), word(at + 3)),
            ("is" | "was", "working" | "busy", "on" | "with")
        );
        let token = self.tokens.get(at + usize::from(has))?;
        let vocabulary = self.vocabulary;
        let is_name = !(vocabulary.has_word(&token.word) || vocabulary.is_filler(&token.word));
        if !is_name || !(has || works || is_on) {
            return None;
        }
        let to = at + 3 + usize::from(is_on && !has);
        let name = self.person_at(at + usize::from(has))?;
        Some((name, at, to.min(self.tokens.len())))
    }

    /// Whose: `assigned to sam`; empty for `unassigned`.
    pub(super) fn assignee(&self) -> Option<(String, usize, usize)> {
        let word = |at: usize| self.tokens.get(at).map_or("", |token| token.word.as_str());
        for at in 0..self.tokens.len() {
            let owned = matches!(word(at), "assigned" | "belonging" | "belong");
            if owned && word(at + 1) == "to" {
                return Some((self.person_at(at + 2)?, at, at + 3));
            }
            // `priya's plate`, `what is priya working on`.
            if let Some(owner) = self.owner(at) {
                return Some(owner);
            }
            let works = matches!(
                (word(at + 1), word(at + 2)),
                ("working" | "busy", "on" | "with") | ("have" | "got", "on" | "to")
            ) && matches!(word(at.wrapping_sub(1)), "is" | "does" | "has");
            if works {
                return Some((self.person_at(at)?, at, at + 3));
            }
            if let Some(holder) = self.holder(at) {
                return Some(holder);
            }
            let nobody = word(at) == "to" && matches!(word(at + 1), "nobody" | "no");
            let without = matches!(word(at), "without" | "no")
                && (word(at + 1) == "assignee"
                    || matches!(word(at + 1), "an" | "any") && word(at + 2) == "assignee");
            let nobodys = matches!(word(at), "nobody's" | "nobodys");
            // `issues nobody has taken`.
            let untaken = matches!(word(at), "nobody" | "no-one")
                && matches!(word(at + 1), "has" | "took" | "takes" | "owns" | "works");
            if word(at) == "unassigned" || nobody || without || nobodys || untaken {
                let more = match without {
                    true => 1 + usize::from(word(at + 1) != "assignee"),
                    // `nobody has picked up`.
                    false if untaken && matches!(word(at + 1), "has") => {
                        1 + usize::from(!word(at + 2).is_empty())
                            + usize::from(matches!(word(at + 3), "up" | "over" | "on"))
                    }
                    false => usize::from(nobody || untaken),
                };
                return Some((String::new(), at, at + 1 + more));
            }
        }
        None
    }

    /// What to search for: in quotes, or behind `for`.
    pub(super) fn filter(&self) -> Option<String> {
        if let Some(quoted) = self.entities.first("text") {
            return Some(quoted.to_owned());
        }
        if let Some(value) = self.field() {
            return Some(value);
        }
        let verbs = [
            "search",
            "searching",
            "grep",
            "find",
            "look",
            "filter",
            "scan",
            "hunt",
            "hunting",
        ];
        let searches = |token: &Token| verbs.contains(&token.word.as_str());
        if let Some(at) = self.tokens.iter().position(|token| token.word == "grep") {
            // `grep timeout in the logs of …`.
            let next = self
                .tokens
                .get(at + 1)
                .map_or("", |next| next.word.as_str());
            if !next.is_empty() && !matches!(next, "for" | "the" | "in" | "through" | "logs") {
                return Some(self.tokens[at + 1].raw.clone());
            }
        }
        if !self.tokens.iter().any(searches) {
            return None;
        }
        let at = self.tokens.iter().rposition(|token| token.word == "for")? + 1;
        let token = self.tokens.get(at)?;
        let mut all = self.entities.all.iter();
        let named = all.any(|one| (one.from..one.to).contains(&at) && one.slot != "level");
        let filler = self.vocabulary.fillers.contains(&token.word);
        (!named && !filler).then(|| token.raw.clone())
    }

    /// `status=502`, and the code of an error that is looked for: `for E1234`.
    fn field(&self) -> Option<String> {
        let tag = self.entities.first("tag").map(str::to_owned);
        tag.or_else(|| {
            let mut pairs = self.tokens.windows(2);
            let leads = [
                "for",
                "with",
                "containing",
                "contains",
                "mentioning",
                "mention",
                "saying",
                "contain",
            ];
            let pair = pairs
                .find(|pair| leads.contains(&pair[0].word.as_str()) && is_code(&pair[1].raw))?;
            Some(pair[1].raw.clone())
        })
    }

    /// A design for what.
    pub(super) fn feature(&self) -> Option<String> {
        if let Some(text) = self.free_text() {
            return Some(text);
        }
        let verb = self.tokens.iter().position(|token| {
            matches!(
                token.word.as_str(),
                "architect" | "design" | "draft" | "blueprint"
            )
        })?;
        // `design a feature for …`, but `design a bucket for …` is about a bucket.
        let says_nothing = |token: &Token| {
            let nouns = ["design", "feature", "infrastructure", "something"];
            nouns.contains(&token.word.as_str()) || self.vocabulary.is_filler(&token.word)
        };
        let behind = self.tokens.iter().position(|token| token.word == "for");
        let behind = behind.filter(|at| {
            let between = self.tokens.get(verb + 1..*at).unwrap_or_default();
            between.iter().all(says_nothing)
        });
        let at = behind.unwrap_or(verb) + 1;
        let said = self.said(at, self.tokens.len());
        let says = |token: &Token| !self.vocabulary.is_filler(&token.word);
        let some = self.tokens.get(at..).unwrap_or_default().iter().any(says);
        some.then(|| said.to_owned())
    }

    /// What is asked, without the order to find out; `None` where nothing but names is left.
    pub(super) fn question(&self) -> Option<String> {
        let tokens = self.tokens;
        let mut at = self.clauses.begin.min(tokens.len());
        for trigger in TRIGGERS {
            let end = (at + trigger.split(' ').count()).min(tokens.len());
            let words: Vec<&str> = tokens[at..end]
                .iter()
                .map(|token| token.word.as_str())
                .collect();
            if stems(&words.join(" ")) == stems(trigger) {
                at = end;
                break;
            }
        }
        let named = |at: usize| {
            self.entities.all.iter().any(|one| {
                (one.from..one.to).contains(&at)
                    && matches!(
                        one.slot,
                        "service" | "env" | "since" | "issue" | "kind" | "format"
                    )
            })
        };
        let says = |at: usize| !named(at) && !self.vocabulary.fillers.contains(&tokens[at].word);
        if !(at..tokens.len()).any(says) {
            return None;
        }
        let first = tokens.get(at)?;
        if at + 1 == tokens.len() && first.quoted {
            return Some(first.raw.clone());
        }
        Some(self.said(at, tokens.len()).to_owned())
    }
}

/// `E1234`, `ERR_42`: a code by its form.
fn is_code(raw: &str) -> bool {
    let digits = raw.bytes().filter(u8::is_ascii_digit).count();
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    raw.len() >= 4
        && digits > 0
        && raw.starts_with(|c: char| c.is_ascii_uppercase())
        && raw.bytes().all(plain)
}
