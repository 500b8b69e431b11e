//! Arithmetic of sums: exact, so that the order in which runs are summed up never shows.

use crate::model::history::{HistoryEntry, RollUp, RunsByStatus};
use crate::model::status::Status;

/// Seconds of an hour.
pub const HOUR: i64 = 3_600;
/// Seconds of a day.
pub const DAY: i64 = 24 * HOUR;

/// Start of the hour or day (`unit`, in seconds) that holds a second.
pub fn start(second: i64, unit: i64) -> i64 {
    second.saturating_sub(second.rem_euclid(unit))
}

impl RollUp {
    /// One run, as the sum of itself alone. It starts when the run was.
    pub fn of_run(entry: &HistoryEntry) -> Self {
        let mut by_status = RunsByStatus::default();
        *match entry.overall_health {
            Status::Healthy => &mut by_status.healthy,
            Status::Unknown => &mut by_status.unknown,
            Status::Degraded => &mut by_status.degraded,
            Status::Unhealthy => &mut by_status.unhealthy,
        } = 1;
        Self {
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

    /// Adds other runs.
    pub fn add(&mut self, more: &Self) {
        self.combine(more, u64::saturating_add, i64::saturating_add);
        self.worst = self.worst.max(more.worst);
    }

    /// Takes away runs that are counted in it twice. The worst status stays: they are still in.
    pub fn take_away(&mut self, less: &Self) {
        self.combine(less, u64::saturating_sub, i64::saturating_sub);
    }

    fn combine(&mut self, other: &Self, count: fn(u64, u64) -> u64, money: fn(i64, i64) -> i64) {
        let Self {
            start: _,
            runs,
            worst: _,
            by_status,
            requests_total,
            requests_failed,
            issues_opened,
            issues_resolved,
            partial_runs,
            estimated_cost_usd,
        } = other;
        let both = |a: &mut u64, b: u64| *a = count(*a, b);
        let maybe = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (None, None) => None,
            (a, b) => Some(count(a.unwrap_or(0), b.unwrap_or(0))),
        };
        both(&mut self.runs, *runs);
        both(&mut self.by_status.healthy, by_status.healthy);
        both(&mut self.by_status.unknown, by_status.unknown);
        both(&mut self.by_status.degraded, by_status.degraded);
        both(&mut self.by_status.unhealthy, by_status.unhealthy);
        self.requests_total = maybe(self.requests_total, *requests_total);
        self.requests_failed = maybe(self.requests_failed, *requests_failed);
        both(&mut self.issues_opened, *issues_opened);
        both(&mut self.issues_resolved, *issues_resolved);
        both(&mut self.partial_runs, *partial_runs);
        let cost = money(nanos(self.estimated_cost_usd), nanos(*estimated_cost_usd));
        self.estimated_cost_usd = dollars(cost);
    }
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
