//! Turns a line into words and values, in one pass over its bytes.
//!
//! Punctuation is not part of the result: whether a value stands in quotes, brackets or bare
//! does not decide which pattern a line belongs to. What stood before a word is kept as evidence
//! for the search for parameters (`=` says that a value follows).

use super::bytes::{ALPHA, BLANK, BREAK, CLASS, EDGE, HEX_LETTER, hash, is, mix};
use super::values::{Calendar, WordPart, calendar, classify, is_method, is_unit, is_whole_value};

/// The bytes of a line that are looked at; what follows counts as one value.
const LINE_LIMIT: usize = 4_096;
/// The elements of a line that are kept.
const ELEMENT_LIMIT: usize = 256;
/// Stands for every value.
pub(super) const VALUE: u64 = 0x9e37_79b9_7f4a_7c15;
/// The longest quoted text that is one value when it is assigned.
const LONGEST_QUOTE: usize = 256;
/// The fields of JSON whose text is what the line says.
const SAYINGS: [&[u8]; 8] = [
    b"message",
    b"msg",
    b"log",
    b"event",
    b"err",
    b"error",
    b"exception",
    b"stack",
];
/// The longest run of elements that is recognised as repeated.
const LONGEST_PERIOD: usize = 9;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementKind {
    Word,
    Value,
    /// A word that holds values: `eth<*>`.
    Mixed,
    /// Punctuation of a line that has nothing else.
    Marks,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    pub(super) hash: u64,
    pub(super) kind: ElementKind,
    /// The last punctuation since the element before; a blank when there is none.
    pub(super) before: u8,
    /// Where the element stands in the line.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where the masked text of a mixed word stands in the scratch buffer.
    masked: (u32, u32),
}

/// A lexer with its buffers, used again for every line.
#[derive(Debug, Default)]
pub(super) struct Lexer {
    found: Vec<Element>,
    elements: Vec<Element>,
    scratch: Vec<u8>,
    before: u8,
}

impl Lexer {
    /// Returns the elements of the line.
    pub(super) fn scan(&mut self, line: &[u8]) -> &[Element] {
        self.find(line);
        self.fold(line);
        &self.elements
    }

    /// Returns the elements of the line before neighbouring values become one.
    pub(super) fn scan_unfolded(&mut self, line: &[u8]) -> &[Element] {
        self.find(line);
        &self.found
    }

    /// The hash of the elements that were found last: the key of the line.
    pub(super) fn key(&self) -> u64 {
        self.elements
            .iter()
            .fold(self.elements.len() as u64, |state, element| {
                mix(state, element.hash ^ told(element.before))
            })
    }

    /// The elements of the line that was scanned last.
    pub(super) fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// The text of an element of the line that was scanned last, with values masked.
    pub(super) fn text<'a>(&'a self, line: &'a [u8], element: &Element) -> &'a [u8] {
        match element.kind {
            ElementKind::Value => super::values::MASK,
            ElementKind::Mixed => {
                &self.scratch[element.masked.0 as usize..element.masked.1 as usize]
            }
            ElementKind::Word | ElementKind::Marks => {
                &line[element.start as usize..element.end as usize]
            }
        }
    }

    fn find(&mut self, line: &[u8]) {
        self.found.clear();
        self.scratch.clear();
        self.before = b' ';
        let cut = line.len() > LINE_LIMIT;
        let line = if cut { &line[..LINE_LIMIT] } else { line };
        let mut at = 0;
        loop {
            while at < line.len() && is(line[at], BLANK) {
                at += 1;
            }
            if at >= line.len() || self.found.len() >= ELEMENT_LIMIT {
                break;
            }
            let start = at;
            // In `user= uid=0` nothing is assigned to the first.
            if self.before == b'='
                && start > 2
                && line[start - 2] == b'='
                && !is(line[start - 3], BLANK)
            {
                self.before = b' ';
            }
            if let Some(after) = self.written_value(line, start) {
                at = after;
                continue;
            }
            let mut seen = 0;
            while at < line.len() {
                let class = CLASS[line[at] as usize];
                if class & BLANK != 0 {
                    break;
                }
                seen |= if class == 0 { 128 } else { class };
                at += 1;
            }
            if seen & !(ALPHA | HEX_LETTER) == 0 {
                self.push_word(line, start, at);
            } else {
                at = self.chunk(line, start, at);
            }
        }
        if cut || at < line.len() {
            self.push_value(line.len(), line.len());
        }
        if self.found.is_empty() {
            self.marks(line);
        }
    }

