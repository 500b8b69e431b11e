//! What metrics of success are held against.

use crate::core::kpi::score::is_met;
use crate::model::optimization::SuccessMetric;
use crate::model::report::Better;
use crate::text::numbers::rounded;

/// What is measured, with its target.
pub(super) struct MetricAim {
    pub(super) name: &'static str,
    title: &'static str,
    unit: &'static str,
    better: Better,
    target: f64,
}

/// A value with what it was computed from, or why there is none.
pub(super) type Basis = Result<(f64, String), String>;

pub(super) const fn aim(
    name: &'static str,
    title: &'static str,
    unit: &'static str,
    better: Better,
    target: f64,
) -> MetricAim {
    MetricAim {
        name,
        title,
        unit,
        better,
        target,
    }
}

impl MetricAim {
    /// The metric, held against its target where it has a value.
    pub(super) fn metric(&self, basis: Basis) -> SuccessMetric {
        let value = basis.as_ref().ok().map(|(value, _)| rounded(*value));
        SuccessMetric {
            name: self.name,
            title: self.title,
            unit: self.unit,
            value,
            target: self.target,
            met: value.map(|value| is_met(value, self.target, self.better)),
            better: self.better,
            basis: match basis {
                Ok((_, basis)) => basis,
                Err(why) => why,
            },
        }
    }
}
