//! Rules of security groups and network ACLs that are resources of their own, in the shape of the
//! blocks of what they belong to.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::catalog::configuration::Shapes;
use crate::core::review::companions::parents_of;
use crate::core::review::configured::Configured;
use crate::core::review::planned::{PlannedResource, stands_for};
use crate::model::inventory::config_address;
use crate::model::plan::TerraformPlan;

const GROUP: &str = "aws_security_group";
const ACL: &str = "aws_network_acl";

/// Returns the type that a rule belongs to, and its attribute that names it; `None` for what is
/// no rule.
fn owner_of(kind: &str) -> Option<(&'static str, &'static str)> {
    match kind {
        "aws_security_group_rule" | "aws_vpc_security_group_ingress_rule" => {
            Some((GROUP, "security_group_id"))
        }
        "aws_network_acl_rule" => Some((ACL, "network_acl_id")),
        _ => None,
    }
}

/// Whether rules belong to a type.
pub(super) fn has_rules(kind: &str) -> bool {
    [GROUP, ACL].contains(&kind)
}

/// Whether a type is a rule of something.
pub(super) fn is_rule(kind: &str) -> bool {
    owner_of(kind).is_some()
}

/// Returns the types of what a type is a part of.
pub(super) fn parent_types(resource_type: &str) -> impl Iterator<Item = &'static str> {
    stands_for(resource_type)
        .into_iter()
        .filter_map(parent_type)
}

/// Returns the type of what a type is a part of.
pub(super) fn parent_type(kind: &str) -> Option<&'static str> {
    match owner_of(kind) {
        Some((of, _)) => Some(of),
        None => Shapes::built_in().parent_of(kind).map(|found| found.0),
    }
}

/// Rules by what they belong to.
#[derive(Default)]
pub(super) struct GroupRules<'l> {
    /// Each with the place of what it belongs to among the parents.
    pub(super) sure: Vec<(usize, &'l PlannedResource<'l>)>,
    /// Those that may belong to something.
    pub(super) maybe: Vec<(usize, &'l PlannedResource<'l>)>,
    /// Those of which it is not known what in the plan they belong to, if to anything.
    pub(super) orphans: Vec<&'l PlannedResource<'l>>,
}

/// Finds whose rules are whose.
pub(super) fn link_rules<'l>(
    parents: &[PlannedResource<'_>],
    rules: &'l [PlannedResource<'l>],
    plan: &TerraformPlan<'_>,
    configured: &Configured<'_>,
) -> GroupRules<'l> {
    let of_kind = |kind: &str| -> Vec<usize> {
        let all = 0..parents.len();
        all.filter(|at| parents[*at].kind() == kind).collect()
    };
    let (groups, acls) = (of_kind(GROUP), of_kind(ACL));
    let mut linked = GroupRules::default();
    for rule in rules {
        let Some((kind, by)) = owner_of(rule.kind()) else {
            continue;
        };
        let owners = if kind == ACL { &acls } else { &groups };
        let address = config_address(rule.change.address.raw());
        let mut references: BTreeSet<String> =
            plan.references.get(&address).cloned().unwrap_or_default();
        references.extend(configured.behind_locals(rule.change, by));
        let (sure, maybe) = parents_of(rule, Some(by), &["id"], owners, parents, &references);
        if sure.is_empty() {
            linked.orphans.push(rule);
        }
        linked.sure.extend(sure.into_iter().map(|at| (at, rule)));
        linked.maybe.extend(maybe.into_iter().map(|at| (at, rule)));
    }
    linked
}

/// Returns a rule that lets traffic in as a block of what it belongs to, and what of it is not known
/// yet; `None` for one about traffic that goes out.
pub(super) fn as_block(rule: &PlannedResource<'_>) -> Option<(Json, Json)> {
    let is_plain = rule.kind() == "aws_security_group_rule";
    let is_of_acl = rule.kind() == "aws_network_acl_rule";
    if is_of_acl && rule.values.get("egress").and_then(Json::as_bool) == Some(true) {
        return None;
    }
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
    if is_of_acl {
        copy("rule_action", "action", false);
        copy("rule_number", "rule_no", false);
        for same in ["protocol", "cidr_block", "ipv6_cidr_block"] {
            copy(same, same, false);
        }
        return Some((Json::Object(block), Json::Object(unknown)));
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
