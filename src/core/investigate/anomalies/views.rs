//! What is looked at in a series besides its values: steps, its level, how restless it is, its
//! difference from the same time on other days, and what was there a day and a week before.

use super::SeriesRow;

/// Rows of the level, and of the steps that say how restless a series is.
const LEVEL: usize = 48;
/// Days that are compared with.
const DAYS: usize = 7;
/// The fewest of them.
const FEWEST_DAYS: usize = 3;
const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;
/// How much earlier or later a job may begin on another day.
const PUNCTUAL: i64 = 900;
/// The days before on which the same thing at the same time is usual.
const TWINS: [usize; 2] = [1, 7];
/// The rows for which odd values are remembered at least and at most, where two days allow it.
const SHORT: (usize, usize) = (48, 576);

/// What the views say of a row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct View {
    /// The difference from the row before.
    pub(super) step: Option<f64>,
    /// How far the value is from the nearest at the same time of the day or the week before.
    pub(super) value_twin: Option<f64>,
    /// The same of the step.
    pub(super) step_twin: Option<f64>,
    pub(super) level: Option<f64>,
    /// The same of the level.
    pub(super) level_twin: Option<f64>,
    /// The mean of the last steps.
    pub(super) restless: Option<f64>,
    /// The same of that mean.
    pub(super) restless_twin: Option<f64>,
    pub(super) season: Option<f64>,
    /// How far the last hour was outside of what was there a day or a week before.
    pub(super) season_twin: Option<f64>,
    /// The correlation of the series with itself a day before.
    pub(super) repeats: f64,
}

#[derive(Debug)]
pub(super) struct Views {
    /// Rows of a day; 0 when days cannot be compared.
    day: usize,
    /// Rows of an hour.
    hour: usize,
    /// Rows by which a job may begin earlier or later.
    punctual: usize,
    values: Vec<Option<f64>>,
    steps: Vec<Option<f64>>,
    levels: Vec<Option<f64>>,
    restless: Vec<Option<f64>>,
    offsets: Vec<Option<f64>>,
    outside: Vec<Option<f64>>,
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
            punctual: rows(PUNCTUAL).max(1),
            values: Vec::new(),
            steps: Vec::new(),
            levels: Vec::new(),
            restless: Vec::new(),
            offsets: Vec::new(),
            outside: Vec::new(),
            sums: [0.0; 6],
        }
    }

    /// The rows for which odd values are remembered: two days.
    pub(super) fn short_memory(&self) -> usize {
        match self.day {
            0 => SHORT.1,
            day => (2 * day).clamp(SHORT.0, SHORT.1),
        }
    }

    pub(super) fn next(&mut self, value: Option<f64>) -> View {
        let before = self.values.last().copied().flatten();
        let step = value.zip(before).map(|(now, before)| now - before);
        let value_twin = self.twin(value, &self.values);
        let step_twin = self.twin(step, &self.steps);
        self.values.push(value);
        self.steps.push(step);
        let offset = self.offset();
        self.offsets.push(offset);
        let outside = self.twins(&self.values[..self.values.len() - 1]);
        let outside = outside
            .into_iter()
            .filter_map(|rows| outside_of(value?, rows));
        self.outside.push(outside.min_by(f64::total_cmp));
        let level = self.level();
        let restless = self.restless();
        let level_twin = self.twin(level, &self.levels);
        let restless_twin = self.twin(restless, &self.restless);
        self.levels.push(level);
        self.restless.push(restless);
        View {
            step,
            value_twin,
            step_twin,
            level,
            level_twin,
            restless,
            restless_twin,
            season: self.mean_of_hour(&self.offsets),
            season_twin: self.mean_of_hour(&self.outside),
            repeats: self.repeats(),
        }
    }

    /// The rows before at the same time of the day and the week before.
    fn twins<'a>(&self, rows: &'a [Option<f64>]) -> Vec<&'a [Option<f64>]> {
        let of_day = |days: &usize| {
            let at = rows.len().checked_sub(days * self.day)?;
            rows.get(at.saturating_sub(self.punctual)..=at + self.punctual)
        };
        match self.day {
            0 => Vec::new(),
            _ => TWINS.iter().filter_map(of_day).collect(),
        }
    }

    fn twin(&self, value: Option<f64>, rows: &[Option<f64>]) -> Option<f64> {
        let value = value?;
        self.twins(rows)
            .into_iter()
            .flatten()
            .flatten()
            .map(|other| (value - other).abs())
            .min_by(f64::total_cmp)
    }

    /// The mean of the last steps; a gap has none.
    fn restless(&self) -> Option<f64> {
        let from = self.steps.len().checked_sub(LEVEL)?;
        let steps: Option<Vec<f64>> = self.steps[from..].iter().copied().collect();
        steps.map(|steps| steps.iter().map(|step| step.abs()).sum::<f64>() / LEVEL as f64)
    }

    fn level(&self) -> Option<f64> {
        let from = self.values.len().checked_sub(LEVEL)?;
        median(self.values[from..].iter().flatten().copied().collect())
    }

    /// The difference from the same time on the days before: from their median, or from the day or
    /// the week before, whichever is less. So a level that stays is no news on each day after.
    fn offset(&self) -> Option<f64> {
        let now = self.values.len() - 1;
        if self.day == 0 {
            return None;
        }
        let of_day = |days: usize| {
            let at = now.checked_sub(days * self.day)?;
            let near = at.saturating_sub(2)..(at + 3).min(now);
            median(self.values[near].iter().flatten().copied().collect())
        };
        let same: Vec<f64> = (1..=DAYS).filter_map(of_day).collect();
        if same.len() < FEWEST_DAYS {
            return None;
        }
        let value = self.values[now]?;
        let usual = median(same)
            .into_iter()
            .chain(TWINS.into_iter().filter_map(of_day));
        usual
            .map(|usual| value - usual)
            .min_by(|one, other| one.abs().total_cmp(&other.abs()))
    }

    fn mean_of_hour(&self, rows: &[Option<f64>]) -> Option<f64> {
        let from = rows.len().checked_sub(self.hour)?;
        let hour: Option<Vec<f64>> = rows[from..].iter().copied().collect();
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

/// How far a value is above or below all of them.
fn outside_of(value: f64, rows: &[Option<f64>]) -> Option<f64> {
    let known = || rows.iter().flatten().copied();
    let (low, high) = known()
        .min_by(f64::total_cmp)
        .zip(known().max_by(f64::total_cmp))?;
    Some((low - value).max(value - high).max(0.0))
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
