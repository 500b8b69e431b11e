//! An incident: the cause, what happened, what speaks for and against it, what to do, and what is
//! missing.

use crate::model::incident::{EvidenceGap, Hypothesis, IncidentDetails, IncidentReport};
use crate::render::incident_words::{told, unusual, what_was_read, when_it_was_right};
use crate::render::text::Style;
use crate::render::text::health::{line, lines};
use crate::render::text::layout::hang;
use crate::render::timeline;
use crate::text::numbers::number;
use crate::text::times;
use crate::text::{Untrusted, escape};

/// The lines of one sentence.
const LINES: usize = 6;
/// The patterns that are shown.
const PATTERNS: usize = 6;

/// An incident.
pub fn incident(report: &IncidentReport, style: &Style) -> String {
    let mut out = String::new();
    let columns = style.columns();
    let symptom = &report.symptom;
    let head = format!(
        "{} of {} at {}",
        escape::terminal(&symptom.metric),
        symptom.resource.terminal(),
        times::time(symptom.at),
    );
    line(&mut out, &style.bold(&head));
    lines(
        &mut out,
        hang("", &report.summary.terminal(), columns, LINES),
    );
    if let Some(details) = &report.details {
        events(&mut out, details, style);
    }
    for (index, one) in told(report).enumerate() {
        line(&mut out, "");
        hypothesis(&mut out, index + 1, one, style);
    }
    if let Some(details) = &report.details {
        advice(&mut out, report, details, style);
        patterns(&mut out, details, style);
    }
    if !report.also_unusual.is_empty() {
        heading(&mut out, "Also unusual", style);
        for one in report.also_unusual.iter().take(5) {
            let text = escape::terminal(&unusual(one));
            let text = format!("{}: {text}", one.resource.terminal());
            lines(&mut out, hang("  ", &text, columns, LINES));
        }
    }
    if !report.gaps.is_empty() {
        heading(&mut out, "Not seen", style);
        for gap in &report.gaps {
            lines(&mut out, hang("  ", &not_seen(gap), columns, LINES));
        }
    }
    if let Some(details) = &report.details {
        line(&mut out, "");
        let text = format!("{}: {}", details.id, what_was_read(details));
        lines(&mut out, hang("", &text, columns, LINES));
    }
    style.finish(out)
}

fn heading(out: &mut String, text: &str, style: &Style) {
    line(out, "");
    line(out, &style.bold(text));
}

fn not_seen(gap: &EvidenceGap) -> String {
    let mut text = format!("{}: {}; {}", gap.leg, gap.what.terminal(), gap.effect);
    if let Some(why) = &gap.why {
        text += &format!(" ({})", why.terminal());
    }
    if let Some(fix) = &gap.fix {
        text += &format!("; {}", fix.terminal());
    }
    text
}

fn events(out: &mut String, details: &IncidentDetails, style: &Style) {
    if details.timeline.is_empty() {
        return;
    }
    heading(out, "Timeline (UTC)", style);
    for entry in &details.timeline {
        let head = format!("  {}  ", timeline::time(entry, 0));
        let text = format!(
            "{}: {}",
            entry.source.title(),
            timeline::event(entry).terminal()
        );
        lines(out, hang(&head, &text, style.columns(), LINES));
    }
    if let Some(text) = timeline::how_many_left_out(details.timeline_left_out) {
        line(out, &style.dim(&format!("  {text}")));
    }
}

fn hypothesis(out: &mut String, number: usize, one: &Hypothesis, style: &Style) {
    let columns = style.columns();
    let head = format!(
        "{number}. {} ({})",
        one.resource.terminal(),
        one.grade.title()
    );
    line(out, &style.bold(&head));
    if let Some(summary) = &one.summary {
        lines(out, hang("   ", &summary.terminal(), columns, LINES));
    }
    let mut say = |sign: &str, text: &Untrusted| {
        lines(
            out,
            hang(&format!("   {sign} "), &text.terminal(), columns, LINES),
        );
    };
    one.supporting.iter().for_each(|text| say("+", text));
    one.against.iter().for_each(|text| say("-", text));
    one.missing.iter().for_each(|text| say("?", text));
    say("→", &one.next_check);
}

fn advice(out: &mut String, report: &IncidentReport, details: &IncidentDetails, style: &Style) {
    let columns = style.columns();
    if !report.affected_resources.is_empty() {
        heading(out, "Affected", style);
        for one in &report.affected_resources {
            lines(out, hang("  ", &one.terminal(), columns, LINES));
        }
    }
    if !details.recommendations.is_empty() {
        heading(out, "Recommendations", style);
        for (index, text) in details.recommendations.iter().enumerate() {
            let first = format!("  {}. ", index + 1);
            lines(out, hang(&first, &text.terminal(), columns, LINES));
        }
    }
    if !details.suggested_actions.is_empty() {
        heading(out, "Suggested actions", style);
        for one in &details.suggested_actions {
            let text = format!("{} on {}", one.action, one.resource.terminal());
            lines(out, hang("  ", &text, columns, LINES));
        }
    }
    if let Some(command) = when_it_was_right(report) {
        heading(out, "When it is over, and that was the cause", style);
        lines(out, hang("  ", &command, columns, LINES));
    }
}

fn patterns(out: &mut String, details: &IncidentDetails, style: &Style) {
    if details.patterns.is_empty() {
        return;
    }
    heading(out, "Log messages that changed", style);
    for one in details.patterns.iter().take(PATTERNS) {
        let before = match one.baseline_count {
            Some(before) => format!("{} before", number(before as f64)),
            None => "unknown before".to_owned(),
        };
        let head = format!("  {} ({before})  ", number(one.count as f64));
        let text = format!("{}: {}", one.resource.terminal(), one.template.terminal());
        lines(out, hang(&head, &text, style.columns(), 3));
    }
}
