//! What text and Markdown say alike of a series.

use crate::model::performance::{LimitReport, PerformanceReport, TrendReport};
use crate::text::numbers::number;

/// The eight heights of a bar.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The series as a line of bars; a blank stands for a part without values.
pub(crate) fn bars(report: &PerformanceReport) -> String {
    let values = || report.picture.iter().flatten().copied();
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    let bar = |value: &Option<f64>| match value {
        None => ' ',
        Some(_) if high <= low => BARS[0],
        Some(value) => BARS[((value - low) / (high - low) * 7.0).round() as usize],
    };
    report.picture.iter().map(bar).collect()
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

/// Four digits are enough for people.
fn rounded(value: f64) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    let factor = 10_f64.powi(3 - value.abs().log10().floor() as i32);
    (value * factor).round() / factor
}
