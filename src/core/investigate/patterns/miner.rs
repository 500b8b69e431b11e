//! Counts lines by key, and keeps of every key what a person wants to see. Memory is bounded by
//! the number of keys and of sampled lines, not by the number of lines.

use std::collections::HashMap;

use super::bytes::hash;
use super::generalise::{ASSIGNED, KeyDraft, QUOTED, TOLD, Tuning, generalise};
use super::header::Headers;
use super::json::{self, LineForm};
use super::lexer::{Element, Lexer};
use super::samples::Samples;
use super::words::{ANY, HashedMap, WordId, Words};
use crate::core::investigate::logs::level_of;
use crate::model::log_events::LogLevel;

/// The distinct keys that are kept before they are generalised on the way.
const MOST_KEYS: usize = 20_000;
/// The keys from which on few lines of each are sampled.
const MANY_KEYS: usize = 2_000;

/// Which of the two spans a line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The span that is looked into.
    Now,
    /// The span just before, for comparison.
    Before,
}

/// What is counted of a key or template.
#[derive(Debug, Clone, Default)]
pub(super) struct LineTally {
    pub(super) now: u64,
    pub(super) before: u64,
    /// When the lines were written first and last, in milliseconds since 1970.
    pub(super) seen: Option<(i64, i64)>,
    /// The numbers of the first and last line, from 1.
    pub(super) lines: Option<(u64, u64)>,
    /// The gravest level that headers of the lines name.
    pub(super) level: Option<LogLevel>,
    pub(super) samples: Samples,
    pub(super) samples_before: Samples,
}

impl LineTally {
    fn join(&mut self, other: Self) {
        self.now += other.now;
        self.before += other.before;
        self.seen = join_ranges(self.seen, other.seen);
        self.lines = join_ranges(self.lines, other.lines);
        self.level = self.level.max(other.level);
        self.samples.join(other.samples);
        self.samples_before.join(other.samples_before);
    }
}

fn join_ranges<T: Ord + Copy>(a: Option<(T, T)>, b: Option<(T, T)>) -> Option<(T, T)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, other) => one.or(other),
    }
}

/// Groups lines by key as they come.
#[derive(Debug, Default)]
pub struct Miner {
    headers: Headers,
    lexer: Lexer,
    words: Words,
    ids: HashedMap<u32>,
    keys: Vec<KeyDraft>,
    tallies: Vec<LineTally>,
    /// Once the table was full: its templates by length and first constant word.
    matcher: Option<HashMap<(usize, WordId), Vec<u32>>>,
    /// Lines that found no place in a table that was full twice.
    unbounded: u64,
    lines: [u64; 2],
    /// Lines that hold metrics and no message.
    metrics: u64,
}

impl Miner {
    /// A miner for lines with these headers.
    pub fn new(headers: Headers) -> Self {
        Self {
            headers,
            ..Self::default()
        }
    }

    /// Counts a line. `time` is when it was written, in milliseconds since 1970.
    pub fn add(&mut self, line: &[u8], time: Option<i64>, span: Span) {
        let number = self.lines[0] + self.lines[1] + 1;
        self.lines[span as usize] += 1;
        match json::read(line) {
            LineForm::Metrics => self.metrics += 1,
            LineForm::Message(message) => {
                let level = level_of(&String::from_utf8_lossy(line));
                self.count(message.as_bytes(), (time, level), span, number);
            }
            LineForm::Text => {
                let body = self.headers.strip(line);
                // Of the body it is a word like others.
                let header = &line[..line.len() - body.len()];
                let level = level_of(&String::from_utf8_lossy(header));
                self.count(body, (time, level), span, number);
            }
        }
    }

    fn count(
        &mut self,
        body: &[u8],
        (time, level): (Option<i64>, Option<LogLevel>),
        span: Span,
        number: u64,
    ) {
        self.lexer.scan(body);
        let Some(id) = self.place(body) else {
            self.unbounded += 1;
            return;
        };
        let many = self.tallies.len() > MANY_KEYS;
        let tally = &mut self.tallies[id as usize];
        match span {
            Span::Now => {
                tally.now += 1;
                tally.samples.add(hash(body), body, many);
            }
            Span::Before => {
                tally.before += 1;
                tally.samples_before.add(hash(body), body, many);
            }
        }
        tally.level = tally.level.max(level);
        tally.seen = join_ranges(tally.seen, time.map(|time| (time, time)));
        tally.lines = join_ranges(tally.lines, Some((number, number)));
    }

