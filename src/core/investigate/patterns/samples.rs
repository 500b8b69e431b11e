//! A bounded sample of distinct lines with their exact counts.
//!
//! Kept are the lines whose hashes are smallest (k minimum values). A line that is in the final
//! sample was in it from its first occurrence on, because the bound only falls: its count is
//! exact, and the sample is the same for any order and any split of the lines.

use std::borrow::Cow;

use super::lexer::Lexer;

/// The lines kept of a key.
const MOST: usize = 64;
/// The lines kept of a key when there are many keys.
const FEW: usize = 4;
/// The bytes from which on words of a line are shortened.
const LINE: usize = 512;
/// The most bytes kept of a line.
const LONGEST: usize = 2_048;
/// The bytes from which on a word is long.
const WORD: usize = 128;
/// The bytes that stay of a long word.
const HEAD: usize = 16;
/// Stands for what is left out.
const MORE: &str = "…";

#[derive(Debug, Clone)]
pub(super) struct LineSample {
    hash: u64,
    pub(super) count: u64,
    pub(super) line: Box<[u8]>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Samples {
    /// Sorted by hash.
    kept: Vec<LineSample>,
}

impl Samples {
    pub(super) fn add(&mut self, hash: u64, line: &[u8], few: bool) {
        let bound = if few { FEW } else { MOST };
        if self.kept.len() >= bound && self.kept.last().is_some_and(|last| hash > last.hash) {
            return;
        }
        match self.kept.binary_search_by_key(&hash, |sample| sample.hash) {
            Ok(at) => self.kept[at].count += 1,
            Err(at) => {
                let line = cut(line).into_owned().into();
                self.kept.insert(
                    at,
                    LineSample {
                        hash,
                        count: 1,
                        line,
                    },
                );
                self.kept.truncate(bound);
            }
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        for sample in other.kept {
            match self
                .kept
                .binary_search_by_key(&sample.hash, |mine| mine.hash)
            {
                Ok(at) => self.kept[at].count += sample.count,
                Err(at) => self.kept.insert(at, sample),
            }
        }
        self.kept.truncate(MOST);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &LineSample> {
        self.kept.iter()
    }
}

/// A long line with its long words shortened, and without its end where it is long even so. The
/// words stay those of the pattern, so that its values are found in what is left.
fn cut(line: &[u8]) -> Cow<'_, [u8]> {
    if line.len() <= LINE {
        return Cow::Borrowed(line);
    }
    let mut out = Vec::with_capacity(LINE);
    for word in line.split_inclusive(u8::is_ascii_whitespace) {
        out.extend_from_slice(&shorten(word));
    }
    if out.len() > LONGEST {
        let blank = out[..LONGEST].iter().rposition(u8::is_ascii_whitespace);
        out.truncate(blank.map_or(0, |blank| blank + 1));
        out.extend_from_slice(MORE.as_bytes());
    }
    Cow::Owned(out)
}

/// The first part of a long word, where it reads as the whole does.
fn shorten(word: &[u8]) -> Cow<'_, [u8]> {
    if word.len() <= WORD {
        return Cow::Borrowed(word);
    }
    let end = word.trim_ascii_end().len();
    let start = (0..=HEAD).rev();
    let start = start.into_iter().find(|&at| !is_inside_letter(word, at));
    let mut short = word[..start.unwrap_or(0)].to_vec();
    short.extend_from_slice(MORE.as_bytes());
    short.extend_from_slice(&word[end..]);
    match read(word) == read(&short) {
        true => Cow::Owned(short),
        false => Cow::Borrowed(word),
    }
}

/// Whether a place is inside of a letter of UTF-8.
fn is_inside_letter(word: &[u8], at: usize) -> bool {
    word.get(at).is_some_and(|byte| byte & 0xc0 == 0x80)
}

/// What a word is made of.
fn read(word: &[u8]) -> Vec<u64> {
    let mut lexer = Lexer::default();
    lexer
        .scan(word)
        .iter()
        .map(|element| element.hash)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_shortened_and_what_follows_them_stays() {
        let cut = |text: &str| String::from_utf8(cut(text.as_bytes()).into_owned()).expect("text");
        let number = "7".repeat(1_000);
        let short = format!("{}…", "7".repeat(HEAD));
        assert_eq!(
            cut(&format!("id {number} was refused by api")),
            format!("id {short} was refused by api")
        );
        assert_eq!(
            cut(&format!("failed: payload={number} reason=timeout")),
            format!("failed: payload={}… reason=timeout", "7".repeat(HEAD - 8))
        );
        // A word that is no value is part of the pattern.
        let word = format!("{} failed", "a".repeat(1_000));
        assert_eq!(cut(&word), word);
        let many = "word ".repeat(1_000);
        assert!(cut(&many).ends_with("word …"));
        assert!(cut(&many).len() <= LONGEST + MORE.len());
    }
}
