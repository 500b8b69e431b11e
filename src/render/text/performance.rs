//! A series over a long span.

use crate::model::performance::PerformanceReport;
use crate::render::performance::{bars, limit, trend};
use crate::render::text::Style;
use crate::render::text::health::line;
use crate::render::text::layout::fit;
use crate::text::numbers::number;
use crate::text::times;

/// The anomalies that are listed.
const LISTED: usize = 20;

/// A series.
pub fn performance(report: &PerformanceReport, style: &Style) -> String {
    let mut out = String::new();
    line(
        &mut out,
        &style.bold(&fit(&report.source.terminal(), style.columns())),
    );
    line(&mut out, &times::between(report.start, report.end));
    line(&mut out, "");
    line(&mut out, &fit(&bars(report), style.columns()));
    let Some(quantiles) = &report.quantiles else {
        line(&mut out, "no values");
        return style.finish(out);
    };
    line(
        &mut out,
        &format!(
            "min {}  p50 {}  p95 {}  p99 {}  max {}",
            number(quantiles.min),
            number(quantiles.p50),
            number(quantiles.p95),
            number(quantiles.p99),
            number(quantiles.max),
        ),
    );
    let gaps = if report.gaps > 0 {
        format!(", {} missing", report.gaps)
    } else {
        String::new()
    };
    line(&mut out, &format!("values: {}{gaps}", report.values));
    line(
        &mut out,
        &format!("trend: {}", trend(report.trend.as_ref())),
    );
    if let Some(of) = &report.limit {
        line(&mut out, &format!("limit: {}", limit(of)));
    }
    line(&mut out, "");
    if report.anomalies.is_empty() {
        line(&mut out, "Nothing unusual.");
    } else {
        line(&mut out, &style.bold("Unusual"));
    }
    for one in report.anomalies.iter().take(LISTED) {
        let text = format!(
            "  {}  {}  ({})",
            times::time(one.at),
            number(one.value),
            one.grade
        );
        line(&mut out, &text);
    }
    let more = report.anomalies.len().saturating_sub(LISTED);
    if more > 0 {
        line(&mut out, &format!("  and {more} more"));
    }
    style.finish(out)
}
