//! Which resource refers to which, from the `configuration` part of a plan.
//!
//! Expressions are given as lists of references. They are followed through module outputs,
//! module variables and data sources to managed resources. Values of locals are not in the
//! file, so a reference through a local is not seen here; once applied, the state names it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

use crate::iac::error::IacError;
use crate::model::inventory::address_steps;

#[derive(Default, Deserialize)]
pub(super) struct Configuration {
    #[serde(default)]
    root_module: Option<ConfigModule>,
}

#[derive(Default, Deserialize)]
struct ConfigModule {
    #[serde(default)]
    resources: Option<Vec<ConfigResource>>,
    #[serde(default)]
    module_calls: Option<BTreeMap<String, ModuleCall>>,
    #[serde(default)]
    outputs: Option<BTreeMap<String, Output>>,
}

#[derive(Deserialize)]
struct ConfigResource {
    #[serde(default)]
    mode: Option<String>,
    #[serde(rename = "type")]
    resource_type: String,
    name: String,
    #[serde(default)]
    expressions: References,
    #[serde(default)]
    count_expression: References,
    #[serde(default)]
    for_each_expression: References,
    #[serde(default)]
    depends_on: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
struct ModuleCall {
    #[serde(default)]
    expressions: Option<BTreeMap<String, References>>,
    #[serde(default)]
    depends_on: Option<Vec<String>>,
    #[serde(default)]
    module: Option<ConfigModule>,
}

#[derive(Deserialize)]
struct Output {
    #[serde(default)]
    expression: References,
    #[serde(default)]
    depends_on: Option<Vec<String>>,
}

/// The references anywhere in an expression. Constants, which may be secrets, are skipped.
#[derive(Default)]
struct References(Vec<String>);

impl<'de> Deserialize<'de> for References {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(ReferencesVisitor { listed: false })
            .map(|mut all| {
                all.sort();
                Self(all)
            })
    }
}

/// The value of a `references` key.
struct Listed(Vec<String>);

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(ReferencesVisitor { listed: true })
            .map(Self)
    }
}

struct ReferencesVisitor {
    /// Whether texts here are references.
    listed: bool,
}

impl<'de> Visitor<'de> for ReferencesVisitor {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an expression")
    }

    fn visit_unit<E>(self) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_str<E>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(if self.listed {
            vec![text.to_owned()]
        } else {
            Vec::new()
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<String>, A::Error> {
        let mut all = Vec::new();
        if self.listed {
            while let Some(Listed(found)) = seq.next_element()? {
                all.extend(found);
            }
        } else {
            while let Some(References(found)) = seq.next_element()? {
                all.extend(found);
            }
        }
        Ok(all)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<String>, A::Error> {
        let mut all = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "references" => all.extend(map.next_value::<Listed>()?.0),
                "constant_value" => drop(map.next_value::<IgnoredAny>()?),
                _ => all.extend(map.next_value::<References>()?.0),
            }
        }
        Ok(all)
    }
}

/// One module of the configuration.
struct ModuleScope {
    /// Its address, without index keys.
    path: String,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// What its caller passes: variable → references in the caller's scope.
    arguments: BTreeMap<String, References>,
    /// The `depends_on` of its call.
    call_depends_on: Vec<String>,
    /// `type.name` and `data.type.name` → references.
    resources: BTreeMap<String, Vec<String>>,
    outputs: BTreeMap<String, Vec<String>>,
}

impl ModuleScope {
    fn address(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }
}

/// Most references that are followed in one plan. A large real plan needs some ten
/// thousand; a made-up one could ask for the square of its size.
const MAX_FOLLOWED: usize = 5_000_000;

/// For every managed resource, by its address without index keys, the addresses of the
/// managed resources that its expressions lead to.
///
/// # Errors
/// There are more references than [`MAX_FOLLOWED`].
pub(super) fn resolve(
    configuration: Configuration,
) -> Result<BTreeMap<String, BTreeSet<String>>, IacError> {
    let mut budget = MAX_FOLLOWED;
    let scopes = scopes(configuration.root_module.unwrap_or_default());
    let mut resolved = BTreeMap::new();
    for (index, scope) in scopes.iter().enumerate() {
        for (name, references) in &scope.resources {
            if !name.starts_with("data.") {
                let found = follow(&scopes, index, references, &mut budget);
                let found = found.ok_or(IacError::TooManyReferences)?;
                resolved.insert(scope.address(name), found);
            }
        }
    }
    Ok(resolved)
}

