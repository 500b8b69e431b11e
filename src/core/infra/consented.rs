//! What somebody agreed to, and whether a plan still does just that.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::model::deployments::PlannedStep;
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::text::Untrusted;

/// Most steps that are kept.
pub const MOST_STEPS: usize = 500;
/// Most attributes that are named of one step.
const MOST_ATTRIBUTES: usize = 30;

/// Returns what a plan changes, by address.
pub fn steps(plan: &TerraformPlan<'_>) -> Vec<PlannedStep> {
    let changing = plan.changes.iter().filter(|one| changes_something(one));
    let mut steps: Vec<PlannedStep> = changing.map(step).collect();
    steps.sort_by(|a, b| (&a.address, &a.action).cmp(&(&b.address, &b.action)));
    steps.truncate(MOST_STEPS);
    steps
}

/// Whether applying a plan does anything to it. An object that an earlier replacement left
/// behind is destroyed under the address of its successor.
fn changes_something(change: &PlannedChange<'_>) -> bool {
    let stays = matches!(change.action, PlanAction::NoOp | PlanAction::Read);
    !change.is_data && (!stays || change.is_move() || change.importing.is_some())
}

fn step(change: &PlannedChange<'_>) -> PlannedStep {
    let action = match (&change.action, &change.deposed) {
        (_, Some(_)) => "delete-deposed",
        (PlanAction::NoOp, _) if change.is_move() => "move",
        (PlanAction::NoOp, _) => "import",
        (PlanAction::DestroyThenCreate, _) => "replace",
        (PlanAction::CreateThenDestroy, _) => "create-then-replace",
        (other, _) => other.word(),
    };
    PlannedStep {
        address: change.address.clone(),
        action: action.to_owned(),
        attributes: differing(change),
    }
}

/// Returns whether something that is there is destroyed, for good or to be made again.
pub fn destroys(step: &PlannedStep) -> bool {
    matches!(
        step.action.as_str(),
        "replace" | "create-then-replace" | "delete" | "delete-deposed"
    )
}

/// Names of the attributes of an object that stays and is changed.
fn differing(change: &PlannedChange<'_>) -> Vec<Untrusted> {
    let is_change = change.action == PlanAction::Update || change.action.is_replace();
    let (Value::Object(before), Value::Object(after)) = (change.before(), change.after()) else {
        return Vec::new();
    };
    if !is_change {
        return Vec::new();
    }
    let unknown = change.after_unknown();
    let is_unknown = |name: &str| unknown.get(name).is_some_and(holds_true);
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differing = names
        .into_iter()
        .filter(|name| is_unknown(name) || before.get(*name) != after.get(*name));
    differing
        .take(MOST_ATTRIBUTES)
        .map(|name| Untrusted::from(name.as_str()))
        .collect()
}

fn holds_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Array(items) => items.iter().any(holds_true),
        Value::Object(fields) => fields.values().any(holds_true),
        _ => false,
    }
}

/// How a plan differs from what somebody agreed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanComparison {
    /// How many steps are the same.
    pub same: usize,
    /// Steps that nobody agreed to.
    pub new: Vec<PlannedStep>,
    /// Steps that are not in the plan any more: done, or not wanted now.
    pub gone: Vec<PlannedStep>,
}

impl PlanComparison {
    /// Whether the plan does nothing that was not agreed to.
    pub fn is_within(&self) -> bool {
        self.new.is_empty()
    }
}

/// Holds a plan against what was agreed to.
pub fn compare(agreed: &[PlannedStep], now: &[PlannedStep]) -> PlanComparison {
    let by_address = |steps: &[PlannedStep]| -> BTreeMap<String, PlannedStep> {
        let steps = steps.iter();
        steps
            .map(|step| {
                (
                    format!("{} {}", step.address.raw(), step.action),
                    step.clone(),
                )
            })
            .collect()
    };
    let (agreed, now) = (by_address(agreed), by_address(now));
    let is_agreed = |key: &String, step: &PlannedStep| {
        agreed.get(key).is_some_and(|one| {
            let known: BTreeSet<&str> = one.attributes.iter().map(Untrusted::raw).collect();
            step.attributes
                .iter()
                .all(|name| known.contains(name.raw()))
        })
    };
    let new: Vec<PlannedStep> = now
        .iter()
        .filter(|(key, step)| !is_agreed(key, step))
        .map(|(_, step)| step.clone())
        .collect();
    let gone = agreed.iter().filter(|(key, _)| !now.contains_key(*key));
    PlanComparison {
        same: now.len() - new.len(),
        new,
        gone: gone.map(|(_, step)| step.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(address: &str, action: &str, attributes: &[&str]) -> PlannedStep {
        PlannedStep {
            address: address.into(),
            action: action.to_owned(),
            attributes: attributes.iter().map(|name| (*name).into()).collect(),
        }
    }

    fn shown(steps: &[PlannedStep]) -> Vec<String> {
        let steps = steps.iter();
        steps
            .map(|step| format!("{} {}", step.action, step.address.raw()))
            .collect()
    }

    #[test]
    fn a_plan_is_held_against_what_was_agreed_to() {
        let agreed = [
            named("a.one", "create", &[]),
            named("a.two", "update", &["name", "size"]),
            named("a.three", "create", &[]),
        ];
        let all = compare(&agreed, &agreed);
        assert_eq!((all.same, all.is_within()), (3, true));
        let now = [
            // Half of it was done.
            named("a.two", "update", &["size"]),
            // It was tainted meanwhile.
            named("a.three", "replace", &[]),
            named("a.four", "delete", &[]),
        ];
        let some = compare(&agreed, &now);
        assert_eq!(some.same, 1);
        assert_eq!(shown(&some.new), ["delete a.four", "replace a.three"]);
        assert_eq!(shown(&some.gone), ["create a.one", "create a.three"]);
        let more = compare(&agreed, &[named("a.two", "update", &["tags"])]);
        assert_eq!(shown(&more.new), ["update a.two"]);
    }
}
