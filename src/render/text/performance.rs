//! Series over a long span.

use crate::model::performance::{MetricPerformance, PerformanceReport, PerformanceSet};
use crate::render::performance::{
    bars, changes_coverage, gaps, is_approached, limit, none_unusual, nothing_happened, off_hours,
    shift, span, title, trend,
};
use crate::render::text::Style;
use crate::render::text::health::line;
use crate::render::text::layout::{fit, pad, pad_left};
use crate::render::timeline;
use crate::text::numbers::short_quantity;
use crate::text::times;

/// The anomalies that are listed.
const LISTED: usize = 20;
/// Columns of the name, the picture and a figure in the table of metrics.
const NAME: usize = 30;
const PICTURE: usize = 20;
const FIGURE: usize = 9;

/// A series.
pub fn performance(report: &PerformanceReport, style: &Style) -> String {
    let mut out = String::new();
    series(&mut out, report, ("", 0), style);
    style.finish(out)
}

fn series(
    out: &mut String,
    report: &PerformanceReport,
    (unit, offset): (&str, i32),
    style: &Style,
) {
    line(
        out,
        &style.bold(&fit(&report.source.terminal(), style.columns())),
    );
    line(out, &span(report.start, report.end));
    line(out, "");
    line(out, &bars(report, style.columns(), style.unicode));
    let Some(quantiles) = &report.quantiles else {
        line(out, "no values");
        return;
    };
    let value = |value: f64| short_quantity(value, unit);
    line(
        out,
        &format!(
            "min {}  p50 {}  p95 {}  p99 {}  max {}",
            value(quantiles.min),
            value(quantiles.p50),
            value(quantiles.p95),
            value(quantiles.p99),
            value(quantiles.max),
        ),
    );
    let gaps = if report.gaps > 0 {
        format!(", {} missing", report.gaps)
    } else {
        String::new()
    };
    line(out, &format!("values: {}{gaps}", report.values));
    line(out, &format!("trend: {}", trend(report.trend.as_ref())));
    if let Some(of) = &report.limit {
        line(out, &format!("limit: {}", limit(of)));
    }
    levels(out, report, (unit, offset), style);
    line(out, "");
    if report.anomalies.is_empty() {
        line(out, &format!("{}.", none_unusual(report)));
    } else {
        line(out, &style.bold("Unusual"));
    }
    for one in report.anomalies.iter().take(LISTED) {
        let text = format!(
            "  {}  {}  ({})",
            times::time(one.at),
            value(one.value),
            one.grade
        );
        line(out, &text);
    }
    let more = report.anomalies.len().saturating_sub(LISTED);
    if more > 0 {
        line(out, &format!("  and {more} more"));
    }
}

fn levels(
    out: &mut String,
    report: &PerformanceReport,
    (unit, offset): (&str, i32),
    style: &Style,
) {
    for one in &report.shifts {
        *out += &style.paragraph("level: ", &shift(one, unit, offset));
    }
    let Some(weekly) = &report.weekly else {
        return;
    };
    for one in weekly.off.iter().take(LISTED) {
        *out += &style.paragraph("hours: ", &off_hours(one, unit, offset));
    }
    let more = weekly.off.len().saturating_sub(LISTED);
    if more > 0 {
        line(out, &format!("hours: and {more} more"));
    }
}

/// The metrics of resources.
pub fn performance_set(set: &PerformanceSet, offset: i32, style: &Style) -> String {
    let mut out = String::new();
    let with_values: Vec<(&MetricPerformance, &PerformanceReport)> = set
        .metrics
        .iter()
        .filter_map(|one| Some((one, one.report.as_deref()?)))
        .collect();
    if let ([(metric, report)], 1) = (&with_values[..], set.metrics.len()) {
        series(&mut out, report, (&metric.unit, offset), style);
    } else {
        table(&mut out, set, &with_values, style);
    }
    happened(&mut out, set, offset, style);
    for gap in gaps(set) {
        out += &style.paragraph("  ", &gap.terminal());
    }
    if let Some(text) = changes_coverage(set) {
        out += &style.paragraph("", &text);
    }
    style.finish(out)
}

fn table(
    out: &mut String,
    set: &PerformanceSet,
    with_values: &[(&MetricPerformance, &PerformanceReport)],
    style: &Style,
) {
    let span = span(set.start, set.end);
    line(
        out,
        &format!("{}  {span}", style.bold(set.environment.as_str())),
    );
    line(out, "");
    if with_values.is_empty() {
        line(out, "No metric has a value in this span.");
        return;
    }
    let head = format!(
        "{}  {}{}{}{}",
        pad("METRIC", NAME),
        pad("", PICTURE),
        pad_left("P50", FIGURE),
        pad_left("P95", FIGURE),
        pad_left("MAX", FIGURE)
    );
    line(out, &style.dim(head.trim_end()));
    for (metric, report) in with_values {
        let name = pad(&fit(&title(metric).terminal(), NAME), NAME);
        let picture = pad(&bars(report, PICTURE, style.unicode), PICTURE);
        let figures = report.quantiles.map_or_else(String::new, |of| {
            let figure = |value: f64| pad_left(&short_quantity(value, &metric.unit), FIGURE);
            [of.p50, of.p95, of.max].map(figure).concat()
        });
        line(out, format!("{name}  {picture}{figures}").trim_end());
    }
    let silent: Vec<String> = set
        .metrics
        .iter()
        .filter(|one| one.report.is_none() && one.gap.is_none())
        .map(|one| title(one).terminal())
        .collect();
    if !silent.is_empty() {
        *out += &style.paragraph("no values: ", &silent.join(", "));
    }
    for (metric, report) in with_values {
        let of = report.limit.as_ref().filter(|of| is_approached(of));
        if let Some(of) = of {
            let text = format!("{}: {}", title(metric).terminal(), limit(of));
            *out += &style.paragraph("limit: ", &text);
        }
        let certain = report.trend.as_ref().filter(|trend| trend.certain);
        if let Some(of) = certain {
            let text = format!("{}: {}", title(metric).terminal(), trend(Some(of)));
            *out += &style.paragraph("trend: ", &text);
        }
    }
}

/// What was unusual and what was changed.
fn happened(out: &mut String, set: &PerformanceSet, offset: i32, style: &Style) {
    line(out, "");
    if set.timeline.entries.is_empty() {
        line(out, nothing_happened(set));
        return;
    }
    let zone = times::zone(offset);
    line(out, &style.bold(&format!("What happened ({zone})")));
    for entry in &set.timeline.entries {
        let head = format!(
            "  {}  {}  ",
            timeline::time(entry, offset),
            pad(entry.source.title(), 11)
        );
        *out += &style.paragraph(&head, &timeline::event(entry).terminal());
    }
    if let Some(text) = timeline::left_out(&set.timeline) {
        line(out, &style.dim(&format!("  {}", text)));
    }
}
