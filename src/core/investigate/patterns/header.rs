//! Infers from many lines which of their leading columns are a header (time, host, process,
//! severity, logger), so that the same message with another host or logger is one pattern.
//!
//! There is no list of formats. Lines that begin alike form a family; in a family, a column is
//! part of the header when nearly every line has a value, a severity, one shape or one of a few
//! words in capitals at that position, and everything before such a column is header as well.
//! Behind the last of them stands a tag that ends with a colon, or a dash, in most lines.

use super::bytes::mix;
use super::columns::{Class, Item, MOST_ITEMS, next_item, shape};
use super::words::HashedMap;

/// The share of lines that must agree on a column.
const NEARLY_ALL: f64 = 0.95;
/// The share of lines that must have a tag.
const MOST: f64 = 0.85;
/// The fewest lines from which a header is inferred.
const FAMILY: usize = 20;
/// The items behind the last sure column among which a tag or a dash is looked for.
const REACH: usize = 4;
/// The most columns of words between two sure columns.
const LONGEST_GAP: usize = 4;
/// The distinct words, numbers masked, that are kept for a column.
const DISTINCT: usize = 256;

/// What stands behind the last sure column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HeaderTail {
    None,
    /// An item with a colon, at this index or the one after.
    Tag(usize),
    /// A dash between blanks.
    Dash,
}

#[derive(Debug, Clone)]
struct Layout {
    /// The sure columns, and what each must be.
    columns: Vec<Option<Class>>,
    tail: HeaderTail,
}

/// The headers of a stream of lines.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    families: HashedMap<Layout>,
}

impl Headers {
    /// Infers the headers from lines, in any order.
    pub fn infer<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut samples: HashedMap<Vec<HeadSample<'a>>> = HashedMap::default();
        for line in lines {
            let items = items(line);
            if let Some(family) = family(line, &items) {
                samples
                    .entry(family)
                    .or_default()
                    .push(HeadSample { line, items });
            }
        }
        let mut families = HashedMap::default();
        for (family, samples) in samples {
            if samples.len() >= FAMILY
                && let Some(layout) = infer_layout(&samples)
            {
                families.insert(family, layout);
            }
        }
        Self { families }
    }

    /// Returns the line without its header; a line that has nothing else is returned whole.
    pub fn strip<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        let body = if self.families.is_empty() {
            leading(line)
        } else {
            self.strip_known(line)
        };
        let says_something = |c: &u8| c.is_ascii_alphanumeric() || *c >= 128;
        if body.iter().any(says_something) {
            body
        } else {
            line
        }
    }

    fn strip_known<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        let first = next_item(line, 0);
        let second = first.and_then(|item| next_item(line, item.end));
        let family = first.map(|first| family_of(line, first, second));
        match family.and_then(|family| self.families.get(&family)) {
            Some(layout) => layout.strip(line),
            None => leading(line),
        }
    }
}

impl Layout {
    fn strip<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        let mut at = 0;
        for column in &self.columns {
            let Some(item) = next_item(line, at) else {
                return &line[at..];
            };
            // An odd line keeps what does not fit.
            if column.is_some_and(|class| class != item.class) {
                return body(line, at);
            }
            at = item.end;
        }
        match self.tail {
            HeaderTail::None => body(line, at),
            HeaderTail::Tag(index) => body(line, tag_end(line, at, index).unwrap_or(at)),
            HeaderTail::Dash => body(line, dash_end(line, at).unwrap_or(at)),
        }
    }
}

/// What follows, without the marks that end a header.
fn body(line: &[u8], at: usize) -> &[u8] {
    let rest = &line[at..];
    let mark = |c: &u8| matches!(c, b' ' | b'\t' | b'|' | b':' | b',');
    let start = rest.iter().position(|c| !mark(c)).unwrap_or(rest.len());
    match &rest[start..] {
        [b'-', b' ', after @ ..] => after,
        other => other,
    }
}

/// A line of no known family loses the times and severities that it begins with.
fn leading(line: &[u8]) -> &[u8] {
    let mut at = 0;
    let mut timed = false;
    let mut end = 0;
    while let Some(item) = next_item(line, at) {
        let text = &line[item.start..item.end];
        let is_time = holds_time(text);
        match item.class {
            Class::Value | Class::Level | Class::Mark => {}
            Class::Box if is_time => {}
            _ => break,
        }
        timed |= is_time;
        at = item.end;
        end = at;
    }
    if timed { body(line, end) } else { line }
}

