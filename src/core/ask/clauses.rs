//! What kind of sentence it is: an order or a question, what is not to be done, and where free
//! text begins.

use std::collections::HashSet;

use super::entity::Entity;
use super::vocabulary::Vocabulary;
use super::wishes;
use super::words::Token;

/// What `do` is an order for: `do the run`, `do what the schedule does`.
const DONE: &[&str] = &[
    "the",
    "a",
    "an",
    "it",
    "what",
    "half",
    "one",
    "this",
    "that",
    "everything",
    "all",
    "another",
];

/// The parts of an utterance.
#[derive(Debug, Default)]
pub(crate) struct Clauses {
    /// Words that say nothing of what is wanted: what is not to be done, free text, and what
    /// became an option.
    pub(crate) masked: HashSet<usize>,
    /// What is not to be done, each from its first word to behind its last.
    pub(crate) left_out: Vec<(usize, usize)>,
    /// What only says when: `before I push`.
    pub(crate) aside: Option<(usize, usize)>,
    /// The first word behind what is only polite.
    pub(crate) begin: usize,
    /// Whether it is a question.
    pub(crate) question: bool,
    /// Whether it says what is not to be done.
    pub(crate) negated: bool,
    /// Whether it hangs on a condition.
    pub(crate) condition: bool,
    /// Where it says what is to be left out: `except the database`.
    pub(crate) exclusion: Option<(usize, usize)>,
    /// The words of the free text.
    pub(crate) tail: Option<(usize, usize)>,
    /// The first word that leads to it.
    pub(crate) lead: usize,
}

/// Where free text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tail {
    /// The first word that only leads to it: `because`.
    pub(crate) lead: usize,
    /// Its first word.
    pub(crate) from: usize,
    /// Behind its last word.
    pub(crate) to: usize,
    /// Whether a word says that it is a reason.
    pub(crate) because: bool,
}

impl Tail {
    /// Behind a colon or `because`.
    pub(crate) fn marked(tokens: &[Token], vocabulary: &Vocabulary) -> Option<Self> {
        let because = |word: &str| matches!(word, "because" | "cuz" | "bc");
        for i in 0..tokens.len().saturating_sub(1) {
            let token = &tokens[i];
            let reason = !token.quoted && because(&token.word) && i > 0;
            if !reason && token.stop != Some(':') {
                continue;
            }
            let again = because(&tokens[i + 1].word) && i + 2 < tokens.len();
            let from = i + 1 + usize::from(again);
            return Some(Self {
                lead: i + usize::from(!reason),
                from,
                to: wishes::trailing(tokens, from, vocabulary),
                because: reason || again,
            });
        }
        None
    }

    /// Behind an issue, where nothing marks it: `close infra-001, the disk was extended`,
    /// `note infra-001 that the vendor was called`.
    pub(crate) fn behind(
        tokens: &[Token],
        issue: usize,
        note: bool,
        vocabulary: &Vocabulary,
    ) -> Option<Self> {
        let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
        let dash = |at: usize| matches!(word(at), "-" | "\u{2013}");
        let part = |at: usize| {
            let aside = tokens.get(at + 1).is_some_and(|next| next.aside);
            matches!(tokens[at].stop, Some(',' | ';' | '.')) || dash(at) || aside
        };
        let done = ["resolved", "done", "fixed", "closed", "solved", "well"];
        let gives = |at: usize| match word(at) {
            "reason" => true,
            // `as resolved` says what to do, and not why; `as soon as` says when.
            "as" | "since" => {
                let when = word(at) == "as" && matches!(word(at + 1), "soon" | "long");
                at > issue && !when && !done.contains(&word(at + 1))
            }
            _ => false,
        };
        let end = tokens.len();
        let rank = |at: usize| {
            let values = vocabulary.values.get(word(at)).into_iter().flatten();
            values.into_iter().any(|(slot, _)| *slot == "severity")
        };
        let lead = match note {
            true => Some(issue + 1).filter(|at| *at < end),
            false => (issue..end).find_map(|at| match gives(at) {
                true => Some(at),
                // `…, urgent, third outage this week`.
                false => {
                    let ranked =
                        rank(at + 1) && tokens.get(at + 1).is_some_and(|next| next.stop.is_some());
                    (part(at) && at + 1 < end && !ranked).then_some(at + 1)
                }
            }),
        }?;
        let only_leads = |at: &usize| {
            let the = matches!(word(*at), "the" | "for" | "a") && word(at + 1) == "reason";
            let is = word(*at) == "is" && word(at - 1) == "reason";
            let lead = ["reason", "that", "saying", "with", "as", "since", "because"];
            the || is || lead.contains(&word(*at))
        };
        let from = (lead..end).find(|at| !only_leads(at))?;
        let to = wishes::trailing(tokens, from, vocabulary);
        let only_wishes = wishes::trailing(tokens, lead.saturating_sub(1), vocabulary) <= lead;
        let says = |at: usize| !vocabulary.is_filler(&tokens[at].word) || tokens[at].quoted;
        // `note on infra-001 that we are on it`.
        let told = note && word(lead) == "that";
        (!only_wishes && (told || (from..to).any(says))).then_some(Self {
            lead,
            from,
            to,
            because: true,
        })
    }

