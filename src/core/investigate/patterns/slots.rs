//! What stands in the places of a template where lines differ: its kind, its values, and
//! whether they have moved against the span before.

use std::collections::BTreeMap;

use super::lexer::Lexer;
use super::samples::Samples;
use super::values::{is_unit, is_whole_value};
use super::words::{ANY, WordId, Words};
use crate::text::redact::redact;

/// Stands for a value that is hidden in its line.
pub(super) const HIDDEN: &str = "[REDACTED]";
/// The values of a slot that are shown.
const TOP: usize = 3;
/// The values in a row that are told apart in one slot.
const MOST_PARTS: usize = 8;
/// The lines of each span from which a shift is judged.
const ENOUGH_LINES: u64 = 20;
/// The Jensen–Shannon divergence, in bits and beyond chance, from which values have moved.
const DIVERGED: f64 = 0.05;
/// The factor between two medians from which numbers have moved.
const MOVED: f64 = 2.0;

/// What the values of a slot are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotKind {
    /// Numbers, with or without a unit.
    Number,
    /// Addresses, paths, URLs, ARNs, identifiers.
    Identifier,
    /// Words.
    Word,
}

/// A value with its share of the lines.
#[derive(Debug, Clone, PartialEq)]
pub struct SlotValue {
    /// The text, as it stood in the line.
    pub text: String,
    /// From 0 to 1, in the sampled lines.
    pub share: f64,
}

/// A place of a template where lines differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// The position among the slots of the template, from 1, and the part when several values
    /// stand in a row.
    pub position: (usize, usize),
    pub kind: SlotKind,
    /// The distinct values in the sample.
    pub distinct: usize,
    /// The smallest, middle and largest number.
    pub range: Option<(f64, f64, f64)>,
    /// The most frequent values.
    pub top: Vec<SlotValue>,
    /// The most frequent values in the span before, when they have moved.
    pub shifted_from: Option<Vec<SlotValue>>,
}

/// The values of each slot and part, with the lines that have them.
pub(super) type SlotValues = BTreeMap<(usize, usize), BTreeMap<String, u64>>;

/// Reads the values of a template's slots from sampled lines.
pub(super) fn read_values(samples: &Samples, template: &[WordId], words: &Words) -> SlotValues {
    let mut lexer = Lexer::default();
    let mut values = SlotValues::new();
    for sample in samples.iter() {
        let line = &sample.line;
        let elements: Vec<(WordId, u32, u32)> = lexer
            .scan(line)
            .iter()
            .map(|element| (words.find(element.hash), element.start, element.end))
            .collect();
        let Some(ranges) = align(template, &elements) else {
            continue;
        };
        let parts: Vec<(u32, u32)> = lexer
            .scan_unfolded(line)
            .iter()
            .map(|element| (element.start, element.end))
            .collect();
        let written = String::from_utf8_lossy(line);
        let shown = redact(&written);
        let slots = ranges
            .into_iter()
            .zip(template)
            .filter(|(_, id)| **id == ANY);
        for (slot, ((start, end), _)) in slots.enumerate() {
            let inside = parts
                .iter()
                .filter(|part| part.0 >= start && part.1 <= end && part.0 < part.1);
            for (part, &(from, to)) in inside.take(MOST_PARTS).enumerate() {
                let text = String::from_utf8_lossy(&line[from as usize..to as usize]);
                // By itself a value no longer tells that it is a secret: its line does.
                let text = if shown.contains(&*text) {
                    text.into_owned()
                } else {
                    HIDDEN.to_owned()
                };
                *values
                    .entry((slot + 1, part + 1))
                    .or_default()
                    .entry(text)
                    .or_default() += sample.count;
            }
        }
    }
    values
}

/// The range of every element of the template in a line with these elements, when the line fits.
pub(super) fn align(
    template: &[WordId],
    elements: &[(WordId, u32, u32)],
) -> Option<Vec<(u32, u32)>> {
    let mut ranges = Vec::new();
    let mut at = 0;
    for (index, &id) in template.iter().enumerate() {
        let (have, start, mut end) = *elements.get(at)?;
        at += 1;
        if id == ANY {
            let next = template.get(index + 1);
            while at < elements.len() && next.is_none_or(|next| elements[at].0 != *next) {
                end = elements[at].2;
                at += 1;
            }
        } else if have != id {
            return None;
        }
        ranges.push((start, end));
    }
    (at == elements.len()).then_some(ranges)
}

