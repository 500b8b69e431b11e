//! Patterns of log lines as a table.

use crate::model::log_report::{LogReport, PatternKind, PatternRow};
use crate::render::log_words;
use crate::render::markdown::log_lines::log_coverage;
use crate::text::escape;
use crate::text::times;

/// The patterns that are listed.
const LISTED: usize = 50;
/// The patterns of which a line is shown.
const EXAMPLES: usize = 10;

/// The patterns of log lines.
pub fn log_report(report: &LogReport) -> String {
    let mut out = String::from("# Log patterns\n\n");
    out.push_str(&format!(
        "{} lines, {} patterns",
        report.lines,
        report.patterns.len()
    ));
    if let Some(before) = report.baseline_lines {
        out.push_str(&format!(", compared with {before} lines before"));
    }
    if report.unbounded > 0 {
        out.push_str(&format!(
            "; {} lines with words of unbounded variety",
            report.unbounded
        ));
    }
    out.push_str(".\n\n");
    if report.patterns.is_empty() {
        let none = report.coverage.as_ref();
        let none = none.map_or_else(|| "No lines.".to_owned(), |read| log_words::none(read, 0));
        out.push_str(&format!("{none}\n"));
        end(&mut out, report);
        return out;
    }
    out.push_str(
        "| Count | Before | Change | Level | First | Last | Pattern |\n\
         | ---: | ---: | --- | --- | --- | --- | --- |\n",
    );
    for row in report.patterns.iter().take(LISTED) {
        out.push_str(&table_row(row));
    }
    let more = report.patterns.len().saturating_sub(LISTED);
    if more > 0 {
        out.push_str(&format!("\nAnd {more} more.\n"));
    }
    examples(&mut out, report);
    end(&mut out, report);
    out
}

/// A line of each of the patterns that have changed most.
fn examples(out: &mut String, report: &LogReport) {
    let changed = report
        .patterns
        .iter()
        .filter(|row| row.kind != PatternKind::Steady)
        .take(EXAMPLES);
    let mut any = false;
    for row in changed {
        let Some(example) = row.examples.first() else {
            continue;
        };
        if !any {
            out.push_str("\n## Examples\n\n");
            any = true;
        }
        out.push_str(&format!("- {}\n", example.markdown_code()));
    }
}

/// How much was read, where log groups were.
fn end(out: &mut String, report: &LogReport) {
    if let Some(read) = &report.coverage {
        out.push_str(&format!("\n{}", log_coverage(read)));
    }
    if let Some(text) = log_words::not_compared(report) {
        out.push_str(&format!("\nNot compared: {text}.\n"));
    }
}

fn table_row(row: &PatternRow) -> String {
    let change = match row.kind {
        PatternKind::New => "**new**",
        PatternKind::Rising => "rising",
        PatternKind::Shifted => "shifted",
        PatternKind::Gone => "gone",
        PatternKind::Steady => "",
    };
    format!(
        "| {} | {} | {change} | {} | {} | {} | {} |\n",
        row.count,
        row.baseline_count
            .map(|count| count.to_string())
            .unwrap_or_default(),
        row.level
            .as_deref()
            .map(escape::markdown)
            .unwrap_or_default(),
        row.first_seen.map(times::clock).unwrap_or_default(),
        row.last_seen.map(times::clock).unwrap_or_default(),
        row.template.markdown_code(),
    )
}
