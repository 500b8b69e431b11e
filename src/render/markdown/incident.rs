//! An incident as a page, with the way of the blame as a picture.

use crate::model::incident::{Hypothesis, IncidentReport};
use crate::text::escape;
use crate::text::times;

/// The share of the symptom from which another hypothesis is worth reading.
const LEAST: f64 = 0.05;
/// The hypotheses that are told.
const TOLD: usize = 4;

/// An incident.
pub fn incident(report: &IncidentReport) -> String {
    let symptom = &report.symptom;
    let mut out = format!(
        "# Incident: {} of {}\n\n**{}**\n\nNoticed {}. Periods looked at: {}, from {} to {}.\n",
        symptom.metric,
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
    for (index, one) in told(report).take(TOLD).enumerate() {
        out.push_str(&hypothesis(index + 1, one));
    }
    if !report.also_unusual.is_empty() {
        out.push_str("\n## Also unusual\n\n");
        for one in &report.also_unusual {
            let name = one.resource.markdown();
            out.push_str(&format!(
                "- {name}: {} spreads off, {}\n",
                one.deviation, one.why
            ));
        }
    }
    out.push_str("\n## Not seen\n\n");
    for gap in &report.gaps {
        out.push_str(&format!(
            "- {}: {}; {}\n",
            gap.leg,
            gap.what.markdown(),
            gap.effect
        ));
    }
    out
}

/// The first, and others that explain something.
fn told(report: &IncidentReport) -> impl Iterator<Item = &Hypothesis> {
    let all = report.hypotheses.iter().enumerate();
    all.filter(|(index, one)| *index == 0 || one.score >= LEAST)
        .map(|(_, one)| one)
}

fn hypothesis(number: usize, one: &Hypothesis) -> String {
    let mut out = format!(
        "\n## {number}. {}: {}\n\n",
        one.resource.markdown(),
        one.grade.title(),
    );
    for text in &one.supporting {
        out.push_str(&format!("- For: {}\n", text.markdown()));
    }
    for text in &one.against {
        out.push_str(&format!("- Against: {}\n", text.markdown()));
    }
    out.push_str(&format!("- Next check: {}\n", one.next_check.markdown()));
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