    /// Whether it is a reason to hand an issue over, and no priority or way to do it.
    pub(crate) fn tells_why(self, tokens: &[Token], issue: usize, vocabulary: &Vocabulary) -> bool {
        let ways = ["as", "with", "and", "then"];
        let way = tokens[issue + 1..=self.from]
            .iter()
            .any(|token| ways.contains(&token.word.as_str()));
        let words = &tokens[self.from..self.to];
        let ranks = |token: &Token| {
            let values = vocabulary.values.get(&token.word).into_iter().flatten();
            values.into_iter().any(|(slot, _)| *slot == "severity")
                || token.word.starts_with("prio")
        };
        let says = |token: &&Token| !vocabulary.is_filler(&token.word);
        !way && !words.iter().any(ranks) && words.iter().filter(says).count() > 1
    }

    /// All of its words.
    pub(crate) fn words(self) -> HashSet<usize> {
        (self.lead..self.to).collect()
    }
}

impl Clauses {
    /// Takes an utterance apart.
    pub(crate) fn of(
        tokens: &[Token],
        tail: Option<Tail>,
        aside: Option<(usize, usize)>,
        wishes: &[Entity],
        vocabulary: &Vocabulary,
    ) -> Self {
        let mut out = Self::default();
        if let Some(tail) = tail {
            out.tail = Some((tail.from, tail.to));
            out.lead = tail.lead;
            out.masked.extend(tail.words());
        }
        if let Some((from, to)) = aside {
            out.aside = aside;
            out.masked.extend(from..to);
        }
        let wished: HashSet<usize> = wishes.iter().flat_map(|one| one.from..one.to).collect();
        out.masked.extend(&wished);
        out.begin = polite(tokens, 0, vocabulary);
        out.exclusions(tokens, vocabulary);
        out.negations(tokens, &wished, vocabulary);
        let first = (out.begin..tokens.len()).find(|i| !out.masked.contains(i));
        // `don't restart it, just show …`: the second clause may be polite, too.
        let first = first.map(|first| polite(tokens, first, vocabulary));
        if let Some(token) = first.and_then(|first| tokens.get(first)) {
            // `do the run` is an order.
            let next = first.and_then(|first| tokens.get(first + 1));
            let does =
                token.word == "do" && next.is_some_and(|next| DONE.contains(&next.word.as_str()));
            out.question = vocabulary.questions.contains(&token.word) && !does;
        }
        // `I'm new here, where do I look?`: what comes first is no order.
        let asks = (out.begin + 1..tokens.len()).find(|at| {
            tokens[at - 1].stop.is_some_and(|stop| stop != ':')
                && vocabulary.questions.contains(&tokens[*at].word)
                && !out.masked.contains(at)
        });
        let orders = |at: usize| {
            tokens[out.begin..at]
                .iter()
                .any(|token| vocabulary.is_order(&token.word))
        };
        out.question |= asks.is_some_and(|at| !orders(at));
        out.condition = out.conditional(tokens, vocabulary);
        out
    }

    fn exclusions(&mut self, tokens: &[Token], vocabulary: &Vocabulary) {
        let open = |at: &usize| !self.masked.contains(at);
        let narrows = |word: &str| {
            let values = vocabulary.values.get(word);
            values.is_some_and(|all| {
                all.iter()
                    .any(|(slot, _)| matches!(*slot, "severity" | "domain" | "env"))
            })
        };
        self.exclusion = (0..tokens.len()).filter(open).find_map(|at| {
            let word = tokens[at].word.as_str();
            let next = tokens.get(at + 1).map_or("", |next| next.word.as_str());
            let not = matches!(
                word,
                "not" | "aren't" | "isn't" | "arent" | "isnt" | "non" | "no"
            ) && narrows(next);
            // `all issues but the low ones`.
            let all = |token: &Token| {
                matches!(
                    token.word.as_str(),
                    "all" | "every" | "everything" | "any" | "anything" | "everyone"
                )
            };
            let leaves_out = word == "but"
                && tokens[..at].iter().any(all)
                && tokens[at.saturating_sub(1)].stop.is_none();
            let listed = next.contains('-') && next.contains(|c: char| c.is_ascii_digit());
            if leaves_out && listed {
                return Some((at, (at + 2).min(tokens.len())));
            }
            if leaves_out && (matches!(next, "the" | "for" | "not") || narrows(next)) {
                return Some((at, (at + 3).min(tokens.len())));
            }
            if not || word.strip_prefix("non-").is_some_and(narrows) {
                return Some((at, at + 1 + usize::from(not)));
            }
            let mut phrases = vocabulary.exclusions.iter();
            let phrase = phrases.find(|phrase| begins(tokens, at, phrase))?;
            Some((at, (at + phrase.len() + 2).min(tokens.len())))
        });
    }

