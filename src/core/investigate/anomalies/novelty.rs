//! How far a value is from the nearest one seen before, in terms of how far values usually were.
//!
//! `d` is the distance to the second nearest value of the last [`MEMORY`] rows; the scale is the
//! mean of the largest distances of that time, without the very largest, and at least what the
//! series does between two rows anyway. Novelty is `d` over the scale.

use std::collections::VecDeque;

/// The rows that are remembered: two weeks of periods of five minutes.
const MEMORY: usize = 4_032;
/// One twin does not make a value normal.
const NEIGHBOUR: usize = 2;
/// The distances whose mean is the scale.
const LARGEST: usize = 100;
/// The share of them that is left out at the top, so that one outlier does not hide the next.
const OUTLIERS: f64 = 0.01;
/// Values at either end of the memory that do not count for its range.
const OUTERMOST: usize = 3;
/// Rows before anything is judged.
const WARM: usize = 50;
/// Rows whose distances say nothing yet.
const FIRST: usize = 10;
/// The rows after which the largest distances are collected anew.
const REFRESH: usize = 8;
/// The scales that a distance is remembered as at most.
const FARTHEST: f64 = 200.0;
/// The largest novelty.
const MOST: f64 = 50.0;

/// What a difference must at least be to mean something, as shares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Floor {
    /// Of the range seen so far, or of the value itself.
    pub(super) of_range: f64,
    /// Of the median step between two rows.
    pub(super) of_step: f64,
}

/// Values in order, for looking up neighbours and quantiles.
#[derive(Debug, Default)]
struct Ordered {
    values: Vec<f64>,
}

impl Ordered {
    fn insert(&mut self, value: f64) {
        let at = self.values.partition_point(|other| *other < value);
        self.values.insert(at, value);
    }

    fn remove(&mut self, value: f64) {
        let at = self.values.partition_point(|other| *other < value);
        if at < self.values.len() {
            self.values.remove(at);
        }
    }

    /// The range without the few outermost: what happened once does not count.
    fn range(&self) -> f64 {
        let last = self.values.len().saturating_sub(1);
        let edge = if last >= WARM { OUTERMOST } else { 0 };
        match (
            self.values.get(edge),
            self.values.get(last.saturating_sub(edge)),
        ) {
            (Some(low), Some(high)) => (high - low).max(0.0),
            _ => 0.0,
        }
    }

    fn median(&self) -> f64 {
        self.values
            .get(self.values.len() / 2)
            .copied()
            .unwrap_or(0.0)
    }

    /// The distance to the neighbour of that rank.
    fn distance(&self, value: f64) -> f64 {
        let at = self.values.partition_point(|other| *other < value);
        let near = at.saturating_sub(NEIGHBOUR)..(at + NEIGHBOUR).min(self.values.len());
        let mut distances: Vec<f64> = self.values[near]
            .iter()
            .map(|other| (value - other).abs())
            .collect();
        distances.sort_by(f64::total_cmp);
        distances.get(NEIGHBOUR - 1).copied().unwrap_or(0.0)
    }
}

/// The memory of one view of a series.
#[derive(Debug, Default)]
pub(super) struct Novelty {
    seen: Ordered,
    in_time: VecDeque<f64>,
    distances: VecDeque<f64>,
    largest: Vec<f64>,
    steps: Ordered,
    steps_in_time: VecDeque<f64>,
    last: Option<f64>,
    rows: usize,
}

impl Novelty {
    /// The range of the values that are remembered, without the few outermost.
    pub(super) fn range(&self) -> f64 {
        self.seen.range()
    }

    /// Returns how new the value is, and remembers it. `None` is a gap: 0.
    pub(super) fn next(&mut self, value: Option<f64>, range: f64, floor: Floor) -> f64 {
        self.rows += 1;
        let Some(value) = value.filter(|value| value.is_finite()) else {
            self.last = None;
            return 0.0;
        };
        let distance = self.seen.distance(value);
        let scale = self.scale(range, floor);
        let novelty = match scale {
            None => 0.0,
            Some(scale) if scale > 0.0 => (distance / scale).min(MOST),
            Some(_) if distance > 0.0 => MOST,
            Some(_) => 0.0,
        };
        // An outlier counts as one, however far out it is.
        let bound = scale.filter(|scale| *scale > 0.0);
        let bound = bound.map_or(distance, |scale| FARTHEST * scale);
        self.remember(value, distance.min(bound));
        novelty
    }

    /// What is usual for a distance; `None` while too little was seen.
    fn scale(&self, range: f64, floor: Floor) -> Option<f64> {
        if self.seen.values.len() < WARM || self.largest.is_empty() {
            return None;
        }
        let left_out = (self.largest.len() as f64 * OUTLIERS) as usize;
        let kept = &self.largest[..self.largest.len() - left_out];
        let mean = kept.iter().sum::<f64>() / kept.len() as f64;
        let least = (floor.of_range * range).max(floor.of_step * self.steps.median());
        Some(mean.max(least))
    }

    fn remember(&mut self, value: f64, distance: f64) {
        if self.seen.values.len() > FIRST {
            self.remember_distance(distance);
        }
        self.seen.insert(value);
        self.in_time.push_back(value);
        if self.in_time.len() > MEMORY
            && let Some(old) = self.in_time.pop_front()
        {
            self.seen.remove(old);
        }
        if let Some(last) = self.last.replace(value) {
            let step = (value - last).abs();
            self.steps.insert(step);
            self.steps_in_time.push_back(step);
            if self.steps_in_time.len() > MEMORY
                && let Some(old) = self.steps_in_time.pop_front()
            {
                self.steps.remove(old);
            }
        }
    }

    fn remember_distance(&mut self, distance: f64) {
        self.distances.push_back(distance);
        let full = self.distances.len() > MEMORY;
        if full {
            self.distances.pop_front();
        }
        if full && self.rows.is_multiple_of(REFRESH) {
            let mut all: Vec<f64> = self.distances.iter().copied().collect();
            all.sort_by(f64::total_cmp);
            self.largest = all[all.len().saturating_sub(LARGEST)..].to_vec();
        } else {
            let at = self.largest.partition_point(|other| *other < distance);
            self.largest.insert(at, distance);
            if self.largest.len() > LARGEST {
                self.largest.remove(0);
            }
        }
    }
}
