//! What a view of a series remembers: ordinary values for long, odd ones for a short time.
//!
//! An odd value that stays, or comes back while it is remembered, becomes ordinary; one that does
//! not is forgotten, so that the same fault some days later is new again.

use std::collections::VecDeque;

/// The rows for which ordinary values are remembered: two weeks of periods of five minutes.
pub(super) const LONG: usize = 4_032;
/// One twin does not make a value normal.
const NEIGHBOUR: usize = 2;
/// Values at either end that do not count for the range.
const OUTERMOST: usize = 3;
/// The values from which on those are left out.
const MANY: usize = 50;

/// Values in order, for looking up neighbours and quantiles.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    values: Vec<f64>,
}

impl Ordered {
    pub(super) fn insert(&mut self, value: f64) {
        let at = self.values.partition_point(|other| *other < value);
        self.values.insert(at, value);
    }

    pub(super) fn remove(&mut self, value: f64) {
        let at = self.values.partition_point(|other| *other < value);
        if at < self.values.len() {
            self.values.remove(at);
        }
    }

    pub(super) fn median(&self) -> f64 {
        self.values
            .get(self.values.len() / 2)
            .copied()
            .unwrap_or(0.0)
    }

    /// The largest values, the smallest of them first.
    pub(super) fn largest(&self, count: usize) -> &[f64] {
        &self.values[self.values.len().saturating_sub(count)..]
    }

    /// The range without the few outermost: what happened once does not count.
    fn range(&self) -> f64 {
        let last = self.values.len().saturating_sub(1);
        let edge = if last >= MANY { OUTERMOST } else { 0 };
        let ends = self.values.get(edge).zip(self.values.get(last - edge));
        ends.map_or(0.0, |(low, high)| (high - low).max(0.0))
    }

    fn distances(&self, value: f64) -> impl Iterator<Item = f64> {
        let at = self.values.partition_point(|other| *other < value);
        let near = at.saturating_sub(NEIGHBOUR)..(at + NEIGHBOUR).min(self.values.len());
        self.values[near]
            .iter()
            .map(move |other| (value - other).abs())
    }
}

#[derive(Debug, Clone, Copy)]
struct Odd {
    value: f64,
    row: usize,
    /// The distance within which another value is the same again.
    reach: f64,
}

/// The values of a view.
#[derive(Debug)]
pub(super) struct Memory {
    ordinary: Ordered,
    ordinary_in_time: VecDeque<(f64, usize)>,
    odd: Ordered,
    odd_in_time: VecDeque<Odd>,
    /// The rows for which odd values are remembered.
    short: usize,
}

impl Memory {
    pub(super) fn new(short: usize) -> Self {
        Self {
            ordinary: Ordered::default(),
            ordinary_in_time: VecDeque::new(),
            odd: Ordered::default(),
            odd_in_time: VecDeque::new(),
            short,
        }
    }

    /// The number of ordinary values.
    pub(super) fn len(&self) -> usize {
        self.ordinary.values.len()
    }

    /// The range of the ordinary values, without the few outermost.
    pub(super) fn range(&self) -> f64 {
        self.ordinary.range()
    }

    /// The median of the ordinary values.
    pub(super) fn median(&self) -> f64 {
        self.ordinary.median()
    }

    /// The distance to the second nearest of all values.
    pub(super) fn distance(&self, value: f64) -> f64 {
        let odd = self.odd.distances(value);
        second(self.ordinary.distances(value).chain(odd))
    }

    /// The distance to the second nearest ordinary value.
    pub(super) fn distance_to_ordinary(&self, value: f64) -> f64 {
        second(self.ordinary.distances(value))
    }

    pub(super) fn remember(&mut self, value: f64, row: usize) {
        self.ordinary.insert(value);
        self.ordinary_in_time.push_back((value, row));
    }

    /// Remembers a value for a short time. Another one within that reach is the same again.
    pub(super) fn remember_odd(&mut self, value: f64, row: usize, reach: f64) {
        self.odd.insert(value);
        self.odd_in_time.push_back(Odd { value, row, reach });
    }

    /// Forgets what is too old for that row.
    pub(super) fn forget(&mut self, row: usize) {
        while let Some(old) = self.odd_in_time.front().copied() {
            if old.row + self.short >= row {
                break;
            }
            self.odd_in_time.pop_front();
            self.odd.remove(old.value);
            // Of its own event everything is about as old as it is.
            let later = old.row + self.short / 2;
            let again =
                |other: &Odd| other.row >= later && (other.value - old.value).abs() <= old.reach;
            if self.odd_in_time.iter().any(again) {
                self.remember(old.value, row);
            }
        }
        while let Some((value, since)) = self.ordinary_in_time.front().copied() {
            if since + LONG > row {
                break;
            }
            self.ordinary_in_time.pop_front();
            self.ordinary.remove(value);
        }
    }
}

fn second(distances: impl Iterator<Item = f64>) -> f64 {
    let mut near: Vec<f64> = distances.collect();
    near.sort_by(f64::total_cmp);
    near.get(NEIGHBOUR - 1).copied().unwrap_or(0.0)
}
