//! A health report: status first, then the resources worst first, then what was not seen.

use std::cmp::Reverse;
use std::fmt::Write as _;

use crate::model::fact::Gap;
use crate::model::report::{AlarmLine, HealthReport, Recommendation, ResourceHealth};
use crate::model::status::Status;
use crate::render::text::Style;
use crate::render::text::layout::{continued, fit, hang, pad, pad_left, pad_name, width};
use crate::render::words;
use crate::text::times;

/// Healthy resources beyond this many are counted, not listed.
const HEALTHY_SHOWN: usize = 20;

/// A health report.
pub fn health(report: &HealthReport, style: &Style) -> String {
    let columns = style.columns();
    let mut out = String::new();
    head(&mut out, report, style);
    if report.checks.is_empty() {
        let text = "No resources are registered for this environment, so nothing can be checked.";
        line(&mut out, "");
        lines(&mut out, hang("", text, columns, 4));
    } else {
        table(&mut out, report, style);
    }
    if !report.errors.is_empty() {
        line(&mut out, "");
        line(&mut out, &style.bold("NOT SEEN"));
        for gap in &report.errors {
            gap_lines(&mut out, gap, style);
        }
    }
    if !report.recommendations.is_empty() {
        line(&mut out, "");
        line(&mut out, &style.bold("DO NEXT"));
        recommendations(&mut out, &report.recommendations, style);
    }
    line(&mut out, "");
    line(
        &mut out,
        &style.dim(&fit(&words::receipt(&report.api), columns)),
    );
    style.finish(out)
}

fn head(out: &mut String, report: &HealthReport, style: &Style) {
    let columns = style.columns();
    let status = format!("{} {}", report.overall_health.icon(), report.overall_health);
    let when = times::time(report.generated_at);
    let room = columns.saturating_sub(width(&status) + width(&when) + 4);
    let place = pad(report.environment.as_str(), room);
    let status = style.status(report.overall_health, &status);
    line(
        out,
        &format!("{status}  {}  {}", style.bold(&place), style.dim(&when)),
    );
    let about = format!("{} · {}", report.domain, words::counts(&report.resources));
    line(out, &fit(&about, columns));
    let seen = format!("{} · {}", words::window(report), words::coverage(report));
    line(out, &fit(&seen, columns));
}

fn table(out: &mut String, report: &HealthReport, style: &Style) {
    let mut checks: Vec<&ResourceHealth> = report.checks.iter().collect();
    checks.sort_by_key(|check| Reverse(check.status));
    let widest = |text: fn(&ResourceHealth) -> String| {
        checks
            .iter()
            .map(|check| width(&text(check)))
            .max()
            .unwrap_or(0)
    };
    let columns = style.columns();
    let name = widest(|check| check.resource.name.terminal()).clamp(8, columns * 3 / 8);
    let kind =
        widest(|check| crate::text::escape::terminal(&check.resource.kind)).clamp(4, columns / 6);
    let head = format!(
        "  {}  {}  {}  DETAILS",
        pad("STATUS", 11),
        pad("RESOURCE", name),
        pad("KIND", kind)
    );
    line(out, "");
    line(out, &style.dim(&fit(&head, columns)));
    let mut healthy = 0;
    for check in checks {
        if check.status == Status::Healthy {
            healthy += 1;
            if healthy > HEALTHY_SHOWN {
                continue;
            }
        }
        row(out, check, (name, kind), style);
    }
    if healthy > HEALTHY_SHOWN {
        let more = format!("… and {} more healthy", healthy - HEALTHY_SHOWN);
        line(out, &format!("  {}", style.dim(&more)));
    }
}

