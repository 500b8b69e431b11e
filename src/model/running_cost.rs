//! What planned resources cost a month, before and after a change.

use serde::{Deserialize, Serialize};

use crate::model::ids::Region;
use crate::text::Untrusted;

/// US dollars a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MonthlyUsd {
    /// At least.
    pub low: f64,
    /// Most likely.
    pub likely: f64,
    /// At most.
    pub high: f64,
}

impl MonthlyUsd {
    /// Returns an amount that is sure.
    pub fn exact(usd: f64) -> Self {
        Self {
            low: usd,
            likely: usd,
            high: usd,
        }
    }

    /// Adds another amount.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            low: self.low + other.low,
            likely: self.likely + other.likely,
            high: self.high + other.high,
        }
    }

    /// Returns how much more this is than what was before, where both are used alike: the least of
    /// one less the least of the other, and so on, in order.
    #[must_use]
    pub fn minus(self, before: Self) -> Self {
        let low = self.low - before.low;
        let likely = self.likely - before.likely;
        let high = self.high - before.high;
        Self {
            low: low.min(likely).min(high),
            likely,
            high: high.max(likely).max(low),
        }
    }

    /// Returns it in whole cents.
    #[must_use]
    pub fn rounded(self) -> Self {
        let cents = |usd: f64| {
            let rounded = (usd * 100.0).round() / 100.0;
            // Zero has no sign.
            if rounded == 0.0 { 0.0 } else { rounded }
        };
        Self {
            low: cents(self.low),
            likely: cents(self.likely),
            high: cents(self.high),
        }
    }
}

/// What the resources of a plan cost a month: everything in it that has a price, whether it changes
/// or not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PlannedCost {
    /// The region whose prices were taken, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Before.
    pub before: MonthlyUsd,
    /// Afterwards.
    pub after: MonthlyUsd,
    /// The difference.
    pub difference: MonthlyUsd,
    /// The resources whose cost changes, the largest change first; not all where there are many.
    pub changes: Vec<CostChange>,
    /// How many more there are.
    pub more_changes: usize,
    /// What has no amount and is in no sum, and why; not all where there is much.
    pub not_priced: Vec<NotPriced>,
    /// How many more there are.
    pub more_not_priced: usize,
    /// What is assumed of what is billed by use.
    pub assumes: Vec<Untrusted>,
    /// Dates of the oldest and the newest price, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices_from: Option<(String, String)>,
}

/// A resource whose cost changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CostChange {
    /// Its address.
    pub address: Untrusted,
    /// Before; zero where it was not there.
    pub before: MonthlyUsd,
    /// Afterwards; zero where it is gone.
    pub after: MonthlyUsd,
    /// The parts of what it costs afterwards, or before where it is gone.
    pub parts: Vec<Untrusted>,
}

/// Something that has no amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NotPriced {
    /// The address.
    pub address: Untrusted,
    /// Which part of it, and why.
    pub because: Untrusted,
}

impl PlannedCost {
    /// Changes every text from outside in it.
    pub fn map_texts(&mut self, change: &dyn Fn(&mut Untrusted)) {
        for one in &mut self.changes {
            change(&mut one.address);
            one.parts.iter_mut().for_each(change);
        }
        for one in &mut self.not_priced {
            change(&mut one.address);
            change(&mut one.because);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_stays_in_order() {
        let range = |low, likely, high| MonthlyUsd { low, likely, high };
        let before = range(1.0, 10.0, 100.0);
        assert_eq!(
            MonthlyUsd::default().minus(before),
            range(-100.0, -10.0, -1.0)
        );
        assert_eq!(before.minus(MonthlyUsd::default()), before);
        assert_eq!(before.minus(before), MonthlyUsd::default());
        let odd = range(0.001, 0.005, -0.001).rounded();
        assert_eq!((odd.low, odd.likely), (0.0, 0.01));
        assert!(odd.high.is_sign_positive());
    }
}
