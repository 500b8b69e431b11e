//! What the month is going to cost.

use jiff::Span;
use jiff::civil::Date;

use crate::core::cost::drivers::round;
use crate::core::cost::spikes::median;
use crate::model::cost::CostDays;
use crate::model::cost_report::CostForecast;

/// Days whose weekdays say what a day costs.
const HISTORY_DAYS: usize = 28;
/// Days that must be known of them.
const LEAST_DAYS: usize = 14;

/// Forecasts the month of the day behind the last complete one. `daily` is what each complete day
/// cost, in order. The days to come cost what the same weekdays cost in the last four weeks: the
/// median, the lowest and the highest. `None` where fewer than two weeks are known.
pub(super) fn forecast(daily: &[(Date, f64)], end: Date) -> Option<CostForecast> {
    let month = CostDays {
        start: end.first_of_month(),
        end: end.last_of_month().checked_add(Span::new().days(1)).ok()?,
    };
    let known_until = daily.last().map(|(day, _)| *day)?;
    let history = daily.get(daily.len().saturating_sub(HISTORY_DAYS)..)?;
    if history.len() < LEAST_DAYS {
        return None;
    }
    let so_far: f64 = daily
        .iter()
        .filter(|(day, _)| *day >= month.start && *day < month.end)
        .map(|(_, amount)| amount)
        .sum();
    let (mut expected, mut low, mut high) = (so_far, so_far, so_far);
    for day in month.iter().filter(|day| *day > known_until) {
        let mut same: Vec<f64> = history
            .iter()
            .filter(|(other, _)| other.weekday() == day.weekday())
            .map(|(_, amount)| *amount)
            .collect();
        expected += median(&mut same)?;
        low += same.first()?;
        high += same.last()?;
    }
    Some(CostForecast {
        month,
        so_far: round(so_far),
        expected: round(expected),
        low: round(low),
        high: round(high),
    })
}