fn row(out: &mut String, check: &ResourceHealth, (name, kind): (usize, usize), style: &Style) {
    let columns = style.columns();
    let status = pad(&format!("{} {}", check.status.icon(), check.status), 11);
    let room = columns.saturating_sub(2 + 11 + 2 + name + 2 + kind + 2);
    let text = format!(
        "  {}  {}  {}  {}",
        style.status(check.status, &status),
        pad_name(&check.resource.name.terminal(), name),
        pad(&crate::text::escape::terminal(&check.resource.kind), kind),
        style.dim(&fit(&details(check, room), room)),
    );
    line(out, &text);
    for sli in &check.slis {
        if let Some(budget) = words::budget(sli) {
            lines(out, hang("      ", &budget, columns, 2));
        }
    }
    if check.status == Status::Healthy {
        return;
    }
    for reason in &check.reasons {
        lines(out, hang("      ", &reason.terminal(), columns, 3));
    }
    for alarm in &check.alarms {
        let told = |reason: &crate::text::Untrusted| reason.raw().contains(alarm.name.raw());
        if !check.reasons.iter().any(told) {
            lines(out, hang("      ", &alarm_text(alarm), columns, 3));
        }
    }
}

/// The last column: the issue where there is one, else what was measured.
fn details(check: &ResourceHealth, room: usize) -> String {
    if let Some(issue) = &check.issue_id {
        return issue.to_string();
    }
    if check.idle {
        return format!("{} · idle", check.state.terminal());
    }
    // What is being changed says so first; then as many indicators as fit in full.
    let mut levels = match check.changing {
        true => check.state.terminal(),
        false => String::new(),
    };
    for sli in check.slis.iter().filter(|sli| sli.value.is_some()) {
        let level = words::sli(sli).terminal();
        if levels.is_empty() {
            levels = level;
        } else if width(&levels) + 3 + width(&level) <= room {
            levels = format!("{levels} · {level}");
        }
    }
    if levels.is_empty() {
        check.state.terminal()
    } else {
        levels
    }
}

fn alarm_text(alarm: &AlarmLine) -> String {
    let since = alarm
        .since
        .map_or(String::new(), |at| format!(" since {}", times::time(at)));
    let reason = if alarm.reason.is_empty() {
        String::new()
    } else {
        format!(": {}", alarm.reason.terminal())
    };
    let state = words::alarm_state(alarm.state);
    format!("alarm {} is {state}{since}{reason}", alarm.name.terminal())
}

fn gap_lines(out: &mut String, gap: &Gap, style: &Style) {
    let columns = style.columns();
    let what = format!(
        "{}: {} ({})",
        crate::text::escape::terminal(&gap.operation),
        gap.cause.words(),
        crate::text::escape::terminal(&gap.subject)
    );
    lines(out, hang("  ? ", &what, columns, 2));
    let code = gap
        .code
        .as_ref()
        .map_or(String::new(), |code| format!("{}: ", code.terminal()));
    if !gap.message.is_empty() {
        lines(
            out,
            hang(
                "      ",
                &format!("{code}{}", gap.message.terminal()),
                columns,
                3,
            ),
        );
    }
    if let Some(permission) = &gap.missing_permission {
        let mend = format!(
            "needs the permission {}",
            crate::text::escape::terminal(permission)
        );
        lines(out, hang("    → ", &mend, columns, 2));
    }
}

/// Numbered things to do, each with its command. A command is never cut, so that it can be
/// copied.
pub(super) fn recommendations(out: &mut String, list: &[Recommendation], style: &Style) {
    for (i, item) in list.iter().enumerate() {
        let number = format!("  {}  ", pad_left(&(i + 1).to_string(), 1));
        lines(
            out,
            hang(&number, &item.text.terminal(), style.columns(), 3),
        );
        if let Some(command) = &item.command {
            command_line(out, "     ", &command.terminal(), style);
        }
    }
}

/// `→ command`, going on behind `\` where it is longer than the line.
pub(super) fn command_line(out: &mut String, indent: &str, command: &str, style: &Style) {
    let mut lead = format!("{indent}→ ");
    let indent = width(&lead);
    for part in continued(command, style.columns().saturating_sub(indent)) {
        line(out, &format!("{lead}{}", style.command(&part)));
        lead = " ".repeat(indent);
    }
}

/// Adds a line without blanks at its end.
pub(super) fn line(out: &mut String, text: &str) {
    let _ = writeln!(out, "{}", text.trim_end());
}

pub(super) fn lines(out: &mut String, texts: Vec<String>) {
    for text in texts {
        line(out, &text);
    }
}
