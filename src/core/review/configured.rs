//! What the configuration in a plan says of values that are not known yet: the statements of an
//! `aws_iam_policy_document` are constants more often than not, and an attribute that refers to
//! another resource will have a value.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::value::RawValue;
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

/// The configuration, read when it is first asked for. What is written stays text until somebody looks at
/// it: a large plan has tens of thousands of resources, of which few are checked.
pub(super) struct Configured<'t> {
    text: Option<&'t str>,
    read: OnceCell<WrittenModules<'t>>,
    locals: &'t LocalReferences,
}

/// What is written, by the module that it is in.
#[derive(Default)]
struct WrittenModules<'t> {
    providers: Value,
    /// By address without index keys; data sources begin with `data.` behind their module.
    resources: BTreeMap<String, WrittenResource<'t>>,
    /// Those that are called, by what stands before the addresses inside (`module.a.`).
    calls: BTreeMap<String, &'t RawValue>,
    /// By the same and the name of the output.
    outputs: BTreeMap<(String, String), &'t RawValue>,
}

#[derive(Deserialize)]
struct WrittenConfiguration<'t> {
    #[serde(default)]
    provider_config: Value,
    #[serde(borrow, default)]
    root_module: Option<WrittenModule<'t>>,
}

#[derive(Deserialize)]
struct WrittenModule<'t> {
    #[serde(borrow, default)]
    resources: Option<Vec<WrittenResource<'t>>>,
    #[serde(borrow, default)]
    module_calls: Option<BTreeMap<String, WrittenCall<'t>>>,
    #[serde(borrow, default)]
    outputs: Option<BTreeMap<String, WrittenOutput<'t>>>,
}

#[derive(Deserialize)]
struct WrittenResource<'t> {
    #[serde(borrow, default)]
    mode: Option<Cow<'t, str>>,
    #[serde(rename = "type", borrow)]
    resource_type: Cow<'t, str>,
    #[serde(borrow)]
    name: Cow<'t, str>,
    #[serde(borrow, default)]
    provider_config_key: Option<Cow<'t, str>>,
    #[serde(borrow, default)]
    expressions: Option<&'t RawValue>,
}

#[derive(Deserialize)]
struct WrittenCall<'t> {
    #[serde(borrow, default)]
    expressions: Option<&'t RawValue>,
    #[serde(borrow, default)]
    module: Option<WrittenModule<'t>>,
}

#[derive(Deserialize)]
struct WrittenOutput<'t> {
    #[serde(borrow, default)]
    expression: Option<&'t RawValue>,
}

impl<'t> WrittenModules<'t> {
    fn read(text: &'t str) -> Self {
        // The reader of the plan has refused what is none.
        let Ok(written) = serde_json::from_str::<WrittenConfiguration<'t>>(text) else {
            return Self::default();
        };
        let mut all = Self {
            providers: written.provider_config,
            ..Self::default()
        };
        if let Some(root) = written.root_module {
            all.add(root, "");
        }
        all
    }

    fn add(&mut self, module: WrittenModule<'t>, prefix: &str) {
        for one in module.resources.into_iter().flatten() {
            let data = if one.mode.as_deref() == Some("data") {
                "data."
            } else {
                ""
            };
            let address = format!("{prefix}{data}{}.{}", one.resource_type, one.name);
            self.resources.entry(address).or_insert(one);
        }
        for (name, output) in module.outputs.into_iter().flatten() {
            if let Some(written) = output.expression {
                self.outputs.insert((prefix.to_owned(), name), written);
            }
        }
        for (name, call) in module.module_calls.into_iter().flatten() {
            let inner = format!("{prefix}module.{name}.");
            if let Some(module) = call.module {
                self.add(module, &inner);
            }
            if let Some(written) = call.expressions {
                self.calls.insert(inner, written);
            }
        }
    }
}

impl<'t> Configured<'t> {
    pub(super) fn new(text: Option<&'t str>, locals: &'t LocalReferences) -> Self {
        Self {
            text,
            locals,
            read: OnceCell::new(),
        }
    }