    fn negations(&mut self, tokens: &[Token], wished: &HashSet<usize>, vocabulary: &Vocabulary) {
        let asks_why = tokens
            .get(self.begin)
            .is_some_and(|token| token.word == "why");
        if asks_why {
            return;
        }
        let mut i = 0;
        while i < tokens.len() {
            if self.masked.contains(&i)
                || !vocabulary
                    .negations
                    .iter()
                    .any(|phrase| begins(tokens, i, phrase))
                || is_a_limit(tokens, i)
            {
                i += 1;
                continue;
            }
            self.negated = true;
            let mut end = i;
            while end < tokens.len() {
                let ends = tokens[end].stop.is_some();
                // `without an account, and …`: one thing is left out, and not all that follows.
                let more =
                    tokens[i].word == "without" && vocabulary.joiners.contains(&tokens[end].word);
                let clause = vocabulary.clauses.contains(&tokens[end].word);
                let next = clause || more || wished.contains(&end);
                if end > i && next {
                    break;
                }
                self.masked.insert(end);
                end += 1;
                if ends {
                    break;
                }
            }
            self.left_out.push((i, end));
            i = end.max(i + 1);
        }
    }

    /// `if` that is not the `if` of `check if`.
    fn conditional(&self, tokens: &[Token], vocabulary: &Vocabulary) -> bool {
        tokens.iter().enumerate().any(|(i, token)| {
            let begins = vocabulary.conditions.contains(&token.word)
                || matches!(token.word.as_str(), "soon" | "long");
            if self.masked.contains(&i) || !begins || token.quoted {
                return false;
            }
            let before = i.checked_sub(1).map(|i| tokens[i].word.as_str());
            let asks = before.is_some_and(asks_whether);
            let next = tokens.get(i + 1).map(|next| next.word.as_str());
            // `run everything once and record it`: one time.
            let again =
                token.word == "once" && (token.stop.is_some() || next.is_none_or(may_follow_once));
            // `when you audit` only says what is done then.
            let addressed =
                token.word == "when" && matches!(next, Some("you" | "reading" | "looking"));
            if addressed {
                return false;
            }
            // `as soon as` is a condition, too.
            let soon = matches!(token.word.as_str(), "soon" | "long")
                && before == Some("as")
                && next == Some("as");
            let interrogative = again
                || token.word == "when" && self.question
                || matches!(token.word.as_str(), "soon" | "long");
            soon || !asks && !interrogative
        })
    }
}

/// What stands before an `if` that is no condition: `check if`, `tell me if`, `even if`.
fn asks_whether(word: &str) -> bool {
    matches!(
        word,
        "check"
            | "see"
            | "tell"
            | "me"
            | "know"
            | "out"
            | "sure"
            | "happen"
            | "happens"
            | "change"
            | "since"
            | "even"
    )
}

/// What stands after a `once` that means one time.
fn may_follow_once(word: &str) -> bool {
    matches!(
        word,
        "more"
            | "again"
            | "a"
            | "per"
            | "and"
            | "for"
            | "over"
            | "in"
            | "on"
            | "with"
            | "now"
            | "through"
    )
}

/// `don't spend more than 2 dollars` says how much, and not what to leave out.
fn is_a_limit(tokens: &[Token], at: usize) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    (at + 1..at + 6).any(|at| {
        let more = matches!(
            word(at),
            "more" | "longer" | "over" | "above" | "exceed" | "beyond"
        );
        let number = at + 1 + usize::from(word(at + 1) == "than");
        let digit = |c: char| c.is_ascii_digit() || c == '$';
        more && word(number).starts_with(digit)
    })
}

/// What only says when, outside of free text: `before I push`.
pub(crate) fn aside(tokens: &[Token], text: &HashSet<usize>) -> Option<(usize, usize)> {
    let who = |word: &str| matches!(word, "i" | "we" | "you" | "they" | "she" | "he");
    let begin = (1..tokens.len()).find(|at| {
        let when = matches!(tokens[*at].word.as_str(), "before" | "after" | "until");
        when && tokens.get(at + 1).is_some_and(|next| who(&next.word)) && !text.contains(at)
    })?;
    let end = (begin..tokens.len()).find(|at| tokens[*at].stop.is_some());
    Some((begin, end.map_or(tokens.len(), |at| at + 1)))
}

/// Whether a phrase begins at a word.
pub(crate) fn begins(tokens: &[Token], at: usize, phrase: &[String]) -> bool {
    tokens.len() >= at + phrase.len()
        && phrase
            .iter()
            .zip(&tokens[at..])
            .all(|(word, token)| !token.quoted && token.word == *word)
}

/// The first word behind polite phrases.
fn polite(tokens: &[Token], from: usize, vocabulary: &Vocabulary) -> usize {
    let mut at = from;
    while let Some(phrase) = vocabulary
        .polite
        .iter()
        .find(|phrase| begins(tokens, at, phrase))
    {
        at += phrase.len();
    }
    at
}
