//! What the bill says of a part of one resource.

use crate::core::cost::services::is_usage_type;
use crate::model::cost::{CostDays, CostMetric, SpendTable};
use crate::text::Untrusted;

/// How far the hours on the bill may be from those that the resources have.
const HOURS_TOLERANCE: f64 = 0.05;

/// The bill of the days that are reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bill<'a> {
    pub(super) table: &'a SpendTable,
    pub(super) metric: CostMetric,
    pub(super) days: CostDays,
}

impl Bill<'_> {
    /// Returns what one of `sharing` resources with the same usage type costs in the days; `None`
    /// where the bill does not tell: it has none of it, or it bills more or fewer hours than these
    /// resources have, so that others were there, or they were not there all the time.
    pub(super) fn share(
        &self,
        service: &str,
        usage_type: &str,
        region: &str,
        sharing: usize,
    ) -> Option<f64> {
        let (mut amount, mut used, mut in_hours) = (0.0, 0.0, false);
        let mut found = false;
        for group in &self.table.groups {
            let [of, billed] = group.keys.as_slice() else {
                continue;
            };
            if of.raw() != service || !is_usage_type(billed.raw(), region, usage_type) {
                continue;
            }
            found = true;
            in_hours |= group.usage_unit.raw().eq_ignore_ascii_case("hrs");
            let each = self.table.days.iter().enumerate();
            for (place, _) in
                each.filter(|(_, day)| *day >= self.days.start && *day < self.days.end)
            {
                let at = |values: &[f64]| values.get(place).copied().unwrap_or(0.0);
                amount += at(group.amounts(self.metric));
                used += at(&group.usage);
            }
        }
        if !found || amount <= 0.0 || sharing == 0 {
            return None;
        }
        let hours = self.days.len() as f64 * 24.0 * sharing as f64;
        if in_hours && (used / hours - 1.0).abs() > HOURS_TOLERANCE {
            return None;
        }
        Some(amount / sharing as f64)
    }
}

/// `AWS Lambda: Lambda-GB-Second`, which is what a saving is looked for on later bills.
pub(super) fn billed_as(service: &str, usage_type: &str) -> Untrusted {
    Untrusted::from(format!("{service}: {usage_type}"))
}
