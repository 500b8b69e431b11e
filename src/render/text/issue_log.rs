//! The log of errors.

use crate::model::issue_log::{IssueLogReport, LoggedIssue};
use crate::render::debug_words::{figures, state, tried, worked};
use crate::render::text::Style;
use crate::render::text::health::{line, lines};
use crate::render::text::layout::hang;
use crate::text::Untrusted;
use crate::text::phrases::counted;
use crate::text::times;

/// The issues of the log, or figures over them.
pub fn issue_log(report: &IssueLogReport, style: &Style) -> String {
    let mut out = String::new();
    match &report.issues {
        Some(issues) if issues.is_empty() => line(
            &mut out,
            "Nothing is recorded: `fractary debug FILE --commit` records errors.",
        ),
        Some(issues) => {
            for one in issues {
                issue(&mut out, one, style);
            }
        }
        None => {
            for (name, value) in figures(&report.statistics) {
                line(&mut out, &format!("{name}: {value}"));
            }
        }
    }
    style.finish(out)
}

fn issue(out: &mut String, one: &LoggedIssue, style: &Style) {
    let first = format!("{}  ", one.issue_id);
    let title = one.title.terminal();
    lines(out, hang(&first, &title, style.columns(), usize::MAX));
    let category = one.error.category.as_str();
    let times = counted(one.occurrence_count, "time");
    let state = state(one);
    let last = times::time(one.last_seen);
    let seen = format!("    {category}, {state}, {times}, last {last}");
    line(out, &seen);
    for solution in tried(one) {
        let id = Untrusted::from(solution.solution_id.as_str()).terminal();
        line(out, &format!("    {id}: {}", worked(solution.success_rate)));
    }
}