    fn modules(&self) -> &WrittenModules<'t> {
        let read = || self.text.map(WrittenModules::read).unwrap_or_default();
        self.read.get_or_init(read)
    }

    fn resource(&self, change: &PlannedChange<'_>) -> Option<&WrittenResource<'t>> {
        self.modules()
            .resources
            .get(&config_address(change.address.raw()))
    }

    /// Returns what is written for the attributes of a resource; null where it is not configured.
    pub(super) fn expressions(&self, change: &PlannedChange<'_>) -> Value {
        parsed(self.resource(change).and_then(|it| it.expressions))
    }

    /// Returns whether an attribute of a resource is written; `None` where the resource is not
    /// configured.
    pub(super) fn is_written(&self, change: &PlannedChange<'_>, attribute: &str) -> Option<bool> {
        let expressions = parsed(self.resource(change)?.expressions);
        Some(expressions.get(attribute).is_some())
    }

    /// Returns the key of the provider that a resource is of (`aws`, `aws.east`).
    pub(super) fn provider_of(&self, change: &PlannedChange<'_>) -> Option<&str> {
        self.resource(change)?.provider_config_key.as_deref()
    }

    /// Returns the region of a provider, where it is written as a constant.
    pub(super) fn provider_region(&self, key: &str) -> Option<Region> {
        let provider = self.modules().providers.get(key)?;
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
        let all = self.expressions(change);
        let written = all.get(attribute);
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

    /// Whether what is written in the resource at `address` is what a resource has, directly or
    /// through variables, locals and outputs: then it will have a value. A variable that nothing
    /// gives may as well come to nothing.
    pub(super) fn leads_to_resource(&self, address: &str, written: &Value) -> bool {
        let path = modules_of(address);
        let mut waiting: Vec<(Vec<String>, String)> = Vec::new();
        let names = |of: &Value| -> Vec<String> { references(of).map(str::to_owned).collect() };
        waiting.extend(names(written).into_iter().map(|name| (path.clone(), name)));
        let mut seen = BTreeSet::new();
        while let Some((path, name)) = waiting.pop() {
            if is_of_resource(&name) {
                return true;
            }
            if seen.len() >= MOST_LOCALS || !seen.insert((path.clone(), name.clone())) {
                continue;
            }
            let (path, next) = self.behind(path, &name);
            waiting.extend(next.into_iter().map(|name| (path.clone(), name)));
        }
        false
    }

    /// Returns what a variable, a local or an output of a module is made of, and the module in which
    /// that is written.
    fn behind(&self, mut path: Vec<String>, name: &str) -> (Vec<String>, Vec<String>) {
        let mut steps = name.split(['.', '[']);
        let (Some(first), Some(second)) = (steps.next(), steps.next()) else {
            return (path, Vec::new());
        };
        let names = |of: Option<&Value>| -> Vec<String> {
            of.into_iter()
                .flat_map(references)
                .map(str::to_owned)
                .collect()
        };
        match first {
            "var" => {
                let given = self.modules().calls.get(&prefix_of(&path)).copied();
                let next = names(parsed(given).get(second));
                path.pop();
                (path, next)
            }
            "local" => {
                let of = self
                    .locals
                    .get(&prefix_of(&path))
                    .and_then(|all| all.get(second));
                (path, of.into_iter().flatten().cloned().collect())
            }
            "module" => {
                path.push(second.to_owned());
                let output = steps.next().unwrap_or_default().to_owned();
                let of = self
                    .modules()
                    .outputs
                    .get(&(prefix_of(&path), output))
                    .copied();
                let next = names(Some(&parsed(of)));
                (path, next)
            }
            _ => (path, Vec::new()),
        }
    }

    /// Returns what is known of the policy that an attribute refers to.
    pub(super) fn document(
        &self,
        change: &PlannedChange<'_>,
        attribute: &str,
    ) -> Option<PolicyDocument> {
        let all = self.expressions(change);
        let mut names = references(all.get(attribute)?);
        let name = names.find_map(|name| name.strip_prefix("data.aws_iam_policy_document."))?;
        let name = name.split(['.', '[']).next()?;
        let prefix = prefix_of(&modules_of(change.address.raw()));
        let address = format!("{prefix}data.aws_iam_policy_document.{name}");
        let expressions = parsed(self.modules().resources.get(&address)?.expressions);
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

/// Whether a name is one of what a resource or a data source of AWS has.
fn is_of_resource(name: &str) -> bool {
    let mut steps = name.split('.');
    let is_type = |step: &str| step.starts_with("aws_");
    match steps.next() {
        Some("data") => steps.next().is_some_and(is_type),
        Some(first) => is_type(first),
        None => false,
    }
}

/// What is written, as a value; null where nothing is.
fn parsed(written: Option<&RawValue>) -> Value {
    let value = written.and_then(|text| serde_json::from_str(text.get()).ok());
    value.unwrap_or_default()
}

/// What stands before the addresses inside of a module.
fn prefix_of(path: &[String]) -> String {
    path.iter().map(|one| format!("module.{one}.")).collect()
}

/// The names of the modules that an address leads through.
fn modules_of(address: &str) -> Vec<String> {
    let steps = address_steps(address);
    let mut names = steps.iter().map(|step| step.0);
    let mut path = Vec::new();
    while names.next() == Some("module") {
        path.extend(names.next().map(str::to_owned));
    }
    path
}

fn references(written: &Value) -> impl Iterator<Item = &str> {
    let all = written.get("references").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(Value::as_str)
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
