//! Statements of a grant: one for each set of resources and condition, sorted, each action once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::catalog::access::AccessReference;

/// Most characters of a managed policy, blanks not counted.
pub const MOST_CHARACTERS: usize = 6_144;

/// Services whose calls name no region of their own, so that a condition on it would not hold.
pub(super) const GLOBAL: [&str; 8] = [
    "budgets",
    "cloudfront",
    "iam",
    "organizations",
    "route53",
    "s3",
    "shield",
    "sts",
];

/// A permission that is to be granted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantedAction {
    /// IAM action.
    pub action: String,
    /// ARN pattern; `*` for actions that take no resource.
    pub resource: String,
    /// The service that a role is passed to.
    pub passed_to: Option<String>,
}

/// Conditions of a statement: the service that a role is passed to, and the region.
type StatementKey = (BTreeSet<String>, Option<String>, Option<String>);

/// Builds a policy from permissions. The same permissions give the same text in any order.
/// Permissions on `*` hold in one region alone; all end at `until` by themselves.
pub fn policy(granted: &[GrantedAction], region: &str, until: Option<Timestamp>) -> Value {
    let mut resources: BTreeMap<(String, Option<String>), BTreeSet<String>> = BTreeMap::new();
    for one in granted {
        let key = (one.action.clone(), one.passed_to.clone());
        resources
            .entry(key)
            .or_default()
            .insert(one.resource.clone());
    }
    let mut statements: BTreeMap<StatementKey, BTreeSet<String>> = BTreeMap::new();
    for ((action, passed_to), on) in resources {
        let service = action.split(':').next().unwrap_or_default();
        let is_wide = on.contains("*") && !GLOBAL.contains(&service);
        let region = is_wide.then(|| region.to_owned());
        statements
            .entry((without_covered(on), passed_to, region))
            .or_default()
            .insert(action);
    }
    let statements: Vec<Value> = statements
        .into_iter()
        .enumerate()
        .map(|(index, ((on, passed_to, region), actions))| {
            let mut statement = json!({
                "Sid": format!("Fractary{}", index + 1),
                "Effect": "Allow",
                "Action": actions,
                "Resource": on,
            });
            if let Some(service) = passed_to {
                statement["Condition"]["StringEquals"]["iam:PassedToService"] = json!(service);
            }
            if let Some(region) = region {
                statement["Condition"]["StringEquals"]["aws:RequestedRegion"] = json!(region);
            }
            if let Some(until) = until {
                statement["Condition"]["DateLessThan"]["aws:CurrentTime"] =
                    json!(until.to_string());
            }
            statement
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// Resources without those that another one covers.
fn without_covered(on: BTreeSet<String>) -> BTreeSet<String> {
    let is_covered = |one: &String| {
        let mut others = on.iter().filter(|other| *other != one);
        others.any(|other| crate::core::policy::covers_exactly(other, one))
    };
    on.iter().filter(|one| !is_covered(one)).cloned().collect()
}

/// The size of a policy as IAM counts it.
pub fn characters(policy: &Value) -> usize {
    policy
        .to_string()
        .chars()
        .filter(|one| !one.is_whitespace())
        .count()
}

/// Whether an action can be narrowed to resources, so that `*` would be too wide for it. An
/// action that lists also asks for everything of a type, and can not.
pub fn takes_resources(action: &str) -> Option<bool> {
    let found = AccessReference::built_in().action(action)?;
    Some(!found.required.is_empty() || (!found.is_list && !found.optional.is_empty()))
}
