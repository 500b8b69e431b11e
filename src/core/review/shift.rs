//! A list that `count` runs over lost an element: everything behind it changes its place.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::core::review::rules::{self, Findings, Said};
use crate::model::inventory::config_address;
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::model::review::ReviewVerdict;
use crate::model::status::Severity;
use crate::text::Untrusted;
use crate::text::phrases::counted;

/// Instances of one resource that are changed, by their index.
type Instances<'p> = BTreeMap<u64, &'p PlannedChange<'p>>;

pub(super) fn examine(plan: &TerraformPlan<'_>, findings: &mut Findings) {
    let mut groups: BTreeMap<String, Instances<'_>> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| change.is_current()) {
        let is_changed = !matches!(change.action, PlanAction::NoOp | PlanAction::Read);
        if let (Some(index), true) = (change.index.as_ref().and_then(Value::as_u64), is_changed) {
            // Instances of a module that is repeated itself are groups of their own.
            let group = change
                .address
                .raw()
                .rsplit_once('[')
                .map_or("", |split| split.0);
            groups
                .entry(group.to_owned())
                .or_default()
                .insert(index, change);
        }
    }
    for (group, instances) in groups {
        let removed = instances
            .values()
            .filter(|one| one.action == PlanAction::Destroy)
            .count();
        if removed == 0 {
            continue;
        }
        let moved = moved(&instances, removed);
        if moved > 0 {
            let changes = instances.len();
            findings.add(
                &rules::COUNT_SHIFT,
                Said {
                    severity: Severity::Medium,
                    effect: ReviewVerdict::Warn,
                    subject: Untrusted::new(config_address(&group)),
                    title: format!(
                        "the list was shifted: `for_each` would change {removed}, this changes {changes}"
                    ),
                    evidence: vec![format!(
                        "{} of {group} would have the values that the next one has now",
                        counted(moved as u64, "instance")
                    )],
                },
            );
        }
    }
}

/// How many instances would have the values that a later one has now. None moves further than as many
/// places as were removed, at least one.
fn moved(instances: &Instances<'_>, removed: usize) -> usize {
    let old: BTreeMap<u64, Value> = instances
        .iter()
        .map(|(index, one)| (*index, one.before()))
        .collect();
    let takes_over = |index: u64, change: &PlannedChange<'_>| {
        let is_kept = change.action == PlanAction::Update || change.action.is_replace();
        let after = change.after();
        is_kept
            && old
                .range(index.saturating_add(1)..=index.saturating_add(removed as u64))
                .any(|(_, before)| is_same(before, &after))
    };
    instances
        .iter()
        .filter(|(index, one)| takes_over(**index, one))
        .count()
}

/// Whether the planned values are those of another object, apart from what AWS gives each.
fn is_same(before: &Value, after: &Value) -> bool {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else {
        return false;
    };
    let own = ["id", "arn", "output", "tags_all", "url"];
    let known = after
        .iter()
        .filter(|(name, value)| !own.contains(&name.as_str()) && !value.is_null());
    let mut compared = 0;
    for (name, value) in known {
        match before.get(name) {
            Some(old) if old == value => compared += 1,
            _ => return false,
        }
    }
    compared > 0
}
