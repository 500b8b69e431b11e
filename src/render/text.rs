//! Text for a terminal. Reports are never wider than [`Style::width`]: what does not fit is cut with
//! `…`, or goes on in the next line. Lines of logs and differences are as long as they are.
//! Meaning is never by colour alone.

mod audit;
mod changes;
mod code_report;
mod completion;
mod cost;
mod cycle;
mod dashboard;
mod debug;
mod denials;
mod denied_grants;
mod design;
mod diff;
mod domains;
mod drift;
mod grants;
mod health;
mod incident;
mod infra;
mod infra_run;
mod issue_log;
mod issues;
mod kpi;
mod layout;
mod log_lines;
mod logs;
mod monitors;
mod optimize;
mod performance;
mod preflight;
mod remediate;
mod review;
mod slo;

use anstyle::{AnsiColor, Style as Paint};

use crate::model::status::{Severity, Status};

pub use audit::{audit, audit_overview};
pub use changes::{AdoptionText, adoption, changes, status};
pub use code_report::code_report;
pub use completion::completion;
pub use cost::cost;
pub use cycle::optimization_cycle;
pub use dashboard::{dashboard, status_line};
pub use debug::debug;
pub use denials::denials;
pub use denied_grants::denied_grants;
pub use design::{conflict, design};
pub use diff::diff;
pub use domains::{domain, status_report};
pub use drift::drift;
pub use grants::{grant, grant_ahead, grant_as_terraform, grant_differences, grant_list};
pub use health::health;
pub use incident::incident;
pub use infra::{ComparisonText, deployment, plan_comparison, preview, resources};
pub use infra_run::{infra_run, stage};
pub use issue_log::issue_log;
pub use issues::{issue, issues};
pub use kpi::kpis;
pub use log_lines::{LinePrinter, log_lines};
pub use logs::log_report;
pub use monitors::{MonitorLine, Step, monitors, validation};
pub use optimize::{optimization_analysis, optimization_roadmap};
pub use performance::{performance, performance_set};
pub use preflight::preflight;
pub use remediate::{
    ActionLine, AppliedText, BatchLine, HistoryLine, action_list, action_plan, applied, batch,
    manual_steps, remediations,
};
pub use review::review;
pub use slo::{slo, slos};

/// How text may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns. At least [`Style::MIN_WIDTH`] are used.
    pub width: usize,
    /// Whether colours may be used.
    pub color: bool,
    /// Whether box drawing and signs beyond ASCII may be used.
    pub unicode: bool,
}

impl Style {
    /// Narrower than this nothing sensible fits.
    pub const MIN_WIDTH: usize = 40;

    /// For a pipe or a file: 80 columns, no colour.
    pub const PLAIN: Self = Self {
        width: 80,
        color: false,
        unicode: true,
    };

    fn columns(&self) -> usize {
        self.width.max(Self::MIN_WIDTH)
    }

    /// Wraps a text to the width: the first line behind `first`, the others behind blanks.
    pub fn paragraph(&self, first: &str, text: &str) -> String {
        let lines = layout::hang(first, text, self.columns(), usize::MAX);
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn paint(&self, paint: Paint, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("{paint}{text}{paint:#}")
        } else {
            text.to_owned()
        }
    }

    fn bold(&self, text: &str) -> String {
        self.paint(Paint::new().bold(), text)
    }

    fn dim(&self, text: &str) -> String {
        self.paint(Paint::new().dimmed(), text)
    }

    fn command(&self, text: &str) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }

    fn status(&self, status: Status, text: &str) -> String {
        self.paint(status_paint(status), text)
    }

    fn severity(&self, severity: Severity, text: &str) -> String {
        let paint = match severity {
            Severity::Critical => AnsiColor::Red.on_default().bold(),
            Severity::High => AnsiColor::Red.on_default(),
            Severity::Medium => AnsiColor::Yellow.on_default(),
            Severity::Low => Paint::new(),
        };
        self.paint(paint, text)
    }

    /// The finished text: no line is wider than the terminal, and in ASCII where asked.
    pub fn finish(&self, text: String) -> String {
        self.signs(layout::wrap_lines(text, self.columns()))
    }

    /// The text in ASCII where asked. Every sign becomes one column, so that nothing moves: `≥ 95`
    /// becomes `>=95`, with the column of the blank. Signs that have no likeness become `?`.
    pub fn signs(&self, text: String) -> String {
        if self.unicode || text.is_ascii() {
            return text;
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let pair = match c {
                '≤' => "<=",
                '≥' => ">=",
                // From one value to another; at the beginning of a line it is a bullet.
                '→' if !last_line(&out).trim().is_empty() => "->",
                _ => "",
            };
            match pair.is_empty() {
                true => out.push(likeness(c)),
                false => {
                    out.push_str(pair);
                    rest.next_if_eq(&' ');
                }
            }
        }
        out
    }
}

fn last_line(text: &str) -> &str {
    text.rsplit('\n').next().unwrap_or_default()
}

/// The sign of ASCII that is most like another.
fn likeness(c: char) -> char {
    match c {
        _ if c.is_ascii() => c,
        '·' | '–' | '—' | '─' | '━' | '╌' => '-',
        '═' => '=',
        '│' | '║' => '|',
        '╔' | '╗' | '╚' | '╝' | '╟' | '╢' => '+',
        '…' | '±' => '~',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '↵' => '|',
        '▁' => '.',
        '▄' => 'o',
        '█' | '▇' => '#',
        '→' => '>',
        '×' | '✗' => 'x',
        '✓' => '+',
        '▲' | '⚠' => '!',
        _ => '?',
    }
}

fn status_paint(status: Status) -> Paint {
    match status {
        Status::Healthy => AnsiColor::Green.on_default(),
        Status::Unknown => AnsiColor::Magenta.on_default(),
        Status::Degraded => AnsiColor::Yellow.on_default().bold(),
        Status::Unhealthy => AnsiColor::Red.on_default().bold(),
    }
}
