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
    /// Whether a parenthesis opens before it.
    pub(crate) aside: bool,
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
        // `("the text")`: what stands in quotes, within parentheses.
        let opens = matches!(first, '(' | '[');
        if opens && rest[1..].starts_with(['"', '\u{201c}']) {
            at += 1;
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
            let quoted = &text[inner..inner + length];
            // Quotes around nothing say nothing.
            if quoted.trim().is_empty() {
                at = inner + length + close.len_utf8();
                continue;
            }
            out.push(Token {
                raw: quoted.to_owned(),
                word: String::new(),
                start: at,
                end: inner + length + close.len_utf8(),
                quoted: true,
                aside: false,
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
    // `cron-*` ends in what stands for anything, and `*so*` does not.
    let star = |c: char| close(c) && (c != '*' || piece.starts_with('*'));
    let core = piece[lead..].trim_end_matches(star);
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
        aside: piece.starts_with('('),
        stop,
        slip: false,
    })
}

/// Mends slips of the pen towards the vocabulary. Names are not guessed at: a word that is
/// nearer to one of them is left as it is, to be asked back.
pub(crate) fn mend(
    tokens: &mut [Token],
    vocabulary: &Vocabulary,
    names: &[String],
    domains: &[String],
) {
    for token in tokens.iter_mut().filter(|token| !token.quoted) {
        if let Some(owner) = token.word.strip_suffix("'s")
            && (names.iter().any(|name| name == owner) || vocabulary.values.contains_key(owner))
        {
            token.word = owner.to_owned();
        }
        let word = &token.word;
        let odd = |c: char| !(c.is_ascii_lowercase() || c == '-' || c == '\'');
        if word.len() < 4
            || word.len() > 24
            || word.contains(odd)
            || vocabulary.knows(word)
            || vocabulary.is_common(word)
        {
            continue;
        }
        if names.iter().chain(domains).any(|name| name == word) {
            continue;
        }
        let nearest = |known: &mut dyn Iterator<Item = &String>| {
            known
                .filter_map(|known| {
                    // Two letters in the wrong order are the commonest slip.
                    let far = distance(word, known)?;
                    let swapped = strsim::levenshtein(word, known) > far;
                    Some((far, !swapped, known.clone()))
                })
                .min()
        };
        let name = nearest(&mut names.iter()).map_or(usize::MAX, |(far, ..)| far);
        if let Some((far, _, known)) = nearest(&mut vocabulary.words.iter().chain(domains))
            && far < name
        {
            token.word = known;
            token.slip = true;
        }
    }
}

/// How far two words are apart, where that is near enough for a slip.
fn distance(wrong: &str, right: &str) -> Option<usize> {
    let limit = match wrong.len() {
        0..=3 => return None,
        4..=8 => 1,
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
    // The same letters in another order: `secutiry`.
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    if wrong.len() > 6 && found == 2 && letters(wrong) == letters(right) {
        return Some(found);
    }
    // Of four letters, one in the middle makes another word: `shop` and `ship`.
    let short = wrong.len() == 4 && right.len() == 4;
    let head = wrong.as_bytes()[..3] == right.as_bytes()[..3];
    let swap = strsim::levenshtein(wrong, right) > found;
    if short && !(head || swap) {
        return None;
    }
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