fn scopes(root: ConfigModule) -> Vec<ModuleScope> {
    let mut scopes: Vec<ModuleScope> = Vec::new();
    let root_call = ModuleCall {
        module: Some(root),
        ..ModuleCall::default()
    };
    let mut waiting = vec![(None::<usize>, String::new(), root_call)];
    while let Some((parent, name, call)) = waiting.pop() {
        let index = scopes.len();
        let path = match parent.and_then(|p| scopes.get_mut(p)) {
            Some(parent) => {
                parent.children.insert(name.clone(), index);
                parent.address(&format!("module.{name}"))
            }
            None => String::new(),
        };
        let mut call_depends_on = call.depends_on.unwrap_or_default();
        call_depends_on.sort();
        let module = call.module.unwrap_or_default();
        let resources = module.resources.unwrap_or_default();
        let outputs = module.outputs.unwrap_or_default();
        scopes.push(ModuleScope {
            path,
            parent,
            children: BTreeMap::new(),
            arguments: call.expressions.unwrap_or_default(),
            call_depends_on,
            resources: resources.into_iter().map(resource_entry).collect(),
            outputs: outputs.into_iter().map(output_entry).collect(),
        });
        for (name, call) in module.module_calls.unwrap_or_default() {
            waiting.push((Some(index), name, call));
        }
    }
    scopes
}

fn resource_entry(resource: ConfigResource) -> (String, Vec<String>) {
    let data = if resource.mode.as_deref() == Some("data") {
        "data."
    } else {
        ""
    };
    let name = format!("{data}{}.{}", resource.resource_type, resource.name);
    let mut references = resource.expressions.0;
    references.extend(resource.count_expression.0);
    references.extend(resource.for_each_expression.0);
    references.extend(resource.depends_on.unwrap_or_default());
    references.sort();
    (name, references)
}

fn output_entry((name, output): (String, Output)) -> (String, Vec<String>) {
    let mut references = output.expression.0;
    references.extend(output.depends_on.unwrap_or_default());
    references.sort();
    (name, references)
}

/// Follows references to managed resources. A work list and not recursion: the chains are
/// as long as the file likes.
/// `None` once the budget is spent.
fn follow(
    scopes: &[ModuleScope],
    start: usize,
    references: &[String],
    budget: &mut usize,
) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut seen: BTreeSet<(usize, &str)> = BTreeSet::new();
    let mut waiting: Vec<(usize, &[String])> = vec![(start, references)];
    let mut enclosing = Some(start);
    while let Some(scope) = enclosing.and_then(|index| scopes.get(index)) {
        if let Some(parent) = scope.parent {
            waiting.push((parent, &scope.call_depends_on));
        }
        enclosing = scope.parent;
    }
    while let Some((index, list)) = waiting.pop() {
        *budget = budget.checked_sub(list.len())?;
        let known = found.len();
        for reference in list {
            if seen.insert((index, reference)) && !is_prefix_of_another(reference, list) {
                step(scopes, index, reference, &mut waiting, &mut found);
            }
        }
        *budget = budget.checked_sub(found.len().saturating_sub(known))?;
    }
    Some(found)
}

/// Terraform lists `module.a.out` as `module.a.out` and `module.a`; only the first says
/// which part of the module is meant.
fn is_prefix_of_another(reference: &str, sorted: &[String]) -> bool {
    reference.starts_with("module.")
        && ['.', '['].into_iter().any(|separator| {
            let longer = format!("{reference}{separator}");
            let at = sorted.partition_point(|other| *other < longer);
            sorted
                .get(at)
                .is_some_and(|other| other.starts_with(&longer))
        })
}

fn step<'a>(
    scopes: &'a [ModuleScope],
    index: usize,
    reference: &str,
    waiting: &mut Vec<(usize, &'a [String])>,
    found: &mut BTreeSet<String>,
) {
    let Some(scope) = scopes.get(index) else {
        return;
    };
    let steps = address_steps(reference);
    let name = |at: usize| steps.get(at).map_or("", |step| step.0);
    match name(0) {
        "var" => {
            let argument = scope.arguments.get(name(1));
            if let (Some(parent), Some(argument)) = (scope.parent, argument) {
                waiting.push((parent, &argument.0));
            }
        }
        "module" => {
            let Some(&child) = scope.children.get(name(1)) else {
                return;
            };
            match scopes.get(child).and_then(|c| c.outputs.get(name(2))) {
                Some(references) => waiting.push((child, references)),
                None if steps.len() == 2 => found.extend(whole_module(scopes, child)),
                None => {}
            }
        }
        "data" => {
            let data = format!("data.{}.{}", name(1), name(2));
            if let Some(references) = scope.resources.get(&data) {
                waiting.push((index, references));
            }
        }
        _ => {
            let resource = format!("{}.{}", name(0), name(1));
            if scope.resources.contains_key(&resource) {
                found.insert(scope.address(&resource));
            }
        }
    }
}

/// Every managed resource in a module and the modules in it.
fn whole_module(scopes: &[ModuleScope], index: usize) -> Vec<String> {
    let mut all = Vec::new();
    let mut waiting = vec![index];
    while let Some(scope) = waiting.pop().and_then(|index| scopes.get(index)) {
        let managed = scope.resources.keys().filter(|n| !n.starts_with("data."));
        all.extend(managed.map(|name| scope.address(name)));
        waiting.extend(scope.children.values());
    }
    all
}
