//! The issues of a dashboard.

use crate::model::dashboard::{Dashboard, IssueRow};
use crate::model::issue::IssueStatus;
use crate::model::status::Status;
use crate::render::text::Style;
use crate::render::text::dashboard::section;
use crate::render::text::health::{command_line, line, lines};
use crate::render::text::layout::{fit, hang, pad, pad_left, width};
use crate::render::words;
use crate::text::escape;
use crate::text::times;

/// What began together, and what was found out about it.
pub(super) fn incidents(out: &mut String, dashboard: &Dashboard, style: &Style) {
    if dashboard.incidents.is_empty() {
        return;
    }
    let shown = dashboard.incidents.len();
    let note = format!("{shown} of {}", dashboard.incidents_total);
    section(out, "INCIDENTS", &note, style);
    let columns = style.columns();
    for (i, row) in dashboard.incidents.iter().enumerate() {
        if i > 0 {
            line(out, "");
        }
        let age = times::short_span(row.age_minutes);
        let about = words::incident_issues(row);
        let right = format!("{} · {age}", escape::terminal(&about));
        let room = columns.saturating_sub(2 + 8 + 2);
        let name = row.resource.terminal();
        let name_room = room.saturating_sub(width(&right) + 2);
        let severity = pad(row.severity.word(), 8);
        let head = format!(
            "  {}  {}  {}",
            style.severity(row.severity, &severity),
            style.bold(&pad(&name, name_room)),
            style.dim(&fit(&right, room.saturating_sub(name_room + 2)))
        );
        line(out, &head);
        let text = format!("{} · {}", row.title.terminal(), row.environment);
        lines(out, hang("            ", &text, columns, 2));
        if let Some(cause) = &row.cause {
            let text = format!("cause: {}", cause.terminal());
            lines(out, hang("            ", &text, columns, 3));
        }
    }
}

/// The issues to look at first.
pub(super) fn top_issues(out: &mut String, dashboard: &Dashboard, style: &Style) {
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
    let age = times::short_span(row.age_minutes);
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
    if let Some(incident) = &row.incident {
        lines(out, hang(&indent, &incident.terminal(), columns, 2));
    }
    if !row.next_command.is_empty() {
        command_line(out, &indent, &row.next_command.terminal(), style);
    }
}

/// Issues that were resolved lately.
pub(super) fn resolved(out: &mut String, dashboard: &Dashboard, style: &Style) {
    if dashboard.recently_resolved.is_empty() {
        return;
    }
    section(out, "RESOLVED IN THE LAST 7 DAYS", "", style);
    for row in &dashboard.recently_resolved {
        let when = row
            .resolved_at
            .map_or(String::new(), |at| times::ago(at, dashboard.generated_at));
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
