//! What is not as Terraform left it, from a plan that has refreshed everything.
//!
//! A plan says what it found changed, computed values and all. Drift is what somebody did to it:
//! what the plan would set back, what is gone, and rules that were added beside those that have
//! resources of their own. Null and empty are the same.

mod companions;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::core::review::mask::Masker;
use crate::core::review::value_differences;
use crate::model::drift::{DriftReport, DriftedResource, UnreadResource};
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::model::remediation::ExpectedDrift;
use crate::model::review::AttributeDifference;
use crate::text::Untrusted;

use companions::ListedElements;

/// What drift is decided from.
#[derive(Debug, Clone, Copy)]
pub struct DriftInput<'a> {
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// The plan; `None` where there is none, because something could not be read.
    pub plan: Option<&'a TerraformPlan<'a>>,
    /// What is in the state.
    pub managed: &'a BTreeSet<Untrusted>,
    /// What was read again.
    pub refreshed: &'a BTreeSet<Untrusted>,
    /// What could not be read, with the reason; an empty address is that of none.
    pub errors: &'a [(Untrusted, Untrusted)],
    /// What remediations have changed, with their ids.
    pub expected: &'a [(String, ExpectedDrift)],
}

/// Compares.
pub fn examine(input: DriftInput<'_>) -> DriftReport {
    let mut report = DriftReport {
        version: "1.0.0".to_owned(),
        kind: "drift".to_owned(),
        environment: input.environment.clone(),
        compared: 0,
        of: input.managed.len(),
        drifted: Vec::new(),
        expected: Vec::new(),
        unknown: unread(input),
    };
    report.compared = report.of - report.unknown.len();
    let Some(plan) = input.plan else {
        return report;
    };
    let unread: BTreeSet<&Untrusted> = report.unknown.iter().map(|one| &one.address).collect();
    let masker = Masker::new(plan.secrets.clone());
    let changes: BTreeMap<&Untrusted, &PlannedChange<'_>> = plan
        .changes
        .iter()
        .filter(|one| one.is_current())
        .map(|one| (&one.address, one))
        .collect();
    let companions = ListedElements::new(plan);
    let looked = plan
        .drift
        .iter()
        .filter(|one| one.is_current() && !unread.contains(&one.address));
    let mut drifted = Vec::new();
    for found in looked {
        let change = changes.get(&found.address).copied();
        let Some(one) = compare(found, change, &companions, &masker) else {
            continue;
        };
        let by = |difference: &AttributeDifference| {
            let mut all = input.expected.iter().rev();
            all.find(|(_, expected)| said(expected, &one.address, difference.path.raw()))
        };
        let by: Option<Vec<_>> = one.differences.iter().map(by).collect();
        match by.as_ref().and_then(|by| by.first()).filter(|_| !one.gone) {
            Some((id, _)) => report.expected.push(DriftedResource {
                since: Some(id.clone()),
                ..one
            }),
            None => drifted.push(one),
        }
    }
    report.drifted = drifted;
    report
}

/// Whether a remediation has said that this attribute, or the whole that it is part of, would differ.
fn said(expected: &ExpectedDrift, address: &Untrusted, path: &str) -> bool {
    let rest = path.strip_prefix(expected.attribute.as_str());
    expected.address == *address
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// What was not read. Without a plan, what is not known to have been read was not.
fn unread(input: DriftInput<'_>) -> Vec<UnreadResource> {
    let by_address: BTreeMap<&Untrusted, &Untrusted> = input
        .errors
        .iter()
        .map(|(address, reason)| (address, reason))
        .collect();
    // Of the provider, or of nothing in particular.
    let mut others = input.errors.iter();
    let other = others.find(|(address, _)| !input.managed.contains(address));
    let left = "it was not reached, because others could not be read";
    let managed = input.managed.iter().filter_map(|address| {
        let reason = match by_address.get(address) {
            Some(reason) => (*reason).clone(),
            None if input.plan.is_some() => return None,
            None => match other {
                Some((_, reason)) => reason.clone(),
                // Without the plan that it made, what was read cannot be compared either.
                None if input.refreshed.contains(address) => {
                    "it was read, but others could not be, so that nothing was compared".into()
                }
                None => left.into(),
            },
        };
        Some(UnreadResource {
            address: address.clone(),
            reason,
        })
    });
    managed.collect()
}

/// One resource; `None` where nobody has changed it.
fn compare(
    found: &PlannedChange<'_>,
    change: Option<&PlannedChange<'_>>,
    companions: &ListedElements,
    masker: &Masker,
) -> Option<DriftedResource> {
    // Those that AWS makes are nobody's work.
    if found.resource_type.raw().starts_with("aws_default_") {
        return None;
    }
    let (before, after) = (found.before(), found.after());
    let gone = found.action == PlanAction::Destroy;
    let mut differences = Vec::new();
    if !gone {
        let (Value::Object(old), Value::Object(new)) = (&before, &after) else {
            return None;
        };
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            let old = old.get(name).unwrap_or(&Value::Null);
            let new = new.get(name).unwrap_or(&Value::Null);
            if pruned(old) == pruned(new) {
                continue;
            }
            let id = before.get("id").and_then(Value::as_str).unwrap_or_default();
            let of_set = companions.compare(found.resource_type.raw(), name, id, &before, &after);
            match of_set {
                Some(of_set) => differences.extend(of_set),
                None if is_set_back(name, change) => {
                    differences.extend(value_differences(name, old, new, masker));
                }
                None => {}
            }
        }
        if differences.is_empty() {
            return None;
        }
    }
    let arn = [&before, &after]
        .into_iter()
        .find_map(|values| Arn::new(values.get("arn")?.as_str()?).ok());
    let mut out = DriftedResource {
        address: found.address.clone(),
        resource_type: found.resource_type.clone(),
        arn,
        gone,
        since: None,
        differences,
    };
    masker.hide_in(&mut out.address);
    Some(out)
}

/// Whether the plan would change this attribute: nobody minds what it would leave as it is.
fn is_set_back(name: &str, change: Option<&PlannedChange<'_>>) -> bool {
    let Some(change) = change.filter(|one| one.action != PlanAction::NoOp) else {
        return false;
    };
    let value = |object: &Value| object.get(name).map(pruned).unwrap_or_default();
    let unknown = change.after_unknown();
    let is_unknown = unknown
        .get(name)
        .is_some_and(|one| *one == Value::Bool(true));
    is_unknown || value(&change.before()) != value(&change.after())
}

/// A value without what is null or empty, and JSON texts as the values that they are.
fn pruned(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields
                .iter()
                .map(|(name, value)| (name.clone(), pruned(value)));
            let kept: serde_json::Map<String, Value> =
                kept.filter(|(_, value)| !value.is_null()).collect();
            match kept.is_empty() {
                true => Value::Null,
                false => Value::Object(kept),
            }
        }
        Value::Array(items) if items.is_empty() => Value::Null,
        Value::Array(items) => Value::Array(items.iter().map(pruned).collect()),
        Value::String(text) => match text.trim_start().starts_with(['{', '[']) {
            true => serde_json::from_str(text).map_or_else(|_| value.clone(), |one| pruned(&one)),
            false => value.clone(),
        },
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
