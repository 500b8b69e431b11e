//! What kind of sentence it is: an order or a question, what is not to be done, and where free
//! text begins.

use std::collections::HashSet;

use super::vocabulary::Vocabulary;
use super::words::Token;

/// The parts of an utterance.
#[derive(Debug, Default)]
pub(crate) struct Clauses {
    /// Words that say nothing of what is wanted: what is not to be done, and free text.
    pub(crate) masked: HashSet<usize>,
    /// The first word behind what is only polite.
    pub(crate) begin: usize,
    /// Whether it is a question.
    pub(crate) question: bool,
    /// Whether it says what is not to be done.
    pub(crate) negated: bool,
    /// Whether it hangs on a condition.
    pub(crate) condition: bool,
    /// The free text behind a colon or `because`, in bytes.
    pub(crate) tail: Option<(usize, usize)>,
}

impl Clauses {
    /// Takes an utterance apart.
    pub(crate) fn of(tokens: &[Token], vocabulary: &Vocabulary) -> Self {
        let mut out = Self::default();
        out.free_text(tokens);
        out.begin = polite(tokens, 0, vocabulary);
        out.negations(tokens, vocabulary);
        let first = (out.begin..tokens.len()).find(|i| !out.masked.contains(i));
        // `don't restart it, just show …`: the second clause may be polite, too.
        let first = first.map(|first| polite(tokens, first, vocabulary));
        if let Some(token) = first.and_then(|first| tokens.get(first)) {
            out.question = vocabulary.questions.contains(&token.word);
        }
        out.condition = out.conditional(tokens, vocabulary);
        out
    }

    fn free_text(&mut self, tokens: &[Token]) {
        for i in 0..tokens.len().saturating_sub(1) {
            let token = &tokens[i];
            let because = !token.quoted && matches!(token.word.as_str(), "because" | "cuz" | "bc");
            if !(because && i > 0) && token.stop != Some(':') {
                continue;
            }
            let mut from = i + 1;
            if tokens[from].word == "because" && from + 1 < tokens.len() {
                from += 1;
            }
            let (Some(first), Some(last)) = (tokens.get(from), tokens.last()) else {
                return;
            };
            self.tail = Some((first.start, last.end));
            self.masked.extend(i + usize::from(!because)..tokens.len());
            self.masked.insert(if because { i } else { from });
            return;
        }
    }

    fn negations(&mut self, tokens: &[Token], vocabulary: &Vocabulary) {
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
            {
                i += 1;
                continue;
            }
            self.negated = true;
            let mut end = i;
            while end < tokens.len() {
                let ends = tokens[end].stop.is_some();
                if end > i && vocabulary.clauses.contains(&tokens[end].word) {
                    break;
                }
                self.masked.insert(end);
                end += 1;
                if ends {
                    break;
                }
            }
            i = end.max(i + 1);
        }
    }

    /// `if` that is not the `if` of `check if`.
    fn conditional(&self, tokens: &[Token], vocabulary: &Vocabulary) -> bool {
        tokens.iter().enumerate().any(|(i, token)| {
            if self.masked.contains(&i)
                || !vocabulary.conditions.contains(&token.word)
                || token.quoted
            {
                return false;
            }
            let before = i.checked_sub(1).map(|i| tokens[i].word.as_str());
            let asks = matches!(
                before,
                Some(
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
                )
            );
            let interrogative = token.word == "when" && self.question
                || matches!(token.word.as_str(), "as" | "soon");
            !asks && !interrogative
        })
    }
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
