//! Issues: a list, and one in full.

use crate::model::dashboard::IssueRow;
use crate::model::issue::{Issue, IssueInvestigation, IssueStatus};
use crate::render::text::Style;
use crate::render::text::health::{command_line, line, lines};
use crate::render::text::layout::{fit, fit_name, hang, pad, pad_left, pad_name, width};

/// Columns that a name has at least, rather than its kind.
const LEAST_NAME: usize = 8;

use crate::render::words;
use crate::text::escape;
use crate::text::phrases;
use crate::text::times;

/// A list of issues, in the order given.
pub fn issues(rows: &[IssueRow], style: &Style) -> String {
    if rows.is_empty() {
        return "No issues.\n".to_owned();
    }
    let mut out = String::new();
    let longest_id = style.columns().saturating_sub(46).clamp(12, 24);
    let id = rows
        .iter()
        .map(|row| width(row.id.as_str()))
        .max()
        .unwrap_or(0)
        .clamp(5, longest_id);
    let env = rows
        .iter()
        .map(|row| width(row.environment.as_str()))
        .max()
        .unwrap_or(0)
        .clamp(3, 10);
    // A narrow terminal keeps the whole id, which is what one types, and drops the rest.
    if style.columns() < 64 {
        for row in rows {
            narrow_row(&mut out, row, style);
        }
        return style.finish(out);
    }
    let head = format!(
        "{}  {}  {}  {}  {}  RESOURCE",
        pad("SEVERITY", 8),
        pad_left("PRIO", 5),
        pad("ISSUE", id),
        pad("ENV", env),
        pad_left("AGE", 7)
    );
    line(&mut out, &style.dim(&fit(&head, style.columns())));
    for row in rows {
        list_row(&mut out, row, (id, env), style);
    }
    let count = phrases::counted(rows.len() as u64, "issue");
    let breaches = rows.iter().filter(|row| row.slo_breach).count();
    line(&mut out, "");
    let breaches = match breaches {
        0 => String::new(),
        some => format!(", {some} with a missed service level (SLO)"),
    };
    line(&mut out, &style.dim(&format!("{count}{breaches}")));
    let show = format!("fractary issues show {}", rows[0].id);
    command_line(&mut out, "", &show, style);
    style.finish(out)
}

fn narrow_row(out: &mut String, row: &IssueRow, style: &Style) {
    let columns = style.columns();
    let severity = style.severity(row.severity, &pad(row.severity.word(), 8));
    let id = fit(row.id.as_str(), columns.saturating_sub(10));
    line(out, &format!("{severity}  {}", style.bold(&id)));
    let text = format!("{}: {}", row.resource.terminal(), row.title.terminal());
    lines(out, hang("  ", &text, columns, 3));
}

fn list_row(out: &mut String, row: &IssueRow, (id, env): (usize, usize), style: &Style) {
    let lead = 8 + 2 + 5 + 2 + id + 2 + env + 2 + 7 + 2;
    let room = style.columns().saturating_sub(lead);
    let mut marks = Vec::new();
    if row.slo_breach {
        marks.push("SLO missed".to_owned());
    }
    if row.status != IssueStatus::Active {
        marks.push(words::issue_status(row.status).to_owned());
    }
    if row.occurrences > 1 {
        marks.push(format!("{}×", row.occurrences));
    }
    if let Some(assignee) = &row.assignee {
        marks.push(format!("for {}", assignee.terminal()));
    }
    let fixed = format!(
        "{}  {}  {}  {}  {}  ",
        style.severity(row.severity, &pad(row.severity.word(), 8)),
        pad_left(&format!("{:.1}", row.priority), 5),
        style.bold(&pad(row.id.as_str(), id)),
        pad_name(row.environment.as_str(), env),
        pad_left(&times::short_span(row.age_minutes), 7),
    );
    let kind = format!(" ({})", escape::terminal(&row.kind));
    let name = fit_name(
        &row.resource.terminal(),
        room.saturating_sub(width(&kind)).max(LEAST_NAME),
    );
    line(
        out,
        &format!("{fixed}{}", fit(&format!("{name}{kind}"), room)),
    );
    let indent = " ".repeat(10);
    lines(
        out,
        hang(&indent, &row.title.terminal(), style.columns(), 2),
    );
    if let Some(incident) = &row.incident {
        lines(out, hang(&indent, &incident.terminal(), style.columns(), 2));
    }
    if !marks.is_empty() {
        let text = fit(&marks.join(" · "), style.columns().saturating_sub(10));
        line(out, &format!("{indent}{}", style.dim(&text)));
    }
}

/// One issue in full.
pub fn issue(issue: &Issue, style: &Style) -> String {
    let columns = style.columns();
    let mut out = String::new();
    heading(&mut out, issue, style);
    lines(&mut out, hang("", &issue.title.terminal(), columns, 3));
    line(&mut out, "");
    for (key, value) in facts(issue) {
        lines(
            &mut out,
            hang(&format!("  {}", pad(key, 12)), &value, columns, 3),
        );
    }
    let section = |out: &mut String, title: &str| {
        line(out, "");
        line(out, &style.bold(title));
    };
    if !issue.symptoms.is_empty() {
        section(&mut out, "EVIDENCE");
        for symptom in &issue.symptoms {
            lines(&mut out, hang("  · ", &symptom.terminal(), columns, 4));
        }
    }
    if let Some(cause) = &issue.root_cause {
        section(&mut out, "CAUSE");
        lines(&mut out, hang("  ", &cause.terminal(), columns, 6));
    }
    if let Some(investigation) = &issue.investigation {
        section(&mut out, "INVESTIGATED");
        lines(&mut out, investigated(investigation, columns));
    }
    let actions = words::next_actions(issue);
    if !actions.is_empty() {
        section(&mut out, "DO NEXT");
        for action in actions {
            command_line(&mut out, "  ", &action.terminal(), style);
        }
    }
    if !issue.notes.is_empty() {
        section(&mut out, "NOTES");
        for note in &issue.notes {
            let by = note
                .by
                .as_ref()
                .map_or(String::new(), |by| format!("{}: ", by.terminal()));
            let lead = format!("  {}  ", times::time(note.at));
            lines(
                &mut out,
                hang(&lead, &format!("{by}{}", note.text.terminal()), columns, 6),
            );
        }
    }
    timeline(&mut out, issue, style);
    style.finish(out)
}