    /// The lines that were counted, in both spans.
    pub fn lines(&self) -> u64 {
        self.lines[0] + self.lines[1]
    }

    /// The place of the line that was scanned last, where there is or can be one.
    fn place(&mut self, body: &[u8]) -> Option<u32> {
        let key = self.lexer.key();
        if let Some(&id) = self.ids.get(&key) {
            return Some(id);
        }
        let (elements, flags) = self.intern(body);
        if self.matcher.is_some() {
            if let Some(id) = self.find_match(&elements) {
                return Some(id);
            }
            if self.keys.len() >= MOST_KEYS {
                return None;
            }
        }
        if self.keys.len() >= MOST_KEYS {
            self.make_room();
            return self.place(body);
        }
        let id = self.keys.len() as u32;
        self.keys.push(KeyDraft {
            elements,
            flags,
            lines: 1,
        });
        self.tallies.push(LineTally::default());
        self.ids.insert(key, id);
        Some(id)
    }

    fn intern(&mut self, body: &[u8]) -> (Vec<WordId>, Vec<u8>) {
        let mut elements = Vec::with_capacity(self.lexer.elements().len());
        let mut flags = Vec::with_capacity(elements.capacity());
        let full = self.matcher.is_some() && self.keys.len() >= MOST_KEYS;
        for element in self.lexer.elements() {
            let text = self.lexer.text(body, element);
            elements.push(if full {
                self.words.find(element.hash)
            } else {
                self.words.intern(element.hash, element.kind, text)
            });
            flags.push(flag(element));
        }
        (elements, flags)
    }

    /// Puts templates in the place of keys.
    fn make_room(&mut self) {
        self.count_drafts();
        let (drafts, of) = generalise(&self.keys, &self.words, &Tuning::default());
        let mut tallies: Vec<LineTally> = drafts.iter().map(|_| LineTally::default()).collect();
        for (tally, &to) in std::mem::take(&mut self.tallies).into_iter().zip(&of) {
            tallies[to].join(tally);
        }
        for id in self.ids.values_mut() {
            *id = of[*id as usize] as u32;
        }
        let mut matcher: HashMap<(usize, WordId), Vec<u32>> = HashMap::new();
        for (index, draft) in drafts.iter().enumerate() {
            let first = first_constant(&draft.elements);
            matcher
                .entry((draft.elements.len(), first))
                .or_default()
                .push(index as u32);
        }
        self.keys = drafts;
        self.tallies = tallies;
        self.matcher = Some(matcher);
    }

    fn find_match(&self, elements: &[WordId]) -> Option<u32> {
        let matcher = self.matcher.as_ref()?;
        // What is a value in the template may be a word here: every word may be the first.
        elements.iter().find_map(|&id| {
            let near = matcher.get(&(elements.len(), id))?;
            near.iter().copied().find(|&index| {
                let template = &self.keys[index as usize].elements;
                template
                    .iter()
                    .zip(elements)
                    .all(|(have, id)| *have == ANY || have == id)
            })
        })
    }

    fn count_drafts(&mut self) {
        for (draft, tally) in self.keys.iter_mut().zip(&self.tallies) {
            draft.lines = tally.now + tally.before;
        }
    }

    /// Finds the templates. Lines can still be assigned afterwards, and none be added.
    pub fn finish(mut self, tuning: &Tuning) -> Mined {
        self.count_drafts();
        let (drafts, of) = generalise(&self.keys, &self.words, tuning);
        let mut tallies: Vec<LineTally> = drafts.iter().map(|_| LineTally::default()).collect();
        let mut leads: Vec<(u64, usize)> = vec![(0, 0); drafts.len()];
        for (key, &to) in of.iter().enumerate() {
            let lines = self.keys[key].lines;
            if lines > leads[to].0 {
                leads[to] = (lines, key);
            }
        }
        for (tally, &to) in std::mem::take(&mut self.tallies).into_iter().zip(&of) {
            tallies[to].join(tally);
        }
        Mined {
            miner: self,
            drafts,
            of,
            tallies,
        }
    }