fn tag_end(line: &[u8], mut at: usize, index: usize) -> Option<usize> {
    for number in 0..=index + 1 {
        let item = next_item(line, at)?;
        let with_process = item.class == Class::Box || line[item.start..item.end].ends_with(b"]:");
        if item.colon && (number <= index || with_process) {
            return Some(item.end);
        }
        at = item.end;
    }
    None
}

fn dash_end(line: &[u8], mut at: usize) -> Option<usize> {
    for number in 0..REACH {
        let item = next_item(line, at)?;
        if number > 0 && item.class == Class::Mark && item.end - item.start <= 2 {
            return Some(item.end);
        }
        at = item.end;
    }
    None
}

struct HeadSample<'a> {
    line: &'a [u8],
    items: Vec<Item>,
}

fn items(line: &[u8]) -> Vec<Item> {
    let mut items = Vec::with_capacity(MOST_ITEMS);
    let mut at = 0;
    while items.len() < MOST_ITEMS
        && let Some(item) = next_item(line, at)
    {
        at = item.end;
        items.push(item);
    }
    items
}

fn family(line: &[u8], items: &[Item]) -> Option<u64> {
    let first = items.first()?;
    Some(family_of(line, *first, items.get(1).copied()))
}

/// Lines that begin with the same shape belong together; words differ too much to say so.
fn family_of(line: &[u8], first: Item, second: Option<Item>) -> u64 {
    let text = &line[first.start..first.end];
    let state = if first.class == Class::Word && !text.iter().any(u8::is_ascii_digit) {
        1
    } else {
        shape(text, false)
    };
    mix(state, second.map_or(9, |item| item.class as u64))
}

/// What the lines of a family have at one position.
#[derive(Default)]
struct Column {
    lines: usize,
    classes: [usize; 5],
    wide: usize,
    capitals: usize,
    quoted: usize,
    times: usize,
    numbers: [usize; 14],
    shapes: HashedMap<usize>,
    words: HashedMap<usize>,
}

