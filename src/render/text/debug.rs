//! Errors: what they mean, what has solved them, what never to do.

use crate::model::debug::{
    DebugReport, DiagnosedError, RankedSolution, SimilarError, SolutionStep,
};
use crate::render::debug_words::{attempts, change, is_described, place, said, seen};
use crate::render::text::Style;
use crate::render::text::denials::denial;
use crate::render::text::health::{command_line, line, lines};
use crate::render::text::layout::hang;
use crate::text::Untrusted;

/// Every error of a text.
pub fn debug(report: &DebugReport, style: &Style) -> String {
    let mut out = String::new();
    if report.errors.is_empty() && report.similar.is_empty() {
        line(&mut out, "No known error is in this text.");
    }
    for (index, one) in report.errors.iter().enumerate() {
        if index > 0 {
            line(&mut out, "");
        }
        error(&mut out, one, style);
    }
    if !report.similar.is_empty() {
        line(
            &mut out,
            "No error is in this text. Known errors that fit its words:",
        );
    }
    for one in &report.similar {
        line(&mut out, "");
        similar(&mut out, one, style);
    }
    style.finish(out)
}

fn push_field(out: &mut String, name: &str, value: &str, style: &Style) {
    let first = format!("{name:<10}");
    lines(out, hang(&first, value, style.columns(), usize::MAX));
}

fn error(out: &mut String, one: &DiagnosedError, style: &Style) {
    push_field(out, "ERROR", &one.title.terminal(), style);
    if let Some(place) = place(one) {
        push_field(out, "at", &Untrusted::new(place).terminal(), style);
    }
    if !one.also_at.is_empty() {
        let also: Vec<String> = one.also_at.iter().map(Untrusted::terminal).collect();
        push_field(out, "also at", &also.join(", "), style);
    }
    push_field(out, "said", &Untrusted::new(said(one)).terminal(), style);
    let about = format!(
        "{}, issue {}{}",
        one.category.as_str(),
        one.issue_id,
        seen(one)
    );
    push_field(out, "about", &about, style);
    if let Some(cause) = &one.follows {
        let text = format!("follows from issue {cause}: solve that one first");
        push_field(out, "follows", &text, style);
        return;
    }
    if let Some(means) = &one.means {
        push_field(out, "means", means, style);
    }
    for denied in &one.denials {
        line(out, "");
        denial(out, denied, style);
    }
    if let Some(lock) = &one.lock {
        let shown = |value: &Option<Untrusted>| match value {
            Some(value) => value.terminal(),
            None => "unknown".to_owned(),
        };
        let text = format!(
            "held by {} since {} for {}, id {}",
            shown(&lock.who),
            shown(&lock.created),
            shown(&lock.operation),
            lock.id.terminal()
        );
        push_field(out, "lock", &text, style);
    }
    for (index, solution) in one.solutions.iter().enumerate() {
        line(out, "");
        self::solution(out, index + 1, solution, style);
    }
    line(out, "");
    for never in &one.never {
        push_field(out, "never", never, style);
    }
    if let Some(docs) = &one.docs {
        push_field(out, "docs", docs, style);
    }
}

fn solution(out: &mut String, number: usize, one: &RankedSolution, style: &Style) {
    let name = format!("fix {number}");
    let text = format!("{} ({})", one.solution_id, attempts(one));
    push_field(out, &name, &text, style);
    if is_described(one) {
        push_field(out, "", &one.description.terminal(), style);
    }
    steps(out, &one.steps, style);
}

fn steps(out: &mut String, steps: &[SolutionStep], style: &Style) {
    for step in steps {
        let what = Untrusted::from(step.what.as_str()).terminal();
        let text = format!("{what}{}", change(step));
        lines(out, hang("  - ", &text, style.columns(), usize::MAX));
        if let Some(command) = &step.command {
            command_line(out, "      ", &command.terminal(), style);
        }
    }
}

fn similar(out: &mut String, one: &SimilarError, style: &Style) {
    let text = format!("{} ({})", one.title.terminal(), one.id);
    push_field(out, "ERROR", &text, style);
    if let Some(means) = &one.means {
        push_field(out, "means", means, style);
    }
    steps(out, &one.steps, style);
}
