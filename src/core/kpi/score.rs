//! From values to scores.

use std::collections::BTreeMap;

use crate::model::kpi::weight;
use crate::model::kpi_history::KpiDefinition;
use crate::model::report::Better;

/// Share of the weight that must be measured for a score to be trusted, in percent.
pub const RELIABLE_PERCENT: f64 = 80.0;

/// The score of one key figure, 0 to 100: the share of the target that is reached. `None` where the
/// value is no valid measurement: negative, or not finite.
pub fn of_value(value: f64, target: f64, better: Better) -> Option<f64> {
    if !value.is_finite() || value < 0.0 || !target.is_finite() {
        return None;
    }
    let share = match better {
        _ if is_met(value, target, better) => 1.0,
        // Missed, so the value is above the target, and above 0.
        Better::Lower => target / value,
        // Missed, so the target is above the value, and above 0.
        Better::Higher => value / target,
    };
    Some((share * 100.0).clamp(0.0, 100.0))
}

/// Whether a value meets its target.
pub fn is_met(value: f64, target: f64, better: Better) -> bool {
    match better {
        Better::Lower => value <= target,
        Better::Higher => value >= target,
    }
}

/// A score with what it is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Total {
    /// The weighted mean; `None` where nothing was measured.
    pub value: Option<f64>,
    /// Weight that was measured.
    pub measured: f64,
    /// Weight of all.
    pub all: f64,
}

impl Total {
    /// Adds up scores with their weights; `None` is what was not measured.
    pub fn of(parts: impl IntoIterator<Item = (f64, Option<f64>)>) -> Self {
        let (mut sum, mut measured, mut all) = (0.0, 0.0, 0.0);
        for (weight, score) in parts {
            all += weight;
            if let Some(score) = score {
                sum += weight * score;
                measured += weight;
            }
        }
        Self {
            value: (measured > 0.0).then(|| sum / measured),
            measured,
            all,
        }
    }

    /// Adds up values by what they are measured by.
    pub fn of_values(
        definitions: &BTreeMap<String, KpiDefinition>,
        values: &BTreeMap<String, f64>,
    ) -> Self {
        Self::of(definitions.iter().map(|(name, one)| {
            let value = values.get(name);
            let score = value.and_then(|value| of_value(*value, one.target, one.better));
            (weight(one.priority), score)
        }))
    }

    /// Share of the weight that was measured, 0 to 100; 0 where there is none to measure.
    pub fn coverage_percent(&self) -> f64 {
        match self.all > 0.0 {
            true => 100.0 * self.measured / self.all,
            false => 0.0,
        }
    }

    /// Whether enough was measured to trust it.
    pub fn is_reliable(&self) -> bool {
        self.value.is_some() && self.coverage_percent() >= RELIABLE_PERCENT
    }

    /// Points that a part takes from it.
    pub fn points_lost(&self, weight: f64, score: f64) -> f64 {
        match self.measured > 0.0 {
            true => weight * (100.0 - score) / self.measured,
            false => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Better::{Higher, Lower};

    #[test]
    fn a_score_is_the_share_of_the_target_that_is_reached() {
        let cases = [
            // value, target, better, score
            (100.0, 100.0, Lower, Some(100.0)),
            (50.0, 100.0, Lower, Some(100.0)),
            (200.0, 100.0, Lower, Some(50.0)),
            (1e9, 100.0, Lower, Some(0.00001)),
            (90.0, 90.0, Higher, Some(100.0)),
            (95.0, 90.0, Higher, Some(100.0)),
            (45.0, 90.0, Higher, Some(50.0)),
            (0.0, 90.0, Higher, Some(0.0)),
            // A target of 0: met or not, and nothing is divided by it.
            (0.0, 0.0, Lower, Some(100.0)),
            (3.0, 0.0, Lower, Some(0.0)),
            (0.0, 0.0, Higher, Some(100.0)),
            (7.0, 0.0, Higher, Some(100.0)),
            // No measurement.
            (-1.0, 10.0, Lower, None),
            (f64::NAN, 10.0, Lower, None),
            (f64::INFINITY, 10.0, Higher, None),
        ];
        for (value, target, better, expected) in cases {
            let found = of_value(value, target, better);
            let is_it = match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
                (found, expected) => found == expected,
            };
            assert!(is_it, "{value} of {target}, {better:?}: {found:?}");
        }
    }

    #[test]
    fn coverage_is_of_the_weight_and_not_of_the_count() {
        // Three of four are measured, and the fourth weighs as much as they do.
        let light = Total::of([
            (1.0, Some(100.0)),
            (1.0, Some(100.0)),
            (1.0, Some(40.0)),
            (3.0, None),
        ]);
        assert_eq!(light.value, Some(80.0));
        assert_eq!(light.coverage_percent(), 50.0);
        assert!(!light.is_reliable());
        let heavy = Total::of([(3.0, Some(50.0)), (1.0, Some(100.0)), (1.0, None)]);
        assert_eq!(heavy.value, Some(62.5));
        assert!(heavy.is_reliable());
        assert_eq!(heavy.points_lost(3.0, 50.0), 37.5);
        let nothing = Total::of([(3.0, None)]);
        assert_eq!((nothing.value, nothing.coverage_percent()), (None, 0.0));
        assert!(!nothing.is_reliable());
        assert_eq!(Total::of([]).coverage_percent(), 0.0);
    }
}
