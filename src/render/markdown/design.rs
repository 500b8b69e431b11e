//! A design, for its document. What its blueprints say is data of the product; what the person
//! wrote is escaped.

use std::fmt::Write;

use crate::model::design::{DesignReport, EnvironmentCost};
use crate::model::running_cost::MonthlyUsd;
use crate::text::numbers;
use crate::text::{Untrusted, escape};

/// The document below the block.
pub fn design(report: &DesignReport) -> String {
    let mut out = format!("# {}\n", report.feature.markdown());
    blueprints(&mut out, report);
    flow(&mut out, report);
    resources(&mut out, report);
    security(&mut out, report);
    costs(&mut out, report);
    slos(&mut out, report);
    list(
        &mut out,
        "Alternatives",
        &report.alternatives,
        "There are none in the catalogue.",
    );
    list(&mut out, "Risks", &report.risks, "None are known.");
    list(&mut out, "Open questions", &report.questions, "None.");
    out
}

fn blueprints(out: &mut String, report: &DesignReport) {
    out.push_str("\n## Blueprints\n\n| blueprint | what it is | why |\n|---|---|---|\n");
    for one in &report.blueprints {
        let mut why = Vec::new();
        if !one.words.is_empty() {
            let words: Vec<String> = one.words.iter().map(quoted).collect();
            why.push(format!("chosen by {}", words.join(", ")));
        }
        if !one.needed_by.is_empty() {
            why.push(format!("needed by {}", one.needed_by.join(", ")));
        }
        if why.is_empty() {
            why.push("added by hand".to_owned());
        }
        let _ = writeln!(
            out,
            "| `{}` | {} | {} |",
            one.id,
            one.summary,
            why.join("; ")
        );
    }
    if !report.not_understood.is_empty() {
        let words: Vec<String> = report.not_understood.iter().map(quoted).collect();
        let _ = write!(out, "\nMatched nothing: {}.\n", words.join(", "));
    }
}

fn quoted(word: &Untrusted) -> String {
    format!("\"{}\"", word.markdown())
}

fn flow(out: &mut String, report: &DesignReport) {
    if report.flow.edges.is_empty() {
        return;
    }
    out.push_str("\n## Data flow\n\n```mermaid\nflowchart LR\n");
    for (id, label) in &report.flow.nodes {
        let _ = writeln!(out, "  {id}[\"{label}\"]");
    }
    for (from, to, how) in &report.flow.edges {
        let _ = writeln!(out, "  {from} -->|{how}| {to}");
    }
    out.push_str("```\n");
}

fn resources(out: &mut String, report: &DesignReport) {
    out.push_str("\n## Resources\n\n| resource | why |\n|---|---|\n");
    for one in &report.resources {
        let _ = writeln!(out, "| `{}` | {} |", one.address, cell(&one.because));
    }
}

/// Text of the catalogue in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn security(out: &mut String, report: &DesignReport) {
    out.push_str("\n## Security\n");
    if report.access.is_empty() {
        out.push_str("\nNothing of this design is used by programs of the design.\n");
    } else {
        out.push_str("\n| who | may | on |\n|---|---|---|\n");
        for one in &report.access {
            let resources: Vec<String> = one
                .resources
                .iter()
                .map(|text| escape::markdown_code(text))
                .collect();
            let actions: Vec<String> = one.actions.iter().map(|text| format!("`{text}`")).collect();
            let (actions, resources) = (actions.join(", "), resources.join(", "));
            let _ = writeln!(
                out,
                "| {} | {actions} | {} |",
                one.program,
                cell(&resources)
            );
        }
    }
    if !report.accepted.is_empty() {
        out.push_str("\nFindings of `fractary audit` that the design accepts:\n\n");
        for one in &report.accepted {
            let _ = writeln!(
                out,
                "- `{}` ({}): {}.",
                one.check, one.blueprint, one.because
            );
        }
    }
}

fn costs(out: &mut String, report: &DesignReport) {
    out.push_str("\n## Cost\n");
    for cost in &report.costs {
        let _ = write!(out, "\n### {}\n\n", cost.environment);
        cost_of(out, cost);
    }
}

fn cost_of(out: &mut String, cost: &EnvironmentCost) {
    let Some(region) = &cost.region else {
        out.push_str("Unknown: the environment has no region in `environments.json`.\n");
        return;
    };
    if cost.is_unknown() {
        let _ = writeln!(out, "Unknown: nothing in it has a price in {region}.");
        texts(out, "Without a price:", &cost.not_priced);
        return;
    }
    let dates = match &cost.prices_from {
        Some((first, last)) if first == last => format!(", prices of {first}"),
        Some((first, last)) => format!(", prices of {first} to {last}"),
        None => String::new(),
    };
    let _ = write!(
        out,
        "US dollars a month in {region}{dates}, without discounts and tax.\n\n"
    );
    out.push_str("| blueprint | low | likely | high |\n|---|---:|---:|---:|\n");
    for (blueprint, monthly) in &cost.blueprints {
        row(out, blueprint, *monthly);
    }
    row(out, "**sum**", cost.monthly);
    texts(out, "Assumed:", &cost.assumes);
    texts(out, "Not in the sum:", &cost.not_priced);
}

fn texts(out: &mut String, title: &str, texts: &[String]) {
    if texts.is_empty() {
        return;
    }
    let _ = write!(out, "\n{title}\n\n");
    for text in texts {
        let _ = writeln!(out, "- {}", escape::markdown(text));
    }
}

fn row(out: &mut String, name: &str, monthly: MonthlyUsd) {
    let usd = |usd: f64| numbers::money(usd, "USD");
    let (low, likely, high) = (usd(monthly.low), usd(monthly.likely), usd(monthly.high));
    let _ = writeln!(out, "| {name} | {low} | {likely} | {high} |");
}

fn slos(out: &mut String, report: &DesignReport) {
    out.push_str("\n## Service levels\n\n");
    if report.slos.is_empty() {
        out.push_str("None: nothing in the design can miss one.\n");
        return;
    }
    out.push_str("| indicator | promise | alarm |\n|---|---|---|\n");
    for one in &report.slos {
        let _ = writeln!(
            out,
            "| `{}` | {} | `{}` |",
            one.indicator, one.text, one.alarm
        );
    }
}

fn list(out: &mut String, title: &str, items: &[String], none: &str) {
    let _ = write!(out, "\n## {title}\n\n");
    if items.is_empty() {
        let _ = writeln!(out, "{none}");
    }
    for item in items {
        let _ = writeln!(out, "- {item}");
    }
}
