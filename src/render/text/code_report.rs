//! What checking code found: a line for each thing, and why.

use crate::model::design::{CodeOutcome, CodeReport};
use crate::render::text::Style;
use crate::render::text::health::line;
use crate::render::text::layout::pad;

/// A report.
pub fn code_report(report: &CodeReport, style: &Style) -> String {
    let mut out = String::new();
    for step in &report.steps {
        let word = match step.outcome {
            CodeOutcome::Passed => "ok",
            CodeOutcome::Failed => "FAILED",
            CodeOutcome::NotRun => "not run",
        };
        line(&mut out, &format!("{}  {}", pad(word, 7), step.name));
        for detail in &step.details {
            for text in detail.raw().lines() {
                let text = crate::text::escape::terminal(text);
                out.push_str(&style.paragraph("         ", &text));
            }
        }
    }
    style.finish(out)
}
