//! Budgets of monitoring.toml.

use jiff::civil::Date;

use crate::core::cost::drivers::round;
use crate::model::cost_report::{CostForecast, LimitState, SpendingLimit};
use crate::model::monitoring::CostSection;

/// Compares spending with the budgets that are set. `daily` is what each complete day of the window
/// cost, in order.
pub(super) fn limits(
    settings: &CostSection,
    daily: &[(Date, f64)],
    forecast: Option<&CostForecast>,
    month_so_far: f64,
) -> Vec<SpendingLimit> {
    let monthly = settings.monthly_budget_usd.map(|limit| {
        let expected = forecast.map(|forecast| forecast.expected);
        let state = if month_so_far > limit {
            LimitState::Above
        } else if expected.is_some_and(|expected| expected > limit) {
            LimitState::ExpectedAbove
        } else {
            LimitState::Within
        };
        SpendingLimit {
            setting: "monthly_budget_usd".to_owned(),
            limit,
            spent: round(month_so_far),
            expected,
            days_above: 0,
            state,
        }
    });
    let a_day = settings.daily_budget_usd.map(|limit| {
        let above = daily.iter().filter(|(_, amount)| *amount > limit).count();
        let most = daily.iter().map(|(_, amount)| *amount).fold(0.0, f64::max);
        let last = daily.last().map_or(0.0, |(_, amount)| *amount);
        SpendingLimit {
            setting: "daily_budget_usd".to_owned(),
            limit,
            spent: round(most),
            expected: None,
            days_above: above,
            state: match last > limit {
                true => LimitState::Above,
                false => LimitState::Within,
            },
        }
    });
    monthly.into_iter().chain(a_day).collect()
}
