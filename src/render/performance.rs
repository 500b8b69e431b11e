//! What text, Markdown and pages say alike of a series.

use jiff::Timestamp;

use crate::model::performance::{
    LimitReport, MetricPerformance, OffHoursRow, PerformanceReport, PerformanceSet, ShiftRow,
    TrendReport,
};
use crate::text::Untrusted;
use crate::text::numbers::{number, short_quantity};
use crate::text::phrases;
use crate::text::times;

/// The eight heights of a bar.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The same where signs beyond ASCII may not be used.
const ASCII_BARS: [char; 8] = ['_', '.', ':', '-', '=', '+', '*', '#'];

/// The series as a line of so many bars at most; a blank stands for a part without values.
pub(crate) fn bars(report: &PerformanceReport, most: usize, unicode: bool) -> String {
    bar_line(&report.picture, most, unicode)
}

/// Values as a line of so many bars at most; a blank stands for a part without values.
pub(crate) fn bar_line(values: &[Option<f64>], most: usize, unicode: bool) -> String {
    let picture = shrink(values, most);
    let values = || picture.iter().flatten().copied();
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    let signs = if unicode { BARS } else { ASCII_BARS };
    let bar = |value: &Option<f64>| match value {
        None => ' ',
        Some(_) if high <= low => signs[0],
        Some(value) => signs[((value - low) / (high - low) * 7.0).round() as usize],
    };
    picture.iter().map(bar).collect()
}

/// The highest of neighbouring parts, so that no peak disappears.
fn shrink(picture: &[Option<f64>], most: usize) -> Vec<Option<f64>> {
    let each = picture.len().div_ceil(most.max(1)).max(1);
    let highest = |parts: &[Option<f64>]| parts.iter().flatten().copied().reduce(f64::max);
    picture.chunks(each).map(highest).collect()
}

/// The trend in a sentence.
pub(crate) fn trend(trend: Option<&TrendReport>) -> String {
    match trend {
        None => "not enough history: a trend takes seven days".to_owned(),
        Some(trend) if !trend.certain => {
            format!("no trend over {} days", trend.days)
        }
        Some(trend) => format!(
            "{} a day over {} days (between {} and {})",
            number(rounded(trend.slope_per_day)),
            trend.days,
            number(rounded(trend.interval.0)),
            number(rounded(trend.interval.1)),
        ),
    }
}

/// When the limit is reached, in a sentence.
pub(crate) fn limit(limit: &LimitReport) -> String {
    let value = number(limit.value);
    match (
        limit.outlook.as_str(),
        limit.earliest_days,
        limit.latest_days,
    ) {
        ("reached", _, _) => format!("{value} is reached"),
        ("within", Some(earliest), Some(latest)) => {
            format!(
                "{value} is reached in {} to {} days",
                number(earliest),
                number(latest)
            )
        }
        ("within", Some(earliest), None) => {
            format!(
                "{value} is reached in {} days at the earliest, or never",
                number(earliest)
            )
        }
        ("not-enough-history", _, _) => format!("{value}: not enough history to say"),
        _ => format!("{value} is not being approached"),
    }
}

/// Whether a limit is worth a line: it is reached, or will be.
pub(crate) fn is_approached(limit: &LimitReport) -> bool {
    matches!(limit.outlook.as_str(), "reached" | "within")
}

/// A change of the level, in a sentence.
pub(crate) fn shift(shift: &ShiftRow, unit: &str, offset: i32) -> String {
    format!(
        "{}: from {} to {}, and stayed there",
        minute(shift.at, offset),
        short_quantity(shift.before, unit),
        short_quantity(shift.after, unit)
    )
}

/// Hours that were not as usual, in a sentence.
pub(crate) fn off_hours(off: &OffHoursRow, unit: &str, offset: i32) -> String {
    let end = minute(off.end, offset);
    format!(
        "{}–{}: {} where {} is usual at this hour of the week ({})",
        minute(off.start, offset),
        end.get(11..).unwrap_or(&end),
        short_quantity(off.value, unit),
        short_quantity(off.usual, unit),
        phrases::counted(off.weeks as u64, "week")
    )
}

/// `2026-11-29 14:03`.
pub(crate) fn minute(at: Timestamp, offset: i32) -> String {
    let text = times::exact(at, offset);
    text.get(..16).unwrap_or(&text).to_owned()
}

/// `orders-api duration_p95_ms`.
pub(crate) fn title(of: &MetricPerformance) -> Untrusted {
    Untrusted::new(format!("{} {}", of.resource.raw(), of.metric))
}

