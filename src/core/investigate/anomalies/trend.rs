//! The trend of a series and the time until it reaches a limit.
//!
//! The slope is the median of the slopes of all pairs of daily maxima (Theil 1950, Sen 1968); its
//! interval comes from a bootstrap over days. Daily maxima remove the rhythm of the day and follow
//! the upper envelope of a series that is cleaned up now and then.

use std::collections::BTreeMap;

use super::SeriesRow;
use super::views::median;

const DAY: i64 = 86_400;
/// The days from which there is a trend.
const FEWEST_DAYS: usize = 7;
/// Days from which on a limit counts as never reached.
const FARTHEST_DAYS: f64 = 3_650.0;
/// The resamples of the bootstrap.
const RESAMPLES: usize = 200;
/// The part of its range by which a level must fall within a day to be a reset.
const RESET: f64 = 0.5;

/// How a series moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Units a day.
    pub slope: f64,
    /// The 95 % interval of the slope.
    pub interval: (f64, f64),
    /// The level at the end of the series.
    pub level: f64,
    /// Days that were used.
    pub days: usize,
}

impl Trend {
    /// Whether the interval of the slope leaves 0 out.
    pub fn is_sure(&self) -> bool {
        self.interval.0 > 0.0 || self.interval.1 < 0.0
    }
}

/// When a limit is reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LimitForecast {
    /// Fewer than seven days of data.
    NotEnoughHistory,
    /// The slope may be 0, or leads away from the limit.
    NoTrend,
    /// Passed within the series, in the direction of the trend.
    Reached,
    /// Days from the end of the series, earliest and latest; no latest when it may never be.
    Within { earliest: f64, latest: Option<f64> },
}

/// Returns the trend of a series, where it has at least seven days of data since its level was
/// last reset.
pub fn fit_trend(rows: &[SeriesRow]) -> Option<Trend> {
    let mut maxima: BTreeMap<i64, f64> = BTreeMap::new();
    for row in rows {
        if let Some(value) = row.value.filter(|value| value.is_finite()) {
            let of_day = maxima.entry(row.at.div_euclid(DAY)).or_insert(value);
            *of_day = of_day.max(value);
        }
    }
    let points: Vec<(f64, f64)> = maxima
        .into_iter()
        .map(|(day, value)| (day as f64, value))
        .collect();
    let points = since_reset(&points);
    if points.len() < FEWEST_DAYS {
        return None;
    }
    let slope = theil_sen(points)?;
    let at_end = points.last()?.0;
    let level = median(
        points
            .iter()
            .map(|(day, value)| value + slope * (at_end - day))
            .collect(),
    )?;
    let mut slopes = bootstrap(points);
    slopes.sort_by(f64::total_cmp);
    let quantile = |part: f64| slopes.get((part * slopes.len() as f64) as usize).copied();
    let interval = (
        quantile(0.025).unwrap_or(slope),
        quantile(0.975).unwrap_or(slope),
    );
    Some(Trend {
        slope,
        interval,
        level,
        days: points.len(),
    })
}

/// Returns when the trend reaches the limit, going up or down. Which side of a limit is the bad one
/// is told by where the series began: free storage that grows has not reached its limit of 0.
pub fn time_to_limit(trend: Option<Trend>, limit: f64) -> LimitForecast {
    let Some(trend) = trend else {
        return LimitForecast::NotEnoughHistory;
    };
    let distance = limit - trend.level;
    let (slow, fast) = if trend.slope >= 0.0 {
        trend.interval
    } else {
        (trend.interval.1, trend.interval.0)
    };
    let began = trend.level - trend.slope * trend.days.saturating_sub(1) as f64;
    if distance == 0.0 || trend.is_sure() && (limit - began) * distance < 0.0 {
        return LimitForecast::Reached;
    }
    if !trend.is_sure() || distance.signum() != trend.slope.signum() {
        return LimitForecast::NoTrend;
    }
    let days = |slope: f64| distance / slope;
    let latest = Some(days(slow)).filter(|days| *days > 0.0 && *days < FARTHEST_DAYS);
    LimitForecast::Within {
        earliest: days(fast),
        latest,
    }
}

