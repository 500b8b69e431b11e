//! The slow views of a series: its level, and its difference from the same time on other days.

use super::SeriesRow;

/// Rows of the level.
const LEVEL: usize = 48;
/// Days that are compared with.
const DAYS: usize = 7;
/// The fewest of them.
const FEWEST_DAYS: usize = 3;
const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// What the slow views say of a row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SlowView {
    pub(super) level: Option<f64>,
    pub(super) season: Option<f64>,
    /// The correlation of the series with itself a day before.
    pub(super) repeats: f64,
}

#[derive(Debug)]
pub(super) struct Views {
    /// Rows of a day; 0 when days cannot be compared.
    day: usize,
    /// Rows of an hour.
    hour: usize,
    values: Vec<Option<f64>>,
    offsets: Vec<Option<f64>>,
    /// Sums of x, y, xy, x², y² over all pairs a day apart, and their number.
    sums: [f64; 6],
}

impl Views {
    /// Views of a series with a row every so many seconds.
    pub(super) fn new(period: i64) -> Self {
        let rows = |span: i64| {
            if period > 0 {
                ((span + period / 2) / period) as usize
            } else {
                0
            }
        };
        let day = rows(DAY);
        Self {
            day: if (4..=1_440).contains(&day) { day } else { 0 },
            hour: rows(HOUR).max(1),
            values: Vec::new(),
            offsets: Vec::new(),
            sums: [0.0; 6],
        }
    }

    pub(super) fn next(&mut self, value: Option<f64>) -> SlowView {
        self.values.push(value);
        let level = self.level();
        let offset = self.offset();
        self.offsets.push(offset);
        SlowView {
            level,
            season: self.season(),
            repeats: self.repeats(),
        }
    }

    fn level(&self) -> Option<f64> {
        let from = self.values.len().checked_sub(LEVEL)?;
        median(self.values[from..].iter().flatten().copied().collect())
    }

    /// The difference from the median of the same time on the days before.
    fn offset(&self) -> Option<f64> {
        let now = self.values.len() - 1;
        if self.day == 0 {
            return None;
        }
        let same: Vec<f64> = (1..=DAYS)
            .filter_map(|days| now.checked_sub(days * self.day))
            .filter_map(|at| {
                let near = at.saturating_sub(2)..(at + 3).min(now);
                median(self.values[near].iter().flatten().copied().collect())
            })
            .collect();
        if same.len() < FEWEST_DAYS {
            return None;
        }
        Some(self.values[now]? - median(same)?)
    }

    fn season(&self) -> Option<f64> {
        let from = self.offsets.len().checked_sub(self.hour)?;
        let hour: Option<Vec<f64>> = self.offsets[from..].iter().copied().collect();
        hour.map(|hour| hour.iter().sum::<f64>() / hour.len() as f64)
    }

    fn repeats(&mut self) -> f64 {
        let now = self.values.len() - 1;
        if self.day == 0 || now < self.day {
            return 0.0;
        }
        if let (Some(x), Some(y)) = (self.values[now], self.values[now - self.day]) {
            for (sum, add) in self.sums.iter_mut().zip([x, y, x * y, x * x, y * y, 1.0]) {
                *sum += add;
            }
        }
        let [x, y, xy, xx, yy, n] = self.sums;
        let spread = (xx - x * x / n) * (yy - y * y / n);
        (xy - x * y / n) / spread.max(1e-30).sqrt()
    }
}

/// The usual seconds between two rows.
pub(super) fn period(rows: &[SeriesRow]) -> i64 {
    let steps = rows
        .windows(2)
        .take(200)
        .map(|pair| (pair[1].at - pair[0].at) as f64);
    median(steps.collect()).map_or(0, |step| step as i64)
}

pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}
