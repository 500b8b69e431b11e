//! Events of logs: one line each.

use anstyle::{AnsiColor, Style as Paint};
use jiff::Timestamp;

use crate::model::log_events::{LogCoverage, LogLevel, LogLine, LogLines};
use crate::render::log_words;
use crate::render::text::Style;
use crate::render::text::health::line;
use crate::render::text::layout::pad;
use crate::text::escape;
use crate::text::phrases;
use crate::text::times;

/// How lines look that come one after the other.
#[derive(Debug, Clone)]
pub struct LinePrinter {
    style: Style,
    /// Seconds east of UTC.
    offset: i32,
    /// Whether lines name their group.
    names_groups: bool,
    day: String,
}

impl LinePrinter {
    /// One for lines of one group or several, with times so many seconds east of UTC.
    pub fn new(style: Style, offset: i32, names_groups: bool) -> Self {
        Self {
            style,
            offset,
            names_groups,
            day: String::new(),
        }
    }

    /// Returns a line of text, behind a heading where the day changes.
    pub fn print(&mut self, one: &LogLine) -> String {
        let mut out = String::new();
        let (day, clock) = self.time(one.at);
        if day != self.day {
            let zone = times::zone(self.offset);
            line(&mut out, &self.style.dim(&format!("— {day}, {zone} —")));
            self.day = day;
        }
        let level = one.level.map_or("", LogLevel::word);
        let mut text = format!(
            "{}  {}  ",
            self.style.dim(&clock),
            self.style.paint(paint(one.level), &pad(level, 5))
        );
        if self.names_groups {
            let group = escape::terminal(short(one.group.raw()));
            text += &format!("{}  ", self.style.command(&group));
        }
        let message = log_words::one_line(&one.message);
        text += &match one.level {
            Some(level) if level != LogLevel::Info => {
                self.style.paint(paint(Some(level)), &message)
            }
            _ => message,
        };
        line(&mut out, &text);
        self.style.signs(out)
    }

    fn time(&self, at: Timestamp) -> (String, String) {
        let text = times::exact(at, self.offset);
        let (day, clock) = text.split_once(' ').unwrap_or((&text, ""));
        (day.to_owned(), clock.to_owned())
    }
}

/// The last part of the name of a group.
fn short(group: &str) -> &str {
    group.rsplit('/').next().unwrap_or(group)
}

fn paint(level: Option<LogLevel>) -> Paint {
    match level {
        Some(LogLevel::Fatal) => AnsiColor::Red.on_default().bold(),
        Some(LogLevel::Error) => AnsiColor::Red.on_default(),
        Some(LogLevel::Warn) => AnsiColor::Yellow.on_default(),
        Some(LogLevel::Debug | LogLevel::Trace) => Paint::new().dimmed(),
        Some(LogLevel::Info) | None => Paint::new(),
    }
}

/// The events of a span, and how much of it was read.
pub fn log_lines(report: &LogLines, offset: i32, style: &Style) -> String {
    let many = report.coverage.groups.len() > 1;
    let mut printer = LinePrinter::new(*style, offset, many);
    let mut out: String = report.lines.iter().map(|one| printer.print(one)).collect();
    if report.lines.is_empty() {
        let seen = report.filtered_out + report.without_level;
        line(&mut out, &log_words::none(&report.coverage, seen));
    }
    let mut rest = String::new();
    line(&mut rest, "");
    rest += &log_coverage(&report.coverage, style);
    if report.filtered_out > 0 && !report.lines.is_empty() {
        let text = phrases::counted(report.filtered_out, "event");
        line(&mut rest, &style.dim(&format!("{text} did not fit")));
    }
    if report.without_level > 0 {
        let text = phrases::counted(report.without_level, "event");
        line(
            &mut rest,
            &style.dim(&format!("{text} named no level and are not shown")),
        );
    }
    out + &style.finish(rest)
}

/// How much was read, and what was not.
pub(super) fn log_coverage(coverage: &LogCoverage, style: &Style) -> String {
    let mut out = String::new();
    out += &style.paragraph("", &log_words::summary(coverage));
    for group in &coverage.groups {
        let name = group.group.terminal();
        let named_by = group.named_by.terminal();
        let told = log_words::group(group).terminal();
        let text = format!("{name} ({named_by}): {told}");
        out += &style.paragraph("  ", &text);
    }
    for one in &coverage.elsewhere {
        let told = log_words::elsewhere(one).terminal();
        out += &style.paragraph("  ", &format!("{}: {told}", one.resource.terminal()));
    }
    for note in log_words::notes(coverage) {
        out += &style.paragraph("", &note);
    }
    out
}
