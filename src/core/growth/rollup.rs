//! Rolling up history: entries become sums by the hour, those become sums by the day.
//!
//! Whole hours and whole days move at once, so that the same runs give the same sums whenever
//! the rolling up happens, and two branches that roll up apart agree.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::history::{DAY, HOUR, History, HistoryEntry, RollUp, start};

/// Ages in seconds from which on an hour, and a day, is rolled up or dropped.
const ENTRIES_FOR: i64 = 7 * DAY;
const HOURLY_FOR: i64 = 30 * DAY;
const DAILY_FOR: i64 = 400 * DAY;

/// The most entries that are kept, however often runs commit: one each five minutes.
pub const MOST_ENTRIES: usize = 7 * 24 * 12;
/// The most sums by hour.
pub const MOST_HOURLY: usize = 30 * 24;
/// The most sums by day.
pub const MOST_DAILY: usize = 400;

/// Rolls up what is old at `now`, and sorts. Doing it twice is doing it once.
pub fn roll_up(mut history: History, now: Timestamp) -> History {
    let now = now.as_second();
    history
        .entries
        .sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.run_id.cmp(&b.run_id)));
    let old = old_entries(&history.entries, now);
    let entries: Vec<HistoryEntry> = history.entries.drain(..old).collect();
    let entries = entries.iter().map(RollUp::of_run);
    let mut hourly = by_start(history.hourly.into_iter().chain(entries), HOUR);

    let kept = keep(&hourly, now.saturating_sub(HOURLY_FOR), DAY, MOST_HOURLY);
    let older = before(&mut hourly, kept);
    let mut daily = by_start(history.daily.into_iter().chain(older), DAY);

    let kept = keep(&daily, now.saturating_sub(DAILY_FOR), DAY, MOST_DAILY);
    drop(before(&mut daily, kept));
    history.hourly = hourly.into_values().collect();
    history.daily = daily.into_values().collect();
    history
}

/// How many of the entries, from the oldest on, are rolled up.
fn old_entries(entries: &[HistoryEntry], now: i64) -> usize {
    let oldest = now.saturating_sub(ENTRIES_FOR);
    let hour = |entry: &HistoryEntry| start(entry.at.as_second(), HOUR);
    let by_age = entries.partition_point(|entry| hour(entry) <= oldest);
    let excess = entries.len().saturating_sub(MOST_ENTRIES);
    if by_age >= excess {
        return by_age;
    }
    // Runs that commit very often: whole hours as far as that leaves the newest one.
    let last = hour(&entries[excess - 1]);
    let whole = entries.partition_point(|entry| hour(entry) <= last);
    if whole < entries.len() { whole } else { excess }
}

/// The first start that is kept: of a whole `unit` younger than `oldest`, and at most so many.
fn keep(sums: &BTreeMap<i64, RollUp>, oldest: i64, unit: i64, most: usize) -> i64 {
    let by_age = start(oldest, unit).saturating_add(unit);
    let excess = sums.len().saturating_sub(most);
    let by_count = sums.keys().nth(excess).copied();
    by_count
        .filter(|_| excess > 0)
        .map_or(by_age, |first| first.max(by_age))
}

/// Takes out the sums that start before a time.
fn before(sums: &mut BTreeMap<i64, RollUp>, first: i64) -> impl Iterator<Item = RollUp> {
    let kept = sums.split_off(&first);
    std::mem::replace(sums, kept).into_values()
}

/// Sums by the hours or days that they lie in.
fn by_start(sums: impl Iterator<Item = RollUp>, unit: i64) -> BTreeMap<i64, RollUp> {
    let mut out: BTreeMap<i64, RollUp> = BTreeMap::new();
    for mut sum in sums {
        let at = start(sum.start.as_second(), unit);
        match out.entry(at) {
            std::collections::btree_map::Entry::Occupied(mut there) => there.get_mut().add(&sum),
            std::collections::btree_map::Entry::Vacant(free) => {
                sum.start = Timestamp::from_second(at).unwrap_or(sum.start);
                free.insert(sum);
            }
        }
    }
    out
}
