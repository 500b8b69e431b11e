//! The dashboard of all domains, for a terminal.

mod more;

use crate::model::dashboard::{Dashboard, DomainRow, IssueRow};
use crate::model::issue::IssueStatus;
use crate::model::report::ResourceCounts;
use crate::model::status::Status;
use crate::render::text::Style;
use crate::render::text::health::{command_line, line, lines, recommendations};
use crate::render::text::layout::{fit, hang, pad, pad_left, width};
use crate::render::words;
use crate::text::escape;
use crate::text::numbers;

/// The dashboard.
pub fn dashboard(dashboard: &Dashboard, style: &Style) -> String {
    let mut out = String::new();
    banner(&mut out, dashboard, style);
    for note in &dashboard.notes {
        lines(&mut out, hang("  ? ", &note.terminal(), style.columns(), 3));
    }
    domains(&mut out, dashboard, style);
    more::history(&mut out, dashboard, style);
    top_issues(&mut out, dashboard, style);
    if !dashboard.recommended_actions.is_empty() {
        section(&mut out, "RECOMMENDED ACTIONS", "", style);
        recommendations(&mut out, &dashboard.recommended_actions, style);
    }
    more::proposals(&mut out, dashboard, style);
    more::budgets(&mut out, dashboard, style);
    resolved(&mut out, dashboard, style);
    more::remediations(&mut out, dashboard, style);
    more::deployments(&mut out, dashboard, style);
    more::spend(&mut out, dashboard, style);
    quick_commands(&mut out, dashboard, style);
    style.finish(out)
}

