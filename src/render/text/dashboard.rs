//! The dashboard of all domains, for a terminal.

mod activity;
mod budgets;
mod domains;
mod issues;

use crate::model::dashboard::{Dashboard, DomainRow};
use crate::render::text::Style;
use crate::render::text::health::{command_line, line, lines, recommendations};
use crate::render::text::layout::{fit, hang, pad, pad_left, width};
use crate::render::words;
use crate::text::times;

/// The dashboard.
pub fn dashboard(dashboard: &Dashboard, style: &Style) -> String {
    let mut out = String::new();
    banner(&mut out, dashboard, style);
    for note in &dashboard.notes {
        lines(&mut out, hang("  ? ", &note.terminal(), style.columns(), 3));
    }
    issues::incidents(&mut out, dashboard, style);
    domains::domains(&mut out, dashboard, style);
    activity::history(&mut out, dashboard, style);
    issues::top_issues(&mut out, dashboard, style);
    if !dashboard.recommended_actions.is_empty() {
        section(&mut out, "RECOMMENDED ACTIONS", "", style);
        recommendations(&mut out, &dashboard.recommended_actions, style);
    }
    activity::proposals(&mut out, dashboard, style);
    activity::kpis(&mut out, dashboard, style);
    activity::audits(&mut out, dashboard, style);
    budgets::budgets(&mut out, dashboard, style);
    issues::resolved(&mut out, dashboard, style);
    activity::remediations(&mut out, dashboard, style);
    activity::deployments(&mut out, dashboard, style);
    activity::spend(&mut out, dashboard, style);
    quick_commands(&mut out, dashboard, style);
    style.finish(out)
}

/// One line for all: `✗ UNHEALTHY  infrastructure/prod: 12 resources: … · 5 open issues`.
pub fn status_line(row: &DomainRow, style: &Style) -> String {
    let status = pad(&format!("{} {}", row.status.icon(), row.status), 11);
    let issues = words::incidents_and_issues(row);
    let mut rest = format!(
        "  {}/{} · {} · {issues}",
        row.domain,
        row.environment,
        words::counts(&row.resources)
    );
    if let Some(note) = &row.note {
        rest.push_str(&format!(" · {}", note.terminal()));
    }
    let rest = fit(&rest, style.columns().saturating_sub(11));
    style.finish(format!("{}{rest}\n", style.status(row.status, &status)))
}

fn banner(out: &mut String, dashboard: &Dashboard, style: &Style) {
    let columns = style.columns();
    let inner = columns - 2;
    let rule = "═".repeat(inner);
    let status = dashboard.overall_health;
    let right = times::time(dashboard.generated_at);
    let title = "FRACTARY DASHBOARD";
    let title = pad(title, inner.saturating_sub(4 + width(&right)));
    let health = format!("Overall health: {} {}", status, status.icon());
    let counts = words::open_counts(dashboard);
    let room = inner.saturating_sub(4 + width(&health));
    let counts = pad_left(&format!("  {counts}"), room);
    line(out, &format!("╔{rule}╗"));
    line(
        out,
        &format!("║  {}{}  ║", style.bold(&title), style.dim(&right)),
    );
    line(
        out,
        &format!("║  {}{counts}  ║", style.status(status, &health)),
    );
    line(out, &format!("╚{rule}╝"));
}

/// `TITLE ───────── note`
fn section(out: &mut String, title: &str, note: &str, style: &Style) {
    let columns = style.columns();
    let note = fit(note, columns.saturating_sub(width(title) + 5));
    let note = note.as_str();
    let gap = usize::from(!note.is_empty());
    let used = width(title) + 1 + gap + width(note);
    let rule = "─".repeat(columns.saturating_sub(used));
    line(out, "");
    line(
        out,
        &format!(
            "{} {}{}{}",
            style.bold(title),
            style.dim(&rule),
            " ".repeat(gap),
            style.dim(note)
        ),
    );
}

fn quick_commands(out: &mut String, dashboard: &Dashboard, style: &Style) {
    section(out, "QUICK COMMANDS", "", style);
    let env = dashboard
        .domains
        .iter()
        .max_by_key(|row| row.status)
        .map_or(String::new(), |row| format!(" --env {}", row.environment));
    let mut commands = vec![(format!("fractary health{env}"), "every resource and why")];
    if dashboard.issues_total > 0 {
        commands.push(("fractary issues".to_owned(), "all open issues"));
    }
    if let Some(first) = dashboard.top_issues.first() {
        commands.push((
            format!("fractary issues show {}", first.id),
            "the first one in full",
        ));
    }
    commands.push((
        format!("fractary run{env}"),
        "observe, update issues, commit",
    ));
    let widest = commands
        .iter()
        .map(|(command, _)| width(command))
        .max()
        .unwrap_or(0);
    for (command, what) in &commands {
        if widest > style.columns().saturating_sub(2) {
            command_line(out, "  ", command, style);
            continue;
        }
        let room = style.columns().saturating_sub(2 + widest + 2);
        let note = if room < 12 {
            String::new()
        } else {
            fit(what, room)
        };
        let text = pad(command, widest.min(style.columns() - 2));
        line(
            out,
            &format!("  {}  {}", style.command(&text), style.dim(&note)),
        );
    }
}
