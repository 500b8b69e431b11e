//! Patterns of log lines as a table.

use crate::model::log_report::{LogReport, PatternKind, PatternRow};
use crate::text::escape;

/// The patterns that are listed.
const LISTED: usize = 50;

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
        out.push_str("No lines.\n");
        return out;
    }
    out.push_str(
        "| Count | Before | Change | Level | Pattern |\n| ---: | ---: | --- | --- | --- |\n",
    );
    for row in report.patterns.iter().take(LISTED) {
        out.push_str(&table_row(row));
    }
    let more = report.patterns.len().saturating_sub(LISTED);
    if more > 0 {
        out.push_str(&format!("\nAnd {more} more.\n"));
    }
    out
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
        "| {} | {} | {change} | {} | {} |\n",
        row.count,
        row.baseline_count
            .map(|count| count.to_string())
            .unwrap_or_default(),
        row.level
            .as_deref()
            .map(escape::markdown)
            .unwrap_or_default(),
        row.template.markdown_code(),
    )
}