    /// Joins what another miner with the same headers has counted, as if its lines had come here.
    pub fn join(&mut self, other: Self) {
        for (hash, &id) in &other.ids {
            let draft = &other.keys[id as usize];
            let elements: Vec<WordId> = draft
                .elements
                .iter()
                .map(|&word| self.words.adopt(&other.words, word))
                .collect();
            if !self.ids.contains_key(hash) && self.keys.len() < MOST_KEYS {
                self.ids.insert(*hash, self.keys.len() as u32);
                self.keys.push(KeyDraft {
                    elements,
                    flags: draft.flags.clone(),
                    lines: 1,
                });
                self.tallies.push(LineTally::default());
            }
        }
        let mut places: HashMap<u32, u32> = HashMap::new();
        for (hash, &id) in &other.ids {
            if let Some(&mine) = self.ids.get(hash) {
                places.insert(id, mine);
            }
        }
        for (id, tally) in other.tallies.into_iter().enumerate() {
            match places.get(&(id as u32)) {
                Some(&mine) => self.tallies[mine as usize].join(tally),
                None => self.unbounded += tally.now + tally.before,
            }
        }
        self.unbounded += other.unbounded;
        self.metrics += other.metrics;
        self.lines[0] += other.lines[0];
        self.lines[1] += other.lines[1];
    }
}

fn first_constant(elements: &[WordId]) -> WordId {
    elements
        .iter()
        .copied()
        .find(|&id| id != ANY)
        .unwrap_or(ANY)
}

fn flag(element: &Element) -> u8 {
    match element.before {
        b'=' => ASSIGNED,
        b':' => TOLD,
        b'"' | b'\'' | b'`' => QUOTED,
        _ => 0,
    }
}

/// The templates of all lines.
#[derive(Debug)]
pub struct Mined {
    miner: Miner,
    drafts: Vec<KeyDraft>,
    of: Vec<usize>,
    tallies: Vec<LineTally>,
}

impl Mined {
    /// The number of templates.
    pub fn len(&self) -> usize {
        self.drafts.len()
    }

    /// Whether there was no line.
    pub fn is_empty(&self) -> bool {
        self.drafts.is_empty()
    }

    /// The number of a line's template. `None` for a line of unbounded vocabulary.
    pub fn assign(&mut self, line: &[u8]) -> Option<usize> {
        let message = match json::read(line) {
            LineForm::Metrics => return None,
            LineForm::Message(message) => Some(message),
            LineForm::Text => None,
        };
        let body = match &message {
            Some(message) => message.as_bytes(),
            None => self.miner.headers.strip(line),
        };
        self.miner.lexer.scan(body);
        let key = self.miner.lexer.key();
        let id = match self.miner.ids.get(&key) {
            Some(&id) => id,
            None => {
                let elements: Vec<WordId> = self
                    .miner
                    .lexer
                    .elements()
                    .iter()
                    .map(|e| self.miner.words.find(e.hash))
                    .collect();
                self.miner.find_match(&elements)?
            }
        };
        Some(self.of[id as usize])
    }

    /// The words of a template, with `<*>` for values.
    pub fn template(&self, index: usize) -> String {
        let words = self.drafts[index]
            .elements
            .iter()
            .map(|&id| self.miner.words.text(id));
        words.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn draft(&self, index: usize) -> &KeyDraft {
        &self.drafts[index]
    }

    pub(super) fn tally(&self, index: usize) -> &LineTally {
        &self.tallies[index]
    }

    pub(super) fn words(&self) -> &Words {
        &self.miner.words
    }

    /// The lines of the span and of the one before.
    pub fn lines(&self) -> (u64, u64) {
        (self.miner.lines[0], self.miner.lines[1])
    }

    /// Lines that hold metrics in CloudWatch's embedded format, and no message.
    pub fn metrics(&self) -> u64 {
        self.miner.metrics
    }

    /// Lines that were counted without a template, because too many distinct ones came.
    pub fn unbounded(&self) -> u64 {
        self.miner.unbounded
    }
}
