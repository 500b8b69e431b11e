//! Series over a long span.

use crate::model::performance::{MetricPerformance, PerformanceReport, PerformanceSet};
use crate::render::performance::{
    bars, changes_coverage, gaps, limit, none_unusual, nothing_happened, off_hours, shift, span,
    title, trend,
};
use crate::render::timeline;
use crate::text::numbers::{number, short_quantity};
use crate::text::times;

/// Bars of a picture.
const PICTURE: usize = 60;
const SMALL_PICTURE: usize = 20;

/// A series.
pub fn performance(report: &PerformanceReport) -> String {
    let mut out = format!(
        "# Performance: {}\n\n{}\n\n`{}`\n\n",
        report.source.markdown(),
        span(report.start, report.end),
        bars(report, PICTURE, true),
    );
    let Some(quantiles) = &report.quantiles else {
        out.push_str("No values.\n");
        return out;
    };
    out.push_str("| Min | p50 | p95 | p99 | Max | Values | Missing |\n");
    out.push_str("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    out.push_str(&format!(
        "| {} | {} | {} | {} | {} | {} | {} |\n\n",
        number(quantiles.min),
        number(quantiles.p50),
        number(quantiles.p95),
        number(quantiles.p99),
        number(quantiles.max),
        report.values,
        report.gaps,
    ));
    out.push_str(&format!("- Trend: {}\n", trend(report.trend.as_ref())));
    if let Some(of) = &report.limit {
        out.push_str(&format!("- Limit: {}\n", limit(of)));
    }
    levels(&mut out, report, "", 0);
    if report.anomalies.is_empty() {
        out.push_str(&format!("- {}\n", none_unusual(report)));
        return out;
    }
    out.push_str("\n## Unusual\n\n| Time | Value | Score | Grade |\n| --- | ---: | ---: | --- |\n");
    for one in &report.anomalies {
        let at = times::time(one.at);
        out.push_str(&format!(
            "| {at} | {} | {} | {} |\n",
            number(one.value),
            one.score,
            one.grade
        ));
    }
    out
}

fn levels(out: &mut String, report: &PerformanceReport, unit: &str, offset: i32) {
    for one in &report.shifts {
        out.push_str(&format!("- Level: {}\n", shift(one, unit, offset)));
    }
    for one in report.weekly.iter().flat_map(|weekly| &weekly.off) {
        out.push_str(&format!("- Hours: {}\n", off_hours(one, unit, offset)));
    }
}

/// The metrics of resources.
pub fn performance_set(set: &PerformanceSet, offset: i32) -> String {
    let mut out = format!(
        "# Performance: {}\n\n{}\n\n",
        set.environment,
        span(set.start, set.end)
    );
    out.push_str("| Metric | | p50 | p95 | Max | Missing | Trend |\n");
    out.push_str("| --- | --- | ---: | ---: | ---: | ---: | --- |\n");
    for one in &set.metrics {
        out.push_str(&row(one));
    }
    for one in &set.metrics {
        let Some(report) = &one.report else { continue };
        let mut text = String::new();
        if let Some(of) = &report.limit {
            text.push_str(&format!("- Limit: {}\n", limit(of)));
        }
        levels(&mut text, report, &one.unit, offset);
        if !text.is_empty() {
            out.push_str(&format!("\n## {}\n\n{text}", title(one).markdown()));
        }
    }
    out.push_str(&happened(set, offset));
    let gaps = gaps(set);
    if !gaps.is_empty() {
        out.push_str("\n## Unknown\n\n");
        for gap in gaps {
            out.push_str(&format!("- {}\n", gap.markdown()));
        }
    }
    if let Some(text) = changes_coverage(set) {
        out.push_str(&format!("\nNote: {text}.\n"));
    }
    out
}

fn row(one: &MetricPerformance) -> String {
    let name = title(one).markdown_code();
    let Some(report) = &one.report else {
        let why = if one.gap.is_some() {
            "unknown"
        } else {
            "no values"
        };
        return format!("| {name} | {why} | | | | | |\n");
    };
    let figures = report.quantiles.map_or_else(
        || " | | ".to_owned(),
        |of| {
            let figure = |value: f64| short_quantity(value, &one.unit);
            format!(
                "{} | {} | {}",
                figure(of.p50),
                figure(of.p95),
                figure(of.max)
            )
        },
    );
    format!(
        "| {name} | `{}` | {figures} | {} | {} |\n",
        bars(report, SMALL_PICTURE, true),
        report.gaps,
        trend(report.trend.as_ref()),
    )
}

fn happened(set: &PerformanceSet, offset: i32) -> String {
    if set.timeline.entries.is_empty() {
        return format!("\n{}\n", nothing_happened(set));
    }
    let mut out = format!(
        "\n## What happened\n\n{}\n| Time ({}) | Source | Event |\n| --- | --- | --- |\n",
        timeline::mermaid(&set.timeline),
        times::zone(offset)
    );
    for entry in &set.timeline.entries {
        out.push_str(&format!(
            "| {} | {} | {} |\n",
            timeline::time(entry, offset),
            entry.source.title(),
            timeline::event(entry).markdown()
        ));
    }
    if let Some(text) = timeline::left_out(&set.timeline) {
        out.push_str(&format!("\n{text}.\n"));
    }
    out
}
