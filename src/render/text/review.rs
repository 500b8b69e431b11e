//! A review on a terminal.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use crate::model::review::{Review, ReviewSection, ReviewVerdict, ReviewedPlan};
use crate::model::running_cost::PlannedCost;
use crate::render::review_words;
use crate::render::text::Style;
use crate::text::escape;
use crate::text::phrases::counted;

/// Changes of a plan that are listed.
const MOST_CHANGES: usize = 40;

/// Renders a review: the verdict first, then what was found, section by section.
pub fn review(review: &Review, style: &Style) -> String {
    reviewed(review, "merging", style)
}

/// Renders the same of a plan that is about to be applied.
pub(super) fn plan_review(review: &Review, style: &Style) -> String {
    reviewed(review, "applying", style)
}

fn reviewed(review: &Review, doing: &str, style: &Style) -> String {
    let mut out = String::new();
    let verdict = style.paint(
        color(review.verdict),
        &format!("{} {}", review.verdict.icon(), review.verdict),
    );
    let environment = review
        .environment
        .as_ref()
        .map_or(String::new(), |name| format!(" for {name}"));
    let _ = write!(out, "{verdict}{environment}");
    if let Some(line) = review_words::counts(review) {
        let _ = write!(out, " · {line}");
    }
    out.push('\n');
    match review.against().next() {
        Some(worst) => {
            let _ = writeln!(out, "{}", style.bold(&worst.title.terminal()));
        }
        None => {
            let _ = writeln!(
                out,
                "Nothing that was examined speaks against {doing} this."
            );
        }
    }
    if let Some(line) = review_words::planned(review) {
        let _ = writeln!(out, "Cost: {line}");
    }
    for section in ReviewSection::ALL {
        findings(review, section, style, &mut out);
        if section == ReviewSection::Plan {
            review
                .plans
                .iter()
                .for_each(|one| plan(one, style, &mut out));
        }
    }
    review
        .plans
        .iter()
        .filter_map(|plan| plan.cost.as_ref())
        .for_each(|one| cost(one, style, &mut out));
    closing(review, style, &mut out);
    style.finish(out)
}

/// What does not count, how to clear the rest, and what was not examined.
fn closing(review: &Review, style: &Style, out: &mut String) {
    if !review.suppressed.is_empty() {
        let _ = writeln!(out, "\n{}", style.bold("Suppressed on the base branch"));
        for one in &review.suppressed {
            let because = one.suppressed_because.as_ref();
            let because = because.map_or(String::new(), |text| text.terminal());
            let _ = writeln!(out, "  {} {}: {because}", one.rule, one.title.terminal());
        }
    }
    if !review.rules.is_empty() {
        let _ = writeln!(out, "\n{}", style.bold("To clear"));
        for rule in &review.rules {
            let _ = writeln!(
                out,
                "  {} {}: {}",
                rule.verdict,
                rule.rule,
                rule.clear.terminal()
            );
        }
    }
    if !review.not_looked_at.is_empty() {
        let _ = writeln!(out, "\n{}", style.bold("Not examined"));
        for text in &review.not_looked_at {
            let _ = writeln!(out, "  {}", text.terminal());
        }
    }
}

/// Resources without a price that are listed.
const MOST_NOT_PRICED: usize = 10;

fn cost(cost: &PlannedCost, style: &Style, out: &mut String) {
    if cost.changes.is_empty() && cost.not_priced.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", style.bold("Cost a month"));
    for one in &cost.changes {
        let (before, after) = (one.before, one.after);
        let _ = writeln!(
            out,
            "  {}: {} → {}",
            one.address.terminal(),
            review_words::monthly(before),
            review_words::monthly(after)
        );
    }
    for one in cost.not_priced.iter().take(MOST_NOT_PRICED) {
        let _ = writeln!(
            out,
            "  no amount for {}: {}",
            one.address.terminal(),
            escape::terminal(&escape::cut(one.because.raw(), 300))
        );
    }
    let more = cost.not_priced.len().saturating_sub(MOST_NOT_PRICED) + cost.more_not_priced;
    if more > 0 {
        let _ = writeln!(out, "  and {} more", counted(more as u64, "resource"));
    }
    for sentence in review_words::sources(cost) {
        let _ = writeln!(out, "  {}", style.dim(&sentence));
    }
}

fn color(verdict: ReviewVerdict) -> anstyle::Style {
    match verdict {
        ReviewVerdict::Pass => AnsiColor::Green.on_default().bold(),
        ReviewVerdict::Warn => AnsiColor::Yellow.on_default().bold(),
        ReviewVerdict::Block => AnsiColor::Red.on_default().bold(),
    }
}

fn findings(review: &Review, section: ReviewSection, style: &Style, out: &mut String) {
    let mut found = review.of_section(section).peekable();
    if found.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "\n{}", style.bold(section.title()));
    for one in found {
        let place = one.place.as_ref().map_or(String::new(), |place| {
            format!(
                " ({}:{})",
                escape::terminal(place.file.as_str()),
                place.line
            )
        });
        let _ = writeln!(
            out,
            "  {} {} {}{place}",
            one.effect.icon(),
            style.severity(one.severity, one.severity.word()),
            one.title.terminal()
        );
        for sentence in &one.evidence {
            let _ = writeln!(
                out,
                "      {}",
                escape::terminal(&escape::cut(sentence.raw(), 300))
            );
        }
    }
}

fn plan(plan: &ReviewedPlan, style: &Style, out: &mut String) {
    let _ = writeln!(
        out,
        "\n{} {}",
        style.bold(&plan.directory.terminal()),
        review_words::summary(plan)
    );
    for change in plan.changes.iter().take(MOST_CHANGES) {
        let _ = writeln!(out, "  {:>3} {}", change.sign, change.address.terminal());
        for note in &change.notes {
            let _ = writeln!(out, "        {}", style.dim(&note.terminal()));
        }
        if change.action.raw() == "create" {
            continue;
        }
        for one in &change.differences {
            let shown = |side: &Option<crate::text::Untrusted>| {
                side.as_ref()
                    .map_or("unset".to_owned(), |text| text.terminal())
            };
            let forces = if one.forces_replacement {
                " (forces replacement)"
            } else {
                ""
            };
            match one.lines.is_empty() {
                true => {
                    let _ = writeln!(
                        out,
                        "        {}: {} → {}{forces}",
                        one.path.terminal(),
                        shown(&one.before),
                        shown(&one.after)
                    );
                }
                false => {
                    let _ = writeln!(out, "        {}{forces}", one.path.terminal());
                    for line in &one.lines {
                        let _ = writeln!(out, "          {}", line.terminal());
                    }
                }
            }
        }
    }
    let more = plan.changes.len().saturating_sub(MOST_CHANGES) + plan.more_changes;
    if more > 0 {
        let _ = writeln!(out, "  {} not listed", counted(more as u64, "change"));
    }
}
