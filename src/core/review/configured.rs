//! What the configuration in a plan says of values that are not known yet: the statements of an
//! `aws_iam_policy_document` are constants more often than not, and an attribute that refers to
//! another resource will have a value.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::core::policy::PolicyDocument;
use crate::model::ids::Region;
use crate::model::inventory::{address_steps, config_address};
use crate::model::plan::PlannedChange;

/// Stands for a value that is not known before the apply.
pub(super) const LATER: &str = "(known after apply)";

/// What locals refer to (`aws_s3_bucket.b`, `local.a`): by what stands before the addresses of their
/// module (`module.m.`, nothing for the root), then by name. A plan does not say.
pub type LocalReferences = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Longest chain of locals that is followed.
const MOST_LOCALS: usize = 1_000;

/// The configuration, parsed when it is first asked for.
pub(super) struct Configured<'t> {
    text: Option<&'t str>,
    parsed: OnceCell<Value>,
    places: OnceCell<ResourcePlaces>,
    locals: &'t LocalReferences,
}

/// Where resources are in the list of their module, by their addresses without index keys.
type ResourcePlaces = BTreeMap<String, usize>;

impl<'t> Configured<'t> {
    pub(super) fn new(text: Option<&'t str>, locals: &'t LocalReferences) -> Self {
        Self {
            text,
            locals,
            parsed: OnceCell::new(),
            places: OnceCell::new(),
        }
    }

    fn root(&self) -> &Value {
        let parse = || {
            let parsed = self.text.and_then(|text| serde_json::from_str(text).ok());
            parsed.unwrap_or_default()
        };
        self.parsed.get_or_init(parse)
    }

    fn module(&self, address: &str) -> Option<&Value> {
        module(self.root(), address)
    }

    /// Returns the block of a resource.
    fn block(&self, change: &PlannedChange<'_>) -> Option<&Value> {
        let places = self.places.get_or_init(|| {
            let mut places = ResourcePlaces::new();
            if let Some(module) = self.root().get("root_module") {
                note_places(module, "", &mut places);
            }
            places
        });
        let at = places.get(&config_address(change.address.raw()))?;
        let module = self.module(change.address.raw())?;
        module.get("resources")?.get(at)
    }

    /// Returns what is written for the attributes of a resource; null where it is not configured.
    pub(super) fn expressions(&self, change: &PlannedChange<'_>) -> &Value {
        let written = self.block(change).and_then(|it| it.get("expressions"));
        written.unwrap_or(&Value::Null)
    }

    /// Returns the key of the provider that a resource is of (`aws`, `aws.east`).
    pub(super) fn provider_of(&self, change: &PlannedChange<'_>) -> Option<&str> {
        self.block(change)?.get("provider_config_key")?.as_str()
    }

    /// Returns the region of a provider, where it is written as a constant.
    pub(super) fn provider_region(&self, key: &str) -> Option<Region> {
        let provider = self.root().get("provider_config")?.get(key)?;
        let written = provider.get("expressions")?.get("region")?;
        Region::new(written.get("constant_value")?.as_str()?).ok()
    }

    /// Returns the addresses, without index keys, that an attribute leads to through locals.
    pub(super) fn behind_locals(
        &self,
        change: &PlannedChange<'_>,
        attribute: &str,
    ) -> BTreeSet<String> {
        let address = config_address(change.address.raw());
        let own = format!("{}.{}", change.resource_type.raw(), change.name.raw());
        let prefix = address.strip_suffix(&own).unwrap_or_default();
        let mut found = BTreeSet::new();
        let Some(locals) = self.locals.get(prefix) else {
            return found;
        };
        let written = self.expressions(change).get(attribute);
        let mut waiting: Vec<&str> = written.into_iter().flat_map(references).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            match name.strip_prefix("local.") {
                Some(local) => {
                    let local = local.split(['.', '[']).next().unwrap_or(local);
                    if seen.len() < MOST_LOCALS && seen.insert(local) {
                        let of = locals.get(local).into_iter().flatten();
                        waiting.extend(of.map(String::as_str));
                    }
                }
                None => drop(found.insert(format!("{prefix}{name}"))),
            }
        }
        found
    }

    /// Returns what is known of the policy that an attribute refers to.
    pub(super) fn document(
        &self,
        change: &PlannedChange<'_>,
        attribute: &str,
    ) -> Option<PolicyDocument> {
        let module = self.module(change.address.raw())?;
        let written = self.expressions(change).get(attribute)?;
        let mut names = references(written);
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
        let text = json!({ "Statement": known.filter(|_| !is_merged)? }).to_string();
        PolicyDocument::parse(&text).ok()
    }
}

/// Whether an attribute is written as what a resource has: then it will have a value. A variable, a
/// local or a module may as well come to nothing.
pub(super) fn refers_to_resource(written: &Value) -> bool {
    references(written).any(|name| {
        let mut steps = name.split('.');
        let is_type = |step: &str| step.starts_with("aws_");
        match steps.next() {
            Some("data") => steps.next().is_some_and(is_type),
            Some(first) => is_type(first),
            None => false,
        }
    })
}

fn references(written: &Value) -> impl Iterator<Item = &str> {
    let all = written.get("references").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(Value::as_str)
}

/// Notes the places of a module's resources, and of those in the modules that it calls.
fn note_places(module: &Value, prefix: &str, places: &mut ResourcePlaces) {
    for (at, one) in resources(module).enumerate() {
        let text = |key: &str| one.get(key).and_then(Value::as_str);
        if let (Some(of), Some(name)) = (text("type"), text("name"))
            && !is(one, "mode", "data")
        {
            let address = format!("{prefix}{of}.{name}");
            places.entry(address).or_insert(at);
        }
    }
    let calls = module.get("module_calls").and_then(Value::as_object);
    for (name, call) in calls.into_iter().flatten() {
        if let Some(module) = call.get("module") {
            note_places(module, &format!("{prefix}module.{name}."), places);
        }
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
    let or_later = |name: &str| {
        block.get(name)?;
        Some(constant(name).cloned().unwrap_or_else(|| json!([LATER])))
    };
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
    match (or_later("resources"), or_later("not_resources")) {
        (Some(resources), _) => out.insert("Resource".to_owned(), resources),
        (None, Some(resources)) => out.insert("NotResource".to_owned(), resources),
        (None, None) => None,
    };
    for (key, name) in [
        ("principals", "Principal"),
        ("not_principals", "NotPrincipal"),
    ] {
        if let Some(who) = block.get(key).and_then(Value::as_array) {
            out.insert(name.to_owned(), principals(who));
        }
    }
    if block.get("condition").is_some() {
        out.insert("Condition".to_owned(), json!({ LATER: { LATER: LATER } }));
    }
    Some(Value::Object(out))
}

fn principals(blocks: &[Value]) -> Value {
    let mut by_type = Map::new();
    for block in blocks {
        let constant = |name: &str| block.get(name)?.get("constant_value").cloned();
        let of = constant("type").and_then(|of| of.as_str().map(str::to_owned));
        let who = constant("identifiers").unwrap_or_else(|| json!([LATER]));
        match of.as_deref() {
            Some("*") => return json!("*"),
            Some(of) => by_type.insert(of.to_owned(), who),
            None => by_type.insert("AWS".to_owned(), json!([LATER])),
        };
    }
    Value::Object(by_type)
}
