//! Rolling up history: entries become sums by the hour, those become sums by the day.
//!
//! Whole hours and whole days move at once, so that the same runs give the same sums whenever
//! the rolling up happens, and two branches that roll up apart agree.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::history::{History, HistoryEntry, RollUp, RunsByStatus};
use crate::model::status::Status;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
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
    let entries = entries.iter().map(of_entry);
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

/// Start of the hour or day that holds a second.
fn start(second: i64, unit: i64) -> i64 {
    second.saturating_sub(second.rem_euclid(unit))
}

/// Sums by the hours or days that they lie in.
fn by_start(sums: impl Iterator<Item = RollUp>, unit: i64) -> BTreeMap<i64, RollUp> {
    let mut out: BTreeMap<i64, RollUp> = BTreeMap::new();
    for mut sum in sums {
        let at = start(sum.start.as_second(), unit);
        match out.entry(at) {
            std::collections::btree_map::Entry::Occupied(mut there) => add(there.get_mut(), &sum),
            std::collections::btree_map::Entry::Vacant(free) => {
                sum.start = Timestamp::from_second(at).unwrap_or(sum.start);
                free.insert(sum);
            }
        }
    }
    out
}

fn of_entry(entry: &HistoryEntry) -> RollUp {
    let mut by_status = RunsByStatus::default();
    *match entry.overall_health {
        Status::Healthy => &mut by_status.healthy,
        Status::Unknown => &mut by_status.unknown,
        Status::Degraded => &mut by_status.degraded,
        Status::Unhealthy => &mut by_status.unhealthy,
    } = 1;
    RollUp {
        start: entry.at,
        runs: 1,
        worst: entry.overall_health,
        by_status,
        requests_total: entry.requests_total.map(whole),
        requests_failed: entry.requests_failed.map(whole),
        issues_opened: entry.issues_opened.into(),
        issues_resolved: entry.issues_resolved.into(),
        partial_runs: entry.partial.into(),
        estimated_cost_usd: dollars(nanos(entry.estimated_cost_usd)),
    }
}

fn add(sum: &mut RollUp, more: &RollUp) {
    let RollUp {
        start: _,
        runs,
        worst,
        by_status,
        requests_total,
        requests_failed,
        issues_opened,
        issues_resolved,
        partial_runs,
        estimated_cost_usd,
    } = more;
    let both = |a: &mut u64, b: u64| *a = a.saturating_add(b);
    let maybe = |a: Option<u64>, b: Option<u64>| match (a, b) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (a, b) => a.or(b),
    };
    both(&mut sum.runs, *runs);
    sum.worst = sum.worst.max(*worst);
    both(&mut sum.by_status.healthy, by_status.healthy);
    both(&mut sum.by_status.unknown, by_status.unknown);
    both(&mut sum.by_status.degraded, by_status.degraded);
    both(&mut sum.by_status.unhealthy, by_status.unhealthy);
    sum.requests_total = maybe(sum.requests_total, *requests_total);
    sum.requests_failed = maybe(sum.requests_failed, *requests_failed);
    both(&mut sum.issues_opened, *issues_opened);
    both(&mut sum.issues_resolved, *issues_resolved);
    both(&mut sum.partial_runs, *partial_runs);
    let cost = nanos(sum.estimated_cost_usd).saturating_add(nanos(*estimated_cost_usd));
    sum.estimated_cost_usd = dollars(cost);
}

/// Requests are counted, so their number is whole; the source of the metric may differ.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and a negative count is none"
)]
fn whole(count: f64) -> u64 {
    count.round() as u64
}

/// Sums of fractions drift in binary; sums of billionths of a dollar do not.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates far beyond any bill"
)]
fn nanos(dollars: f64) -> i64 {
    (dollars * 1e9).round() as i64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact below 9 million dollars, and calls cost cents"
)]
fn dollars(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}
