//! An incident: the cause, what speaks for and against it, what else could be, what is missing.

use crate::model::incident::{Hypothesis, IncidentReport};
use crate::render::text::Style;
use crate::render::text::health::{line, lines};
use crate::render::text::layout::hang;
use crate::text::Untrusted;
use crate::text::times;

/// The share of the symptom from which another hypothesis is worth reading.
const LEAST: f64 = 0.05;
/// The hypotheses that are told beside the first.
const OTHERS: usize = 3;
/// The lines of one sentence.
const LINES: usize = 6;

/// An incident.
pub fn incident(report: &IncidentReport, style: &Style) -> String {
    let mut out = String::new();
    let columns = style.columns();
    let symptom = &report.symptom;
    let head = format!(
        "{} of {} at {}",
        symptom.metric,
        symptom.resource.terminal(),
        times::time(symptom.at),
    );
    line(&mut out, &style.bold(&head));
    lines(
        &mut out,
        hang("", &report.summary.terminal(), columns, LINES),
    );
    for (index, one) in told(report).take(1 + OTHERS).enumerate() {
        line(&mut out, "");
        hypothesis(&mut out, index + 1, one, style);
    }
    if !report.also_unusual.is_empty() {
        line(&mut out, "");
        line(&mut out, &style.bold("Also unusual"));
        for one in report.also_unusual.iter().take(5) {
            let text = format!(
                "{}: {} spreads off, {}",
                one.resource.terminal(),
                one.deviation,
                one.why
            );
            lines(&mut out, hang("  ", &text, columns, LINES));
        }
    }
    line(&mut out, "");
    line(&mut out, &style.bold("Not seen"));
    for gap in &report.gaps {
        let text = format!("{}: {}; {}", gap.leg, gap.what.terminal(), gap.effect);
        lines(&mut out, hang("  ", &text, columns, LINES));
    }
    style.finish(out)
}

/// The first, and others that explain something.
fn told(report: &IncidentReport) -> impl Iterator<Item = &Hypothesis> {
    let all = report.hypotheses.iter().enumerate();
    all.filter(|(index, one)| *index == 0 || one.score >= LEAST)
        .map(|(_, one)| one)
}

fn hypothesis(out: &mut String, number: usize, one: &Hypothesis, style: &Style) {
    let columns = style.columns();
    let head = format!(
        "{number}. {} ({})",
        one.resource.terminal(),
        one.grade.title()
    );
    line(out, &style.bold(&head));
    let mut say = |sign: &str, text: &Untrusted| {
        lines(
            out,
            hang(&format!("   {sign} "), &text.terminal(), columns, LINES),
        );
    };
    one.supporting.iter().for_each(|text| say("+", text));
    one.against.iter().for_each(|text| say("-", text));
    say("→", &one.next_check);
}
