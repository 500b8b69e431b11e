//! What completing a fix takes.

use crate::model::debug::CompletionReport;
use crate::render::debug_words::record_command;
use crate::text::Untrusted;
use crate::text::escape;

/// What completing a fix takes.
pub fn completion(report: &CompletionReport) -> String {
    let mut out = String::from("# Completing the fix\n");
    if report.completions.is_empty() {
        out.push_str("\nNo known error is in this text.\n");
    }
    for one in &report.completions {
        let id = Untrusted::from(one.solution_id.as_str()).markdown_code();
        out.push_str(&format!("\n## {} ({id})\n\n", one.title.markdown()));
        for held in &one.held_by {
            out.push_str(&format!("**Stop:** {}\n\n", escape::markdown(held)));
        }
        if one.steps.is_empty() {
            out.push_str("Wait a minute, change nothing, and try again.\n");
        }
        for (index, step) in one.steps.iter().enumerate() {
            let mark = match step.needs_consent {
                true => " **(needs consent: it changes something)**",
                false => "",
            };
            out.push_str(&format!("{}. {}{mark}\n", index + 1, step.what.markdown()));
            if let Some(command) = &step.command {
                out.push_str(&format!("   {}\n", command.markdown_code()));
            }
        }
        if let Some(resume) = &one.resume {
            out.push_str(&format!("\nThen go on: `{resume}`\n"));
        }
        let record = Untrusted::new(record_command(one)).markdown_code();
        out.push_str(&format!("\nAnd record what came of it: {record}\n"));
    }
    out.push_str("\nNothing was done: fractary does not run these commands.\n");
    out
}