    /// A value whose marks say where it ends, blanks or not: the text of a field of JSON, or a
    /// list. Returns where it ends.
    fn written_value(&mut self, line: &[u8], start: usize) -> Option<usize> {
        let end = match line[start] {
            b'"' if is_field(&line[..start]) => quote_end(line, start)?,
            b'[' => list_end(line, start)?,
            b't' | b'f' | b'n' if is_field(&line[..start]) => {
                let literals: [&[u8]; 3] = [b"true", b"false", b"null"];
                let literal = literals
                    .iter()
                    .find(|word| line[start..].starts_with(word))?;
                self.push_value(start, start + literal.len());
                return Some(start + literal.len());
            }
            _ => return None,
        };
        self.before = line[start];
        self.push_value(start + 1, end - 1);
        Some(end)
    }

    /// A line of punctuation only is told apart by its first marks.
    fn marks(&mut self, line: &[u8]) {
        let start = line
            .iter()
            .position(|&c| !is(c, BLANK))
            .unwrap_or(line.len());
        let end = (start + 3).min(line.len());
        self.push(hash(&line[start..end]), ElementKind::Marks, start, end);
    }

    #[inline]
    fn push(&mut self, hash: u64, kind: ElementKind, start: usize, end: usize) {
        let before = std::mem::replace(&mut self.before, b' ');
        let (start, end) = (start as u32, end as u32);
        self.found.push(Element {
            hash,
            kind,
            before,
            start,
            end,
            masked: (0, 0),
        });
    }

    #[inline]
    fn push_word(&mut self, line: &[u8], start: usize, end: usize) {
        self.push(hash(&line[start..end]), ElementKind::Word, start, end);
    }

    fn push_value(&mut self, start: usize, end: usize) {
        self.push(VALUE, ElementKind::Value, start, end);
    }

    /// A run without blanks that is more than letters. Returns where the next one may begin.
    fn chunk(&mut self, line: &[u8], mut start: usize, mut end: usize) -> usize {
        while start < end && is(line[start], EDGE) {
            self.before = line[start];
            start += 1;
        }
        let whole = end;
        while end > start
            && (is(line[end - 1], EDGE) || matches!(line[end - 1], b'.' | b'!' | b'?'))
        {
            if closes_inside(&line[start..end]) {
                break;
            }
            end -= 1;
        }
        if start < end
            && let Some(after) = self.core(line, start, end)
            && after > whole
        {
            return after;
        }
        if end < whole {
            self.before = line[whole - 1];
        }
        whole
    }

    /// Returns where a quoted value ends that holds blanks.
    fn core(&mut self, line: &[u8], start: usize, end: usize) -> Option<usize> {
        if is_whole_value(&line[start..end]) {
            self.push_value(start, end);
            return None;
        }
        let mut at = start;
        while at < end {
            if is(line[at], BREAK) {
                self.before = line[at];
                at += 1;
                continue;
            }
            let length = line[at..end]
                .iter()
                .position(|&c| is(c, BREAK))
                .unwrap_or(end - at);
            // `key=value`, `key="a value"`: what is assigned is a value, whatever it is.
            if at > 0 && line[at - 1] == b'=' {
                self.push_value(at, at + length);
                at += length;
                continue;
            }
            if at > 1 && line[at - 2] == b'=' && matches!(line[at - 1], b'"' | b'\'') {
                let close = line[at..]
                    .iter()
                    .take(LONGEST_QUOTE)
                    .position(|&c| c == line[at - 1]);
                let after = close.map_or(at + length, |close| at + close);
                self.push_value(at, after);
                if after >= end {
                    return Some(after + 1);
                }
                at = after;
                continue;
            }
            let rest = &line[at..end];
            let may_be_whole =
                matches!(rest[0], b'/' | b'\\') || rest.windows(3).any(|w| w == b"://");
            if at > start && may_be_whole && is_whole_value(rest) {
                self.push_value(at, end);
                return None;
            }
            self.part(line, at, at + length);
            at += length;
        }
        None
    }

    fn part(&mut self, line: &[u8], start: usize, end: usize) {
        let text = &line[start..end];
        if !text.iter().any(|&c| is(c, ALPHA | super::bytes::DIGIT)) {
            self.before = text[text.len() - 1];
            return;
        }
        if is_whole_value(text) {
            return self.push_value(start, end);
        }
        let from = self.scratch.len();
        match classify(text, &mut self.scratch) {
            WordPart::Word => self.push_word(line, start, end),
            WordPart::Value => self.push_value(start, end),
            WordPart::Mixed => {
                let masked = hash(&self.scratch[from..]);
                self.push(masked, ElementKind::Mixed, start, end);
                if let Some(last) = self.found.last_mut() {
                    last.masked = (from as u32, self.scratch.len() as u32);
                }
            }
        }
    }

