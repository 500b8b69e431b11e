//! A design in short: what chose it, what it costs, what is open.

use crate::model::design::{DesignReport, EnvironmentCost, MergeConflict};
use crate::render::text::Style;
use crate::render::text::health::line;
use crate::render::text::layout::pad;
use crate::text::{escape, numbers};

/// A design.
pub fn design(report: &DesignReport, style: &Style) -> String {
    let mut out = String::new();
    line(&mut out, &style.bold(&report.feature.terminal()));
    line(&mut out, "");
    let width = report
        .blueprints
        .iter()
        .map(|one| one.id.len())
        .max()
        .unwrap_or(0);
    for one in &report.blueprints {
        let words: Vec<String> = one
            .words
            .iter()
            .map(|word| format!("\"{}\"", word.terminal()))
            .collect();
        let why = match (words.is_empty(), one.needed_by.is_empty()) {
            (false, _) => format!("chosen by {}", words.join(", ")),
            (true, false) => format!("needed by {}", one.needed_by.join(", ")),
            (true, true) => "added by hand".to_owned(),
        };
        out.push_str(&style.paragraph(&format!("  {}  ", pad(&one.id, width)), &why));
    }
    if !report.not_understood.is_empty() {
        let words: Vec<String> = report
            .not_understood
            .iter()
            .map(|word| format!("\"{}\"", word.terminal()))
            .collect();
        out.push_str(&style.paragraph("  ", &format!("matched nothing: {}", words.join(", "))));
    }
    line(&mut out, "");
    for cost in &report.costs {
        out.push_str(&style.paragraph(&format!("  {}: ", cost.environment), &cost_of(cost)));
    }
    if !report.questions.is_empty() {
        line(&mut out, "");
        line(&mut out, &style.bold("Open questions"));
        for question in &report.questions {
            out.push_str(&style.paragraph("  - ", question));
        }
    }
    style.finish(out)
}

/// What one environment costs a month, or why that is unknown.
fn cost_of(cost: &EnvironmentCost) -> String {
    let usd = |usd: f64| numbers::money(usd, "USD");
    match &cost.region {
        None => "unknown: the environment has no region".to_owned(),
        Some(region) if cost.is_unknown() => format!(
            "unknown in {region}: {} without a price (`fractary prices update` reads prices)",
            cost.not_priced.len()
        ),
        Some(region) => {
            let open = match cost.not_priced.len() {
                0 => String::new(),
                count => format!(", {count} without a price"),
            };
            format!(
                "{} a month in {region} (from {} to {}){open}",
                usd(cost.monthly.likely),
                usd(cost.monthly.low),
                usd(cost.monthly.high)
            )
        }
    }
}

/// Lines that both sides of a merge changed, as people see a conflict.
pub fn conflict(conflict: &MergeConflict) -> Vec<String> {
    let side = |title: &str, text: &str| {
        let lines = text
            .lines()
            .map(|line| format!("    {}", escape::terminal(line)));
        std::iter::once(format!("  {title}"))
            .chain(lines)
            .collect::<Vec<_>>()
    };
    let mut out = side(
        &format!("in the file, from line {}:", conflict.line),
        &conflict.ours,
    );
    out.extend(side("would be generated:", &conflict.theirs));
    out
}
