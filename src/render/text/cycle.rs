//! A cycle of optimisation.

use crate::model::optimization::CycleReport;
use crate::render::cycle_words::{self, CycleView};
use crate::render::performance::bar_line;
use crate::render::text::Style;
use crate::render::text::health::line;
use crate::render::text::layout::{fit, pad, pad_left};

/// Bars of the picture.
const BARS: usize = 24;

/// A report.
pub fn optimization_cycle(report: &CycleReport, style: &Style) -> String {
    let view = cycle_words::view(report);
    let mut out = String::new();
    let head = format!("{}: {}", report.environment, view.headline);
    line(&mut out, &style.bold(&fit(&head, style.columns())));
    if !view.scores.is_empty() {
        let bars = bar_line(view.scores, BARS, style.unicode);
        line(&mut out, &format!("{bars}  score so far"));
    }
    for task in &view.tasks {
        line(&mut out, "");
        let head = format!("{}  {}  {}", pad(task.swarm, 8), task.title, task.verdict);
        line(&mut out, &fit(&head, style.columns()));
        out += &style.paragraph("          ", &task.effect);
    }
    section(&mut out, "LEFT ALONE", &view.left, style);
    section(&mut out, "WHAT HAPPENED", &view.timeline, style);
    section(&mut out, "LEARNED SO FAR", &view.learned, style);
    section(
        &mut out,
        "CHANGE IN TERRAFORM TO KEEP THE GAINS",
        &view.permanent,
        style,
    );
    metrics(&mut out, &view, style);
    section(&mut out, "NEXT", &view.next, style);
    style.finish(out)
}

fn metrics(out: &mut String, view: &CycleView<'_>, style: &Style) {
    line(out, "");
    line(out, &style.bold("HOW WELL OPTIMISATION WORKS"));
    for one in &view.metrics {
        let text = format!(
            "  {} {} {}  {} ({})",
            pad_left(&one.value, 12),
            pad(&one.target, 8),
            pad(one.verdict, 7),
            one.title,
            one.basis
        );
        line(out, &fit(&text, style.columns()));
    }
}

fn section(out: &mut String, title: &str, entries: &[String], style: &Style) {
    if entries.is_empty() {
        return;
    }
    line(out, "");
    line(out, &style.bold(title));
    for entry in entries {
        *out += &style.paragraph("  ", entry);
    }
}
