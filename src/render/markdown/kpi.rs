//! Key figures as tables.

use crate::model::kpi_report::{KpiReport, KpiRow};
use crate::render::kpi_words as words;
use crate::render::performance::bar_line;
use crate::text::escape;
use crate::text::numbers::number;
use crate::text::times;

/// Bars of the picture of the score.
const BARS: usize = 60;

/// The report.
pub fn kpis(report: &KpiReport) -> String {
    let mut out = format!("# Key figures of {}\n\n", report.environment);
    out += &format!(
        "**{}**, collected {}\n\n",
        escape::markdown(&words::headline(report)),
        times::time(report.generated_at)
    );
    let scores: Vec<Option<f64>> = report.history.iter().map(|point| point.value).collect();
    if scores.len() > 1 {
        out += &format!("`{}`\n\n", bar_line(&scores, BARS, true));
    }
    if let Some(change) = &report.change {
        out += &format!("{}\n\n", escape::markdown(&words::change(change)));
        if !change.targets_changed.is_empty() {
            let names = escape::markdown(&change.targets_changed.join(", "));
            out += &format!("**Targets changed:** {names}\n\n");
        }
    }
    if let Some(gain) = words::best_gain(report) {
        out += &format!("{}\n\n", escape::markdown(&gain));
    }
    categories(&mut out, report);
    figures(&mut out, report);
    if !report.alerts.is_empty() {
        out += "\n## Attention\n\n";
        for alert in &report.alerts {
            let message = alert.message.markdown();
            out += &format!("- **{}** {message}\n", alert.severity);
        }
    }
    if let Some(delivery) = &report.delivery {
        let (start, end) = (times::date(delivery.start), times::date(delivery.end));
        out += &format!("\n## Delivery, {start} to {end}\n\n| Figure | Value |\n| --- | --- |\n");
        for (name, text) in words::delivery(delivery) {
            out += &format!("| {name} | {} |\n", escape::markdown(&text));
        }
        if !delivery.notes.is_empty() {
            out.push('\n');
        }
        for note in &delivery.notes {
            out += &format!("- {}\n", note.markdown());
        }
    }
    if !report.off.is_empty() {
        let names = escape::markdown(&report.off.join(", "));
        out += &format!("\nOff, without a source: {names}\n");
    }
    out
}

fn categories(out: &mut String, report: &KpiReport) {
    if report.categories.is_empty() {
        return;
    }
    *out += "| Category | Score | Coverage | Meet their target |\n| --- | ---: | ---: | ---: |\n";
    for (category, score) in &report.categories {
        let met = score
            .met_percent
            .map_or_else(|| "unknown".to_owned(), |met| format!("{} %", number(met)));
        *out += &format!(
            "| {} | {} | {} % | {met} |\n",
            category.word(),
            words::score(score.value),
            number(score.coverage_percent)
        );
    }
    out.push('\n');
}

fn figures(out: &mut String, report: &KpiReport) {
    if report.kpis.is_empty() {
        return;
    }
    *out += "| Key figure | Category | Now / target | Score | Points lost | If only it met its target | Trend |\n";
    *out += "| --- | --- | ---: | ---: | ---: | ---: | --- |\n";
    for row in &report.kpis {
        *out += &format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            escape::markdown(&row.name),
            row.category.word(),
            escape::markdown(&words::level(row)),
            words::score(row.score),
            lost(row),
            row.score_if_met.map(number).unwrap_or_default(),
            words::trend(row)
        );
    }
    let reasons = || {
        report
            .kpis
            .iter()
            .filter_map(|row| Some((row, row.reason.as_ref()?)))
    };
    if reasons().next().is_some() {
        *out += "\n## Not measured\n\n";
    }
    for (row, reason) in reasons() {
        *out += &format!("- {}: {}\n", escape::markdown(&row.name), reason.markdown());
    }
}

fn lost(row: &KpiRow) -> String {
    match row.points_lost > 0.0 {
        true => number(row.points_lost),
        false => String::new(),
    }
}
