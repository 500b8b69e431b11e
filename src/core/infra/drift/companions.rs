//! Attributes that list what other resources make: the rules of a group, the policies of a role.
//! Inline and standalone are one set, so that a rule is found added whichever way the others are
//! written.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::plan::TerraformPlan;
use crate::model::review::AttributeDifference;
use crate::text::Untrusted;

/// What resources of their own make, by the object that it belongs to.
#[derive(Debug, Default)]
pub(super) struct ListedElements {
    /// Attribute, id of the object, and the element.
    elements: BTreeSet<(&'static str, String, String)>,
}

/// Types with such attributes.
const LISTS: [(&str, &str); 4] = [
    ("aws_security_group", "ingress"),
    ("aws_security_group", "egress"),
    ("aws_iam_role", "managed_policy_arns"),
    ("aws_iam_role", "inline_policy"),
];

impl ListedElements {
    /// Collects them from what a plan has of the state.
    pub(super) fn new(plan: &TerraformPlan<'_>) -> Self {
        let mut out = Self::default();
        for change in plan.changes.iter().filter(|one| one.is_current()) {
            let values = change.before();
            let text = |name: &str| values.get(name).and_then(Value::as_str).unwrap_or_default();
            match change.resource_type.raw() {
                "aws_vpc_security_group_ingress_rule" => {
                    out.add("ingress", text("security_group_id"), rules(&values));
                }
                "aws_vpc_security_group_egress_rule" => {
                    out.add("egress", text("security_group_id"), rules(&values));
                }
                "aws_security_group_rule" => {
                    let attribute = match text("type") {
                        "egress" => "egress",
                        _ => "ingress",
                    };
                    out.add(attribute, text("security_group_id"), rules(&values));
                }
                "aws_iam_role_policy_attachment" => {
                    let policy = BTreeSet::from([text("policy_arn").to_owned()]);
                    out.add("managed_policy_arns", text("role"), policy);
                }
                "aws_iam_role_policy" => {
                    let policy = BTreeSet::from([text("name").to_owned()]);
                    out.add("inline_policy", text("role"), policy);
                }
                _ => {}
            }
        }
        out
    }

    fn add(&mut self, attribute: &'static str, id: &str, elements: BTreeSet<String>) {
        let elements = elements.into_iter();
        self.elements
            .extend(elements.map(|one| (attribute, id.to_owned(), one)));
    }

    /// The differences of such an attribute; `None` for any other one.
    pub(super) fn compare(
        &self,
        resource_type: &str,
        attribute: &str,
        id: &str,
        before: &Value,
        after: &Value,
    ) -> Option<Vec<AttributeDifference>> {
        let list = LISTS
            .iter()
            .find(|list| **list == (resource_type, attribute))?;
        let of = |values: &Value| elements(attribute, values.get(attribute));
        let (before, after) = (of(before), of(after));
        let is_own = |one: &&String| {
            !self
                .elements
                .contains(&(list.1, id.to_owned(), (*one).clone()))
        };
        let difference = |before: Option<&String>, after: Option<&String>| AttributeDifference {
            path: Untrusted::from(attribute),
            before: before.map(|one| Untrusted::from(one.as_str())),
            after: after.map(|one| Untrusted::from(one.as_str())),
            lines: Vec::new(),
            forces_replacement: false,
        };
        let added = after.difference(&before).filter(is_own);
        let removed = before.difference(&after).filter(is_own);
        let removed = removed.map(|one| difference(Some(one), None));
        Some(
            removed
                .chain(added.map(|one| difference(None, Some(one))))
                .collect(),
        )
    }
}

fn elements(attribute: &str, value: Option<&Value>) -> BTreeSet<String> {
    let items = value.and_then(Value::as_array);
    let items = items.map_or(&[][..], Vec::as_slice).iter();
    match attribute {
        "ingress" | "egress" => items.flat_map(rules).collect(),
        "inline_policy" => items
            .filter_map(|one| one.get("name")?.as_str())
            .map(str::to_owned)
            .collect(),
        _ => items.filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

/// The rules that an element stands for: one for each protocol, span of ports and source.
fn rules(element: &Value) -> BTreeSet<String> {
    let text = |name: &str| element.get(name).and_then(Value::as_str);
    let texts = |name: &str| {
        let list = element.get(name).and_then(Value::as_array);
        let list = list.into_iter().flatten().filter_map(Value::as_str);
        list.map(str::to_owned).collect::<Vec<_>>()
    };
    let protocol = text("ip_protocol").or(text("protocol")).unwrap_or("-1");
    let port = |name: &str| element.get(name).and_then(Value::as_i64);
    let ports = match (protocol, port("from_port"), port("to_port")) {
        ("-1" | "all", _, _) => "all".to_owned(),
        (_, Some(from), Some(to)) if from == to => format!("{protocol} {from}"),
        (_, Some(from), Some(to)) => format!("{protocol} {from}-{to}"),
        _ => protocol.to_owned(),
    };
    let mut sources: Vec<String> = [
        "cidr_blocks",
        "ipv6_cidr_blocks",
        "prefix_list_ids",
        "security_groups",
    ]
    .into_iter()
    .flat_map(texts)
    .collect();
    for name in [
        "cidr_ipv4",
        "cidr_ipv6",
        "prefix_list_id",
        "referenced_security_group_id",
        "source_security_group_id",
    ] {
        sources.extend(text(name).filter(|one| !one.is_empty()).map(str::to_owned));
    }
    if element.get("self").and_then(Value::as_bool) == Some(true) {
        sources.push("itself".to_owned());
    }
    let sources = sources.into_iter();
    sources
        .map(|source| format!("{ports} of {source}"))
        .collect()
}
