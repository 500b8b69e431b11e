//! The metrics that the rules need.

use std::collections::BTreeSet;

use crate::core::cost::case::RuleCase;
use crate::core::cost::world::CostWorld;
use crate::model::cost::UtilisationMetric;

/// Returns the metrics that are needed: of resources that a rule is about, and only where what is
/// known of them already does not rule it out. Each is named once.
pub(super) fn requests(world: &CostWorld<'_>) -> BTreeSet<UtilisationMetric> {
    let mut wanted = BTreeSet::new();
    for rule in world.rules.iter() {
        for resource in world.configuration.of_type(&rule.applies_to) {
            let mut case = RuleCase::new(world, rule, resource);
            if case.is_ruled_out() {
                continue;
            }
            let metrics = rule.usage.values();
            wanted.extend(metrics.filter_map(|metric| case.metric(metric).ok()));
        }
    }
    wanted
}