/// The days since the level last fell by more than half of its range: a purge, a resize.
fn since_reset(points: &[(f64, f64)]) -> &[(f64, f64)] {
    let values = || points.iter().map(|point| point.1);
    let range = values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min);
    let reset = points
        .windows(2)
        .rposition(|pair| pair[0].1 - pair[1].1 > RESET * range);
    match reset {
        Some(at) if points.len() - at > FEWEST_DAYS => &points[at + 1..],
        _ => points,
    }
}

fn theil_sen(points: &[(f64, f64)]) -> Option<f64> {
    let mut slopes = Vec::new();
    for (index, a) in points.iter().enumerate() {
        let later = points[index + 1..].iter().filter(|b| b.0 > a.0);
        slopes.extend(later.map(|b| (b.1 - a.1) / (b.0 - a.0)));
    }
    median(slopes)
}

/// Slopes of resampled days. The numbers are the same in every run.
fn bootstrap(points: &[(f64, f64)]) -> Vec<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut pick = |among: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % among as u64) as usize
    };
    let resample = |_| {
        let mut days: Vec<(f64, f64)> = (0..points.len())
            .map(|_| points[pick(points.len())])
            .collect();
        days.sort_by(|a, b| a.0.total_cmp(&b.0));
        theil_sen(&days)
    };
    (0..RESAMPLES).filter_map(resample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn daily(days: i64, value: impl Fn(i64) -> f64) -> Vec<SeriesRow> {
        (0..days * 24)
            .map(|hour| SeriesRow {
                at: hour * 3_600,
                value: Some(value(hour)),
            })
            .collect()
    }

    #[test]
    fn a_climbing_disk_reaches_its_limit_within_an_interval() {
        let rows = daily(30, |hour| {
            40.0 + hour as f64 / 24.0 + 3.0 * (hour as f64 * 0.26).sin()
        });
        let trend = fit_trend(&rows).expect("thirty days");
        assert!((trend.slope - 1.0).abs() < 0.05, "{trend:?}");
        let LimitForecast::Within { earliest, latest } = time_to_limit(Some(trend), 100.0) else {
            panic!("{trend:?}");
        };
        assert!(earliest <= 28.0 && latest.is_some_and(|latest| latest >= 26.0));
    }

    #[test]
    fn a_sawtooth_is_followed_by_its_maxima() {
        let rows = daily(20, |hour| {
            20.0 + hour as f64 / 48.0 + 2.0 * (hour % 24) as f64
        });
        let trend = fit_trend(&rows).expect("twenty days");
        assert!(
            trend.is_sure() && (trend.slope - 0.5).abs() < 0.05,
            "{trend:?}"
        );
    }

    #[test]
    fn a_limit_is_reached_from_the_side_that_the_series_began_at() {
        let climb = fit_trend(&daily(30, |hour| 40.0 + hour as f64 / 24.0));
        assert_eq!(time_to_limit(climb, 60.0), LimitForecast::Reached);
        assert_eq!(time_to_limit(climb, 0.0), LimitForecast::NoTrend);
        let fall = fit_trend(&daily(30, |hour| 90.0 - hour as f64 / 24.0));
        assert_eq!(time_to_limit(fall, 70.0), LimitForecast::Reached);
        assert_eq!(time_to_limit(fall, 100.0), LimitForecast::NoTrend);
        let free = LimitForecast::Within {
            earliest: 60.0,
            latest: Some(60.0),
        };
        assert_eq!(time_to_limit(fall, 1.0), free);
    }

    #[test]
    fn three_days_are_not_enough_and_noise_is_no_trend() {
        assert_eq!(
            time_to_limit(fit_trend(&daily(3, |hour| hour as f64)), 100.0),
            LimitForecast::NotEnoughHistory
        );
        let noise = daily(20, |hour| 50.0 + ((hour * 7_919 + 13) % 101) as f64 / 10.0);
        assert_eq!(
            time_to_limit(fit_trend(&noise), 100.0),
            LimitForecast::NoTrend
        );
    }
}
