//! What completing a fix takes.

use crate::model::debug::CompletionReport;
use crate::render::debug_words::record_command;
use crate::render::text::Style;
use crate::render::text::health::{command_line, line, lines};
use crate::render::text::layout::hang;

/// What completing a fix takes.
pub fn completion(report: &CompletionReport, style: &Style) -> String {
    let mut out = String::new();
    if report.completions.is_empty() {
        line(&mut out, "No known error is in this text.");
    }
    for one in &report.completions {
        let title = format!("{} ({})", one.title.terminal(), one.solution_id);
        lines(
            &mut out,
            hang("FIX       ", &title, style.columns(), usize::MAX),
        );
        for held in &one.held_by {
            lines(
                &mut out,
                hang("stop      ", held, style.columns(), usize::MAX),
            );
        }
        if one.steps.is_empty() {
            line(&mut out, "  wait a minute, change nothing, and try again");
        }
        for (index, step) in one.steps.iter().enumerate() {
            let mark = match step.needs_consent {
                true => " [needs consent: it changes something]",
                false => "",
            };
            let first = format!("  {}. ", index + 1);
            let text = format!("{}{mark}", step.what.terminal());
            lines(&mut out, hang(&first, &text, style.columns(), usize::MAX));
            if let Some(command) = &step.command {
                command_line(&mut out, "      ", &command.terminal(), style);
            }
            if !step.fill_in.is_empty() {
                line(
                    &mut out,
                    &format!("      fill in: {}", step.fill_in.join(", ")),
                );
            }
        }
        if let Some(resume) = &one.resume {
            line(&mut out, "  then go on:");
            command_line(&mut out, "      ", resume, style);
        }
        line(&mut out, "  and record what came of it:");
        command_line(&mut out, "      ", &record_command(one), style);
        line(&mut out, "");
    }
    line(
        &mut out,
        "Nothing was done: fractary does not run these commands.",
    );
    style.finish(out)
}
