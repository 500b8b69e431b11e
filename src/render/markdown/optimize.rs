//! Where points are lost, and what to work on, as tables.

use crate::model::optimize::{OptimizationAnalysis, OptimizationRoadmap};
use crate::render::kpi_words as words;
use crate::render::performance::bar_line;
use crate::text::escape;
use crate::text::numbers::number;
use crate::text::times;

/// Bars of a picture.
const BARS: usize = 24;

/// An analysis.
pub fn optimization_analysis(of: &OptimizationAnalysis) -> String {
    let score = words::score_words(&of.score, of.status);
    let mut out = format!(
        "# Bottlenecks of {}\n\n**{}**, collected {}\n\n",
        of.environment,
        escape::markdown(&score),
        times::time(of.generated_at)
    );
    if !of.focus.is_empty() {
        out += &format!("Only {}.\n\n", escape::markdown(&of.focus.join(", ")));
    }
    if of.steady {
        out += "Steady: nothing to do.\n";
    } else if of.bottlenecks.is_empty() {
        out += "No key figure that was measured misses its target.\n";
    } else {
        out += "| Urgency | Key figure | Category | Severity | Now / target | Points lost | If met | Trend | |\n";
        out += "| ---: | --- | --- | --- | ---: | ---: | ---: | --- | --- |\n";
    }
    for one in of.bottlenecks.iter().filter(|_| !of.steady) {
        let level = words::beside(one.value, one.target, one.better, &one.unit);
        out += &format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | `{}` |\n",
            one.urgency,
            escape::markdown(&one.kpi),
            one.category.word(),
            one.severity.word(),
            escape::markdown(&level),
            number(one.points_lost),
            one.score_if_met.map(number).unwrap_or_default(),
            one.trend.word(),
            bar_line(&one.history, BARS, true)
        );
    }
    section(&mut out, "At risk", words::at_risk(of));
    section(&mut out, "Not measured", words::blind_spots(of));
    section(&mut out, "Moving together", words::moving_together(of));
    section(&mut out, "Notes", of.notes.clone());
    out
}

fn section(out: &mut String, title: &str, entries: Vec<String>) {
    if entries.is_empty() {
        return;
    }
    *out += &format!("\n## {title}\n\n");
    for entry in entries {
        *out += &format!("- {}\n", escape::markdown(&entry));
    }
}

/// A plan.
pub fn optimization_roadmap(of: &OptimizationRoadmap) -> String {
    let mut out = format!(
        "# Plan for {} until {}\n\nScore now: **{}**\n\n| Scenario | Expected score | What happens |\n| --- | ---: | --- |\n",
        of.environment,
        times::time(of.horizon),
        words::score(of.score.value)
    );
    for one in &of.scenarios {
        out += &format!(
            "| {} | {} | {}{} |\n",
            one.scenario.word(),
            words::score(one.score),
            one.scenario.about(),
            words::foreseen(one)
        );
    }
    if of.work.is_empty() {
        out += "\nNothing that can be foreseen misses its target then.\n";
    } else {
        out += "\n## Work on\n\n| | Key figure | Points | Then / target | Now | Trend |\n| ---: | --- | ---: | ---: | ---: | --- |\n";
    }
    for (index, one) in of.work.iter().enumerate() {
        let then = words::beside(one.projected, one.target, one.better, &one.unit);
        out += &format!(
            "| {} | {} | +{} | {} | {} | {} |\n",
            index + 1,
            escape::markdown(&one.kpi),
            number(one.gain),
            escape::markdown(&then),
            escape::markdown(&words::quantity_of(one.value, &one.unit)),
            one.trend.word()
        );
    }
    let playbooks = of.work.iter();
    let playbooks =
        playbooks.filter_map(|one| Some(format!("{}: {}", one.kpi, words::playbooks(one)?)));
    section(&mut out, "Playbooks", playbooks.collect());
    section(&mut out, "Leaving their target", words::dates(&of.leaving));
    section(
        &mut out,
        "Meeting it by themselves",
        words::dates(&of.meeting),
    );
    section(&mut out, "Cannot be foreseen", words::unforeseen(of));
    out
}
