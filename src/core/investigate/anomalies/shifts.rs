//! Where the level of a series changed for good.
//!
//! The place is that of the rank test of Pettitt (1979), which neither outliers nor gaps move; the
//! parts on both sides are searched again. A change counts only where nearly all values on one side
//! are above nearly all on the other, and where each side is long enough that the rhythm of a day
//! cannot make one.

use super::SeriesRow;
use super::views::median;

const DAY: i64 = 86_400;
/// Rows of the shortest part.
const SHORTEST: usize = 12;
/// How often parts are searched again.
const DEPTH: usize = 3;
/// The probability that a value of one side is above one of the other, from which it counts.
const APART: f64 = 0.92;
/// The part of the larger level by which levels differ at least.
const LEAST: f64 = 0.02;

/// The part of the difference that lies right at the split.
const ABRUPT: f64 = 0.5;

/// A change of the level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelShift {
    /// The first row of the new level, in seconds since 1970.
    pub at: i64,
    /// The median before, as far as the level before reaches.
    pub before: f64,
    /// The median after it.
    pub after: f64,
}

/// Returns the changes of the level, the earliest first. `usual` says what is usual at a time,
/// where that is known: then its rhythm is taken out first, and short series can be searched too.
/// Without it a series needs three days.
pub fn level_shifts(rows: &[SeriesRow], usual: &dyn Fn(i64) -> Option<f64>) -> Vec<LevelShift> {
    let known: Vec<(i64, f64, f64)> = rows
        .iter()
        .filter_map(|row| Some((row.at, row.value.filter(|value| value.is_finite())?)))
        .map(|(at, value)| (at, value, value - usual(at).unwrap_or(0.0)))
        .collect();
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        return Vec::new();
    };
    let rhythm_known = known.iter().all(|(at, _, _)| usual(*at).is_some());
    let span = last.0 - first.0;
    if !rhythm_known && span < 3 * DAY {
        return Vec::new();
    }
    let shortest = if rhythm_known { span / 12 } else { DAY };
    let mut found = Vec::new();
    search(&known, shortest, DEPTH, &mut found);
    found.sort_by_key(|shift| shift.at);
    found
}

fn search(rows: &[(i64, f64, f64)], shortest: i64, depth: usize, found: &mut Vec<LevelShift>) {
    if depth == 0 || rows.len() < 2 * SHORTEST {
        return;
    }
    let Some((split, above)) = best_split(rows, shortest) else {
        return;
    };
    let (before, after) = rows.split_at(split);
    let level = |rows: &[(i64, f64, f64)]| median(rows.iter().map(|row| row.1).collect());
    let differs = level(before).zip(level(after)).filter(|(one, other)| {
        let large = one.abs().max(other.abs());
        (one - other).abs() > LEAST * large
    });
    let apart = !(1.0 - APART..=APART).contains(&above);
    // Without the rhythm of the day, which moves too.
    let plain = |rows: &[(i64, f64, f64)]| median(rows.iter().map(|row| row.2).collect());
    let abrupt = |_: &(f64, f64)| {
        // A series that climbs has no level to leave: right at the split it hardly moves.
        let near = plain(&before[before.len() - SHORTEST..]).zip(plain(&after[..SHORTEST]));
        let whole = plain(before).zip(plain(after));
        let parts = near.zip(whole);
        parts.is_some_and(|((left, right), (one, other))| (right - left) / (other - one) >= ABRUPT)
    };
    let Some((one, other)) = differs.filter(|_| apart).filter(abrupt) else {
        return;
    };
    found.push(LevelShift {
        at: after[0].0,
        before: one,
        after: other,
    });
    search(before, shortest, depth - 1, found);
    search(after, shortest, depth - 1, found);
}

