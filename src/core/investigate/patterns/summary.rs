//! The patterns of a span against those of the span before.

use super::columns::is_level;
use super::miner::{Mined, Span};
use super::slots::{HIDDEN, Slot, align, describe, read_values};
use super::values::is_method;
use super::words::{ANY, Look};
use crate::model::log_events::LogLevel;
use crate::text::redact::redact;

/// The lines of the span before from which patterns may be called new.
const ENOUGH_BEFORE: u64 = 200;
/// The lines that were to be expected before a pattern may be called gone.
const ENOUGH_EXPECTED: f64 = 10.0;
/// The G² from which a rate has changed: one in a thousand by chance, with one degree of freedom.
const CHANGED: f64 = 10.83;
/// The example lines of a pattern.
const EXAMPLES: usize = 3;

/// How a pattern stands against the span before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Not seen before.
    New,
    /// More frequent than before.
    Rising,
    /// As frequent as before, with other values.
    Shifted,
    /// Seen before, and no more.
    Gone,
    /// As before, or nothing to compare with.
    Steady,
}

/// A template with what was counted of it.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// Stable: made from the words of the template.
    pub id: String,
    /// The line as it is written, with `<*>` where lines differ.
    pub template: String,
    pub count: u64,
    pub count_before: u64,
    pub change: Change,
    /// How unlikely the change is by chance; larger is more surprising.
    pub surprise: f64,
    /// The severity that the lines themselves name.
    pub level: Option<String>,
    /// Milliseconds since 1970.
    pub seen: Option<(i64, i64)>,
    /// The numbers of the first and last line.
    pub lines: Option<(u64, u64)>,
    pub slots: Vec<Slot>,
    pub examples: Vec<String>,
}

/// Describes all patterns, the most surprising first, then the most frequent.
pub fn summarise(mined: &Mined) -> Vec<Pattern> {
    let mut patterns: Vec<Pattern> = (0..mined.len())
        .map(|index| pattern(mined, index))
        .collect();
    patterns.sort_by(|a, b| {
        let key = |pattern: &Pattern| (pattern.change == Change::Steady, -pattern.surprise);
        let (a_key, b_key) = (key(a), key(b));
        a_key
            .0
            .cmp(&b_key.0)
            .then(a_key.1.total_cmp(&b_key.1))
            .then((b.count + b.count_before).cmp(&(a.count + a.count_before)))
            .then(a.id.cmp(&b.id))
    });
    patterns
}

fn pattern(mined: &Mined, index: usize) -> Pattern {
    let tally = mined.tally(index);
    let elements = &mined.draft(index).elements;
    let now = read_values(&tally.samples, elements, mined.words());
    let before = read_values(&tally.samples_before, elements, mined.words());
    let slots = describe(&now, &before);
    let (change, surprise) = compare(mined, index, &slots);
    let shown = if tally.now > 0 {
        Span::Now
    } else {
        Span::Before
    };
    let lines = match shown {
        Span::Now => &tally.samples,
        Span::Before => &tally.samples_before,
    };
    let examples: Vec<String> = lines
        .iter()
        .take(EXAMPLES)
        .map(|sample| String::from_utf8_lossy(&sample.line).into_owned())
        .collect();
    let named = || lines.iter().next().and_then(|sample| level(&sample.line));
    let level = match tally.level {
        Some(level) => Some(level.word().to_owned()),
        None => named(),
    };
    Pattern {
        id: format!(
            "{:016x}",
            super::bytes::hash(mined.template(index).as_bytes())
        ),
        template: written(mined, index, &slots),
        count: tally.now,
        count_before: tally.before,
        change,
        surprise,
        level,
        seen: tally.seen,
        lines: tally.lines,
        slots,
        examples,
    }
}

/// The severity that a line names in its first words.
fn level(line: &[u8]) -> Option<String> {
    let words = line
        .split(|c| !c.is_ascii_alphabetic())
        .filter(|word| word.len() > 2)
        .take(3);
    let mut levels = words.filter(|word| is_level(word));
    // In the words of all other levels: `ERROR` for `err`.
    let level = levels.find_map(|word| LogLevel::parse(&String::from_utf8_lossy(word)));
    level.map(|level| level.word().to_owned())
}

/// The likelihood ratio G² of the two rates, with half a line added to each count.
fn compare(mined: &Mined, index: usize, slots: &[Slot]) -> (Change, f64) {
    let (all_now, all_before) = mined.lines();
    let tally = mined.tally(index);
    if all_before == 0 {
        return (Change::Steady, 0.0);
    }
    let (a, b) = (tally.now as f64 + 0.5, tally.before as f64 + 0.5);
    // Where nothing at all was written, as much was to be expected as before.
    let silent = if all_now == 0 { all_before } else { all_now };
    let (n, m) = (silent as f64 + 1.0, all_before as f64 + 1.0);
    let expected = |total: f64| (a + b) * total / (n + m);
    let term = |count: f64, expected: f64| 2.0 * count * (count / expected).ln();
    let g = term(a, expected(n)) + term(b, expected(m));
    let words = mined.words();
    let fault = mined
        .draft(index)
        .elements
        .iter()
        .any(|&id| id != ANY && words.look(id) == Look::Fault);
    let weight = if fault { 2.0 } else { 1.0 };
    let rate_now = a / n;
    let rate_before = b / m;
    let change = if tally.before == 0 && all_before >= ENOUGH_BEFORE {
        Change::New
    } else if tally.now == 0 {
        if tally.before as f64 * n / m >= ENOUGH_EXPECTED {
            Change::Gone
        } else {
            Change::Steady
        }
    } else if g >= CHANGED && rate_now > rate_before && all_before >= ENOUGH_BEFORE {
        Change::Rising
    } else if slots.iter().any(|slot| slot.shifted_from.is_some()) {
        Change::Shifted
    } else {
        Change::Steady
    };
    (change, g.max(0.0) * weight)
}

