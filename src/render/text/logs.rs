//! Patterns of log lines: one line each, what has changed first.

use crate::model::log_report::{LogReport, PatternKind, PatternRow, SlotRow, SlotShare};
use crate::render::log_words;
use crate::render::text::Style;
use crate::render::text::health::line;
use crate::render::text::layout::{fit, pad, pad_left};
use crate::render::text::log_lines::log_coverage;
use crate::text::escape;
use crate::text::phrases;

/// The patterns that are listed.
const LISTED: usize = 40;

/// The patterns of log lines.
pub fn log_report(report: &LogReport, style: &Style) -> String {
    let mut out = String::new();
    let columns = style.columns();
    line(&mut out, &summary(report));
    line(&mut out, "");
    if report.patterns.is_empty() {
        let none = report.coverage.as_ref();
        let none = none.map_or_else(|| "No lines.".to_owned(), |read| log_words::none(read, 0));
        line(&mut out, &none);
        end(&mut out, report, style);
        return style.finish(out);
    }
    let compared = report.baseline_lines.is_some();
    let before = if compared { "   BEFORE" } else { "" };
    let change = if compared { "  CHANGE " } else { "" };
    let leveled = report.patterns.iter().any(|row| row.level.is_some());
    let level = if leveled { "  LEVEL" } else { "" };
    let head = format!(
        "{}{before}  SHARE{change}{level}  PATTERN",
        pad_left("COUNT", 9)
    );
    line(&mut out, &style.dim(&fit(&head, columns)));
    for row in report.patterns.iter().take(LISTED) {
        pattern(&mut out, report, row, leveled, style);
    }
    let more = report.patterns.len().saturating_sub(LISTED);
    if more > 0 {
        line(
            &mut out,
            &style.dim(&format!("and {more} more; all of them with --format json")),
        );
    }
    end(&mut out, report, style);
    style.finish(out)
}

/// How much was read, where log groups were.
fn end(out: &mut String, report: &LogReport, style: &Style) {
    if let Some(read) = &report.coverage {
        line(out, "");
        *out += &log_coverage(read, style);
    }
    if let Some(text) = log_words::not_compared(report) {
        *out += &style.paragraph("", &text);
    }
}

fn summary(report: &LogReport) -> String {
    let mut text = format!(
        "{} in {}",
        phrases::counted(report.lines, "line"),
        phrases::counted(report.patterns.len() as u64, "pattern"),
    );
    match report.baseline_lines {
        None => {}
        Some(0) => text += ", nothing before to compare with",
        Some(lines) => {
            text += &format!(", compared with {} before", phrases::counted(lines, "line"))
        }
    }
    if report.unbounded > 0 {
        text += &format!(
            "; {} with words of unbounded variety",
            phrases::counted(report.unbounded, "line")
        );
    }
    if report.metric_lines > 0 {
        text += &format!(
            "; {} of metrics",
            phrases::counted(report.metric_lines, "line")
        );
    }
    text
}

fn pattern(out: &mut String, report: &LogReport, row: &PatternRow, leveled: bool, style: &Style) {
    let columns = style.columns();
    let mut text = pad_left(&row.count.to_string(), 9);
    if let Some(before) = row.baseline_count {
        text += &pad_left(&before.to_string(), 9);
    }
    let share = 100.0 * row.count as f64 / report.lines.max(1) as f64;
    text += &pad_left(&format!("{share:.1}%"), 7);
    if row.baseline_count.is_some() {
        text += &format!("  {}", pad(word(row.kind), 7));
    }
    if leveled {
        text += &format!("  {}", pad(row.level.as_deref().unwrap_or_default(), 5));
    }
    let indent = crate::render::text::layout::width(&text) + 2;
    let template = escape::terminal(&row.template.redacted());
    let level = row.level.as_deref().filter(|level| is_severe(level));
    let shown = fit(&template, columns.saturating_sub(indent).max(20));
    let shown = if level.is_some() || row.kind == PatternKind::New {
        style.bold(&shown)
    } else {
        shown
    };
    line(out, &format!("{text}  {shown}"));
    for slot in row.slots.iter().filter(|slot| !slot.before.is_empty()) {
        let moved = fit(&shift(slot), columns.saturating_sub(indent + 2).max(20));
        line(
            out,
            &format!("{}{}", " ".repeat(indent + 2), style.dim(&moved)),
        );
    }
}

/// How the values of a place have moved.
fn shift(slot: &SlotRow) -> String {
    let list = |values: &[SlotShare]| {
        let one = |value: &SlotShare| {
            format!(
                "{} {:.0} %",
                escape::terminal(&value.value.redacted()),
                100.0 * value.share
            )
        };
        values.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    format!(
        "value {}: {} → {}",
        slot.position,
        list(&slot.before),
        list(&slot.top)
    )
}

fn is_severe(level: &str) -> bool {
    matches!(
        level,
        "ERROR" | "ERR" | "CRIT" | "CRITICAL" | "FATAL" | "SEVERE" | "PANIC"
    )
}

fn word(kind: PatternKind) -> &'static str {
    match kind {
        PatternKind::New => "new",
        PatternKind::Rising => "rising",
        PatternKind::Shifted => "shifted",
        PatternKind::Gone => "gone",
        PatternKind::Steady => "",
    }
}
