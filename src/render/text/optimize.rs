//! Where points are lost, and what to work on.

use crate::model::optimize::{Bottleneck, OptimizationAnalysis, OptimizationRoadmap, RoadmapItem};
use crate::render::kpi_words as words;
use crate::render::performance::bar_line;
use crate::render::text::Style;
use crate::render::text::health::line;
use crate::render::text::layout::{fit, pad, pad_left, width};
use crate::text::numbers::number;
use crate::text::times;

/// Bars of a picture.
const BARS: usize = 24;

/// An analysis.
pub fn optimization_analysis(of: &OptimizationAnalysis, style: &Style) -> String {
    let mut out = String::new();
    let score = words::score_words(&of.score, of.status);
    let head = format!("{}: {score}", of.environment);
    line(&mut out, &style.bold(&fit(&head, style.columns())));
    if !of.focus.is_empty() {
        line(&mut out, &format!("only {}", of.focus.join(", ")));
    }
    line(&mut out, "");
    if of.steady {
        line(&mut out, "Steady: nothing to do.");
    } else if of.bottlenecks.is_empty() {
        line(
            &mut out,
            "No key figure that was measured misses its target.",
        );
    } else {
        line(&mut out, &style.bold("BOTTLENECKS, the most urgent first"));
        for one in &of.bottlenecks {
            bottleneck(&mut out, one, style);
        }
    }
    section(&mut out, "AT RISK", words::at_risk(of), style);
    section(&mut out, "NOT MEASURED", words::blind_spots(of), style);
    section(
        &mut out,
        "MOVING TOGETHER",
        words::moving_together(of),
        style,
    );
    if !of.notes.is_empty() {
        line(&mut out, "");
    }
    for note in &of.notes {
        out += &style.paragraph("note: ", note);
    }
    style.finish(out)
}

fn bottleneck(out: &mut String, one: &Bottleneck, style: &Style) {
    let head = format!(
        "  {} {}  {} ({}, {})",
        one.urgency,
        pad(&one.kpi, 20),
        words::instead(one.value, one.target, one.better, &one.unit),
        one.severity.word(),
        one.trend.word()
    );
    line(out, &fit(&head, style.columns()));
    let bars = bar_line(&one.history, BARS, style.unicode);
    let gain = words::gain(one);
    *out += &style.paragraph("      ", &format!("{bars}  {gain}"));
}

fn section(out: &mut String, title: &str, entries: Vec<String>, style: &Style) {
    if entries.is_empty() {
        return;
    }
    line(out, "");
    line(out, &style.bold(title));
    for entry in entries {
        *out += &style.paragraph("  ", &entry);
    }
}

/// A plan.
pub fn optimization_roadmap(of: &OptimizationRoadmap, style: &Style) -> String {
    let mut out = String::new();
    let head = format!("{}: until {}", of.environment, times::time(of.horizon));
    line(&mut out, &style.bold(&fit(&head, style.columns())));
    let scores: Vec<Option<f64>> = of.history.iter().map(|point| point.value).collect();
    let bars = bar_line(&scores, BARS, style.unicode);
    line(
        &mut out,
        &format!("{bars}  now {}", words::score(of.score.value)),
    );
    line(&mut out, "");
    line(&mut out, &style.bold("EXPECTED SCORE"));
    for one in &of.scenarios {
        let text = format!(
            "  {}{}  {}{}",
            pad(one.scenario.word(), 10),
            pad_left(&words::score(one.score), 7),
            one.scenario.about(),
            words::foreseen(one)
        );
        line(&mut out, &text);
    }
    work(&mut out, of, style);
    section(
        &mut out,
        "LEAVING THEIR TARGET",
        words::dates(&of.leaving),
        style,
    );
    section(
        &mut out,
        "MEETING IT BY THEMSELVES",
        words::dates(&of.meeting),
        style,
    );
    section(&mut out, "CANNOT BE FORESEEN", words::unforeseen(of), style);
    style.finish(out)
}

fn work(out: &mut String, of: &OptimizationRoadmap, style: &Style) {
    line(out, "");
    if of.work.is_empty() {
        let text = "Nothing that can be foreseen misses its target then.";
        line(out, text);
        return;
    }
    line(out, &style.bold("WORK ON, what gains most first"));
    let name = of
        .work
        .iter()
        .map(|one| width(&one.kpi))
        .max()
        .unwrap_or(0)
        .min(28);
    for (index, one) in of.work.iter().enumerate() {
        for part in item(index, one, name) {
            line(out, &fit(&part, style.columns()));
        }
        if let Some(text) = words::playbooks(one) {
            *out += &style.paragraph("       ", &text);
        }
    }
}

fn item(index: usize, one: &RoadmapItem, name: usize) -> [String; 2] {
    let now = words::quantity_of(one.value, &one.unit);
    let then = words::instead(one.projected, one.target, one.better, &one.unit);
    let name = pad(&fit(&one.kpi, name), name);
    let (place, gain) = (index + 1, number(one.gain));
    [
        format!("  {place}. {name}  +{gain} points"),
        format!("       now {now}; then {then}"),
    ]
}
