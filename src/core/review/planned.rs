//! Resources of a plan on one of its sides.

use serde_json::Value as Json;

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

/// A side of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// One resource on one side of a plan.
pub(super) struct PlannedResource<'p> {
    pub(super) change: &'p PlannedChange<'p>,
    pub(super) values: Json,
    pub(super) unknown: Json,
}

/// A value of a plan: what it is, what of it is known only after the apply, and how it is written.
#[derive(Clone, Copy)]
pub(super) struct PlannedValue<'v> {
    pub(super) value: &'v Json,
    pub(super) unknown: &'v Json,
    pub(super) written: &'v Json,
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
        }
    }
}

impl<'p> PlannedResource<'p> {
    /// Its type, by the name that checks know.
    pub(super) fn kind(&self) -> &'p str {
        known_as(self.change.resource_type.raw())
    }

    pub(super) fn all<'v>(&'v self, configured: &'v Configured<'_>) -> PlannedValue<'v> {
        PlannedValue {
            value: &self.values,
            unknown: &self.unknown,
            written: configured.expressions(self.change),
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
        values,
        unknown,
    })
}
