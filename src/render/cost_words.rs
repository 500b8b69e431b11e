//! Sentences about costs, for text and Markdown alike. Texts from outside are safe for terminals;
//! Markdown escapes the whole sentence.

use crate::model::cost::FigureSource;
use crate::model::cost_report::{CostForecast, CostReport, CostSpike, SpendingLimit};
use crate::model::opportunity::{Opportunity, RealisedSaving, RealisedState, UndecidedOpportunity};
use crate::text::numbers::{money, number, whole_usd};

/// `RDS InstanceUsage:db.t3.medium on 2026-03-13: $45.00, usually $10.00 (+350 %)`.
pub(crate) fn spike(spike: &CostSpike, currency: &str) -> String {
    let what = format!(
        "{} {}",
        spike.service.terminal(),
        spike.usage_type.terminal()
    );
    let amount = money(spike.amount, currency);
    match (spike.usual, spike.above_percent) {
        (Some(usual), Some(percent)) => format!(
            "{what} on {}: {amount}, usually {} (+{} %)",
            spike.day,
            money(usual, currency),
            number(percent.round())
        ),
        (Some(_), None) => format!("{what} on {}: {amount}, usually nothing", spike.day),
        (None, _) => format!("{what} on {}: {amount}, new", spike.day),
    }
}

/// What the month is going to cost.
pub(crate) fn forecast(forecast: &CostForecast, currency: &str) -> String {
    let last = forecast.month.iter().last().unwrap_or(forecast.month.start);
    format!(
        "Forecast to {last}: {} ESTIMATED ({} to {}), of which {} so far",
        money(forecast.expected, currency),
        money(forecast.low, currency),
        money(forecast.high, currency),
        money(forecast.so_far, currency)
    )
}

/// How a budget stands.
pub(crate) fn limit(limit: &SpendingLimit, currency: &str) -> String {
    let of = money(limit.limit, currency);
    let spent = money(limit.spent, currency);
    match limit.setting.as_str() {
        "monthly_budget_usd" => {
            let expected = limit.expected.map_or(String::new(), |expected| {
                format!(", {} expected", money(expected, currency))
            });
            format!("Monthly budget {of}: {spent} spent{expected}")
        }
        _ => {
            let days = limit.days_above;
            let noun = if days == 1 { "day" } else { "days" };
            format!("Daily budget {of}: {days} {noun} above it, at most {spent}")
        }
    }
}

/// What is said where no opportunity counts: what was not evaluated is not "none".
pub(crate) fn nothing_counted(report: &CostReport) -> String {
    let undecided = report.undecided.len();
    match (undecided, report.gaps.is_empty()) {
        (0, true) => "none found".to_owned(),
        (0, false) => "UNKNOWN, as not everything could be read".to_owned(),
        (1, _) => "UNKNOWN, as one could not be evaluated".to_owned(),
        (_, _) => format!("UNKNOWN, as {undecided} could not be evaluated"),
    }
}

/// Why an opportunity is not in the total.
pub(crate) fn not_counted(one: &Opportunity) -> String {
    let saving = match (one.savings_usd, one.at_most) {
        (Some(saving), true) => format!(" (at most {}/month)", whole_usd(saving)),
        (Some(saving), false) => format!(" ({}/month)", whole_usd(saving)),
        (None, _) => String::new(),
    };
    let why = match (&one.blocked_by, &one.not_counted_because) {
        (Some(blocked), _) => blocked.terminal(),
        (None, Some(why)) => why.clone(),
        (None, None) => String::new(),
    };
    // Without an amount the last sentence says which price is missing.
    let why = match (one.savings_usd, one.evidence.last()) {
        (None, Some(missing)) if one.blocked_by.is_none() => missing.terminal(),
        _ => why,
    };
    format!("{}: {}{saving}: {why}", one.title, one.name.terminal())
}

/// Why an opportunity could not be evaluated.
pub(crate) fn undecided(one: &UndecidedOpportunity) -> String {
    let because: Vec<String> = one.because.iter().map(|why| why.terminal()).collect();
    format!(
        "{}: {}: {}",
        one.title,
        one.name.terminal(),
        because.join("; ")
    )
}

/// What became of a saving that was expected.
pub(crate) fn realised(one: &RealisedSaving) -> String {
    let expected = whole_usd(one.expected_usd);
    let found = one.realised_usd.map_or(String::new(), whole_usd);
    let state = match one.state {
        RealisedState::Realised => format!("realised, {found} of {expected} expected"),
        RealisedState::NotYet => format!("not yet on the bill, {expected} expected"),
        RealisedState::NotRealised => {
            format!(
                "not realised, {found} of {expected} expected: {}",
                one.because
            )
        }
        RealisedState::Unknown => format!("{expected} expected: {}", one.because),
    };
    format!("{}: {}: {state}", one.title, one.name.terminal())
}

/// Where the figures come from: what is billed, what is computed, from which days and prices.
pub(crate) fn figures(report: &CostReport) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(spending) = &report.spending {
        let mut line = format!(
            "ACTUAL: spending of {} from {} up to {} (excluded), {} of Cost Explorer",
            report.scope.terminal(),
            report.current.start,
            report.current.end,
            spending.metric.name()
        );
        if let Some(previous) = spending.previous_total {
            let change = (spending.total - previous) / previous * 100.0;
            line.push_str(&format!(
                "; {} in the 30 days before ({change:+.0} %)",
                money(previous, spending.currency.raw())
            ));
        }
        lines.push(line);
        if spending.missing_days > 0 {
            lines.push(format!(
                "{} not on the bill yet, so that the total is a lower bound",
                days(spending.missing_days)
            ));
        }
        if spending.open_days > 0 {
            lines.push(format!(
                "{} not closed by AWS yet",
                days(spending.open_days)
            ));
        }
    }
    lines.extend(savings_figures(report));
    let assumed = report.opportunities.iter().filter_map(|one| {
        let assumption = one.assumption.as_ref()?;
        Some(format!(
            "{} assumes that {}",
            one.title,
            assumption.terminal()
        ))
    });
    let mut assumed: Vec<String> = assumed.collect();
    assumed.dedup();
    lines.extend(assumed);
    lines
}

fn days(count: usize) -> String {
    match count {
        1 => "1 day is".to_owned(),
        _ => format!("{count} days are"),
    }
}

fn savings_figures(report: &CostReport) -> Option<String> {
    report.opportunities.first()?;
    let dates = report
        .opportunities
        .iter()
        .filter_map(|one| one.price_date.as_deref());
    let oldest = dates.min();
    let mut regions: Vec<&str> = report
        .opportunities
        .iter()
        .map(|one| one.region.as_str())
        .collect();
    regions.sort_unstable();
    regions.dedup();
    let windows = report.opportunities.iter().filter_map(|one| one.measured);
    let measured = windows.min_by_key(|days| days.start);
    let mut line = format!("{}: savings", FigureSource::Estimated.word());
    if let Some(days) = measured {
        line.push_str(&format!(
            ", from metrics between {} and {}",
            days.start, days.end
        ));
    }
    line.push_str(&format!(", at prices of {}", regions.join(", ")));
    if let Some(date) = oldest {
        line.push_str(&format!(" as of {date}"));
    }
    let billed = report.opportunities.iter();
    let billed = billed
        .filter(|one| one.current_source == Some(FigureSource::Actual))
        .count();
    if billed > 0 {
        line.push_str(&format!(
            "; {billed} of {} start from what is billed",
            report.opportunities.len()
        ));
    }
    Some(line)
}
