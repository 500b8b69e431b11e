//! Looks for words in an undressed text, whatever line breaks were put into them.

use super::undress::{BREAK, FOLD, WIDE};

/// A text that can be read from any place.
pub(super) struct Text {
    chars: Vec<char>,
}

/// Is it a blank or a line break?
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_break(c)
}

/// Is it a line break?
pub(super) fn is_break(c: char) -> bool {
    matches!(c, BREAK | FOLD | WIDE)
}

impl Text {
    pub(super) fn new(chars: Vec<char>) -> Self {
        Self { chars }
    }

    pub(super) fn len(&self) -> usize {
        self.chars.len()
    }

    pub(super) fn at(&self, place: usize) -> Option<char> {
        self.chars.get(place).copied()
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &[char] {
        let to = to.min(self.chars.len());
        &self.chars[from.min(to)..to]
    }

    /// Where the phrase that begins here ends. Letters are compared without their case, a blank
    /// of the phrase is any number of blanks and breaks, and a break may stand within a word.
    pub(super) fn phrase(&self, from: usize, phrase: &str) -> Option<usize> {
        let mut place = from;
        let mut inside = false;
        for wanted in phrase.chars() {
            if wanted == ' ' {
                let end = self.blanks(place);
                if end == place {
                    return None;
                }
                place = end;
                inside = false;
                continue;
            }
            if inside {
                place = self.folds(place);
            }
            let here = self.at(place)?;
            if !here.eq_ignore_ascii_case(&wanted) {
                return None;
            }
            place += 1;
            inside = true;
        }
        Some(place)
    }

    /// The first place at or after `from` and before `to` where the phrase stands as words of
    /// its own, with its end.
    pub(super) fn find(&self, phrase: &str, from: usize, to: usize) -> Option<(usize, usize)> {
        self.find_any(&[phrase], from, to)
    }

    /// The same of several phrases: the longest that stands at the first place of any.
    pub(super) fn find_any(
        &self,
        phrases: &[&str],
        from: usize,
        to: usize,
    ) -> Option<(usize, usize)> {
        (from..to.min(self.len())).find_map(|place| {
            let within = place > 0 && self.at(place - 1).is_some_and(char::is_alphanumeric);
            let ends = phrases.iter().filter_map(|phrase| {
                let starts = !within || !phrase.starts_with(char::is_alphanumeric);
                starts.then(|| self.phrase(place, phrase)).flatten()
            });
            Some((place, ends.max()?))
        })
    }

    /// Passes over blanks and breaks.
    pub(super) fn blanks(&self, from: usize) -> usize {
        let rest = self.slice(from, self.len());
        from + rest.iter().take_while(|&&c| is_blank(c)).count()
    }

    /// Passes over a break inside of a word, with the blanks that indent the next line.
    pub(super) fn folds(&self, from: usize) -> usize {
        match self.at(from) {
            Some(c) if is_break(c) => self.blanks(from),
            _ => from,
        }
    }
}

/// A value that was taken out: breaks vanish with the blanks around them, other blanks are one.
/// In a placeholder (`<account id>`) a break is the blank that it stands for.
pub(super) fn glued(chars: &[char]) -> String {
    let mut out = String::with_capacity(chars.len());
    let mut place = 0;
    while place < chars.len() {
        let end = place + chars[place..].iter().take_while(|&&c| is_blank(c)).count();
        if end == place {
            out.push(chars[place]);
            place += 1;
        } else {
            let blanks = &chars[place..end];
            let opened = |c: char| out.chars().filter(|&one| one == c).count();
            let held = opened('<') > opened('>') && !blanks.contains(&FOLD);
            let broken = !held && blanks.iter().any(|&c| is_break(c));
            if !broken && !out.is_empty() && end < chars.len() {
                out.push(' ');
            }
            place = end;
        }
    }
    out
}
