//! How a key figure moves, as seen from its target.
//!
//! The slope is the median of the slopes of all pairs (Theil 1950, Sen 1968); its 95 % interval
//! comes from Kendall's test (Gilbert 1987, "Statistical Methods for Environmental Pollution
//! Monitoring", 16.4), so it needs no chance and is the same on every machine.

use crate::model::kpi_report::KpiTrend;
use crate::model::report::Better;

/// Values from which on there is a trend.
pub const FEWEST: usize = 5;
/// Change over the time that was looked at, in percent of the target, that counts.
const COUNTS_PERCENT: f64 = 5.0;
/// The quantile of the normal distribution for a two-sided interval of 95 %.
const TWO_SIDED_95: f64 = 1.959_963_985;

/// How a key figure moves: a word, and the change over the whole time in percent of the target,
/// above 0 for better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Movement {
    /// The word.
    pub trend: KpiTrend,
    /// The change; `None` where it is unknown.
    pub percent: Option<f64>,
}

/// A slope with its interval, in units a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    /// The slope.
    pub value: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

const UNKNOWN: Movement = Movement {
    trend: KpiTrend::Unknown,
    percent: None,
};

/// Says how a key figure moves. `points` are times in seconds and values, in order of time.
pub fn movement(points: &[(i64, f64)], target: f64, better: Better) -> Movement {
    let (Some(slope), Some(first), Some(last)) = (slope(points), points.first(), points.last())
    else {
        return UNKNOWN;
    };
    let scale = if target.abs() > 0.0 {
        target.abs()
    } else {
        // A target of 0 is no measure of size: what the values are is.
        median(points.iter().map(|point| point.1.abs()).collect()).unwrap_or(0.0)
    };
    if scale == 0.0 {
        let is_flat = slope.low == 0.0 && slope.high == 0.0;
        return match is_flat {
            true => Movement {
                trend: KpiTrend::Stable,
                percent: Some(0.0),
            },
            false => UNKNOWN,
        };
    }
    let sign = match better {
        Better::Lower => -1.0,
        Better::Higher => 1.0,
    };
    let span = (last.0 - first.0) as f64;
    let percent = |slope: f64| sign * 100.0 * slope * span / scale;
    let change = percent(slope.value);
    let ends = [percent(slope.low), percent(slope.high)];
    let is_sure = ends.iter().all(|end| *end > 0.0) || ends.iter().all(|end| *end < 0.0);
    let is_small = ends.iter().all(|end| end.abs() <= COUNTS_PERCENT);
    let trend = if is_small || (is_sure && change.abs() <= COUNTS_PERCENT) {
        KpiTrend::Stable
    } else if !is_sure {
        return UNKNOWN;
    } else if change > 0.0 {
        KpiTrend::Improving
    } else {
        KpiTrend::Declining
    };
    Movement {
        trend,
        percent: Some(change),
    }
}

/// Returns the slope; `None` with fewer than five values, or where all are of one time.
pub fn slope(points: &[(i64, f64)]) -> Option<Slope> {
    if points.len() < FEWEST {
        return None;
    }
    let mut slopes = Vec::with_capacity(points.len() * (points.len() - 1) / 2);
    for (index, (at, value)) in points.iter().enumerate() {
        for (later, other) in &points[index + 1..] {
            if later > at {
                slopes.push((other - value) / (later - at) as f64);
            }
        }
    }
    slopes.sort_by(f64::total_cmp);
    let value = median(slopes.clone())?;
    let count = points.len() as f64;
    let deviation = (count * (count - 1.0) * (2.0 * count + 5.0) / 18.0).sqrt();
    let reach = TWO_SIDED_95 * deviation;
    let all = slopes.len() as f64;
    // Ranks begin with 1; the interval never leaves the slopes that there are.
    let at = |rank: f64| {
        let rank = rank.round().clamp(1.0, all) as usize;
        slopes[rank - 1]
    };
    Some(Slope {
        value,
        low: at((all - reach) / 2.0),
        high: at((all + reach) / 2.0 + 1.0),
    })
}

/// The middle of values, or the mean of the two in the middle.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    match values.len() % 2 {
        0 => Some(f64::midpoint(values[middle - 1], upper)),
        _ => Some(upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Better::{Higher, Lower};
    use KpiTrend::{Declining, Improving, Stable, Unknown};

    fn trend(values: &[f64], target: f64, better: Better) -> KpiTrend {
        let each = values.iter().enumerate();
        let points: Vec<(i64, f64)> = each.map(|(at, value)| (at as i64 * 300, *value)).collect();
        movement(&points, target, better).trend
    }

    #[test]
    fn a_trend_knows_which_way_is_good() {
        let rising = [90.0, 91.0, 92.5, 93.0, 94.0, 95.0];
        let falling: Vec<f64> = rising.iter().rev().copied().collect();
        assert_eq!(trend(&rising, 90.0, Higher), Improving);
        assert_eq!(trend(&rising, 90.0, Lower), Declining);
        assert_eq!(trend(&falling, 90.0, Higher), Declining);
        assert_eq!(trend(&falling, 90.0, Lower), Improving);
    }

    #[test]
    fn what_cannot_be_told_is_unknown_and_what_does_not_count_is_stable() {
        // Too few.
        assert_eq!(trend(&[1.0, 2.0, 3.0, 4.0], 1.0, Higher), Unknown);
        // Noise as large as the target: either way is possible.
        let noise = [10.0, 2.0, 11.0, 1.0, 12.0, 3.0, 9.0, 2.0];
        assert_eq!(trend(&noise, 10.0, Higher), Unknown);
        // Flat, or moving by less than 5 % of the target.
        assert_eq!(trend(&[7.0; 6], 10.0, Higher), Stable);
        assert_eq!(
            trend(&[100.0, 100.2, 100.4, 100.6, 100.8], 100.0, Lower),
            Stable
        );
        // Noise that stays within 5 % of the target is stable, whatever its direction.
        assert_eq!(
            trend(&[100.0, 100.8, 99.5, 100.3, 100.0, 99.8], 100.0, Lower),
            Stable
        );
    }

    #[test]
    fn a_target_of_zero_is_no_measure_of_size() {
        assert_eq!(trend(&[0.0; 5], 0.0, Lower), Stable);
        assert_eq!(trend(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.0, Lower), Declining);
        assert_eq!(trend(&[5.0, 4.0, 3.0, 2.0, 1.0], 0.0, Lower), Improving);
    }

    #[test]
    fn the_interval_is_that_of_kendall() {
        // Gilbert's rule for five values: C = 1.96 · √(50/3) = 8.002, ten slopes, so the first and
        // the last of them.
        let points: Vec<(i64, f64)> = [1.0, 3.0, 4.0, 8.0, 9.0]
            .iter()
            .enumerate()
            .map(|(at, value)| (at as i64, *value))
            .collect();
        let found = slope(&points).expect("five values");
        assert_eq!((found.low, found.high), (1.0, 4.0));
        assert_eq!(found.value, 2.0);
        assert_eq!(slope(&[(0, 1.0); 6]), None, "all of one time");
    }
}
