//! How fast a budget burns, and when that is worth an alert.
//!
//! Burn rate is the share of bad events over the share that may be bad: at 1 the budget is
//! used up exactly when its window ends. The alerts are those of Google's Site Reliability
//! Workbook, chapter 5, table 5-8: each is on while both its windows burn faster than its
//! limit, the long one so that it means something, the short one so that it ends soon.

use crate::model::budget::SliBudget;
use crate::model::monitoring::WhenNoData;
use crate::model::slo_budgets::{self, DAY, EventSeries, HOUR, QUARTER, Sums, window_start};
use crate::model::status::Severity;

use super::Assessment;
use super::settings::{Objective, PARTS};

/// A row of the table: how urgent, the limit in tenths for a window of 30 days, and the two
/// windows in seconds.
struct Row {
    severity: Severity,
    tenths: u64,
    long: i64,
    short: i64,
}

const TABLE: [Row; 4] = [
    Row {
        severity: Severity::Critical,
        tenths: 144,
        long: HOUR,
        short: 300,
    },
    Row {
        severity: Severity::High,
        tenths: 60,
        long: 6 * HOUR,
        short: 1_800,
    },
    Row {
        severity: Severity::Medium,
        tenths: 30,
        long: DAY,
        short: 2 * HOUR,
    },
    Row {
        severity: Severity::Medium,
        tenths: 10,
        long: 3 * DAY,
        short: 6 * HOUR,
    },
];

/// A burn-rate alert that is on.
#[derive(Debug, Clone, PartialEq)]
pub struct BurnAlert {
    /// How urgent.
    pub severity: Severity,
    /// The long window, in seconds.
    pub long_seconds: i64,
    /// The short window, in seconds.
    pub short_seconds: i64,
    /// How far back the short window reaches, in seconds: one that begins at a full hour is
    /// longer than it is called.
    pub reach_seconds: u64,
    /// The burn rate over the long window.
    pub long_rate: f64,
    /// The burn rate over the short window.
    pub short_rate: f64,
    /// The rate past which it is on.
    pub limit: f64,
    /// Events in the long window.
    pub total: u64,
    /// Bad events in the long window.
    pub bad: u64,
}

/// Whether a budget burns too fast.
#[derive(Debug, Clone, PartialEq)]
pub enum AlertState {
    /// It does.
    On(BurnAlert),
    /// It does not.
    Off,
    /// Too little was observed to say.
    Unknown,
}

/// Lengths that a short window may be cut to, besides one period.
const CUTS: [i64; 6] = [300, 900, 1_800, HOUR, 2 * HOUR, 6 * HOUR];

/// What the rows of the table look at: the spans of one budget, counted.
#[derive(Debug, Clone, PartialEq)]
pub struct BurnWindows {
    objective: Objective,
    min_samples: u64,
    /// For each row of the table.
    long: Vec<CountedSpan>,
    /// By length in seconds: for each of [`CUTS`].
    short: Vec<(i64, CountedSpan)>,
}

/// What one budget is assessed from.
pub(super) struct Burn<'a> {
    pub(super) series: &'a EventSeries,
    pub(super) objective: Objective,
    /// The end of all windows.
    pub(super) end: i64,
    /// Length of a metric period: no window is shorter.
    pub(super) period: i64,
    /// Events below which no alert goes on.
    pub(super) min_samples: u64,
}

/// A share of events as a fraction of whole numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    bad: u128,
    total: u128,
}

/// A span and what was counted in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CountedSpan {
    pub(super) sums: Sums,
    /// Seconds of it.
    pub(super) length: u64,
    /// Seconds of it that count and were not observed.
    pub(super) missing: u64,
}

impl CountedSpan {
    pub(super) fn of(series: &EventSeries, start: i64, end: i64) -> Self {
        let sums = series.between(start, end);
        let counted = end - start.max(series.since.as_second()).min(end);
        Self {
            sums,
            length: (end - start).max(0).unsigned_abs(),
            missing: counted.unsigned_abs().saturating_sub(sums.observed),
        }
    }

    /// What share of its events is bad; `None` without events.
    pub(super) fn share(&self, when_no_data: WhenNoData) -> Option<Share> {
        self.share_of(self.sums.bad, self.missing, when_no_data)
    }

