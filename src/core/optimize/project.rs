//! How a key figure goes on.

use jiff::Timestamp;

use crate::core::kpi::trend::{Slope, slope};
use crate::model::kpi_report::{KpiReport, KpiRow};
use crate::model::report::Better;
use crate::text::times;

/// What was seen has to be at least this share of what is foreseen.
const LEAST_SHARE: i64 = 2;

/// A key figure with how it goes on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Projection {
    /// When it was measured, in seconds.
    now: i64,
    /// Its value.
    value: f64,
    /// Units a second; 0 where it may as well stand still.
    slope: f64,
    /// The same as bad as the interval of the trend allows.
    worst: f64,
    /// Seconds that were seen.
    seen: i64,
}

/// How a key figure goes on; the error is why that cannot be said.
pub(super) fn outlook(report: &KpiReport, row: &KpiRow) -> Result<Projection, String> {
    let Some(value) = row.value else {
        let why = row.reason.as_ref().map_or("", |reason| reason.raw());
        return Err(format!("it is not measured: {why}"));
    };
    let times = report.history.iter().map(|point| point.at.as_second());
    let points: Vec<(i64, f64)> = times
        .zip(&row.history)
        .filter_map(|(at, value)| Some((at, (*value)?)))
        .collect();
    let Some(trend) = slope(&points) else {
        let count = points.len();
        return Err(format!("{count} of 5 values that a trend takes were kept"));
    };
    let seen = points[points.len() - 1].0 - points[0].0;
    Ok(Projection {
        now: report.generated_at.as_second(),
        value,
        slope: certain(&trend),
        worst: match row.better {
            Better::Lower => trend.high.max(0.0),
            Better::Higher => trend.low.min(0.0),
        },
        seen,
    })
}

/// The slope, where its interval leaves 0 out.
fn certain(trend: &Slope) -> f64 {
    match trend.low > 0.0 || trend.high < 0.0 {
        true => trend.value,
        false => 0.0,
    }
}

impl Projection {
    /// Returns why nothing can be said of a time, where nothing can.
    pub(super) fn too_far(&self, horizon: Timestamp) -> Option<String> {
        let ahead = horizon.as_second() - self.now;
        (self.seen * LEAST_SHARE < ahead).then(|| {
            format!(
                "{} were seen, and at least {} are needed to look so far ahead",
                times::span(self.seen),
                times::span(ahead / LEAST_SHARE)
            )
        })
    }

    /// Returns the value at a time; no key figure is below 0.
    pub(super) fn at(&self, time: Timestamp) -> f64 {
        self.after(time, self.slope)
    }

    /// Returns the same if it goes as badly as its trend allows.
    pub(super) fn worst_at(&self, time: Timestamp) -> f64 {
        self.after(time, self.worst)
    }

    fn after(&self, time: Timestamp, slope: f64) -> f64 {
        let ahead = (time.as_second() - self.now) as f64;
        (self.value + slope * ahead).max(0.0)
    }

    /// Returns when it crosses its target, either way; `None` where it does not, or where that is
    /// farther away than what was seen allows to say.
    pub(super) fn crosses_at(&self, row: &KpiRow) -> Option<Timestamp> {
        let distance = row.target - self.value;
        if self.slope == 0.0 || distance == 0.0 || distance.signum() != self.slope.signum() {
            return None;
        }
        let ahead = (distance / self.slope).ceil();
        let farthest = (self.seen * LEAST_SHARE) as f64;
        if ahead > farthest {
            return None;
        }
        Timestamp::from_second(self.now + ahead as i64).ok()
    }
}
