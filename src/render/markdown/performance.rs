//! A series over a long span.

use crate::model::performance::PerformanceReport;
use crate::render::performance::{bars, limit, trend};
use crate::text::numbers::number;
use crate::text::times;

/// A series.
pub fn performance(report: &PerformanceReport) -> String {
    let mut out = format!(
        "# Performance: {}\n\n{}\n\n`{}`\n\n",
        report.source.markdown(),
        times::between(report.start, report.end),
        bars(report),
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
    if report.anomalies.is_empty() {
        out.push_str("- Nothing unusual\n");
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
