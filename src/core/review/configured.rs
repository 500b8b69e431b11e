//! What the configuration in a plan says of a policy that is not known yet: the statements of
//! an `aws_iam_policy_document` are constants more often than not.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::core::review::policy::{self, LATER, Permission};
use crate::model::inventory::address_steps;
use crate::model::plan::PlannedChange;

/// The configuration, parsed when it is first asked for.
pub(super) struct Configured<'t> {
    text: Option<&'t str>,
    parsed: Option<Value>,
}

impl<'t> Configured<'t> {
    pub(super) fn new(text: Option<&'t str>) -> Self {
        Self { text, parsed: None }
    }

    /// Returns what is known of the permissions in a policy that an attribute refers to.
    pub(super) fn document(
        &mut self,
        change: &PlannedChange<'_>,
        attribute: &str,
    ) -> Option<BTreeSet<Permission>> {
        let text = self.text;
        let parse = || {
            text.and_then(|text| serde_json::from_str(text).ok())
                .unwrap_or_default()
        };
        let root: &Value = self.parsed.get_or_insert_with(parse);
        let module = module(root, change.address.raw())?;
        let resource = resources(module).find(|one| {
            is(one, "type", change.resource_type.raw())
                && is(one, "name", change.name.raw())
                && !is(one, "mode", "data")
        })?;
        let references = resource
            .get("expressions")?
            .get(attribute)?
            .get("references")?;
        let mut names = references.as_array()?.iter().filter_map(Value::as_str);
        let name = names.find_map(|name| name.strip_prefix("data.aws_iam_policy_document."))?;
        let name = name.split(['.', '[']).next()?;
        let document = resources(module).find(|one| {
            is(one, "type", "aws_iam_policy_document")
                && is(one, "name", name)
                && is(one, "mode", "data")
        })?;
        let expressions = document.get("expressions")?;
        // What is merged into it is in other documents.
        let is_merged = ["source_policy_documents", "override_policy_documents"]
            .iter()
            .any(|name| expressions.get(name).is_some());
        let statements = expressions.get("statement")?.as_array()?;
        let known: Option<Vec<Value>> = statements.iter().map(statement).collect();
        known
            .filter(|_| !is_merged)
            .and_then(|list| policy::permissions(&json!({ "Statement": list })))
    }
}

fn is(value: &Value, key: &str, want: &str) -> bool {
    value.get(key).and_then(Value::as_str) == Some(want)
}

fn resources(module: &Value) -> impl Iterator<Item = &Value> {
    module
        .get("resources")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The configuration of the module that a resource is in.
fn module<'v>(root: &'v Value, address: &str) -> Option<&'v Value> {
    let mut module = root.get("root_module")?;
    let steps = address_steps(address);
    let mut names = steps.iter().map(|step| step.0);
    while names.next() == Some("module") {
        module = module
            .get("module_calls")?
            .get(names.next()?)?
            .get("module")?;
    }
    Some(module)
}

/// A statement in the form of a policy; `None` where its actions are not known.
fn statement(block: &Value) -> Option<Value> {
    let constant = |name: &str| block.get(name)?.get("constant_value");
    let mut out = Map::new();
    let effect = match block.get("effect") {
        Some(_) => constant("effect")?.clone(),
        None => "Allow".into(),
    };
    out.insert("Effect".to_owned(), effect);
    match (constant("actions"), constant("not_actions")) {
        (Some(actions), None) => out.insert("Action".to_owned(), actions.clone()),
        (None, Some(actions)) => out.insert("NotAction".to_owned(), actions.clone()),
        _ => return None,
    };
    let resources = constant("resources")
        .cloned()
        .unwrap_or_else(|| json!([LATER]));
    out.insert("Resource".to_owned(), resources);
    for principals in block
        .get("principals")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let constant = |name: &str| principals.get(name)?.get("constant_value").cloned();
        let kind = constant("type").and_then(|kind| kind.as_str().map(str::to_owned));
        let who = constant("identifiers").unwrap_or_else(|| json!([LATER]));
        let entry = out.entry("Principal").or_insert_with(|| json!({}));
        entry[kind.unwrap_or_else(|| "AWS".to_owned())] = who;
        out.shift_remove("Resource");
    }
    if block.get("condition").is_some() {
        out.insert("Condition".to_owned(), json!(LATER));
    }
    Some(Value::Object(out))
}
