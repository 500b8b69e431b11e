//! Monitors of domains, for a terminal.

use serde::Serialize;

use crate::model::domain_health::DomainReport;
use crate::model::ids::{DomainName, EnvironmentName};
use crate::model::monitors::MonitorStatus;
use crate::render::text::Style;
use crate::render::text::health::{line, lines};
use crate::render::text::layout::{hang, pad, width};
use crate::text::Untrusted;

/// One monitor in a list.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct MonitorLine {
    /// The domain.
    pub domain: DomainName,
    /// The plugin.
    pub plugin: Untrusted,
    /// Whether it is asked.
    pub status: MonitorStatus,
    /// Environments that it watches.
    pub environments: Vec<EnvironmentName>,
    /// The program, or the built-in command.
    pub runs: Untrusted,
    /// Weight of its issues in the priority.
    pub priority_weight: f64,
}

/// One thing that is right or wrong with a monitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// `ok`, `note` or `wrong`.
    pub result: &'static str,
    /// What.
    pub text: Untrusted,
    /// The place in its document, for people.
    #[serde(skip)]
    pub shown: String,
}

impl Step {
    fn new(result: &'static str, text: impl Into<Untrusted>) -> Self {
        Self {
            result,
            text: text.into(),
            shown: String::new(),
        }
    }

    /// Right.
    pub fn good(text: impl Into<Untrusted>) -> Self {
        Self::new("ok", text)
    }

    /// Worth knowing.
    pub fn note(text: impl Into<Untrusted>) -> Self {
        Self::new("note", text)
    }

    /// Wrong.
    pub fn bad(text: impl Into<Untrusted>) -> Self {
        Self::new("wrong", text)
    }

    /// With its place, which is safe to print.
    #[must_use]
    pub fn showing(self, shown: String) -> Self {
        Self { shown, ..self }
    }
}

/// The list of monitors.
pub fn monitors(all: &[MonitorLine], style: &Style) -> String {
    let mut out = String::new();
    if all.is_empty() {
        line(
            &mut out,
            "No monitor is registered yet: `fractary init` writes the first.",
        );
    }
    let widest = all.iter().map(|one| width(one.domain.as_str())).max();
    for one in all {
        let names: Vec<&str> = one
            .environments
            .iter()
            .map(EnvironmentName::as_str)
            .collect();
        let status = match one.status {
            MonitorStatus::Active => "active",
            MonitorStatus::Inactive => "inactive",
            MonitorStatus::Planned => "planned",
        };
        let head = format!(
            "{}  {}  ",
            pad(one.domain.as_str(), widest.unwrap_or(0)),
            pad(status, 8)
        );
        let text = format!(
            "{} · {} · {} · weight {}",
            one.runs.terminal(),
            one.plugin.terminal(),
            if names.is_empty() {
                "no environment".to_owned()
            } else {
                names.join(", ")
            },
            one.priority_weight
        );
        lines(&mut out, hang(&head, &text, style.columns(), 3));
    }
    style.finish(out)
}

/// What is right or wrong with a monitor, line by line.
pub fn validation(report: &DomainReport, steps: &[Step], valid: bool, style: &Style) -> String {
    let mut out = String::new();
    line(
        &mut out,
        &style.bold(&format!("{} in {}", report.domain, report.environment)),
    );
    for step in steps {
        let icon = match step.result {
            "ok" => "  ✓ ",
            "note" => "  ! ",
            _ => "  ✗ ",
        };
        if step.shown.is_empty() {
            lines(
                &mut out,
                hang(icon, &step.text.terminal(), style.columns(), 4),
            );
        } else {
            line(&mut out, &format!("{icon}{}", step.text.terminal()));
            for shown in step.shown.trim_end().lines() {
                line(&mut out, &format!("    {shown}"));
            }
        }
    }
    line(
        &mut out,
        &if valid {
            format!("valid: the domain is {}", report.status)
        } else {
            "not valid: the domain stays UNKNOWN until this is fixed".to_owned()
        },
    );
    style.finish(out)
}
