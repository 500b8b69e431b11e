//! Key figures: the score, what it is made of, what is missing, delivery.

use crate::model::kpi_report::{KpiReport, KpiRow};
use crate::render::kpi_words as words;
use crate::render::performance::bar_line;
use crate::render::text::Style;
use crate::render::text::health::line;
use crate::render::text::layout::{fit, pad, pad_left, width};
use crate::text::numbers::number;
use crate::text::phrases::counted;
use crate::text::times;

/// Columns below which a row takes two lines.
const WIDE: usize = 72;
/// Bars of the picture of the score.
const BARS: usize = 40;
/// Notes on deployments that are shown.
const NOTES: usize = 5;

/// The report.
pub fn kpis(report: &KpiReport, style: &Style) -> String {
    let mut out = String::new();
    let head = format!("{}: {}", report.environment, words::headline(report));
    line(&mut out, &style.bold(&fit(&head, style.columns())));
    let scores: Vec<Option<f64>> = report.history.iter().map(|point| point.value).collect();
    if scores.len() > 1 {
        line(&mut out, &bar_line(&scores, BARS, style.unicode));
    }
    if let Some(change) = &report.change {
        out += &style.paragraph("  ", &words::change(change));
        if !change.targets_changed.is_empty() {
            let names = change.targets_changed.join(", ");
            out += &style.paragraph("  ", &format!("targets changed: {names}"));
        }
    }
    if let Some(gain) = words::best_gain(report) {
        out += &style.paragraph("  ", &gain);
    }
    categories(&mut out, report, style);
    table(&mut out, report, style);
    unmeasured(&mut out, report, style);
    alerts(&mut out, report, style);
    delivery(&mut out, report, style);
    if !report.off.is_empty() {
        line(&mut out, "");
        let count = counted(report.off.len() as u64, "key figure");
        let text = format!("{count} off, without a source: {}", report.off.join(", "));
        out += &style.paragraph("", &text);
    }
    style.finish(out)
}

fn categories(out: &mut String, report: &KpiReport, style: &Style) {
    if report.categories.is_empty() {
        return;
    }
    line(out, "");
    for (category, score) in &report.categories {
        let met = match score.met_percent {
            Some(met) => format!("{} % meet their target", number(met)),
            None => "nothing measured".to_owned(),
        };
        let doubt = if score.reliable || score.value.is_none() {
            String::new()
        } else {
            format!(
                ", unreliable ({} % coverage)",
                number(score.coverage_percent)
            )
        };
        let text = format!(
            "  {}{}  {met}{doubt}",
            pad(category.word(), 10),
            pad_left(&words::score(score.value), 7)
        );
        line(out, &fit(&text, style.columns()));
    }
}

fn table(out: &mut String, report: &KpiReport, style: &Style) {
    let rows = || report.kpis.iter().filter(|row| row.score.is_some());
    if rows().next().is_none() {
        return;
    }
    line(out, "");
    let columns = style.columns();
    if columns < WIDE {
        for row in rows() {
            line(out, &fit(&format!("{} {}", mark(row), row.name), columns));
            let text = format!("{}, {}", words::level(row), words::trend(row));
            line(out, &style.dim(&fit(&format!("    {text}"), columns)));
        }
        return;
    }
    let widest = |of: fn(&KpiRow) -> String, least: usize, most: usize| {
        rows()
            .map(|row| width(&of(row)))
            .max()
            .unwrap_or(0)
            .clamp(least, most)
    };
    let name = widest(|row| row.name.clone(), 10, 28);
    let level = widest(words::level, 12, 24);
    let head = format!(
        "  {}  {}  SCORE   LOST  TREND",
        pad("KEY FIGURE", name),
        pad("NOW / TARGET", level)
    );
    line(out, &style.dim(&fit(&head, columns)));
    for row in rows() {
        let lost = match row.points_lost > 0.0 {
            true => number(row.points_lost),
            false => String::new(),
        };
        let text = format!(
            "{} {}  {}  {}  {}  {}",
            mark(row),
            pad(&fit(&row.name, name), name),
            pad(&fit(&words::level(row), level), level),
            pad_left(&words::score(row.score), 5),
            pad_left(&lost, 5),
            words::trend(row)
        );
        line(out, &fit(&text, columns));
    }
}

fn mark(row: &KpiRow) -> &'static str {
    match row.score {
        Some(score) if score < 100.0 => "✗",
        _ => " ",
    }
}

fn unmeasured(out: &mut String, report: &KpiReport, style: &Style) {
    let missing: Vec<(&KpiRow, &crate::text::Untrusted)> = report
        .kpis
        .iter()
        .filter_map(|row| Some((row, row.reason.as_ref()?)))
        .collect();
    if missing.is_empty() {
        return;
    }
    line(out, "");
    line(out, &style.bold("NOT MEASURED"));
    for (row, reason) in missing {
        *out += &style.paragraph(&format!("  {}: ", row.name), &reason.terminal());
    }
}

fn alerts(out: &mut String, report: &KpiReport, style: &Style) {
    if report.alerts.is_empty() {
        return;
    }
    line(out, "");
    line(out, &style.bold("ATTENTION"));
    for alert in &report.alerts {
        let word = format!("{:<8}", alert.severity.to_string());
        let text = style.paragraph(&format!("  {word}  "), &alert.message.terminal());
        *out += &text.replacen(&word, &style.severity(alert.severity, &word), 1);
    }
}

fn delivery(out: &mut String, report: &KpiReport, style: &Style) {
    let Some(delivery) = &report.delivery else {
        return;
    };
    line(out, "");
    let span = format!(
        "DELIVERY, {} to {}",
        times::date(delivery.start),
        times::date(delivery.end)
    );
    line(out, &style.bold(&span));
    for (name, text) in words::delivery(delivery) {
        *out += &style.paragraph(&format!("  {name}: "), &text);
    }
    for note in delivery.notes.iter().take(NOTES) {
        *out += &style.paragraph("  - ", &note.terminal());
    }
    let more = delivery.notes.len().saturating_sub(NOTES);
    if more > 0 {
        line(out, &format!("  - and {more} more"));
    }
}
