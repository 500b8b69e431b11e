//! Events of logs as a table.

use crate::model::log_events::{LogCoverage, LogLevel, LogLines};
use crate::render::log_words;
use crate::text::phrases;
use crate::text::{Untrusted, times};

/// The events that are listed.
const LISTED: usize = 500;

/// The events of a span, and how much of it was read.
pub fn log_lines(report: &LogLines, offset: i32) -> String {
    let mut out = String::from("# Log events\n\n");
    if report.lines.is_empty() {
        let seen = report.filtered_out + report.without_level;
        out.push_str(&format!("{}\n", log_words::none(&report.coverage, seen)));
    } else {
        out.push_str(&format!(
            "| Time ({}) | Level | Group | Message |\n| --- | --- | --- | --- |\n",
            times::zone(offset)
        ));
    }
    for line in report.lines.iter().take(LISTED) {
        let message = Untrusted::new(log_words::one_line(&line.message));
        out.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            times::exact(line.at, offset),
            line.level.map_or("", LogLevel::word),
            line.group.markdown_code(),
            message.markdown_code(),
        ));
    }
    let more = report.lines.len().saturating_sub(LISTED) as u64;
    if more > 0 {
        let more = phrases::counted(more, "event");
        out.push_str(&format!("\nAnd {more} more; all with `--format json`.\n"));
    }
    if report.without_level > 0 {
        let count = phrases::counted(report.without_level, "event");
        out.push_str(&format!("\n{count} named no level and are not shown.\n"));
    }
    out.push('\n');
    out.push_str(&log_coverage(&report.coverage));
    out
}

/// How much was read, and what was not.
pub(super) fn log_coverage(coverage: &LogCoverage) -> String {
    let mut out = format!("## What was read\n\n{}.\n\n", log_words::summary(coverage));
    for group in &coverage.groups {
        out.push_str(&format!(
            "- {} ({}): {}\n",
            group.group.markdown_code(),
            group.named_by.markdown(),
            log_words::group(group).markdown(),
        ));
    }
    for one in &coverage.elsewhere {
        out.push_str(&format!(
            "- {}: {}\n",
            one.resource.markdown(),
            log_words::elsewhere(one).markdown(),
        ));
    }
    for note in log_words::notes(coverage) {
        out.push_str(&format!("\nNote: {note}.\n"));
    }
    out
}
