//! The cost part of an audit for a terminal.

use crate::model::cost_report::{CostReport, LimitState, Spending};
use crate::model::fact::Gap;
use crate::model::ids::EnvironmentName;
use crate::model::opportunity::{Opportunity, OpportunityPriority, RealisedState};
use crate::model::receipt::Receipt;
use crate::render::cost_words as words;
use crate::render::words::receipt as receipt_line;
use crate::text::numbers::{money, whole_usd};

use super::Style;

/// Columns in front of the amounts of the breakdown.
const NAME_COLUMNS: usize = 28;
/// Columns of an amount.
const AMOUNT_COLUMNS: usize = 8;
/// Entries that are listed of what is only of interest to some.
const LISTED: usize = 10;

/// Renders what an environment costs and what could be saved.
pub fn cost(
    report: &CostReport,
    receipt: Option<&Receipt>,
    environment: &EnvironmentName,
    style: &Style,
) -> String {
    let mut out = format!(
        "Cost Audit Report\n=================\nEnvironment: {environment}\nPeriod: Last {} days\n",
        report.current.len()
    );
    match &report.spending {
        Some(spending) => {
            let total = money(spending.total, spending.currency.raw());
            out.push_str(&format!("Current Monthly Cost: {total}\n"));
            breakdown(&mut out, spending);
        }
        None => out.push_str("Current Monthly Cost: UNKNOWN\n"),
    }
    for gap in report.gaps.iter().take(LISTED) {
        out.push_str(&format!("\n{}\n", unknown(gap)));
    }
    if report.gaps.len() > LISTED {
        let more = report.gaps.len() - LISTED;
        out.push_str(&format!("\nUNKNOWN: {more} more (--format json)\n"));
    }
    opportunities(&mut out, report, style);
    if let Some(spending) = &report.spending {
        bill(&mut out, spending);
    }
    left_out(&mut out, report);
    figures(&mut out, report);
    if let Some(receipt) = receipt {
        out.push_str(&format!("{}\n", receipt_line(receipt)));
    }
    style.finish(out)
}

/// Says what could not be read, and what would fix it.
fn unknown(gap: &Gap) -> String {
    let mut text = format!("UNKNOWN: {}: {}", gap.subject, gap.message.terminal());
    if let Some(permission) = &gap.missing_permission {
        text.push_str(&format!("\nhint: allow {permission}"));
    }
    text
}

fn breakdown(out: &mut String, spending: &Spending) {
    out.push_str("\nCost Breakdown:\n");
    for (index, driver) in spending.drivers.iter().enumerate() {
        let resource = driver.resource.as_ref();
        let resource = resource.map_or(String::new(), |it| format!(" ({})", it.terminal()));
        let name = format!("{}. {}{resource}", index + 1, driver.service.terminal());
        let amount = money(driver.amount, spending.currency.raw());
        let share = driver.share_percent.round();
        out.push_str(&format!(
            "{name:<NAME_COLUMNS$}{amount:<AMOUNT_COLUMNS$}({share}%)\n"
        ));
    }
}

fn opportunities(out: &mut String, report: &CostReport, style: &Style) {
    let counted: Vec<&Opportunity> = report
        .opportunities
        .iter()
        .filter(|one| one.counted_usd > 0.0)
        .collect();
    if counted.is_empty() {
        let found = words::nothing_counted(report);
        out.push_str(&format!("\nOptimization Opportunities: {found}\n"));
        return;
    }
    out.push_str("\nOptimization Opportunities:\n\n");
    let priorities = [
        (OpportunityPriority::High, "HIGH"),
        (OpportunityPriority::Medium, "MEDIUM"),
        (OpportunityPriority::Low, "LOW"),
    ];
    for (priority, word) in priorities {
        let of: Vec<&&Opportunity> = counted
            .iter()
            .filter(|one| one.priority == priority)
            .collect();
        if of.is_empty() {
            continue;
        }
        let sum: f64 = of.iter().map(|one| one.counted_usd).sum();
        out.push_str(&format!(
            "\n{word} PRIORITY ({}/month savings)\n",
            whole_usd(sum)
        ));
        for (index, one) in of.iter().enumerate() {
            let is_last = index + 1 == of.len();
            out.push_str(&opportunity(one, is_named(report, one), is_last, style));
        }
    }
    let savings = &report.savings;
    let share = savings.share_percent;
    let share = share.map_or(String::new(), |share| format!(" ({share:.0}% reduction)"));
    out.push_str(&format!(
        "\nTotal Potential Savings: {}/month{share}\n\nApply recommendations? (Review each)\n",
        whole_usd(savings.distinct_usd)
    ));
    let listed = (savings.listed_usd * 100.0).round() - (savings.distinct_usd * 100.0).round();
    if listed > 0.0 {
        out.push_str(&format!(
            "{} distinct of {} listed: alternatives count once.\n",
            whole_usd(savings.distinct_usd),
            whole_usd(savings.listed_usd)
        ));
    }
}

