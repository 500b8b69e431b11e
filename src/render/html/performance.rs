//! Metrics as a self-contained page: a picture of each, and what happened.

use super::policy;
use crate::model::performance::{MetricPerformance, PerformanceReport, PerformanceSet};
use crate::render::performance::{
    changes_coverage, gaps, limit, none_unusual, nothing_happened, off_hours, shift, span, title,
    trend,
};
use crate::render::timeline;
use crate::text::numbers::short_quantity;
use crate::text::{escape, times};

/// The style sheet of the page.
const STYLE: &str = include_str!("../../../templates/performance.css");
/// The picture of a metric.
const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 120.0;
/// Room for the figures at its left.
const LEFT: f64 = 80.0;

/// A series as a page.
pub fn performance(report: &PerformanceReport) -> String {
    let name = report.source.html();
    let mut body = format!("<h1>Performance: {name}</h1>\n");
    body.push_str(&series(report, "", 0));
    page(&name, &body)
}

/// The metrics of resources as a page.
pub fn performance_set(set: &PerformanceSet, offset: i32) -> String {
    let name = escape::html(set.environment.as_str());
    let mut body = format!(
        "<h1>Performance: {name}</h1>\n<p>{}</p>\n",
        escape::html(&span(set.start, set.end))
    );
    body.push_str(&happened(set, offset));
    for one in &set.metrics {
        body.push_str(&metric(one, offset));
    }
    let gaps = gaps(set);
    if !gaps.is_empty() {
        body.push_str("<h2>Unknown</h2>\n<ul>\n");
        for gap in gaps {
            body.push_str(&format!("<li>{}</li>\n", gap.html()));
        }
        body.push_str("</ul>\n");
    }
    if let Some(text) = changes_coverage(set) {
        body.push_str(&format!("<p class=\"dim\">{}</p>\n", escape::html(&text)));
    }
    page(&name, &body)
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Performance: {title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n{body}</body>\n</html>\n",
        escape::html(&policy(STYLE))
    )
}

fn metric(one: &MetricPerformance, offset: i32) -> String {
    let mut out = format!(
        "<h2>{} <span class=\"dim\">({}, {})</span></h2>\n",
        title(one).html(),
        escape::html(&one.statistic),
        escape::html(&one.unit)
    );
    match (&one.report, &one.gap) {
        (Some(report), _) => out.push_str(&series(report, &one.unit, offset)),
        (None, Some(_)) => out.push_str("<p>unknown: it could not be read</p>\n"),
        (None, None) => out.push_str("<p>no values in this span</p>\n"),
    }
    out
}

fn series(report: &PerformanceReport, unit: &str, offset: i32) -> String {
    let Some(quantiles) = &report.quantiles else {
        return "<p>no values</p>\n".to_owned();
    };
    let value = |value: f64| escape::html(&short_quantity(value, unit));
    let mut out = picture(report, unit, offset);
    out.push_str(&format!(
        "<p>p50 {} · p95 {} · p99 {} · max {} · {} values, {} missing</p>\n<ul>\n",
        value(quantiles.p50),
        value(quantiles.p95),
        value(quantiles.p99),
        value(quantiles.max),
        report.values,
        report.gaps
    ));
    let mut item = |text: &str| out.push_str(&format!("<li>{}</li>\n", escape::html(text)));
    item(&format!("trend: {}", trend(report.trend.as_ref())));
    if let Some(of) = &report.limit {
        item(&format!("limit: {}", limit(of)));
    }
    for one in &report.shifts {
        item(&format!("level: {}", shift(one, unit, offset)));
    }
    for one in report.weekly.iter().flat_map(|weekly| &weekly.off) {
        item(&format!("hours: {}", off_hours(one, unit, offset)));
    }
    let count = report.anomalies.len();
    item(&match count {
        0 => none_unusual(report).to_lowercase(),
        1 => "1 unusual value".to_owned(),
        _ => format!("{count} unusual values"),
    });
    out.push_str("</ul>\n");
    out
}

/// The highest value of each part as a line, which is broken where there are no values, and a dot
/// for each unusual value.
fn picture(report: &PerformanceReport, unit: &str, offset: i32) -> String {
    let values = || report.picture.iter().flatten().copied();
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    let low = values().fold(0.0_f64, f64::min);
    let span = if high > low { high - low } else { 1.0 };
    let (wide, tall) = (WIDTH - LEFT - 10.0, HEIGHT - 30.0);
    let y = |value: f64| 10.0 + tall - (value - low) / span * tall;
    let step = wide / (report.picture.len().max(2) - 1) as f64;
    let mut paths = String::new();
    let mut is_open = false;
    for (index, value) in report.picture.iter().enumerate() {
        match value {
            Some(value) => {
                let sign = if is_open { 'L' } else { 'M' };
                let x = LEFT + index as f64 * step;
                paths.push_str(&format!("{sign}{x:.1} {:.1}", y(*value)));
                is_open = true;
            }
            None => is_open = false,
        }
    }
    let (start, end) = (report.start.as_second(), report.end.as_second());
    let place = |at: i64| LEFT + (at - start) as f64 / (end - start).max(1) as f64 * wide;
    let dots: String = report
        .anomalies
        .iter()
        .map(|one| {
            let (x, y) = (place(one.at.as_second()), y(one.value.clamp(low, high)));
            format!("<circle class=\"odd\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>")
        })
        .collect();
    let label = |value: f64| escape::html(&short_quantity(value, unit));
    let time = |at| escape::html(&crate::render::performance::minute(at, offset));
    format!(
        "<svg role=\"img\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\">\
         <title>From {} to {}, at most {}</title>\
         <line class=\"axis\" x1=\"{LEFT}\" y1=\"{base:.1}\" x2=\"{WIDTH}\" y2=\"{base:.1}\"/>\
         <text x=\"4\" y=\"20\">{}</text><text x=\"4\" y=\"{base:.1}\">{}</text>\
         <text x=\"{LEFT}\" y=\"{HEIGHT}\" dy=\"-4\">{}</text>\
         <text x=\"{WIDTH}\" y=\"{HEIGHT}\" dy=\"-4\" text-anchor=\"end\">{}</text>\
         <path class=\"line\" d=\"{paths}\"/>{dots}</svg>\n",
        time(report.start),
        time(report.end),
        label(high),
        label(high),
        label(low),
        time(report.start),
        time(report.end),
        base = 10.0 + tall,
    )
}

fn happened(set: &PerformanceSet, offset: i32) -> String {
    if set.timeline.entries.is_empty() {
        return format!("<p>{}</p>\n", nothing_happened(set));
    }
    let mut out = format!(
        "<h2>What happened ({})</h2>\n<div class=\"timeline\">{}</div>\n",
        times::zone(offset),
        timeline::svg(&set.timeline, offset)
    );
    if let Some(text) = timeline::left_out(&set.timeline) {
        out.push_str(&format!("<p class=\"dim\">{}</p>\n", escape::html(&text)));
    }
    out
}
