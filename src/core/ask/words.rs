//! Words of an utterance: where they stand, and slips of the pen.

use super::stem::normal;
use super::vocabulary::Vocabulary;

/// More than this is no sentence; the rest is not looked at.
pub(crate) const LONGEST_TEXT: usize = 1000;
const MOST_WORDS: usize = 120;

/// One word, or one text in quotes.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    /// As written, without quotes and the punctuation around it.
    pub(crate) raw: String,
    /// In lower case, slips mended.
    pub(crate) word: String,
    /// Where it begins in the text, in bytes.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
    /// Whether it stood in quotes.
    pub(crate) quoted: bool,
    /// The punctuation behind it that ends a clause.
    pub(crate) stop: Option<char>,
    /// What was written, where a slip was mended.
    pub(crate) slip: bool,
}

/// The words of a text.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() && out.len() < MOST_WORDS {
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else {
            break;
        };
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let quote = match first {
            '"' => Some('"'),
            '\u{201c}' => Some('\u{201d}'),
            _ => None,
        };
        let inner = at + first.len_utf8();
        if let Some(close) = quote
            && let Some(length) = text[inner..].find(close)
        {
            out.push(Token {
                raw: text[inner..inner + length].to_owned(),
                word: String::new(),
                start: at,
                end: inner + length + close.len_utf8(),
                quoted: true,
                stop: None,
                slip: false,
            });
            at = inner + length + close.len_utf8();
            continue;
        }
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        out.extend(plain(&rest[..length], at));
        at += length;
    }
    out
}

fn plain(piece: &str, at: usize) -> Option<Token> {
    let open = |c: char| matches!(c, '"' | '\'' | '(' | '[' | '`' | '*' | '\u{201c}');
    let close = |c: char| {
        matches!(
            c,
            '"' | '\'' | ')' | ']' | '`' | '?' | '!' | '.' | ',' | ';' | ':' | '*'
        )
    };
    let lead = piece.len() - piece.trim_start_matches(open).len();
    let core = piece[lead..].trim_end_matches(close);
    if core.is_empty() {
        return None;
    }
    let stop = piece[lead + core.len()..]
        .chars()
        .find(|c| matches!(c, ',' | ';' | ':' | '.' | '!'));
    Some(Token {
        raw: core.to_owned(),
        word: normal(core),
        start: at + lead,
        end: at + lead + core.len(),
        quoted: false,
        stop,
        slip: false,
    })
}

/// Mends slips of the pen towards the vocabulary and the names of the state.
pub(crate) fn mend(tokens: &mut [Token], vocabulary: &Vocabulary, names: &[String]) {
    for token in tokens.iter_mut().filter(|token| !token.quoted) {
        let word = &token.word;
        let odd = |c: char| !(c.is_ascii_lowercase() || c == '-' || c == '\'');
        if word.len() < 4 || word.len() > 24 || word.contains(odd) || vocabulary.knows(word) {
            continue;
        }
        if names.iter().any(|name| name == word) {
            continue;
        }
        let candidates = vocabulary.words.iter().chain(names);
        let near = candidates
            .filter_map(|known| Some((distance(word, known)?, known)))
            .min_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(b.1)));
        if let Some((_, known)) = near {
            token.word.clone_from(known);
            token.slip = true;
        }
    }
}

/// How far two words are apart, where that is near enough for a slip.
fn distance(wrong: &str, right: &str) -> Option<usize> {
    let limit = match wrong.len() {
        0..=3 => return None,
        4..=7 => 1,
        _ => 2,
    };
    if right.len().abs_diff(wrong.len()) > limit || right.len() < 4 {
        return None;
    }
    let first = |word: &str| word.bytes().next();
    let swapped = wrong.as_bytes().get(..2)
        == right
            .as_bytes()
            .get(..2)
            .map(|two| [two[1], two[0]])
            .as_ref()
            .map(|two| &two[..]);
    if first(wrong) != first(right) && !swapped {
        return None;
    }
    let found = strsim::osa_distance(wrong, right);
    (found <= limit).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_keep_their_place() {
        let text = "why is \"the db\" slow, again?";
        let found: Vec<&str> = tokens(text)
            .iter()
            .map(|token| &text[token.start..token.end])
            .collect();
        assert_eq!(found, ["why", "is", "\"the db\"", "slow", "again"]);
    }
}