/// Describes the slots, with what has moved against the values before.
pub(super) fn describe(now: &SlotValues, before: &SlotValues) -> Vec<Slot> {
    now.iter()
        .map(|(position, values)| {
            let numbers = numbers(values);
            let earlier = before
                .get(position)
                .filter(|earlier| has_shifted(values, earlier));
            Slot {
                position: *position,
                kind: kind(values),
                distinct: values.len(),
                range: numbers.as_ref().and_then(|numbers| {
                    Some((
                        *numbers.first()?,
                        numbers[numbers.len() / 2],
                        *numbers.last()?,
                    ))
                }),
                top: top(values),
                shifted_from: earlier.map(top),
            }
        })
        .collect()
}

fn top(values: &BTreeMap<String, u64>) -> Vec<SlotValue> {
    let all: u64 = values.values().sum();
    let mut sorted: Vec<(&String, &u64)> = values.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let share = |count: u64| count as f64 / all.max(1) as f64;
    let shown = sorted.into_iter().take(TOP);
    shown
        .map(|(text, count)| SlotValue {
            text: text.clone(),
            share: share(*count),
        })
        .collect()
}

fn kind(values: &BTreeMap<String, u64>) -> SlotKind {
    if values.keys().all(|text| number(text).is_some()) {
        SlotKind::Number
    } else if values.keys().all(|text| {
        is_whole_value(text.as_bytes()) || text.bytes().any(|byte| byte.is_ascii_digit())
    }) {
        SlotKind::Identifier
    } else {
        SlotKind::Word
    }
}

/// The number in a text, without its unit.
fn number(text: &str) -> Option<f64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-')
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    (unit.is_empty() || is_unit(unit.as_bytes()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// The numbers in order, each as often as it stands in the lines; `None` unless all are.
fn numbers(values: &BTreeMap<String, u64>) -> Option<Vec<f64>> {
    let mut numbers = Vec::new();
    for (text, &count) in values {
        let number = number(text)?;
        numbers.extend(std::iter::repeat_n(number, count.min(1_000) as usize));
    }
    numbers.sort_by(f64::total_cmp);
    (!numbers.is_empty()).then_some(numbers)
}

fn has_shifted(now: &BTreeMap<String, u64>, before: &BTreeMap<String, u64>) -> bool {
    let lines = |values: &BTreeMap<String, u64>| values.values().sum::<u64>();
    if lines(now) < ENOUGH_LINES || lines(before) < ENOUGH_LINES {
        return false;
    }
    let kinds = now.len().max(before.len());
    if kinds <= 10 {
        // What two samples of one distribution differ by on average, twice.
        let parts = 1.0 / lines(now) as f64 + 1.0 / lines(before) as f64;
        let chance = (kinds - 1) as f64 * parts / (2.0 * std::f64::consts::LN_2);
        return divergence(now, before) - chance >= DIVERGED;
    }
    let (Some(a), Some(b)) = (numbers(now), numbers(before)) else {
        return false;
    };
    let (low, high) = {
        let (a, b) = (a[a.len() / 2], b[b.len() / 2]);
        (a.min(b), a.max(b))
    };
    high > MOVED * low.max(f64::EPSILON) && mann_whitney(&a, &b).abs() >= 4.0
}

/// The Jensen–Shannon divergence of two distributions, in bits (Lin 1991).
fn divergence(a: &BTreeMap<String, u64>, b: &BTreeMap<String, u64>) -> f64 {
    let all = |values: &BTreeMap<String, u64>| values.values().sum::<u64>().max(1) as f64;
    let (sum_a, sum_b) = (all(a), all(b));
    let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
    keys.sort();
    keys.dedup();
    let share = |values: &BTreeMap<String, u64>, key: &String, sum: f64| {
        values.get(key).copied().unwrap_or(0) as f64 / sum
    };
    let term = |p: f64, m: f64| if p > 0.0 { p * (p / m).log2() } else { 0.0 };
    let parts = keys.into_iter().map(|key| {
        let (p, q) = (share(a, key, sum_a), share(b, key, sum_b));
        let m = f64::midpoint(p, q);
        0.5 * term(p, m) + 0.5 * term(q, m)
    });
    parts.sum()
}

/// The z-score of the Mann–Whitney test on two sorted samples, without correction for ties.
fn mann_whitney(a: &[f64], b: &[f64]) -> f64 {
    let (n, m) = (a.len() as f64, b.len() as f64);
    let below: f64 = a
        .iter()
        .map(|value| {
            let less = b.partition_point(|other| other < value);
            let same = b.partition_point(|other| other <= value) - less;
            less as f64 + same as f64 / 2.0
        })
        .sum();
    let spread = (n * m * (n + m + 1.0) / 12.0).sqrt();
    (below - n * m / 2.0) / spread
}
