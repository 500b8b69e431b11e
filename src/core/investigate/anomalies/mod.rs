//! Finds what is unusual in a series of numbers, row by row: a score uses only the rows up to its
//! own. Five views of the series are compared with their past: the value, the step from the row
//! before, the level (a median of four hours at five minutes), how restless it is (the mean of the
//! steps of that time, which grows when something happens more often), and the difference from the
//! same time of the days before, where the series repeats daily.

mod memory;
mod novelty;
mod shifts;
mod trend;
mod views;
mod weekly;

pub use shifts::{LevelShift, level_shifts};
pub use trend::{LimitForecast, Trend, fit_trend, time_to_limit};

pub use weekly::{OffHours, WeeklyBaseline};

use novelty::{Floor, Novelty, Sample};
use views::Views;

/// The strangeness from which a row is unusual; its score is `r / (1 + r)`.
pub const UNUSUAL: f64 = 3.75;
/// The strangeness from which a row may stand alone as evidence.
pub const STRONG: f64 = 8.0;
/// Rows after an alert in which only something stranger alerts again.
const QUIET: usize = 100;
/// How much stranger that must be.
const LOUDER: f64 = 2.0;
/// Rows that belong to the alert before in any case.
const TOGETHER: usize = 3;
/// Rows at the start that never alert.
const FIRST: usize = 288;
/// Single rows. The range moves with every value, so a thousandth of it means nothing; of a peak a
/// seventh is needed to be stranger than those before.
const FAST: Floor = Floor {
    of_range: 0.001,
    of_step: 0.3,
    of_deviation: 0.04,
};
/// Means and medians of many rows, which move little between two of them.
const SLOW: Floor = Floor {
    of_range: 0.001,
    of_step: 2.0,
    of_deviation: 0.0,
};
/// The correlation with the day before from which a series repeats daily.
const REPEATS: f64 = 0.6;

/// A row of a series. A missing value is a gap, not a zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesRow {
    /// Seconds since 1970.
    pub at: i64,
    pub value: Option<f64>,
}

/// Returns how strange each row is; [`UNUSUAL`] and more is worth a look.
pub fn strangeness(rows: &[SeriesRow]) -> Vec<f64> {
    let period = views::period(rows);
    let first = first_rows(period);
    let mut views = Views::new(period);
    let short = views.short_memory();
    let [mut value, mut jump] = std::array::from_fn(|_| Novelty::new(FAST, short));
    let [mut level, mut restless, mut season] = std::array::from_fn(|_| Novelty::new(SLOW, short));
    let mut before: Option<f64> = None;
    let mut out = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let range = value.range().max(before.unwrap_or(0.0).abs());
        let now = row.value.filter(|value| value.is_finite());
        let seen = views.next(now);
        let sight = |value, twin| Sample { value, range, twin };
        let mut strange = value.next(sight(now, seen.value_twin));
        strange = strange.max(jump.next(sight(seen.step, seen.step_twin)));
        strange = strange.max(level.next(sight(seen.level, seen.level_twin)));
        strange = strange.max(restless.next(sight(seen.restless, seen.restless_twin)));
        let by_day = season.next(sight(seen.season, seen.season_twin));
        if seen.repeats > REPEATS {
            strange = strange.max(by_day);
        }
        out.push(if index < first {
            strange.min(0.999 * UNUSUAL)
        } else {
            strange
        });
        before = now;
    }
    out
}

/// Returns whether a series is so short that nothing in it alerts: its rows only say what is usual.
pub fn is_too_short(rows: &[SeriesRow]) -> bool {
    rows.len() <= first_rows(views::period(rows))
}

/// The rows at the start that never alert, of a series with a row every so many seconds.
fn first_rows(period: i64) -> usize {
    (7 * 86_400 / period.max(1)).clamp(0, FIRST as i64) as usize
}

/// Returns a score for each row, from 0 to 1: `r / (1 + r)` of its strangeness, and 0 where the
/// row belongs to an alert that was given already.
pub fn scores(rows: &[SeriesRow]) -> Vec<f64> {
    let once = once_an_event(strangeness(rows));
    once.into_iter().map(|r| r / (1.0 + r)).collect()
}

/// Leaves out what belongs to an alert that was given already.
fn once_an_event(strange: Vec<f64>) -> Vec<f64> {
    let (mut last, mut loud): (Option<usize>, f64) = (None, 0.0);
    let alert = |(index, strange): (usize, f64)| {
        if strange < UNUSUAL {
            return strange;
        }
        let since = last.map_or(usize::MAX, |last| index - last);
        if since > QUIET || strange >= LOUDER * loud && since > TOGETHER {
            (last, loud) = (Some(index), strange);
            strange
        } else {
            0.0
        }
    };
    strange.into_iter().enumerate().map(alert).collect()
}

/// The score from which a row is an alert.
pub fn threshold() -> f64 {
    UNUSUAL / (1.0 + UNUSUAL)
}

#[cfg(test)]
mod tests;
