//! A configuration as the plan that Terraform would make of it on an empty state, in the form of
//! `terraform show -json`: what is constant is known, everything else is known after the apply.
//! So what reads plans reads a configuration too, without Terraform.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Block, Evaluated, Expr, Item, Scope, Step};

/// What Terraform itself takes; it is no argument of the resource.
const META: &[&str] = &["count", "depends_on", "for_each", "lifecycle", "provider"];
const META_BLOCKS: &[&str] = &["connection", "lifecycle", "provisioner", "timeouts"];
/// A `count` above this is shown as one instance.
const MOST_INSTANCES: u64 = 20;

/// Makes the plan of a directory's blocks. `computed` says which arguments of a type AWS fills in
/// where they are not given.
pub fn plan(
    blocks: &[&Block],
    scope: &Scope,
    computed: &dyn Fn(&str) -> BTreeSet<String>,
) -> Value {
    let mut changes = Vec::new();
    let mut configured = Vec::new();
    for block in blocks {
        let (mode, [kind, name]) = (block.kind.as_str(), block.labels.as_slice()) else {
            continue;
        };
        let (mode, prefix) = match mode {
            "resource" => ("managed", ""),
            "data" => ("data", "data."),
            _ => continue,
        };
        let address = format!("{prefix}{kind}.{name}");
        configured.push(json!({
            "address": address, "mode": mode, "type": kind, "name": name,
            "provider_config_key": "aws", "expressions": expressions(block, scope),
        }));
        if mode == "data" {
            continue;
        }
        let filled = computed(kind);
        let (after, unknown) = values(&block.items, scope, &filled);
        for (suffix, index) in instances(block, scope) {
            let mut change = json!({
                "address": format!("{address}{suffix}"), "mode": mode, "type": kind, "name": name,
                "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": unknown },
            });
            if let Some(index) = index {
                change["index"] = index;
            }
            changes.push(change);
        }
    }
    json!({
        "format_version": "1.2", "complete": true, "errored": false,
        "resource_changes": changes,
        "configuration": {
            "provider_config": { "aws": { "name": "aws" } },
            "root_module": { "resources": configured },
        },
    })
}

/// The instances of a resource: what stands behind the address of each, and its key.
fn instances(block: &Block, scope: &Scope) -> Vec<(String, Option<Value>)> {
    if let Some(count) = block.attribute("count") {
        return match scope.known(count).and_then(|count| count.as_u64()) {
            Some(count) if count <= MOST_INSTANCES => (0..count)
                .map(|at| (format!("[{at}]"), Some(json!(at))))
                .collect(),
            _ => vec![("[0]".to_owned(), Some(json!(0)))],
        };
    }
    let Some(each) = block
        .attribute("for_each")
        .and_then(|each| scope.known(each))
    else {
        return vec![(String::new(), None)];
    };
    let keys: Vec<String> = match each {
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Value::Object(fields) => fields.keys().cloned().collect(),
        _ => Vec::new(),
    };
    let keys = keys.into_iter();
    keys.map(|key| (format!("[{}]", json!(key)), Some(json!(key))))
        .collect()
}

/// The values of a body and what of them is unknown.
fn values(items: &[Item], scope: &Scope, computed: &BTreeSet<String>) -> (Value, Value) {
    let (mut after, mut unknown) = (Map::new(), Map::new());
    for name in computed {
        unknown.insert(name.clone(), Value::Bool(true));
    }
    for item in items {
        match item {
            Item::Attribute(name, expr) if !META.contains(&name.as_str()) => {
                let Evaluated {
                    value,
                    unknown: part,
                } = scope.evaluate(expr);
                unknown.remove(name);
                if part == Value::Bool(true) {
                    unknown.insert(name.clone(), part);
                    continue;
                }
                after.insert(name.clone(), value);
                unknown.insert(name.clone(), part);
            }
            Item::Block(block) if block.kind == "dynamic" => {
                if let [name] = block.labels.as_slice() {
                    unknown.insert(name.clone(), Value::Bool(true));
                }
            }
            Item::Block(block) if !META_BLOCKS.contains(&block.kind.as_str()) => {
                let (inner, open) = values(&block.items, scope, &BTreeSet::new());
                push(&mut after, &block.kind, inner);
                unknown.retain(|name, is| *name != block.kind || is.is_array());
                push(&mut unknown, &block.kind, open);
            }
            _ => {}
        }
    }
    (Value::Object(after), Value::Object(unknown))
}

fn push(into: &mut Map<String, Value>, name: &str, value: Value) {
    let list = into.entry(name.to_owned()).or_insert_with(|| json!([]));
    if let Value::Array(items) = list {
        items.push(value);
    }
}

/// The part `expressions` of the configuration: constants and references.
fn expressions(block: &Block, scope: &Scope) -> Value {
    let mut out = Map::new();
    for item in &block.items {
        match item {
            Item::Attribute(name, expr) if !META.contains(&name.as_str()) => {
                out.insert(name.clone(), expression(expr, scope));
            }
            Item::Block(inner) if !META_BLOCKS.contains(&inner.kind.as_str()) => {
                push(&mut out, &inner.kind, expressions(inner, scope));
            }
            _ => {}
        }
    }
    Value::Object(out)
}

fn expression(expr: &Expr, scope: &Scope) -> Value {
    let mut references = Vec::new();
    expr.visit_paths(&mut |steps| references.extend(reference(steps)));
    match scope.known(expr) {
        Some(value) => json!({ "constant_value": value }),
        None => json!({ "references": references }),
    }
}

/// A path as Terraform lists it: the longest first, then what it begins with.
fn reference(steps: &[Step]) -> Vec<String> {
    let names: Vec<&str> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Name(name) => Some(name.as_str()),
            Step::Index(_) | Step::Splat => None,
        })
        .collect();
    let shortest = match names.first() {
        Some(&"data") => 3,
        _ => 2,
    };
    let lengths = (shortest.min(names.len())..=names.len()).rev();
    lengths.map(|length| names[..length].join(".")).collect()
}

/// Collects the variables' defaults and the locals of a directory. Values that are given win.
pub fn scope(blocks: &[&Block], given: &BTreeMap<String, Value>) -> Scope {
    let mut scope = Scope::default();
    for block in blocks {
        match (block.kind.as_str(), block.labels.as_slice()) {
            ("variable", [name]) => {
                let default = block.attribute("default");
                let default = default.and_then(|expr| Scope::default().known(expr));
                if let Some(value) = given.get(name).cloned().or(default) {
                    scope.variables.insert(name.clone(), value);
                }
            }
            ("locals", _) => {
                for item in &block.items {
                    if let Item::Attribute(name, expr) = item {
                        scope.locals.insert(name.clone(), expr.clone());
                    }
                }
            }
            _ => {}
        }
    }
    scope
}