/// What could not be read, in sentences: one for each reason.
pub(crate) fn gaps(set: &PerformanceSet) -> Vec<Untrusted> {
    let metrics = set.metrics.iter().filter_map(|one| {
        let gap = one.gap.as_ref()?;
        Some((title(one).raw().to_owned(), gap))
    });
    let changes = set.changes.gaps.iter();
    let changes = changes.map(|gap| (gap.subject.clone(), gap));
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for (what, gap) in metrics.chain(changes) {
        let mut why = format!("{}: {}", gap.operation, gap.cause.words());
        match &gap.missing_permission {
            Some(permission) => why += &format!("; allow {permission} for this identity"),
            None => why += &format!("; {}", gap.message.raw()),
        }
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, all)) => all.push(what),
            None => reasons.push((why, vec![what])),
        }
    }
    let text = |(why, all): (String, Vec<String>)| {
        Untrusted::new(format!("{}: unknown ({why})", all.join(", ")))
    };
    reasons.into_iter().map(text).collect()
}

/// What is said where nothing happened: what was not read may hold something.
pub(crate) fn nothing_happened(set: &PerformanceSet) -> &'static str {
    let mut reports = set.metrics.iter().filter_map(|one| one.report.as_ref());
    let has_values = reports.any(|report| !report.too_short);
    let is_unread = set.metrics.iter().all(|one| one.gap.is_some());
    let has_gaps = set.metrics.iter().any(|one| one.gap.is_some()) || !set.changes.gaps.is_empty();
    match (has_values, has_gaps) {
        (true, false) => "Nothing unusual, and no change that is known.",
        (true, true) => "Nothing unusual in what could be read.",
        (false, true) if is_unread => {
            "No metric could be read: whether anything was unusual is unknown."
        }
        (false, _) => "There are too few values to tell whether anything was unusual.",
    }
}

/// What is said of a series in which nothing is unusual.
pub(crate) fn none_unusual(report: &PerformanceReport) -> &'static str {
    match report.too_short {
        true => "Too few values to tell what is unusual",
        false => "Nothing unusual",
    }
}

/// The span with its day: `2026-11-29 10:00–10:05 UTC`.
pub(crate) fn span(start: Timestamp, end: Timestamp) -> String {
    let text = times::between(start, end);
    let day = minute(start, 0);
    match day.get(..10).filter(|day| !text.starts_with(*day)) {
        Some(day) => format!("{day} {text}"),
        None => text,
    }
}

/// Up to where changes are complete, in a sentence; only what ends before the span does.
pub(crate) fn changes_coverage(set: &PerformanceSet) -> Option<String> {
    let early = set
        .changes
        .read
        .iter()
        .filter(|one| one.complete_to < set.end);
    let each: Vec<String> = early
        .map(|one| format!("{} to {}", one.source.title(), times::time(one.complete_to)))
        .collect();
    (!each.is_empty()).then(|| format!("changes are complete up to here: {}", each.join(", ")))
}

/// Four digits are enough for people.
pub(crate) fn rounded(value: f64) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    let factor = 10_f64.powi(3 - value.abs().log10().floor() as i32);
    (value * factor).round() / factor
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::nothing_happened;

    #[test]
    fn what_was_not_read_is_unknown_and_not_too_short() {
        let gap = json!({
            "operation": "cloudwatch:GetMetricData", "subject": "metrics of 1 resource",
            "cause": "denied", "message": "no",
        });
        let said = |gaps: &[Option<&Value>]| {
            let metrics: Vec<Value> = gaps
                .iter()
                .map(|gap| {
                    json!({
                        "resource": "api", "arn": "arn:aws:sqs:eu-west-1:123456789012:api",
                        "metric": "sent", "statistic": "Sum", "unit": "count", "gap": gap,
                    })
                })
                .collect();
            let set = json!({
                "version": "1.0.0", "kind": "performance-set", "environment": "prod",
                "start": "2026-11-29T13:15:00Z", "end": "2026-11-29T15:15:00Z",
                "metrics": metrics, "timeline": { "entries": [] },
                "changes": { "changes": [], "read": [], "gaps": [] },
            });
            nothing_happened(&serde_json::from_value(set).expect("a set"))
        };
        assert!(said(&[Some(&gap), Some(&gap)]).starts_with("No metric could be read"));
        assert!(said(&[Some(&gap), None]).starts_with("There are too few values"));
        assert!(said(&[None]).starts_with("There are too few values"));
    }
}
