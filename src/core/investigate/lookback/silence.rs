//! Logs that stop while a resource goes on working: what it would have logged is not known.

use jiff::Timestamp;

use crate::core::investigate::figures::Figures;
use crate::core::investigate::lookback::{LogReading, Lookback};
use crate::core::investigate::signatures::SceneReading;

/// Lines that must be missing before silence means anything.
const LEAST_MISSING: f64 = 10.0;
/// Periods with calls that silence must last.
const LEAST_PERIODS: usize = 3;

/// Returns since when a resource has logged nothing although it was called, by what it logged in
/// the span before; `None` where that is not so, or not known.
pub(super) fn silent_since(
    input: &Lookback<'_>,
    figures: &[Figures],
    place: usize,
) -> Option<Timestamp> {
    let LogReading::Read(report) = input.logs.get(place)? else {
        return None;
    };
    let coverage = report.coverage.as_ref()?;
    let is_whole = coverage.is_complete() && !coverage.groups.is_empty();
    // Lines of metrics have no times here, and are a sign of life.
    if !is_whole || report.metric_lines > 0 || report.unbounded > 0 {
        return None;
    }
    let since = coverage.last_event_at.unwrap_or(coverage.start);
    let arriving = i64::try_from(coverage.still_arriving_seconds).unwrap_or(i64::MAX);
    let until = coverage.end.as_second().saturating_sub(arriving);
    let span = (coverage.end.as_second() - coverage.start.as_second()).max(1);
    let share = (until - since.as_second()) as f64 / span as f64;
    let missing = report.baseline_lines? as f64 * share;
    let kind = input.resources.get(place)?.kind.as_ref()?;
    let calls = input.catalog.kind(kind)?.idle_metric.as_deref()?;
    let calls = figures
        .get(place)?
        .all
        .get(calls)
        .and_then(SceneReading::known)?;
    let called = calls
        .rows
        .iter()
        .filter(|(at, value)| *at >= since && *value > 0.0);
    (missing >= LEAST_MISSING && called.count() >= LEAST_PERIODS).then_some(since)
}