/// One line for all: `✗ UNHEALTHY  infrastructure/prod: 12 resources: … · 5 open issues`.
pub fn status_line(row: &DomainRow, style: &Style) -> String {
    let status = pad(&format!("{} {}", row.status.icon(), row.status), 11);
    let issues = numbers::counted(u64::from(row.issues), "issue", "issues");
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
    let right = numbers::time(dashboard.generated_at);
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

fn domains(out: &mut String, dashboard: &Dashboard, style: &Style) {
    let (seen, all) = words::active_domains(dashboard);
    section(out, "DOMAINS", &format!("{seen}/{all} observed"), style);
    if dashboard.domains.is_empty() {
        line(out, "  No domain is registered yet.");
        command_line(out, "  ", "fractary init", style);
        return;
    }
    let columns = style.columns();
    let widest = |text: fn(&DomainRow) -> &str| {
        dashboard
            .domains
            .iter()
            .map(|row| width(text(row)))
            .max()
            .unwrap_or(0)
    };
    let name = widest(|row| row.domain.as_str()).clamp(6, columns / 4);
    let env = widest(|row| row.environment.as_str()).clamp(3, columns / 8);
    for row in &dashboard.domains {
        let status = pad(&format!("{} {}", row.status.icon(), row.status), 11);
        let when = row.observed_at.map_or("never".to_owned(), |at| {
            numbers::ago(at, dashboard.generated_at)
        });
        let issues = match row.issues {
            0 => "no issues".to_owned(),
            count => numbers::counted(u64::from(count), "issue", "issues"),
        };
        let facts = format!(
            "{}  {} ok  {}",
            bar(&row.resources),
            share(&row.resources),
            pad(&issues, 9)
        );
        let used = 2 + 11 + 2 + name + 2 + env + 2;
        let when_room = columns.saturating_sub(used + width(&facts) + 2);
        let when = match when.strip_suffix(" ago") {
            Some(short) if width(&when) > when_room => short,
            _ => when.as_str(),
        };
        let text = format!(
            "  {}  {}  {}  {}  {}",
            style.status(row.status, &status),
            style.bold(&pad(row.domain.as_str(), name)),
            pad(row.environment.as_str(), env),
            fit(&facts, columns.saturating_sub(used)),
            style.dim(&if when_room > 3 {
                pad_left(when, when_room)
            } else {
                String::new()
            })
        );
        line(out, &text);
        if let Some(note) = &row.note {
            lines(out, hang("               ", &note.terminal(), columns, 2));
        }
        more::services(out, row, style);
    }
}

/// `11/12`, both sides of a width that keeps columns aligned.
fn share(counts: &ResourceCounts) -> String {
    pad_left(&format!("{}/{}", counts.healthy, counts.total), 5)
}

/// Ten cells: healthy ones low, others by how bad they are. A bad resource always shows,
/// however many healthy ones there are.
fn bar(counts: &ResourceCounts) -> String {
    const CELLS: u32 = 10;
    if counts.total == 0 {
        return "·".repeat(CELLS as usize);
    }
    let cells = |count: u32| {
        let share = (u64::from(count) * u64::from(CELLS) / u64::from(counts.total)) as u32;
        if count > 0 { share.max(1) } else { 0 }
    };
    let (broken, degraded, unknown) = (
        cells(counts.unhealthy),
        cells(counts.degraded),
        cells(counts.unknown),
    );
    let healthy = CELLS.saturating_sub(broken + degraded + unknown);
    let mut bar = String::new();
    for (sign, count) in [
        ('█', broken),
        ('▄', degraded),
        ('?', unknown),
        ('▁', healthy),
    ] {
        bar.extend(std::iter::repeat_n(sign, count as usize));
    }
    bar.chars().take(CELLS as usize).collect()
}

fn top_issues(out: &mut String, dashboard: &Dashboard, style: &Style) {
    let shown = dashboard.top_issues.len();
    if shown == 0 {
        section(out, "ISSUES", "", style);
        let text = if dashboard.issues_total > 0 {
            words::issue_counts(dashboard)
        } else if dashboard.overall_health == Status::Healthy {
            "No active issues. System is operating normally.".to_owned()
        } else {
            "No active issues.".to_owned()
        };
        lines(out, hang("  ", &text, style.columns(), 3));
        return;
    }
    section(
        out,
        "TOP ISSUES",
        &format!("{shown} of {}", dashboard.issues_total),
        style,
    );
    for (i, row) in dashboard.top_issues.iter().enumerate() {
        if i > 0 {
            line(out, "");
        }
        issue_row(out, i + 1, row, style);
    }
}

fn issue_row(out: &mut String, place: usize, row: &IssueRow, style: &Style) {
    let columns = style.columns();
    let age = numbers::minutes(row.age_minutes);
    let slo = if row.slo_breach { "SLO missed · " } else { "" };
    let mut right = format!("{slo}{age} · priority {:.1}", row.priority);
    let severity = pad(row.severity.word(), 8);
    let id = row.id.as_str();
    let lead = format!("  {}  ", pad_left(&place.to_string(), 2));
    let used = width(&lead) + 8 + 2;
    // Rather no priority than half an id: the id is what one types.
    if used + width(id) + 2 + width(&right) > columns {
        right = format!("{slo}{age}");
    }
    let id_room = columns.saturating_sub(used + width(&right) + 2);
    let text = format!(
        "{lead}{}  {}  {}",
        style.severity(row.severity, &severity),
        style.bold(&pad(id, id_room)),
        style.dim(&fit(&right, columns.saturating_sub(used + id_room + 2)))
    );
    line(out, &text);
    let mut about = vec![
        row.resource.terminal(),
        escape::terminal(&row.kind),
        row.environment.to_string(),
    ];
    if row.status != IssueStatus::Active {
        about.push(words::issue_status(row.status).to_owned());
    }
    if row.occurrences > 1 {
        about.push(format!("{} times", row.occurrences));
    }
    if let Some(assignee) = &row.assignee {
        about.push(format!("for {}", assignee.terminal()));
    }
    let indent = " ".repeat(width(&lead));
    lines(out, hang(&indent, &about.join(" · "), columns, 1));
    lines(out, hang(&indent, &row.title.terminal(), columns, 2));
    if !row.next_command.is_empty() {
        command_line(out, &indent, &row.next_command.terminal(), style);
    }
}

fn resolved(out: &mut String, dashboard: &Dashboard, style: &Style) {
    if dashboard.recently_resolved.is_empty() {
        return;
    }
    section(out, "RESOLVED IN THE LAST 7 DAYS", "", style);
    for row in &dashboard.recently_resolved {
        let when = row
            .resolved_at
            .map_or(String::new(), |at| numbers::ago(at, dashboard.generated_at));
        let columns = style.columns();
        let room = columns.saturating_sub(2 + 2 + 2 + width(&when));
        let text = format!(
            "{}  {} · {}",
            row.id,
            row.resource.terminal(),
            row.title.terminal()
        );
        line(
            out,
            &format!("  ✓ {}  {}", pad(&text, room), style.dim(&when)),
        );
    }
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
