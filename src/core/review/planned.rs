//! Resources of a plan on one of its sides.

use std::cell::OnceCell;

use serde_json::{Value as Json, json};

use crate::core::review::configured::Configured;
use crate::core::review::older;
use crate::model::plan::{PlanAction, PlannedChange};

/// Types that are others under an older name.
const ALIASES: &[(&str, &str)] = &[
    ("aws_alb", "aws_lb"),
    ("aws_alb_listener", "aws_lb_listener"),
    ("aws_alb_target_group", "aws_lb_target_group"),
    ("aws_elasticsearch_domain", "aws_opensearch_domain"),
    // What checks ask of templates has the same names there.
    ("aws_launch_configuration", "aws_launch_template"),
];

/// Returns the type by the name that checks know.
pub(super) fn known_as(resource_type: &str) -> &str {
    let alias = ALIASES.iter().find(|(old, _)| *old == resource_type);
    alias.map_or(resource_type, |(_, known)| known)
}

/// Attaches a policy to any number of users, roles and groups.
const MANY_ATTACHED: &str = "aws_iam_policy_attachment";

/// What it is in parts: its list, and the type that attaches to one alone, with the attribute that
/// names it.
const ATTACHED_TO: &[(&str, &str, &str)] = &[
    ("users", "aws_iam_user_policy_attachment", "user"),
    ("roles", "aws_iam_role_policy_attachment", "role"),
    ("groups", "aws_iam_group_policy_attachment", "group"),
];

/// Returns the types that a type stands for, by the names that checks know.
pub(super) fn stands_for(resource_type: &str) -> Vec<&str> {
    match resource_type {
        MANY_ATTACHED => ATTACHED_TO.iter().map(|one| one.1).collect(),
        other => vec![known_as(other)],
    }
}

/// A side of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// One resource on one side of a plan.
pub(super) struct PlannedResource<'p> {
    pub(super) change: &'p PlannedChange<'p>,
    kind: &'p str,
    pub(super) values: Json,
    pub(super) unknown: Json,
    written: OnceCell<Json>,
}

/// A value of a plan: what it is, what of it is known only after the apply, and how it is written.
#[derive(Clone, Copy)]
pub(super) struct PlannedValue<'v> {
    pub(super) value: &'v Json,
    pub(super) unknown: &'v Json,
    pub(super) written: &'v Json,
    /// The address of its resource, which says in which module it is written.
    pub(super) of: &'v str,
}

impl<'v> PlannedValue<'v> {
    pub(super) fn key(self, key: &str) -> Self {
        let get = |value: &'v Json| value.get(key).unwrap_or(&Json::Null);
        // A block that can occur once is written as itself, and planned as a list of one.
        let written = match self.written {
            Json::Array(items) => items.first().and_then(|one| one.get(key)),
            other => other.get(key),
        };
        Self {
            value: get(self.value),
            unknown: get(self.unknown),
            written: written.unwrap_or(&Json::Null),
            of: self.of,
        }
    }

    pub(super) fn index(self, at: usize) -> Self {
        let get = |value: &'v Json| value.get(at).unwrap_or(&Json::Null);
        Self {
            value: get(self.value),
            unknown: get(self.unknown),
            // What `dynamic` makes of a block is written once.
            written: match self.written {
                Json::Array(items) => items.get(at).or(items.first()).unwrap_or(&Json::Null),
                other => other,
            },
            of: self.of,
        }
    }
}

impl<'p> PlannedResource<'p> {
    /// Its type, by the name that checks know.
    pub(super) fn kind(&self) -> &'p str {
        self.kind
    }

    pub(super) fn all<'v>(&'v self, configured: &Configured<'_>) -> PlannedValue<'v> {
        PlannedValue {
            value: &self.values,
            unknown: &self.unknown,
            written: self
                .written
                .get_or_init(|| configured.expressions(self.change)),
            of: self.change.address.raw(),
        }
    }
}

/// Returns a resource as it is on one side; `None` where it is not there.
pub(super) fn planned<'p>(
    change: &'p PlannedChange<'p>,
    side: Side,
) -> Option<PlannedResource<'p>> {
    let (mut values, unknown) = match side {
        Side::Before => (change.before(), Json::Null),
        Side::After if matches!(change.action, PlanAction::Destroy | PlanAction::Forget) => {
            return None;
        }
        Side::After => (change.after(), change.after_unknown()),
    };
    older::translate(change.resource_type.raw(), &mut values);
    values.is_object().then_some(PlannedResource {
        change,
        kind: known_as(change.resource_type.raw()),
        values,
        unknown,
        written: OnceCell::new(),
    })
}

/// Returns what a change stands for on one side: itself, or each of its parts.
pub(super) fn parts<'p>(change: &'p PlannedChange<'p>, side: Side) -> Vec<PlannedResource<'p>> {
    let Some(whole) = planned(change, side) else {
        return Vec::new();
    };
    if change.resource_type.raw() != MANY_ATTACHED {
        return vec![whole];
    }
    let mut all = Vec::new();
    for (list, kind, by) in ATTACHED_TO {
        let is_unknown = |value: &Json| *value == Json::Bool(true);
        let unknown = whole.unknown.get(list).unwrap_or(&Json::Null);
        let names = whole.values.get(list).and_then(Json::as_array);
        let names = names.into_iter().flatten().filter_map(Json::as_str);
        // An empty name is nobody's.
        let names = names.filter(|name| !name.is_empty()).map(Some);
        let later = match unknown {
            Json::Array(items) => items.iter().filter(|one| is_unknown(one)).count(),
            other => usize::from(is_unknown(other)),
        };
        for name in names.chain(std::iter::repeat_n(None, later)) {
            let mut values = json!({ "policy_arn": whole.values.get("policy_arn") });
            let mut unknown = json!({ "policy_arn": whole.unknown.get("policy_arn") });
            match name {
                Some(name) => values[*by] = json!(name),
                None => unknown[*by] = Json::Bool(true),
            }
            all.push(PlannedResource {
                change,
                kind,
                values,
                unknown,
                written: OnceCell::new(),
            });
        }
    }
    all
}
