//! Reads a plan as `terraform show -json` and `tofu show -json` give it.
//!
//! Tolerant of what surrounds it (byte order marks, UTF-16, lines of a wrapper), strict about
//! what it says: what is cut short, ambiguous or damaged is refused, and never read as a plan
//! without changes. Values are left as text until somebody looks at them, so that a plan of
//! 50 MB needs little more memory than its file.

mod raw;
mod secrets;
mod unique;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::iac::decode;
use crate::iac::detect;
use crate::iac::detect::Format;
use crate::iac::documents;
use crate::iac::error::IacError;
use crate::iac::plan::raw::RawPlan;
use crate::iac::references;
use crate::iac::tfstate::index_key;
use crate::model::plan::{
    Invocation, PlanAction, PlannedChange, PlannedCheck, PlannedOutput, TerraformPlan,
};
use crate::text::Untrusted;

const PLAN: &str = "the plan in JSON";

/// Returns the text of a plan's file, whatever its encoding.
///
/// # Errors
/// It is no text, too large, or a binary plan.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, IacError> {
    decode::text(bytes)
}

/// Reads a plan.
///
/// # Errors
/// The text is no plan, more than one, cut short, ambiguous (a key twice in one object) or
/// nested too deep.
pub fn read(text: &str) -> Result<TerraformPlan<'_>, IacError> {
    let split = documents::split(text)?;
    let document = match split.documents.as_slice() {
        [one] => one,
        many => {
            return Err(IacError::Unsupported {
                found: match many.len() {
                    0 => "without a plan",
                    _ => "several documents in one; pass each plan in a file of its own",
                },
            });
        }
    };
    match detect::of_document(document.text)? {
        Format::ShownPlan => {}
        _ => {
            return Err(IacError::Unsupported {
                found: "a state, and no plan: pass `terraform show -json PLANFILE`",
            });
        }
    }
    let moved = |error: IacError| error.moved(document.line, document.column);
    unique::expect(document.text).map_err(|error| moved(IacError::from_json(PLAN, &error)))?;
    let raw: RawPlan<'_> = serde_json::from_str(document.text)
        .map_err(|error| moved(IacError::from_json(PLAN, &error)))?;
    let mut plan = from_raw(raw)?;
    plan.noise = split.noise.map(|noise| noise.first);
    Ok(plan)
}

fn from_raw(raw: RawPlan<'_>) -> Result<TerraformPlan<'_>, IacError> {
    let secrets = secrets::collect(&raw)?;
    let configured = raw.configuration.map_or(Ok(None), |text| {
        serde_json::from_str(text.get()).map_err(|error| IacError::from_json(PLAN, &error))
    })?;
    let references = references::resolve(configured.unwrap_or_default())?;
    let mut deferred = Vec::new();
    for one in raw.deferred_changes.unwrap_or_default() {
        let reason = one.reason.unwrap_or_default();
        if let Some(raw) = one.resource_change {
            deferred.push((reason, planned_change(raw)?));
        }
    }
    let invocations = raw.action_invocations.unwrap_or_default().into_iter();
    let invocations = invocations.chain(
        raw.deferred_action_invocations
            .unwrap_or_default()
            .into_iter()
            .filter_map(|one| one.action_invocation),
    );
    Ok(TerraformPlan {
        tool_version: raw.terraform_version,
        errored: raw.errored.unwrap_or(false),
        complete: raw.complete,
        applyable: raw.applyable,
        changes: all_changes(raw.resource_changes.unwrap_or_default())?,
        drift: all_changes(raw.resource_drift.unwrap_or_default())?,
        deferred,
        invocations: invocations.map(invocation).collect(),
        outputs: raw
            .output_changes
            .unwrap_or_default()
            .into_iter()
            .map(output)
            .collect(),
        checks: checks(raw.checks.unwrap_or_default()),
        secrets,
        references,
        configuration: raw.configuration.map(RawValue::get),
        noise: None,
    })
}

fn all_changes(list: Vec<raw::RawChange<'_>>) -> Result<Vec<PlannedChange<'_>>, IacError> {
    list.into_iter().map(planned_change).collect()
}

fn planned_change(raw: raw::RawChange<'_>) -> Result<PlannedChange<'_>, IacError> {
    let change = raw.change;
    let words: Vec<&str> = change.actions.iter().map(AsRef::as_ref).collect();
    if words.is_empty() {
        return Err(IacError::Unsupported {
            found: "a plan with a change that has no actions",
        });
    }
    // Terraform 0.12 leaves the index key out of the address.
    let address = match raw.index.as_ref().and_then(index_key) {
        Some(key) if !raw.address.ends_with(']') => format!("{}{}", raw.address, key.suffix()),
        _ => raw.address,
    };
    Ok(PlannedChange {
        address: address.into(),
        previous_address: raw.previous_address,
        is_data: raw.mode.as_deref() == Some("data"),
        resource_type: raw.resource_type,
        name: raw.name,
        index: raw.index,
        deposed: raw.deposed,
        action: PlanAction::from_words(&words),
        reason: raw.action_reason,
        triggers: BTreeSet::new(),
        replace_paths: change
            .replace_paths
            .unwrap_or_default()
            .iter()
            .map(path_text)
            .collect(),
        importing: change.importing.map(|one| one.id.unwrap_or_default()),
        before_json: change.before.map(RawValue::get),
        after_json: change.after.map(RawValue::get),
        after_unknown_json: change.after_unknown.map(RawValue::get),
        before_sensitive_json: change.before_sensitive.map(RawValue::get),
        after_sensitive_json: change.after_sensitive.map(RawValue::get),
    })
}

/// `["ingress", 0, "from_port"]` as `ingress[0].from_port`.
fn path_text(steps: &serde_json::Value) -> String {
    let mut out = String::new();
    for step in steps.as_array().map_or(&[][..], Vec::as_slice) {
        match step {
            serde_json::Value::Number(index) => out.push_str(&format!("[{index}]")),
            serde_json::Value::String(name) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
            _ => {}
        }
    }
    out
}

fn invocation(raw: raw::RawInvocation) -> Invocation {
    Invocation {
        address: raw.address,
        trigger: raw
            .lifecycle_action_trigger
            .and_then(|trigger| trigger.triggering_resource_address),
    }
}

fn output((name, raw): (Untrusted, raw::RawDelta<'_>)) -> PlannedOutput<'_> {
    let words: Vec<&str> = raw.actions.iter().map(AsRef::as_ref).collect();
    let is_marked = |marks: Option<&RawValue>| marks.is_some_and(|m| m.get().contains("true"));
    PlannedOutput {
        name,
        action: PlanAction::from_words(&words),
        is_sensitive: is_marked(raw.before_sensitive) || is_marked(raw.after_sensitive),
        before_json: raw.before.map(RawValue::get),
        after_json: raw.after.map(RawValue::get),
        is_unknown: is_marked(raw.after_unknown),
    }
}

fn checks(list: Vec<raw::RawCheck>) -> Vec<PlannedCheck> {
    let failed = list
        .into_iter()
        .filter(|check| check.status.raw() != "pass");
    let shown = failed.map(|check| {
        let address = check.address.and_then(|address| address.to_display);
        let instances = check.instances.unwrap_or_default().into_iter();
        let problems = instances.flat_map(|instance| instance.problems.unwrap_or_default());
        PlannedCheck {
            address: address.unwrap_or_default(),
            status: check.status,
            problems: problems.filter_map(|problem| problem.message).collect(),
        }
    });
    shown.collect()
}

#[cfg(test)]
mod tests;
