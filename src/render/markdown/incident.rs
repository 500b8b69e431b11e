//! An incident as a page, with the way of the blame as a picture.

use crate::model::incident::{EvidenceGap, Hypothesis, IncidentDetails, IncidentReport};
use crate::model::investigation::Timeline;
use crate::render::incident_words::{told, unusual, what_was_read, when_it_was_right};
use crate::render::timeline;
use crate::text::escape;
use crate::text::numbers::number;
use crate::text::times;

/// An incident.
pub fn incident(report: &IncidentReport) -> String {
    let symptom = &report.symptom;
    let mut out = format!(
        "# Incident: {} of {}\n\n**{}**\n\nNoticed {}. Periods looked at: {}, from {} to {}.\n",
        escape::markdown(&symptom.metric),
        symptom.resource.markdown(),
        report.summary.markdown(),
        times::time(symptom.at),
        report.window.periods,
        times::time(report.window.start),
        times::time(report.window.end),
    );
    if let Some(first) = report
        .hypotheses
        .first()
        .filter(|first| first.path.len() > 1)
    {
        out.push_str(&picture(first));
    }
    if let Some(details) = &report.details {
        out.push_str(&events(details));
    }
    for (index, one) in told(report).enumerate() {
        out.push_str(&hypothesis(index + 1, one));
    }
    if let Some(details) = &report.details {
        out.push_str(&advice(report, details));
        out.push_str(&patterns(details));
    }
    if !report.also_unusual.is_empty() {
        out.push_str("\n## Also unusual\n\n");
        for one in &report.also_unusual {
            let name = one.resource.markdown();
            let text = escape::markdown(&unusual(one));
            out.push_str(&format!("- {name}: {text}\n"));
        }
    }
    if !report.gaps.is_empty() {
        out.push_str("\n## Not seen\n\n");
    }
    for gap in &report.gaps {
        out.push_str(&not_seen(gap));
    }
    if let Some(details) = &report.details {
        out.push_str(&format!(
            "\nIncident `{}` in {}: {}, at {}.\n",
            details.id,
            details.environment,
            what_was_read(details),
            times::time(details.generated_at),
        ));
    }
    out
}

fn not_seen(gap: &EvidenceGap) -> String {
    let mut text = format!("- {}: {}; {}", gap.leg, gap.what.markdown(), gap.effect);
    if let Some(why) = &gap.why {
        text += &format!(" ({})", why.markdown());
    }
    if let Some(fix) = &gap.fix {
        text += &format!("; {}", fix.markdown());
    }
    text + "\n"
}

fn events(details: &IncidentDetails) -> String {
    if details.timeline.is_empty() {
        return String::new();
    }
    let mut out =
        String::from("\n## Timeline\n\n| Time (UTC) | From | What |\n| --- | --- | --- |\n");
    for entry in &details.timeline {
        out.push_str(&format!(
            "| {} | {} | {} |\n",
            timeline::time(entry, 0),
            entry.source.title(),
            timeline::event(entry).markdown(),
        ));
    }
    let drawn = Timeline {
        entries: details.timeline.clone(),
        left_out: details.timeline_left_out,
    };
    out.push_str(&format!("\n{}", timeline::mermaid(&drawn)));
    if let Some(text) = timeline::left_out(&drawn) {
        out.push_str(&format!("\n{text}.\n"));
    }
    out
}

fn advice(report: &IncidentReport, details: &IncidentDetails) -> String {
    let mut out = String::new();
    if !report.affected_resources.is_empty() {
        out.push_str("\n## Affected\n\n");
        for one in &report.affected_resources {
            out.push_str(&format!("- {}\n", one.markdown()));
        }
    }
    if !details.recommendations.is_empty() {
        out.push_str("\n## Recommendations\n\n");
        for (index, text) in details.recommendations.iter().enumerate() {
            out.push_str(&format!("{}. {}\n", index + 1, text.markdown()));
        }
    }
    if !details.suggested_actions.is_empty() {
        out.push_str("\n## Suggested actions\n\n");
        for one in &details.suggested_actions {
            let name = escape::markdown_code(&one.action);
            out.push_str(&format!("- {name} on {}\n", one.resource.markdown()));
        }
    }
    if let Some(command) = when_it_was_right(report) {
        let command = escape::markdown_code(&command);
        out.push_str(&format!(
            "\nWhen it is over, and that was the cause: {command}\n"
        ));
    }
    out
}

fn patterns(details: &IncidentDetails) -> String {
    if details.patterns.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "\n## Log messages that changed\n\n| Lines | Before | Resource | Message |\n| ---: | ---: | --- | --- |\n",
    );
    for one in &details.patterns {
        let before = one.baseline_count.map(|count| number(count as f64));
        out.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            number(one.count as f64),
            before.unwrap_or_else(|| "unknown".to_owned()),
            one.resource.markdown(),
            one.template.markdown_code(),
        ));
    }
    out
}

fn hypothesis(number: usize, one: &Hypothesis) -> String {
    let mut out = format!(
        "\n## {number}. {}: {}\n\n",
        one.resource.markdown(),
        one.grade.title(),
    );
    if let Some(summary) = &one.summary {
        out.push_str(&format!("{}\n\n", summary.markdown()));
    }
    for text in &one.supporting {
        out.push_str(&format!("- For: {}\n", text.markdown()));
    }
    for text in &one.against {
        out.push_str(&format!("- Against: {}\n", text.markdown()));
    }
    for text in &one.missing {
        out.push_str(&format!("- Not seen: {}\n", text.markdown()));
    }
    let next = one.next_check.raw();
    let next = match next.starts_with("fractary ") || next.starts_with("aws ") {
        true => one.next_check.markdown_code(),
        false => one.next_check.markdown(),
    };
    out.push_str(&format!("- Next check: {next}\n"));
    out
}

/// The way from the symptom to the cause as a Mermaid graph.
fn picture(one: &Hypothesis) -> String {
    let mut out = String::from("\n```mermaid\ngraph LR\n");
    for (index, node) in one.path.iter().enumerate() {
        out.push_str(&format!("  n{index}[\"{}\"]\n", label(&node.redacted())));
    }
    for index in 1..one.path.len() {
        out.push_str(&format!("  n{} --> n{index}\n", index - 1));
    }
    out.push_str("```\n");
    out
}

/// Letters, digits and harmless marks: a label must not end its box or the fence.
fn label(text: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | ':');
    escape::cut(text, 60)
        .chars()
        .map(|c| if kept(c) { c } else { '_' })
        .collect()
}