/// The split with the most different sides, and the probability that a value behind it is above one
/// before it.
fn best_split(rows: &[(i64, f64, f64)], shortest: i64) -> Option<(usize, f64)> {
    let count = rows.len();
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| rows[*a].2.total_cmp(&rows[*b].2));
    let mut ranks = vec![0.0; count];
    let mut at = 0;
    while at < count {
        // Equal values share the mean of their ranks.
        let same = order[at..]
            .iter()
            .take_while(|place| rows[**place].2 == rows[order[at]].2)
            .count();
        let rank = at as f64 + (same as f64 + 1.0) / 2.0;
        for place in &order[at..at + same] {
            ranks[*place] = rank;
        }
        at += same;
    }
    let (start, end) = (rows[0].0, rows[count - 1].0);
    let mut sum = 0.0;
    let mut best: Option<(usize, f64, f64)> = None;
    for split in 1..count {
        sum += ranks[split - 1];
        let (left, right) = (split as f64, (count - split) as f64);
        let long = rows[split].0 - start >= shortest && end - rows[split].0 >= shortest;
        if !long || split < SHORTEST || count - split < SHORTEST {
            continue;
        }
        // Of all pairs, those whose left value is the larger one.
        let left_above = (sum - left * (left + 1.0) / 2.0) / (left * right);
        let spread = ((count as f64 + 1.0) / (12.0 * left * right)).sqrt();
        let strength = (left_above - 0.5).abs() / spread;
        if best.is_none_or(|best| strength > best.2) {
            best = Some((split, 1.0 - left_above, strength));
        }
    }
    best.map(|(split, above, _)| (split, above))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(count: i64, value: impl Fn(i64) -> f64) -> Vec<SeriesRow> {
        let row = |hour: i64| SeriesRow {
            at: hour * 3_600,
            value: Some(value(hour) + ((hour * 7_919 + 13) % 101) as f64 / 50.0),
        };
        (0..count).map(row).collect()
    }

    fn none(_: i64) -> Option<f64> {
        None
    }

    #[test]
    fn a_step_is_found_where_it_is() {
        let shifts = level_shifts(
            &hours(240, |hour| if hour < 100 { 50.0 } else { 80.0 }),
            &none,
        );
        assert_eq!(shifts.len(), 1, "{shifts:?}");
        assert_eq!(shifts[0].at, 100 * 3_600);
        assert!((shifts[0].before - 51.0).abs() < 1.0 && (shifts[0].after - 81.0).abs() < 1.0);
    }

    #[test]
    fn two_steps_are_two() {
        let level = |hour: i64| match hour {
            0..100 => 50.0,
            100..200 => 80.0,
            _ => 20.0,
        };
        let shifts = level_shifts(&hours(320, level), &none);
        let at: Vec<i64> = shifts.iter().map(|shift| shift.at / 3_600).collect();
        assert_eq!(at, [100, 200]);
    }

    #[test]
    fn rhythm_noise_and_spikes_are_no_steps() {
        let daily = hours(240, |hour| 50.0 + 30.0 * (hour as f64 * 0.2618).sin());
        assert_eq!(level_shifts(&daily, &none), []);
        assert_eq!(level_shifts(&hours(240, |_| 50.0), &none), []);
        let spike = hours(240, |hour| {
            if (50..55).contains(&hour) {
                900.0
            } else {
                50.0
            }
        });
        assert_eq!(level_shifts(&spike, &none), []);
        assert_eq!(level_shifts(&hours(40, |hour| hour as f64), &none), []);
        assert_eq!(level_shifts(&[], &none), []);
    }

    #[test]
    fn a_climb_is_no_step() {
        let climb = hours(24 * 14, |hour| 40.0 + hour as f64 / 24.0);
        assert_eq!(level_shifts(&climb, &none), []);
    }

    #[test]
    fn with_a_known_rhythm_a_day_is_enough() {
        let rhythm = |hour: i64| 50.0 + 30.0 * (hour as f64 * 0.2618).sin();
        let usual = |at: i64| Some(rhythm(at / 3_600));
        let day = hours(30, |hour| rhythm(hour) + if hour < 15 { 0.0 } else { 40.0 });
        let shifts = level_shifts(&day, &usual);
        assert_eq!(shifts.len(), 1, "{shifts:?}");
        assert_eq!(shifts[0].at, 15 * 3_600);
        assert_eq!(level_shifts(&hours(30, rhythm), &usual), []);
    }
}
