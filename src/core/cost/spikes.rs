//! Days that cost far more than the same weekday before.

use jiff::civil::Date;

use crate::core::cost::drivers::{round, usage};
use crate::core::cost::services;
use crate::model::cost::{CostDays, CostMetric, SpendGroup, SpendTable};
use crate::model::cost_report::CostSpike;
use crate::text::Untrusted;

/// Days at the end of the window that are looked at.
const LOOKED_AT: usize = 7;
/// Spikes that are reported.
const MOST: usize = 10;
/// US dollars below which nothing is a spike.
const LEAST_USD: f64 = 1.0;
/// Weekdays before that a median takes.
const LEAST_WEEKDAYS: usize = 2;
/// Growth that counts as a spike where monitoring.toml does not say.
pub(super) const DEFAULT_PERCENT: f64 = 20.0;
/// Share of an amount of a month ago from which it is the same monthly charge.
const SAME_CHARGE: f64 = 0.8;

/// Finds the spikes of the last week of `days`, largest first; one for a usage type, its largest.
pub(super) fn spikes(
    table: &SpendTable,
    metric: CostMetric,
    days: CostDays,
    percent: f64,
) -> Vec<CostSpike> {
    let mut found: Vec<CostSpike> = usage(table)
        .filter_map(|group| largest(table, group, metric, days, percent))
        .collect();
    found.sort_by(|a, b| excess(b).total_cmp(&excess(a)));
    found.truncate(MOST);
    found
}

fn excess(spike: &CostSpike) -> f64 {
    spike.amount - spike.usual.unwrap_or(0.0)
}

fn largest(
    table: &SpendTable,
    group: &SpendGroup,
    metric: CostMetric,
    days: CostDays,
    percent: f64,
) -> Option<CostSpike> {
    let amounts: Vec<(Date, f64)> = table
        .days
        .iter()
        .zip(group.amounts(metric).iter().copied())
        .filter(|(day, _)| *day < days.end)
        .collect();
    let first = amounts.len().saturating_sub(LOOKED_AT);
    let all = (first..amounts.len()).filter_map(|place| {
        let spike = spike_on(&amounts, place, percent)?;
        Some(CostSpike {
            service: Untrusted::from(services::label(group.keys.first()?.raw())),
            usage_type: group.keys.get(1).cloned().unwrap_or_default(),
            ..spike
        })
    });
    all.max_by(|a, b| excess(a).total_cmp(&excess(b)))
}

/// Whether the day at this place is a spike.
fn spike_on(amounts: &[(Date, f64)], place: usize, percent: f64) -> Option<CostSpike> {
    let (day, amount) = *amounts.get(place)?;
    let before = amounts.get(..place)?;
    if amount < LEAST_USD || is_monthly(before, day, amount) {
        return None;
    }
    let spike = |usual: Option<f64>, above: Option<f64>| CostSpike {
        service: Untrusted::default(),
        usage_type: Untrusted::default(),
        day,
        amount: round(amount),
        usual: usual.map(round),
        above_percent: above.map(round),
    };
    if before.iter().all(|(_, amount)| *amount < 0.005) {
        // Nothing to compare with: new, not a spike.
        return Some(spike(None, None));
    }
    let mut same: Vec<f64> = before
        .iter()
        .filter(|(other, _)| other.weekday() == day.weekday())
        .map(|(_, amount)| *amount)
        .collect();
    if same.len() < LEAST_WEEKDAYS {
        return None;
    }
    let usual = median(&mut same)?;
    let above = amount - usual;
    let is_spike = above >= LEAST_USD && amount >= usual * (1.0 + percent / 100.0);
    let above_percent = (usual > 0.0).then(|| above / usual * 100.0);
    is_spike.then(|| spike(Some(usual), above_percent))
}

/// Whether the same was charged on this day of the month before: a fee, not a spike.
fn is_monthly(before: &[(Date, f64)], day: Date, amount: f64) -> bool {
    let of_month_before = before.iter().filter(|(other, _)| {
        let apart = (day.year() * 12 + i16::from(day.month()))
            - (other.year() * 12 + i16::from(other.month()));
        apart == 1 && other.day() == day.day()
    });
    let mut charged = of_month_before.map(|(_, amount)| *amount);
    charged.any(|then| then >= amount * SAME_CHARGE)
}

/// The middle value, or the mean of the two; `None` of nothing.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => values.get(middle).copied(),
        _ => Some((values.get(middle - 1)? + values.get(middle)?) / 2.0),
    }
}
