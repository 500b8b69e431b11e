//! What is usual at an hour of the week, and which hours are not.
//!
//! The usual value of an hour is the median of the means of that hour in earlier weeks; its spread
//! is the median distance from it, of this hour or of all hours, whichever is larger. An hour needs
//! three weeks before anything is said of it.

use std::collections::BTreeMap;

use super::SeriesRow;
use super::views::median;

const HOUR: i64 = 3_600;
/// Hours of a week.
const WEEK: i64 = 168;
/// 1970 began on a Thursday; hour 0 is that of a Monday.
const FIRST_HOUR: i64 = 72;
/// The weeks from which something is usual.
const FEWEST_WEEKS: usize = 3;
/// The spreads from which an hour is off.
const OFF: f64 = 4.0;
/// The median distance of a normal distribution is this part of its standard deviation.
const NORMAL: f64 = 1.4826;
/// A difference below this part of the usual value means nothing.
const LEAST: f64 = 0.05;

/// What is usual at each hour of the week.
#[derive(Debug, Clone, Default)]
pub struct WeeklyBaseline {
    hours: BTreeMap<i64, UsualHour>,
    /// The spread of all hours.
    pooled: f64,
}

#[derive(Debug, Clone, Copy)]
struct UsualHour {
    usual: f64,
    spread: f64,
    weeks: usize,
}

/// Hours in a row that were off in the same direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OffHours {
    /// When they began, in seconds since 1970.
    pub start: i64,
    /// When they ended.
    pub end: i64,
    /// The mean of the hour that was off most.
    pub value: f64,
    /// What is usual at that hour.
    pub usual: f64,
    /// The earlier weeks that say so.
    pub weeks: usize,
}

impl WeeklyBaseline {
    /// Learns what is usual from rows of earlier weeks.
    pub fn learn(history: &[SeriesRow]) -> Self {
        let mut by_hour: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
        for (hour, mean) in hourly(history) {
            by_hour.entry(of_week(hour)).or_default().push(mean);
        }
        let mut residuals = Vec::new();
        let mut hours = BTreeMap::new();
        for (hour, values) in by_hour {
            let weeks = values.len();
            let Some(usual) = median(values.clone()).filter(|_| weeks >= FEWEST_WEEKS) else {
                continue;
            };
            let distances: Vec<f64> = values.iter().map(|value| (value - usual).abs()).collect();
            residuals.extend_from_slice(&distances);
            let spread = NORMAL * median(distances).unwrap_or(0.0);
            let known = UsualHour {
                usual,
                spread,
                weeks,
            };
            hours.insert(hour, known);
        }
        Self {
            hours,
            pooled: NORMAL * median(residuals).unwrap_or(0.0),
        }
    }

    /// Returns how many of the 168 hours of a week have something usual.
    pub fn hours(&self) -> usize {
        self.hours.len()
    }

    /// Returns what is usual at a time, in seconds since 1970.
    pub fn usual(&self, at: i64) -> Option<f64> {
        let known = self.hours.get(&of_week(at.div_euclid(HOUR)))?;
        Some(known.usual)
    }

    /// Returns the hours of a span that were off, the earliest first; neighbours are one.
    pub fn off(&self, rows: &[SeriesRow]) -> Vec<OffHours> {
        let mut found: Vec<OffHours> = Vec::new();
        for (hour, mean) in hourly(rows) {
            let Some(known) = self.hours.get(&of_week(hour)) else {
                continue;
            };
            let spread = known.spread.max(self.pooled);
            let distance = mean - known.usual;
            let least = (OFF * spread).max(LEAST * known.usual.abs());
            if distance.abs() <= least {
                continue;
            }
            let start = hour * HOUR;
            match found.last_mut() {
                Some(last)
                    if last.end == start && (last.value > last.usual) == (mean > known.usual) =>
                {
                    last.end = start + HOUR;
                    if distance.abs() > (last.value - last.usual).abs() {
                        (last.value, last.usual) = (mean, known.usual);
                        last.weeks = known.weeks;
                    }
                }
                _ => found.push(OffHours {
                    start,
                    end: start + HOUR,
                    value: mean,
                    usual: known.usual,
                    weeks: known.weeks,
                }),
            }
        }
        found
    }
}

/// The mean of each hour since 1970 that has values.
fn hourly(rows: &[SeriesRow]) -> BTreeMap<i64, f64> {
    let mut sums: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    for row in rows {
        if let Some(value) = row.value.filter(|value| value.is_finite()) {
            let sum = sums.entry(row.at.div_euclid(HOUR)).or_default();
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
    }
    sums.into_iter()
        .map(|(hour, (sum, count))| (hour, sum / count))
        .collect()
}

fn of_week(hour: i64) -> i64 {
    (hour + FIRST_HOUR).rem_euclid(WEEK)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five weeks with busy weekdays, and a value of its own in some hours of the last.
    fn rows(weeks: std::ops::Range<i64>, odd: impl Fn(i64) -> Option<f64>) -> Vec<SeriesRow> {
        let hours = (weeks.start * WEEK)..(weeks.end * WEEK);
        let row = |hour: i64| {
            let day = of_week(hour) / 24;
            let usual = if day < 5 { 100.0 } else { 20.0 };
            let noise = ((hour * 7_919 + 13) % 101) as f64 / 25.0;
            SeriesRow {
                at: hour * HOUR,
                value: Some(odd(hour).unwrap_or(usual + noise)),
            }
        };
        hours.map(row).collect()
    }

    #[test]
    fn a_quiet_weekend_is_usual_and_a_busy_one_is_not() {
        let baseline = WeeklyBaseline::learn(&rows(0..4, |_| None));
        assert_eq!(baseline.hours(), 168);
        assert_eq!(baseline.off(&rows(4..5, |_| None)), []);
        let monday = 4 * WEEK - FIRST_HOUR + WEEK;
        let saturday = monday + 5 * 24;
        let busy = rows(4..6, |hour| {
            (saturday..saturday + 3).contains(&hour).then_some(100.0)
        });
        let off = baseline.off(&busy);
        assert_eq!(off.len(), 1, "{off:?}");
        assert_eq!(
            (off[0].start, off[0].end),
            (saturday * HOUR, (saturday + 3) * HOUR)
        );
        assert!(off[0].usual < 30.0 && off[0].weeks == 4);
    }

    #[test]
    fn two_weeks_say_nothing() {
        let baseline = WeeklyBaseline::learn(&rows(0..2, |_| None));
        assert_eq!(baseline.hours(), 0);
        assert_eq!(baseline.off(&rows(2..3, |_| Some(1e9))), []);
        assert_eq!(baseline.usual(0), None);
    }

    #[test]
    fn gaps_are_no_values() {
        let mut history = rows(0..4, |_| None);
        for row in &mut history {
            row.value = None;
        }
        assert_eq!(WeeklyBaseline::learn(&history).hours(), 0);
    }
}
