//! What a change costs, as Markdown.

use std::fmt::Write as _;

use crate::model::review::{Review, ReviewedPlan};
use crate::model::running_cost::{MonthlyUsd, PlannedCost};
use crate::render::review_words;
use crate::text::escape;
use crate::text::phrases::counted;

use super::{Fold, Item};

/// The line that says it in short; `None` where nothing has a price.
pub(super) fn cost_line(review: &Review) -> Option<String> {
    let line = review_words::planned(review)?;
    Some(format!("Cost: **{}**", escape::markdown(&line)))
}

/// What the resources of one plan cost.
pub(super) fn fold(plan: &ReviewedPlan) -> Option<Fold> {
    let cost = plan.cost.as_ref()?;
    if cost.changes.is_empty() && cost.not_priced.is_empty() {
        return None;
    }
    let directory = escape::html(&escape::cut(plan.directory.raw(), 200));
    let mut title = format!("<b>Cost</b> of {directory}: ");
    title.push_str(&match cost.prices_from {
        Some(_) => review_words::difference(cost.difference),
        None => "nothing in it has a price".to_owned(),
    });
    if !cost.not_priced.is_empty() {
        let count = cost.not_priced.len() + cost.more_not_priced;
        let _ = write!(
            title,
            ", {} without a price",
            counted(count as u64, "resource")
        );
    }
    Some(Fold {
        title,
        items: items(cost),
        left_out: 0,
        is_open: false,
    })
}

fn items(cost: &PlannedCost) -> Vec<Item> {
    let item = |rank, text| Item { rank, text };
    let mut items = Vec::new();
    if !cost.changes.is_empty() {
        let mut text = "| resource | before | after | of it |\n|---|---|---|---|\n".to_owned();
        for one in &cost.changes {
            let parts: Vec<String> = one.parts.iter().map(|part| part.markdown()).collect();
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                one.address.markdown_code(),
                amount(one.before),
                amount(one.after),
                parts.join(", ")
            );
        }
        text.push('\n');
        items.push(item(2, text));
    }
    if cost.more_changes > 0 {
        let more = counted(cost.more_changes as u64, "resource");
        items.push(item(2, format!("*{more} more not listed.*\n\n")));
    }
    for one in &cost.not_priced {
        let because = escape::markdown(&escape::cut(one.because.raw(), 300));
        let text = format!(
            "- no amount for {}: {because}\n",
            one.address.markdown_code()
        );
        items.push(item(3, text));
    }
    if cost.more_not_priced > 0 {
        items.push(item(3, format!("- and {} more\n", cost.more_not_priced)));
    }
    let mut text = String::new();
    for sentence in review_words::sources(cost) {
        let _ = writeln!(text, "\n{}", escape::markdown(&sentence));
    }
    items.push(item(2, text));
    items
}

fn amount(usd: MonthlyUsd) -> String {
    escape::markdown(&review_words::monthly(usd))
}