/// Whether the breakdown names the resource, so that it need not be named again.
fn is_named(report: &CostReport, one: &Opportunity) -> bool {
    let drivers = report
        .spending
        .iter()
        .flat_map(|spending| &spending.drivers);
    let named = drivers.filter_map(|driver| driver.resource.as_ref());
    let alike = report.opportunities.iter();
    let alike = alike.filter(|other| other.rule == one.rule && other.counted_usd > 0.0);
    named.into_iter().any(|name| *name == one.name) && alike.count() == 1
}

fn opportunity(one: &Opportunity, is_named: bool, is_last: bool, style: &Style) -> String {
    let (branch, rest) = match (style.unicode, is_last) {
        (true, true) => ("└─", "  "),
        (true, false) => ("├─", "│ "),
        (false, true) => ("`-", "  "),
        (false, false) => ("|-", "| "),
    };
    let name = match is_named {
        true => String::new(),
        false => format!(": {}", one.name.terminal()),
    };
    let mut out = format!("{branch} {}{name}\n", one.title);
    for line in &one.evidence {
        out.push_str(&format!("{rest} {}\n", line.terminal()));
    }
    out
}

/// What else is on the bill, and how it is going on.
fn bill(out: &mut String, spending: &Spending) {
    let currency = spending.currency.raw();
    if !spending.adjustments.is_empty() {
        out.push_str("\nOn the bill beside usage, and in none of the amounts above:\n");
        for one in &spending.adjustments {
            let services: Vec<String> = one.services.iter().map(|it| it.terminal()).collect();
            let amount = money(one.amount, currency);
            let record = one.record_type.terminal();
            out.push_str(&format!("  {record} {amount} ({})\n", services.join(", ")));
        }
    }
    if !spending.by_tag.is_empty() {
        out.push_str("\nBy tag:\n");
        for share in &spending.by_tag {
            let value = match share.value.is_empty() {
                true => "(untagged)".to_owned(),
                false => share.value.terminal(),
            };
            let (amount, percent) = (money(share.amount, currency), share.share_percent.round());
            out.push_str(&format!("  {value} {amount} ({percent}%)\n"));
        }
    }
    if !spending.spikes.is_empty() {
        out.push_str("\nSpikes against the same weekday before:\n");
        for spike in &spending.spikes {
            out.push_str(&format!("  {}\n", words::spike(spike, currency)));
        }
    }
    if let Some(forecast) = &spending.forecast {
        out.push_str(&format!("\n{}\n", words::forecast(forecast, currency)));
    }
    for limit in &spending.budgets {
        let mark = match limit.state {
            LimitState::Within => "",
            LimitState::ExpectedAbove => "WARNING: ",
            LimitState::Above => "ABOVE BUDGET: ",
        };
        out.push_str(&format!("{mark}{}\n", words::limit(limit, currency)));
    }
}

/// Alternatives, what is blocked or has no price, what is unknown, and what became of old ones.
fn left_out(out: &mut String, report: &CostReport) {
    let not_counted = report
        .opportunities
        .iter()
        .filter(|one| one.counted_usd == 0.0);
    let not_counted: Vec<String> = not_counted.map(words::not_counted).collect();
    list(out, "Not counted:", &not_counted);
    let undecided: Vec<String> = report.undecided.iter().map(words::undecided).collect();
    list(out, "Unknown:", &undecided);
    let realised: Vec<String> = report
        .realised
        .iter()
        .filter(|one| one.state != RealisedState::Unknown)
        .map(words::realised)
        .collect();
    list(out, "Earlier recommendations:", &realised);
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}\n"));
    for line in lines.iter().take(LISTED) {
        out.push_str(&format!("  {line}\n"));
    }
    if lines.len() > LISTED {
        out.push_str(&format!(
            "  and {} more (--format json)\n",
            lines.len() - LISTED
        ));
    }
}

/// Where the figures come from.
fn figures(out: &mut String, report: &CostReport) {
    out.push('\n');
    for line in words::figures(report) {
        out.push_str(&line);
        out.push('\n');
    }
}
