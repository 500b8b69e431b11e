//! Rules of security groups that are resources of their own, in the shape of the group's blocks.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::catalog::configuration::Shapes;
use crate::core::review::companions::parents_of;
use crate::core::review::configured::Configured;
use crate::core::review::planned::PlannedResource;
use crate::model::inventory::config_address;
use crate::model::plan::TerraformPlan;

/// The type that rules belong to.
pub(super) const GROUP: &str = "aws_security_group";
/// The attribute that names the group.
const BY: &str = "security_group_id";

/// Whether a type is a rule of security groups.
pub(super) fn is_rule(kind: &str) -> bool {
    matches!(
        kind,
        "aws_security_group_rule" | "aws_vpc_security_group_ingress_rule"
    )
}

/// Returns the type of what a type is a part of.
pub(super) fn parent_type(kind: &str) -> Option<&'static str> {
    match is_rule(kind) {
        true => Some(GROUP),
        false => Shapes::built_in().parent_of(kind).map(|found| found.0),
    }
}

/// Rules by what they belong to.
#[derive(Default)]
pub(super) struct GroupRules<'l> {
    /// Each with the place of its group among the parents.
    pub(super) sure: Vec<(usize, &'l PlannedResource<'l>)>,
    /// Those that may belong to a group.
    pub(super) maybe: Vec<(usize, &'l PlannedResource<'l>)>,
    /// Those whose group is not in the plan.
    pub(super) orphans: Vec<&'l PlannedResource<'l>>,
}

/// Finds whose rules are whose.
pub(super) fn link_rules<'l>(
    parents: &[PlannedResource<'_>],
    rules: &'l [PlannedResource<'l>],
    plan: &TerraformPlan<'_>,
    configured: &Configured<'_>,
) -> GroupRules<'l> {
    let groups: Vec<usize> = (0..parents.len())
        .filter(|at| parents[*at].kind() == GROUP)
        .collect();
    let mut linked = GroupRules::default();
    for rule in rules {
        let address = config_address(rule.change.address.raw());
        let mut references: BTreeSet<String> =
            plan.references.get(&address).cloned().unwrap_or_default();
        references.extend(configured.behind_locals(rule.change, BY));
        let (sure, maybe) = parents_of(rule, Some(BY), &["id"], &groups, parents, &references);
        if sure.is_empty() && maybe.is_empty() {
            linked.orphans.push(rule);
        }
        linked.sure.extend(sure.into_iter().map(|at| (at, rule)));
        linked.maybe.extend(maybe.into_iter().map(|at| (at, rule)));
    }
    linked
}

/// Returns a rule that lets traffic in as a block of its group, and what of it is not known yet;
/// `None` for one that lets traffic out.
pub(super) fn as_block(rule: &PlannedResource<'_>) -> Option<(Json, Json)> {
    let is_plain = rule.kind() == "aws_security_group_rule";
    if is_plain && rule.values.get("type").and_then(Json::as_str) != Some("ingress") {
        return None;
    }
    let (mut block, mut unknown) = (Map::new(), Map::new());
    let mut copy = |from: &str, to: &str, as_list: bool| {
        if rule.unknown.get(from).is_some_and(has_true) {
            unknown.insert(to.to_owned(), Json::Bool(true));
        }
        match rule.values.get(from) {
            None | Some(Json::Null) => {}
            Some(value) if as_list => drop(block.insert(to.to_owned(), json!([value]))),
            Some(value) => drop(block.insert(to.to_owned(), value.clone())),
        }
    };
    for same in ["from_port", "to_port", "description"] {
        copy(same, same, false);
    }
    match is_plain {
        true => {
            for same in [
                "protocol",
                "cidr_blocks",
                "ipv6_cidr_blocks",
                "prefix_list_ids",
                "self",
            ] {
                copy(same, same, false);
            }
            copy("source_security_group_id", "security_groups", true);
        }
        false => {
            copy("ip_protocol", "protocol", false);
            copy("cidr_ipv4", "cidr_blocks", true);
            copy("cidr_ipv6", "ipv6_cidr_blocks", true);
            copy("prefix_list_id", "prefix_list_ids", true);
            copy("referenced_security_group_id", "security_groups", true);
        }
    }
    Some((Json::Object(block), Json::Object(unknown)))
}

fn has_true(value: &Json) -> bool {
    match value {
        Json::Bool(flag) => *flag,
        Json::Array(items) => items.iter().any(has_true),
        Json::Object(fields) => fields.values().any(has_true),
        _ => false,
    }
}
