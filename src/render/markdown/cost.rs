//! The cost part of an audit as Markdown.

use crate::model::cost_report::{CostReport, Spending};
use crate::model::ids::EnvironmentName;
use crate::model::opportunity::Opportunity;
use crate::render::cost_words as words;
use crate::text::escape;
use crate::text::numbers::{money, whole_usd};

/// Renders what an environment costs and what could be saved.
pub fn cost(report: &CostReport, environment: &EnvironmentName) -> String {
    let days = report.current.len();
    let mut out = format!("# Cost audit of {environment}\n\n");
    match &report.spending {
        Some(spending) => {
            let total = money(spending.total, spending.currency.raw());
            out.push_str(&format!("**{total}** in the last {days} days"));
            let savings = &report.savings;
            if savings.distinct_usd > 0.0 {
                let saved = whole_usd(savings.distinct_usd);
                out.push_str(&format!("; **{saved}** a month could be saved"));
            }
            out.push_str(".\n\n");
            breakdown(&mut out, spending);
        }
        None => out.push_str("The cost is **UNKNOWN**.\n\n"),
    }
    for gap in &report.gaps {
        out.push_str(&format!(
            "- UNKNOWN: {}: {}",
            gap.subject,
            gap.message.markdown()
        ));
        if let Some(permission) = &gap.missing_permission {
            out.push_str(&format!(" (allow `{permission}`)"));
        }
        out.push('\n');
    }
    opportunities(&mut out, report);
    section(
        &mut out,
        "Unknown",
        report.undecided.iter().map(words::undecided),
    );
    section(
        &mut out,
        "Earlier recommendations",
        report.realised.iter().map(words::realised),
    );
    section(&mut out, "Figures", words::figures(report).into_iter());
    out
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: String = lines
        .map(|line| format!("- {}\n", escape::markdown(&line)))
        .collect();
    if !lines.is_empty() {
        out.push_str(&format!("\n## {title}\n\n{lines}"));
    }
}

fn breakdown(out: &mut String, spending: &Spending) {
    let currency = spending.currency.raw();
    out.push_str("| Service | Cost | Share | Before | Change | Mostly |\n");
    out.push_str("| --- | ---: | ---: | ---: | ---: | --- |\n");
    for driver in &spending.drivers {
        let resource = driver.resource.as_ref();
        let resource = resource.map_or(String::new(), |it| format!(" ({})", it.markdown()));
        let change = driver.change_percent;
        let change = change.map_or("new".to_owned(), |change| format!("{change:+.0} %"));
        let mostly: Vec<String> = driver
            .usage_types
            .iter()
            .map(|it| it.usage_type.markdown_code())
            .collect();
        out.push_str(&format!(
            "| {}{resource} | {} | {:.0} % | {} | {change} | {} |\n",
            driver.service.markdown(),
            money(driver.amount, currency),
            driver.share_percent,
            money(driver.previous_amount, currency),
            mostly.join(", ")
        ));
    }
    beside(out, spending);
}

/// What else is on the bill, and how it is going on.
fn beside(out: &mut String, spending: &Spending) {
    let currency = spending.currency.raw();
    let adjustments = spending.adjustments.iter().map(|one| {
        let services: Vec<String> = one.services.iter().map(|it| it.terminal()).collect();
        let amount = money(one.amount, currency);
        format!(
            "{} {amount} ({})",
            one.record_type.terminal(),
            services.join(", ")
        )
    });
    section(
        out,
        "Beside usage, in none of the amounts above",
        adjustments,
    );
    let by_tag = spending.by_tag.iter().map(|share| {
        let value = match share.value.is_empty() {
            true => "(untagged)".to_owned(),
            false => share.value.terminal(),
        };
        format!(
            "{value} {} ({:.0} %)",
            money(share.amount, currency),
            share.share_percent
        )
    });
    section(out, "By tag", by_tag);
    let spikes = spending
        .spikes
        .iter()
        .map(|spike| words::spike(spike, currency));
    section(out, "Spikes against the same weekday before", spikes);
    let forecast = spending
        .forecast
        .iter()
        .map(|it| words::forecast(it, currency));
    let limits = spending
        .budgets
        .iter()
        .map(|limit| words::limit(limit, currency));
    section(out, "Forecast and budgets", forecast.chain(limits));
}

fn opportunities(out: &mut String, report: &CostReport) {
    if report.opportunities.is_empty() {
        let found = words::nothing_counted(report);
        out.push_str(&format!("\nOpportunities: {found}.\n"));
        return;
    }
    out.push_str("\n## What could be saved\n\n");
    out.push_str(
        "| Saving a month | What | Resource | Effort | Restart | Can be undone | Confidence |\n",
    );
    out.push_str("| ---: | --- | --- | --- | --- | --- | --- |\n");
    for one in &report.opportunities {
        out.push_str(&row(one));
    }
    let savings = &report.savings;
    out.push_str(&format!(
        "\n**{}** distinct of {} listed; {} without a known price.\n",
        whole_usd(savings.distinct_usd),
        whole_usd(savings.listed_usd),
        savings.without_amount
    ));
    for one in &report.opportunities {
        details(out, one);
    }
}

fn row(one: &Opportunity) -> String {
    let yes = |flag: bool| if flag { "yes" } else { "no" };
    let saving = match (one.savings_usd, one.at_most) {
        (Some(saving), true) => format!("≤ {}", whole_usd(saving)),
        (Some(saving), false) => whole_usd(saving),
        (None, _) => "price unknown".to_owned(),
    };
    format!(
        "| {saving} | {} | {} | {:?} | {} | {} | {:?} |\n",
        escape::markdown(&one.title),
        one.name.markdown(),
        one.effort,
        yes(one.restart_needed),
        yes(one.rollback_possible),
        one.confidence
    )
}

fn details(out: &mut String, one: &Opportunity) {
    let title = escape::markdown(&one.title);
    out.push_str(&format!("\n### {title}: {}\n\n", one.name.markdown()));
    for line in &one.evidence {
        out.push_str(&format!("- {}\n", line.markdown()));
    }
    if one.counted_usd == 0.0 || one.blocked_by.is_some() {
        let why = escape::markdown(&words::not_counted(one));
        out.push_str(&format!("- Not counted: {why}\n"));
    }
    let commands: Vec<String> = one.commands.iter().map(|it| it.redacted()).collect();
    if !commands.is_empty() {
        out.push_str(&format!(
            "\n{}",
            escape::markdown_fence(&commands.join("\n"))
        ));
    }
    if let Some(terraform) = &one.terraform {
        out.push_str(&format!(
            "\n{}",
            escape::markdown_fence(&terraform.redacted())
        ));
    }
}
