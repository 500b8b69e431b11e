//! Errors as a section each.

use crate::model::debug::{DebugReport, DiagnosedError, RankedSolution, SolutionStep};
use crate::render::debug_words::{attempts, change, is_described, place, said, seen};
use crate::render::markdown::denials::denial;
use crate::text::Untrusted;
use crate::text::escape;

/// Every error of a text.
pub fn debug(report: &DebugReport) -> String {
    let mut out = String::from("# Errors\n");
    if report.errors.is_empty() && report.similar.is_empty() {
        out.push_str("\nNo known error is in this text.\n");
    }
    for one in &report.errors {
        error(&mut out, one);
    }
    if !report.similar.is_empty() {
        out.push_str("\nNo error is in this text. Known errors that fit its words:\n");
    }
    for one in &report.similar {
        out.push_str(&format!("\n## {} (`{}`)\n", one.title.markdown(), one.id));
        if let Some(means) = &one.means {
            out.push_str(&format!("\n{}\n", escape::markdown(means)));
        }
        steps(&mut out, &one.steps);
    }
    out
}

fn error(out: &mut String, one: &DiagnosedError) {
    out.push_str(&format!(
        "\n## {}\n\n| | |\n|---|---|\n",
        one.title.markdown()
    ));
    let code = |text: String| Untrusted::new(text).markdown_code();
    if let Some(place) = place(one) {
        out.push_str(&format!("| at | {} |\n", code(place)));
    }
    for also in &one.also_at {
        out.push_str(&format!("| also at | {} |\n", also.markdown_code()));
    }
    out.push_str(&format!("| said | {} |\n", code(said(one))));
    let about = format!(
        "{}, issue `{}`{}",
        one.category.as_str(),
        one.issue_id,
        seen(one)
    );
    out.push_str(&format!("| about | {about} |\n"));
    if let Some(lock) = &one.lock {
        let who = lock
            .who
            .as_ref()
            .map_or_else(|| "unknown".to_owned(), Untrusted::markdown_code);
        let since = lock
            .created
            .as_ref()
            .map_or_else(|| "unknown".to_owned(), Untrusted::markdown_code);
        let id = lock.id.markdown_code();
        out.push_str(&format!(
            "| lock | held by {who} since {since}, id {id} |\n"
        ));
    }
    if let Some(cause) = &one.follows {
        out.push_str(&format!(
            "\nFollows from issue `{cause}`: solve that one first.\n"
        ));
        return;
    }
    if let Some(means) = &one.means {
        out.push_str(&format!("\n{}\n", escape::markdown(means)));
    }
    for denied in &one.denials {
        denial(out, denied);
    }
    for (index, solution) in one.solutions.iter().enumerate() {
        self::solution(out, index + 1, solution);
    }
    if !one.never.is_empty() {
        out.push('\n');
    }
    for never in &one.never {
        out.push_str(&format!("- **Never** {}\n", escape::markdown(never)));
    }
    if let Some(docs) = &one.docs {
        out.push_str(&format!("\n<{docs}>\n"));
    }
}

fn solution(out: &mut String, number: usize, one: &RankedSolution) {
    let id = Untrusted::from(one.solution_id.as_str()).markdown_code();
    out.push_str(&format!(
        "\n### Fix {number}: {id} ({})\n",
        escape::markdown(&attempts(one))
    ));
    if is_described(one) {
        out.push_str(&format!("\n{}\n", one.description.markdown()));
    }
    steps(out, &one.steps);
}

fn steps(out: &mut String, steps: &[SolutionStep]) {
    if !steps.is_empty() {
        out.push('\n');
    }
    for (index, step) in steps.iter().enumerate() {
        out.push_str(&format!(
            "{}. {}{}\n",
            index + 1,
            escape::markdown(&step.what),
            change(step)
        ));
        if let Some(command) = &step.command {
            out.push_str(&format!("   {}\n", command.markdown_code()));
        }
    }
}
