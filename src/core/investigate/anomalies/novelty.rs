//! How far a value is from what was seen before, in terms of how far values usually were.
//!
//! `d` is the distance to the second nearest value that is remembered, or to one at the same time of
//! the day or the week before; the scale is the mean of the largest distances of the time that is
//! remembered, without the very largest, and at least what the series does between two rows anyway.
//! Novelty is `d` over the scale.

use std::collections::VecDeque;

use super::STRONG;
use super::memory::{LONG, Memory, Ordered};

/// The distances whose mean is the scale.
const LARGEST: usize = 100;
/// The share of them that is left out at the top, so that one outlier does not hide the next.
const OUTLIERS: f64 = 0.01;
/// Rows before anything is judged.
const WARM: usize = 50;
/// Rows whose distances say nothing yet.
const FIRST: usize = 10;
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
    /// Of the distance to the median: a peak is not new because it is a little higher than others.
    pub(super) of_deviation: f64,
}

/// A value to be judged, with what the series knows of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight {
    pub(super) value: Option<f64>,
    /// The range of the series.
    pub(super) range: f64,
    /// The distance to the nearest value at the same time of the day or the week before.
    pub(super) twin: Option<f64>,
}

/// One view of a series, with what it remembers.
#[derive(Debug)]
pub(super) struct Novelty {
    floor: Floor,
    seen: Memory,
    distances: Ordered,
    distances_in_time: VecDeque<f64>,
    steps: Ordered,
    steps_in_time: VecDeque<f64>,
    last: Option<f64>,
    rows: usize,
}

impl Novelty {
    /// A view that remembers odd values for that many rows.
    pub(super) fn new(floor: Floor, short: usize) -> Self {
        Self {
            floor,
            seen: Memory::new(short),
            distances: Ordered::default(),
            distances_in_time: VecDeque::new(),
            steps: Ordered::default(),
            steps_in_time: VecDeque::new(),
            last: None,
            rows: 0,
        }
    }

    /// The range of the values that are remembered, without the few outermost.
    pub(super) fn range(&self) -> f64 {
        self.seen.range()
    }

    /// Returns how new the value is, and remembers it. `None` is a gap: 0.
    pub(super) fn next(&mut self, sight: Sight) -> f64 {
        self.rows += 1;
        let Some(value) = sight.value.filter(|value| value.is_finite()) else {
            self.last = None;
            return 0.0;
        };
        let scale = self.scale(value, sight.range);
        let known = |distance: f64| sight.twin.map_or(distance, |twin| distance.min(twin));
        let distance = self.seen.distance(value);
        let alone = known(self.seen.distance_to_ordinary(value));
        // An outlier counts as one, however far out it is.
        let bound = scale.filter(|scale| *scale > 0.0);
        let bound = bound.map_or(distance, |scale| FARTHEST * scale);
        self.remember_distance(distance.min(bound));
        if novelty(alone, scale) >= STRONG {
            let reach = STRONG * scale.unwrap_or(0.0);
            self.seen.remember_odd(value, self.rows, reach);
        } else {
            self.seen.remember(value, self.rows);
        }
        self.seen.forget(self.rows);
        self.remember_step(value);
        novelty(known(distance), scale)
    }

    /// What is usual for a distance; `None` while too little was seen.
    fn scale(&self, value: f64, range: f64) -> Option<f64> {
        if self.seen.len() < WARM {
            return None;
        }
        let largest = self.distances.largest(LARGEST);
        let kept = &largest[..largest.len() - (largest.len() as f64 * OUTLIERS) as usize];
        if kept.is_empty() {
            return None;
        }
        let mean = kept.iter().sum::<f64>() / kept.len() as f64;
        let least = (self.floor.of_range * range)
            .max(self.floor.of_step * self.steps.median())
            .max(self.floor.of_deviation * (value - self.seen.median()).abs());
        Some(mean.max(least))
    }

    fn remember_step(&mut self, value: f64) {
        if let Some(last) = self.last.replace(value) {
            let step = (value - last).abs();
            keep(&mut self.steps, &mut self.steps_in_time, step);
        }
    }

    fn remember_distance(&mut self, distance: f64) {
        if self.seen.len() > FIRST {
            keep(&mut self.distances, &mut self.distances_in_time, distance);
        }
    }
}

/// Adds a value, and takes out the one that is too old.
fn keep(values: &mut Ordered, in_time: &mut VecDeque<f64>, value: f64) {
    values.insert(value);
    in_time.push_back(value);
    if in_time.len() > LONG
        && let Some(old) = in_time.pop_front()
    {
        values.remove(old);
    }
}

fn novelty(distance: f64, scale: Option<f64>) -> f64 {
    match scale {
        None => 0.0,
        Some(scale) if scale > 0.0 => (distance / scale).min(MOST),
        Some(_) if distance > 0.0 => MOST,
        Some(_) => 0.0,
    }
}