    /// Makes one value of a value with its unit, of a date in words, of values in a row, and one
    /// round of a list that repeats.
    fn fold(&mut self, line: &[u8]) {
        let (found, out) = (&mut self.found, &mut self.elements);
        out.clear();
        let word = |element: &Element| &line[element.start as usize..element.end as usize];
        let mut values = 0;
        let mut at = 0;
        while at < found.len() {
            let mut element = found[at];
            let next = found.get(at + 1).copied();
            if element.kind == ElementKind::Word && element.end - element.start == 3 {
                let is_date = match calendar(word(&element)) {
                    None => false,
                    Some(kind) => next.is_some_and(|next| {
                        next.kind == ElementKind::Value
                            || kind == Calendar::Weekday
                                && next.kind == ElementKind::Word
                                && calendar(word(&next)) == Some(Calendar::Month)
                    }),
                };
                if is_date {
                    element.kind = ElementKind::Value;
                    element.hash = VALUE;
                }
            }
            at += 1;
            if element.kind == ElementKind::Word
                && is_method(word(&element))
                && next.is_some_and(|next| is_target(word(&next), next.kind))
            {
                element.kind = ElementKind::Value;
                element.hash = VALUE;
            }
            if element.kind != ElementKind::Value {
                values += usize::from(element.kind == ElementKind::Mixed);
                out.push(element);
                continue;
            }
            if let Some(unit) =
                next.filter(|next| next.kind == ElementKind::Word && is_unit(word(next)))
            {
                element.end = unit.end;
                at += 1;
            }
            match out.last_mut() {
                Some(last) if last.kind == ElementKind::Value => last.end = element.end,
                _ => {
                    values += 1;
                    out.push(element);
                }
            }
        }
        if values >= 2 {
            fold_repeats(out);
        }
    }
}

/// Whether what stands before is the name of a field of JSON, and not of one that says what
/// happened.
fn is_field(before: &[u8]) -> bool {
    let Some(named) = before.trim_ascii_end().strip_suffix(b"\":") else {
        return false;
    };
    let start = named
        .iter()
        .rposition(|&c| c == b'"')
        .map_or(0, |at| at + 1);
    !SAYINGS.contains(&&named[start..])
}

/// The end of a quoted text, behind its mark.
fn quote_end(line: &[u8], start: usize) -> Option<usize> {
    let mut escaped = false;
    let close = line[start + 1..].iter().take(LONGEST_QUOTE).position(|&c| {
        let ends = c == b'"' && !escaped;
        escaped = c == b'\\' && !escaped;
        ends
    });
    close.map(|close| start + close + 2)
}

/// The end of a list of words with commas between them, behind its bracket.
fn list_end(line: &[u8], start: usize) -> Option<usize> {
    let inside = &line[start + 1..];
    let close = inside.iter().take(LONGEST_QUOTE).position(|&c| c == b']')?;
    let items = inside[..close].split(|&c| c == b',');
    let word = |item: &[u8]| {
        let item = item.trim_ascii();
        !item.is_empty()
            && item
                .iter()
                .all(|&c| !is(c, BLANK) && !matches!(c, b'=' | b'['))
    };
    (items.clone().count() > 1 && items.into_iter().all(word)).then_some(start + close + 2)
}

/// Whether it is what a method of HTTP may be asked of.
fn is_target(text: &[u8], kind: ElementKind) -> bool {
    kind == ElementKind::Value
        && (text.first() == Some(&b'/') || text.windows(3).any(|part| part == b"://"))
}

/// What the punctuation before an element adds to the key.
#[inline]
fn told(before: u8) -> u64 {
    match before {
        b'=' => 2,
        b':' => 4,
        b'"' | b'\'' | b'`' => 8,
        _ => 0,
    }
}

/// Returns whether the text ends with a bracket that was opened inside it.
fn closes_inside(text: &[u8]) -> bool {
    let Some((&last, rest)) = text.split_last() else {
        return false;
    };
    let open = match last {
        b')' => b'(',
        b']' => b'[',
        _ => return false,
    };
    let count = |byte: u8| rest.iter().filter(|&&c| c == byte).count();
    count(open) > count(last)
}

/// Removes the second and later rounds of a run that repeats and holds a value: a list of any
/// length is one list.
fn fold_repeats(elements: &mut Vec<Element>) {
    let mut again = true;
    while again {
        again = false;
        for period in 1..=LONGEST_PERIOD {
            let mut at = 0;
            while at + 2 * period <= elements.len() {
                let first = &elements[at..at + period];
                let second = &elements[at + period..at + 2 * period];
                let same = first.iter().zip(second).all(|(a, b)| a.hash == b.hash);
                if same
                    && first
                        .iter()
                        .any(|element| element.kind != ElementKind::Word)
                {
                    elements.drain(at + period..at + 2 * period);
                    again = true;
                } else {
                    at += 1;
                }
            }
        }
    }
}