impl Column {
    fn read(samples: &[HeadSample<'_>], index: usize) -> Self {
        let mut column = Self::default();
        for sample in samples {
            let Some(item) = sample.items.get(index) else {
                continue;
            };
            let text = &sample.line[item.start..item.end];
            column.lines += 1;
            column.classes[item.class as usize] += 1;
            column.wide += usize::from(item.wide);
            column.times += usize::from(holds_time(text));
            let whole = text.split(|&c| c == b'.').next().unwrap_or(text);
            if whole.len() < 14 && text.iter().all(|&c| c.is_ascii_digit() || c == b'.') {
                column.numbers[whole.len()] += 1;
            }
            column.quoted += usize::from(matches!(text[0], b'"' | b'\''));
            let capital = |c: &u8| c.is_ascii_uppercase() || *c == b'_';
            column.capitals += usize::from(text.len() > 1 && text.iter().all(capital));
            for (map, keep_words) in [(&mut column.shapes, false), (&mut column.words, true)] {
                let key = shape(text, keep_words);
                if map.len() < DISTINCT || map.contains_key(&key) {
                    *map.entry(key).or_default() += 1;
                }
            }
        }
        column
    }

    /// The class that nearly all lines have here.
    fn class(&self, all: usize) -> Option<Class> {
        let classes = [
            Class::Value,
            Class::Level,
            Class::Mark,
            Class::Box,
            Class::Word,
        ];
        classes
            .into_iter()
            .find(|&class| self.classes[class as usize] as f64 >= NEARLY_ALL * all as f64)
    }

    /// Whether nearly all lines have a time or a date here, or a number of the length that a
    /// date, a time of day or seconds since 1970 have.
    fn is_time(&self, all: usize) -> bool {
        let nearly = |count: usize| count as f64 >= NEARLY_ALL * all as f64;
        nearly(self.times)
            || [6, 8, 10, 13]
                .into_iter()
                .any(|length| nearly(self.numbers[length]))
    }

    fn has_few_words(&self, all: usize) -> bool {
        self.words.len() < DISTINCT && self.words.len() <= (all / 16).max(8)
    }

    /// Whether this column is surely part of a header.
    fn is_sure(&self, all: usize, class: Option<Class>, gap: usize) -> bool {
        let nearly = |count: usize| count as f64 >= NEARLY_ALL * all as f64;
        let one_shape = self.shapes.values().any(|&count| nearly(count));
        match class {
            Some(Class::Value | Class::Level) => true,
            Some(Class::Word) => {
                // Words before a tab are a message, and no name of a thing.
                gap == 0
                    && self.quoted == 0
                    && self.has_few_words(all)
                    && (nearly(self.wide) || nearly(self.capitals) && self.words.len() <= 16)
                    || one_shape && self.words.len() == 1 && nearly(self.wide)
            }
            _ => false,
        }
    }
}

fn infer_layout(samples: &[HeadSample<'_>]) -> Option<Layout> {
    let all = samples.len();
    let mut columns: Vec<Option<Class>> = Vec::new();
    let (mut sure, mut gap, mut told, mut timed) = (0, 0, false, 0);
    for index in 0..MOST_ITEMS {
        let column = Column::read(samples, index);
        if (column.lines as f64) < NEARLY_ALL * all as f64 {
            break;
        }
        let class = column.class(all);
        let begun = told && sure == index;
        let is_sure = column.is_sure(all, class, gap)
            || matches!(class, Some(Class::Box)) && told && gap == 0
            || matches!(class, Some(Class::Box)) && column.is_time(all)
            || matches!(class, Some(Class::Mark)) && begun;
        // Behind a tag the message begins.
        let is_tag = |item: &Item| item.colon && item.class != Class::Value;
        let tagged = samples
            .iter()
            .filter(|one| one.items.get(index).is_some_and(is_tag));
        if timed > 0 && tagged.count() as f64 >= MOST * all as f64 {
            break;
        }
        // `user 7 logged in` is what a line says, behind its time as anywhere.
        let is_said = gap > 0 && timed > 0 && class == Some(Class::Value) && !column.is_time(all);
        let is_sure = is_sure && !is_said;
        told |= matches!(class, Some(Class::Value | Class::Level)) || is_sure;
        let levels = index == 0 && class == Some(Class::Level) && column.words.len() >= 2;
        if column.is_time(all) || levels {
            timed = index + 1;
        }
        columns
            .push(class.filter(|class| matches!(class, Class::Value | Class::Level | Class::Box)));
        if is_sure {
            sure = index + 1;
            gap = 0;
            continue;
        }
        gap += 1;
        if gap > LONGEST_GAP || column.quoted > 0 || !column.has_few_words(all) {
            break;
        }
    }
    columns.truncate(sure);
    if timed == 0 || timed > sure {
        return None;
    }
    let tail = infer_tail(samples, sure);
    Some(Layout { columns, tail })
}

/// Whether the text holds a time of day or a date.
fn holds_time(text: &[u8]) -> bool {
    let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    (1..text.len()).any(|at| match text[at] {
        b':' => digit(at - 1) && digit(at + 1) && digit(at + 2),
        mark @ (b'-' | b'/' | b'.') => {
            digit(at - 1)
                && digit(at + 1)
                && digit(at + 2)
                && text.get(at + 3) == Some(&mark)
                && digit(at + 4)
        }
        _ => false,
    })
}

fn infer_tail(samples: &[HeadSample<'_>], sure: usize) -> HeaderTail {
    let all = samples.len() as f64;
    let mut tags = [0_usize; REACH - 1];
    let mut dashes = 0_usize;
    for sample in samples {
        let rest = &sample.items[sure.min(sample.items.len())..];
        let is_tag = |item: &Item| item.colon && item.class != Class::Value;
        if let Some(index) = rest.iter().take(REACH - 1).position(is_tag) {
            tags[index] += 1;
        }
        let is_dash = |item: &Item| item.class == Class::Mark && item.end - item.start <= 2;
        dashes += usize::from(rest.iter().take(REACH).skip(1).any(is_dash));
    }
    if dashes as f64 >= NEARLY_ALL * all {
        return HeaderTail::Dash;
    }
    if tags.iter().sum::<usize>() as f64 >= MOST * all {
        // Before the tag some lines have more than others: who is connected, for example.
        let mut lines = 0;
        let reaches = |index: &usize| {
            lines += tags[*index];
            lines as f64 >= MOST * all
        };
        return (0..tags.len())
            .find(reaches)
            .map_or(HeaderTail::None, HeaderTail::Tag);
    }
    HeaderTail::None
}