    /// The same for a part of its bad events and of its missing seconds, as a share of all its
    /// events.
    pub(super) fn share_of(
        &self,
        bad: u64,
        missing: u64,
        when_no_data: WhenNoData,
    ) -> Option<Share> {
        let total = u128::from(self.sums.total.max(self.sums.bad));
        let share = if when_no_data == WhenNoData::Bad && self.missing > 0 {
            if self.sums.observed == 0 {
                return Some(Share {
                    bad: missing.into(),
                    total: self.missing.into(),
                });
            }
            // Time without data failed, at the pace of the time with data.
            let observed = u128::from(self.sums.observed);
            Share {
                bad: u128::from(bad) * observed + total * u128::from(missing),
                total: total * (observed + u128::from(self.missing)),
            }
        } else {
            Share {
                bad: bad.into(),
                total,
            }
        };
        (share.total > 0).then_some(share)
    }

    /// Whether enough of it was observed to judge by.
    fn is_seen(&self, when_no_data: WhenNoData) -> bool {
        when_no_data != WhenNoData::Unknown || self.sums.observed * 2 >= self.length
    }
}

impl Share {
    /// As a multiple of what is allowed.
    pub(super) fn rate(self, objective: Objective) -> f64 {
        let share = self.bad as f64 / self.total as f64;
        share * PARTS as f64 / objective.allowed as f64
    }

    /// How many of so many events it stands for.
    fn events_of(self, events: u64) -> u64 {
        let bad = u128::from(events) * self.bad / self.total;
        u64::try_from(bad).unwrap_or(u64::MAX)
    }

    /// Whether it is more than `limit` times what is allowed; exact.
    fn exceeds(self, objective: Objective, limit: Limit) -> bool {
        let left = self.bad * u128::from(PARTS) * u128::from(limit.of);
        left > u128::from(limit.times) * u128::from(objective.allowed) * self.total
    }
}

/// A limit for burn rates as a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limit {
    times: u64,
    of: u64,
}

/// The limit of a row for a window of so many days. It stands for a share of the whole budget
/// (14.4 in an hour of 30 days is 2 %), and so grows with the window. Below 1 a budget lasts,
/// and there is nothing to tell.
fn limit(row: &Row, window_days: u32) -> Limit {
    let times = row.tenths * u64::from(window_days);
    Limit {
        times: times.max(300),
        of: 300,
    }
}

/// The span of the last so many seconds. What is older than the finest sums begins at a full
/// hour or quarter of a day, and is so much longer.
fn last(case: &Burn<'_>, seconds: i64) -> CountedSpan {
    let start = case.end - seconds.max(case.period);
    let start = match seconds {
        seconds if seconds > DAY => slo_budgets::floor(start, QUARTER),
        seconds if seconds > 2 * HOUR => slo_budgets::floor(start, HOUR),
        _ => start,
    };
    CountedSpan::of(case.series, start, case.end)
}

/// Assesses.
pub(super) fn assess(case: &Burn<'_>) -> Assessment {
    let objective = case.objective;
    let start = window_start(case.end, objective.window_days);
    let whole = CountedSpan::of(case.series, start, case.end);
    let used = whole.share(objective.when_no_data);
    let used = used.map(|share| share.rate(objective) * 100.0);
    let rate = last(case, HOUR).share(objective.when_no_data);
    let rate = rate.map(|share| share.rate(objective));
    let windows = BurnWindows::count(case);
    let alert = windows.alert(i64::MAX);
    let remaining = used.map(|used| 100.0 - used);
    Assessment {
        budget: SliBudget {
            objective_percent: objective.percent,
            window_days: objective.window_days,
            consumed_percent: used.map(tidy),
            remaining_percent: remaining.map(tidy),
            burn_rate: rate.map(tidy),
            exhausted_in_seconds: exhausted_in(remaining, rate, objective.window_days),
            coverage_percent: tidy(100.0 * whole.sums.observed as f64 / whole.length.max(1) as f64)
                .min(100.0),
            alert: match &alert {
                AlertState::On(alert) => Some(alert.severity),
                AlertState::Off | AlertState::Unknown => None,
            },
            when_no_data: objective.when_no_data,
        },
        alert,
        windows,
    }
}

