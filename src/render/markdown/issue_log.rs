//! The log of errors.

use crate::model::issue_log::{IssueLogReport, LoggedIssue};
use crate::render::debug_words::{figures, state, tried, worked};
use crate::text::Untrusted;
use crate::text::times;

/// The issues of the log, or figures over them.
pub fn issue_log(report: &IssueLogReport) -> String {
    let mut out = String::from("# Log of errors\n\n");
    match &report.issues {
        Some(issues) if issues.is_empty() => out.push_str("Nothing is recorded.\n"),
        Some(issues) => {
            out.push_str("| issue | error | about | state | times | last | solutions |\n");
            out.push_str("|---|---|---|---|---:|---|---|\n");
            for one in issues {
                out.push_str(&row(one));
            }
        }
        None => {
            out.push_str("| figure | value |\n|---|---|\n");
            for (name, value) in figures(&report.statistics) {
                out.push_str(&format!("| {name} | {value} |\n"));
            }
        }
    }
    out
}

fn row(one: &LoggedIssue) -> String {
    let solutions = tried(one).into_iter().map(|solution| {
        let id = Untrusted::from(solution.solution_id.as_str()).markdown_code();
        format!("{id} {}", worked(solution.success_rate))
    });
    let solutions: Vec<String> = solutions.collect();
    format!(
        "| `{}` | {} | {} | {} | {} | {} | {} |\n",
        one.issue_id,
        one.title.markdown(),
        one.error.category.as_str(),
        state(one),
        one.occurrence_count,
        times::time(one.last_seen),
        solutions.join(", ")
    )
}
