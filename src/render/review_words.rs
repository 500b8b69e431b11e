//! Sentences about what a change does and costs, for text and Markdown alike. Texts from outside are safe for
//! terminals; Markdown escapes the whole sentence.

use crate::model::review::{Review, ReviewedPlan};
use crate::model::running_cost::{MonthlyUsd, PlannedCost};
use crate::text::numbers::{money, number};
use crate::text::phrases::counted;

/// What all plans do, in Terraform's words, without those that could not be read: these are
/// counted apart. `None` where there is no plan.
pub(crate) fn counts(review: &Review) -> Option<String> {
    let unread = review.plans.iter().filter(|plan| !plan.readable).count();
    let mut parts = Vec::new();
    if unread < review.plans.len() {
        let line = review.counts().terraform_line();
        parts.push(match unread {
            0 => line,
            _ => line.trim_end_matches('.').to_owned(),
        });
    }
    match unread {
        0 => {}
        1 => parts.push("1 plan is unreadable".to_owned()),
        count => parts.push(format!("{count} plans are unreadable")),
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What a plan does, in Terraform's words.
pub(crate) fn summary(plan: &ReviewedPlan) -> &str {
    match plan.readable {
        true => &plan.summary,
        false => "the plan is unreadable",
    }
}

/// `+$74.00 a month (+12 %): $812.00 → $886.00; 2 resources without a price`; `None` where nothing
/// in the plans has a price.
pub(crate) fn planned(review: &Review) -> Option<String> {
    let (before, after, more) = review.cost()?;
    let share = match before.likely > 0.0 && more.likely != 0.0 {
        true => {
            let percent = (more.likely / before.likely * 100.0).round();
            let sign = if percent > 0.0 { "+" } else { "" };
            format!(" ({sign}{} %)", number(percent))
        }
        false => String::new(),
    };
    let costs = review.plans.iter().filter_map(|plan| plan.cost.as_ref());
    let open: usize = costs
        .map(|cost| cost.not_priced.len() + cost.more_not_priced)
        .sum();
    let open = match open {
        0 => String::new(),
        count => format!("; {} without a price", counted(count as u64, "resource")),
    };
    Some(format!(
        "{}{share}: {} → {}{open}",
        difference(more),
        monthly(before),
        monthly(after)
    ))
}

/// `+$74.00 a month ($60.00 to $90.00)`.
pub(crate) fn difference(more: MonthlyUsd) -> String {
    let signed = |usd: f64| {
        let sign = if usd > 0.0 { "+" } else { "" };
        format!("{sign}{}", money(usd, "USD"))
    };
    let range = match more.low == more.high {
        true => String::new(),
        false => format!(" ({} to {})", signed(more.low), signed(more.high)),
    };
    format!("{} a month{range}", signed(more.likely))
}

/// `$74.00`, or `$74.00 ($60.00 to $90.00)`.
pub(crate) fn monthly(usd: MonthlyUsd) -> String {
    let likely = money(usd.likely, "USD");
    match usd.low == usd.high {
        true => likely,
        false => format!(
            "{likely} ({} to {})",
            money(usd.low, "USD"),
            money(usd.high, "USD")
        ),
    }
}

/// Where the amounts come from: prices of which region and when, and what is assumed.
pub(crate) fn sources(cost: &PlannedCost) -> Vec<String> {
    let mut out = Vec::new();
    if let Some((first, last)) = &cost.prices_from {
        let region = cost.region.as_ref();
        let region = region.map_or(String::new(), |region| format!(" of {region}"));
        let dates = match first == last {
            true => first.clone(),
            false => format!("{first} to {last}"),
        };
        out.push(format!(
            "ESTIMATED by list prices{region} from {dates}, without tax and free tiers."
        ));
    }
    if !cost.assumes.is_empty() {
        let all: Vec<String> = cost.assumes.iter().map(|text| text.terminal()).collect();
        out.push(format!("Assumed of each: {}.", all.join("; ")));
    }
    out
}