/// Three decimals: more would only be noise in the differences between reports.
pub(super) fn tidy(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// Seconds until a budget is used up at this rate: 0 where it is, `None` where it lasts.
fn exhausted_in(remaining: Option<f64>, rate: Option<f64>, days: u32) -> Option<u64> {
    let remaining = remaining?;
    if remaining <= 0.0 {
        return Some(0);
    }
    let rate = rate.filter(|rate| *rate > 0.0)?;
    let seconds = remaining / 100.0 * f64::from(days) * DAY as f64 / rate;
    // Later than its window's end means that it lasts.
    (seconds <= f64::from(days) * DAY as f64).then_some(seconds.round() as u64)
}

/// Failed events below which an alert says nothing: one that pages needs a quarter of the events
/// that a ratio needs, any needs two. In little traffic a single failure is a burn rate of
/// hundreds.
fn least_bad(severity: Severity, min_samples: u64) -> u64 {
    match severity {
        Severity::Critical | Severity::High => (min_samples / 4).max(2),
        Severity::Medium | Severity::Low => 2,
    }
}

/// The short window of the fastest alert of a severity, in seconds; of those that only ask for
/// a ticket, none is shortened.
pub fn reset_seconds(worst: Severity) -> i64 {
    let paging = TABLE.iter().filter(|row| row.severity >= Severity::High);
    let same = paging.filter(|row| row.severity == worst);
    same.map(|row| row.short).min().unwrap_or(i64::MAX)
}

impl BurnWindows {
    fn count(case: &Burn<'_>) -> Self {
        let short = CUTS.iter().map(|cut| (*cut, last(case, *cut)));
        Self {
            objective: case.objective,
            min_samples: case.min_samples,
            long: TABLE.iter().map(|row| last(case, row.long)).collect(),
            short: short.collect(),
        }
    }

    /// The longest short window of at most so many seconds, or the shortest that there is.
    fn short(&self, seconds: i64) -> CountedSpan {
        let fitting = self.short.iter().rev().find(|(cut, _)| *cut <= seconds);
        fitting.map_or(self.short[0].1, |(_, span)| *span)
    }

    /// The most urgent alert that is on, where no short window reaches back further than so
    /// many seconds: what was before is known, and over.
    pub fn alert(&self, reset: i64) -> AlertState {
        let mut unknown = false;
        for (row, long) in TABLE.iter().zip(&self.long) {
            if row.long >= i64::from(self.objective.window_days) * DAY {
                continue;
            }
            match self.judge(row, long, &self.short(row.short.min(reset))) {
                AlertState::On(alert) => return AlertState::On(alert),
                AlertState::Off => {}
                AlertState::Unknown => unknown = true,
            }
        }
        match unknown {
            true => AlertState::Unknown,
            false => AlertState::Off,
        }
    }

    fn judge(&self, row: &Row, long: &CountedSpan, short: &CountedSpan) -> AlertState {
        let mode = self.objective.when_no_data;
        let limit = limit(row, self.objective.window_days);
        let over = |span: &CountedSpan| {
            let share = span.share(mode);
            share.filter(|share| share.exceeds(self.objective, limit))
        };
        let least = least_bad(row.severity, self.min_samples);
        let total = long.sums.total.max(long.sums.bad);
        let enough = |share: &Share| total >= self.min_samples && share.events_of(total) >= least;
        let (seen_long, seen_short) = (long.is_seen(mode), short.is_seen(mode));
        match (over(long).filter(enough), over(short)) {
            (Some(fast), Some(now)) if seen_long && seen_short => AlertState::On(BurnAlert {
                severity: row.severity,
                long_seconds: row.long,
                short_seconds: row.short,
                reach_seconds: short.length,
                long_rate: fast.rate(self.objective),
                short_rate: now.rate(self.objective),
                limit: limit.times as f64 / limit.of as f64,
                total: long.sums.total,
                bad: long.sums.bad,
            }),
            // One window that was seen and is slow enough decides.
            (long, short) if (seen_long && long.is_none()) || (seen_short && short.is_none()) => {
                AlertState::Off
            }
            _ => AlertState::Unknown,
        }
    }
}