/// When it was investigated, with what result, and where that is written.
fn investigated(investigation: &IssueInvestigation, columns: usize) -> Vec<String> {
    let at = times::time(investigation.at);
    let status = escape::terminal(&investigation.status.replace('-', " "));
    let page = investigation.report.terminal();
    let page = match page.rsplit_once('/') {
        // It breaks behind its folder, and not in the middle of a name.
        Some((folder, file)) if width(&page) + 2 > columns => format!("{folder}/ {file}"),
        _ => page,
    };
    hang("  ", &format!("{at}: {status}; {page}"), columns, 3)
}

/// Its id, severity and status.
fn heading(out: &mut String, issue: &Issue, style: &Style) {
    let columns = style.columns();
    let mut head = format!("{} · {}", issue.severity, words::issue_status(issue.status));
    if issue.slo_breach {
        head.push_str(" · SLO missed");
    }
    let id = fit(issue.id.as_str(), columns);
    let gap = if width(&id) + 2 + width(&head) <= columns {
        "  "
    } else {
        "\n"
    };
    let head = style.severity(issue.severity, &fit(&head, columns));
    line(out, &format!("{}{gap}{head}", style.bold(&id)));
}

fn facts(issue: &Issue) -> Vec<(&'static str, String)> {
    let subject = &issue.resource.subject;
    let written_as_arn = subject.is_written_as_arn();
    let mut facts = vec![
        (
            "resource",
            format!(
                "{} ({}, {})",
                issue.resource.name.terminal(),
                escape::terminal(&issue.resource.kind),
                issue.resource.region
            ),
        ),
        (
            if written_as_arn { "arn" } else { "subject" },
            subject.identity().terminal(),
        ),
        ("where", format!("{} · {}", issue.environment, issue.domain)),
        ("check", escape::terminal(&issue.check)),
        ("first seen", times::time(issue.detected_at)),
        ("last seen", times::time(issue.last_seen_at)),
    ];
    if let Some(at) = issue.resolved_at {
        facts.push(("resolved", times::time(at)));
    }
    if issue.occurrences > 1 {
        facts.push(("occurrences", issue.occurrences.to_string()));
    }
    let impact = [
        words::impact_level(&issue.impact).map(|text| text.terminal()),
        words::impact(&issue.impact),
    ];
    let impact: Vec<String> = impact.into_iter().flatten().collect();
    if !impact.is_empty() {
        facts.push(("impact", impact.join(" · ")));
    }
    if let Some(assignee) = &issue.assignee {
        facts.push(("assignee", assignee.terminal()));
    }
    facts.extend(relations(issue));
    facts
}

/// What an issue belongs to, and what was made of it elsewhere.
fn relations(issue: &Issue) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(incident) = &issue.incident {
        let text = format!(
            "{} ({}): {}",
            escape::terminal(&incident.id),
            words::incident_role(incident.role),
            incident.why.terminal()
        );
        facts.push(("incident", text));
    }
    if let Some(target) = &issue.merged_into {
        facts.push(("merged into", target.to_string()));
    }
    if let Some(item) = &issue.escalation {
        let mut text = format!(
            "{}, {}",
            item.work_item_id.terminal(),
            words::work_item_status(item.status)
        );
        if let Some(url) = &item.work_item_url {
            text.push_str(&format!(" · {}", url.terminal()));
        }
        facts.push(("work item", text));
    }
    if let Some(text) = words::alerts(issue) {
        facts.push(("alerts", text));
    }
    for link in &issue.links {
        let text = match &link.title {
            Some(title) => format!("{}: {}", title.terminal(), link.url.terminal()),
            None => link.url.terminal(),
        };
        facts.push(("link", text));
    }
    facts
}

/// Events that are shown; the file holds more.
const EVENTS_SHOWN: usize = 12;

fn timeline(out: &mut String, issue: &Issue, style: &Style) {
    if issue.timeline.is_empty() {
        return;
    }
    line(out, "");
    line(out, &style.bold("TIMELINE"));
    let skipped = issue.timeline.len().saturating_sub(EVENTS_SHOWN);
    let earlier = skipped as u64 + u64::from(issue.timeline_dropped);
    if earlier > 0 {
        let text = format!("  … {}", phrases::counted(earlier, "earlier event"));
        line(out, &style.dim(&text));
    }
    for event in &issue.timeline[skipped..] {
        let detail = event
            .detail
            .as_ref()
            .map_or(String::new(), |detail| format!(": {}", detail.terminal()));
        let lead = format!("  {}  ", times::time(event.at));
        let text = format!(
            "{}{detail}",
            escape::terminal(&event.event).replace('_', " ")
        );
        lines(out, hang(&lead, &text, style.columns(), 3));
    }
}