/// A sampled line with the range of every element of its template.
struct AlignedLine<'a> {
    line: &'a [u8],
    ranges: Vec<(u32, u32)>,
}

/// The sampled lines of a template that fit it.
fn aligned(mined: &Mined, index: usize) -> Vec<AlignedLine<'_>> {
    let tally = mined.tally(index);
    let mut lexer = super::lexer::Lexer::default();
    let samples = tally.samples.iter().chain(tally.samples_before.iter());
    let fits = samples.filter_map(|sample| {
        let found: Vec<(u32, u32, u32)> = lexer
            .scan(&sample.line)
            .iter()
            .map(|element| (mined.words().find(element.hash), element.start, element.end))
            .collect();
        let ranges = align(&mined.draft(index).elements, &found)?;
        Some(AlignedLine {
            line: &sample.line,
            ranges,
        })
    });
    fits.collect()
}

/// Returns the line as people know it, for a template by its number.
pub fn template_text(mined: &Mined, index: usize) -> String {
    let tally = mined.tally(index);
    let elements = &mined.draft(index).elements;
    let now = read_values(&tally.samples, elements, mined.words());
    let before = read_values(&tally.samples_before, elements, mined.words());
    written(mined, index, &describe(&now, &before))
}

/// The line as people know it: punctuation as in a sampled line, a place with one value as that
/// value, any other as `<*>`. What is hidden in the sampled line is hidden here: with its
/// neighbours masked, a secret would not be recognised any more.
fn written(mined: &Mined, index: usize, slots: &[Slot]) -> String {
    let tally = mined.tally(index);
    let elements = &mined.draft(index).elements;
    let lines = aligned(mined, index);
    let Some(first) = lines.first() else {
        let sample = tally
            .samples
            .iter()
            .chain(tally.samples_before.iter())
            .next();
        return sample.map_or_else(
            || "<*>".to_owned(),
            |sample| String::from_utf8_lossy(&sample.line).into_owned(),
        );
    };
    let repeated = tally.now + tally.before > 1;
    let text = |from: usize, to: usize| String::from_utf8_lossy(&first.line[from..to]).into_owned();
    let whole = text(0, first.line.len());
    let shown = redact(&whole);
    let mut out = String::new();
    let (mut at, mut number) = (0, 0);
    for (place, (&(start, end), &id)) in first.ranges.iter().zip(elements).enumerate() {
        let (start, mut end) = (start as usize, end as usize);
        out += &text(at, start);
        let kept = if id == ANY {
            number += 1;
            end = close_brackets(first.line, start, end);
            let mut of_slot = slots
                .iter()
                .filter(|slot| slot.position.0 == number)
                .peekable();
            repeated && of_slot.peek().is_some() && of_slot.all(|slot| slot.distinct == 1)
        } else {
            mined.words().look(id) != Look::Mixed || repeated && is_same(&lines, place)
        };
        let part = text(start, end);
        if id == ANY
            && !kept
            && let Some(method) = only_method(slots, number)
        {
            out += method;
            out.push(' ');
        }
        out += match kept {
            true if shown.contains(&part) => &part,
            true => HIDDEN,
            false if id == ANY || !shown.contains(&part) => "<*>",
            false => mined.words().text(id),
        };
        at = end;
    }
    out + &text(at, first.line.len())
}

/// The method of HTTP that all requests of a slot have.
fn only_method(slots: &[Slot], number: usize) -> Option<&str> {
    let first = slots.iter().find(|slot| slot.position == (number, 1))?;
    let text = &first.top.first()?.text;
    (first.distinct == 1 && is_method(text.as_bytes())).then_some(text)
}

/// Whether an element is written alike in all sampled lines.
fn is_same(lines: &[AlignedLine<'_>], place: usize) -> bool {
    let part = |line: &AlignedLine<'_>| {
        let (start, end) = line.ranges[place];
        line.line[start as usize..end as usize].to_vec()
    };
    let mut parts = lines.iter().map(part);
    let first = parts.next();
    parts.all(|part| Some(&part) == first.as_ref())
}

/// The end of a range with the bracket that it opens and that stands right behind it.
fn close_brackets(line: &[u8], start: usize, end: usize) -> usize {
    let open = match line.get(end) {
        Some(b']') => b'[',
        Some(b')') => b'(',
        Some(b'}') => b'{',
        _ => return end,
    };
    let count = |byte: u8| line[start..end].iter().filter(|&&c| c == byte).count();
    if count(open) > count(line[end]) {
        end + 1
    } else {
        end
    }
}
