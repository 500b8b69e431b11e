//! `terraform show -json` and `tofu show -json`, of a state and of a plan.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;

use crate::iac::detect::Format;
use crate::iac::error::IacError;
use crate::iac::references;
use crate::iac::resource::IacInventory;
use crate::iac::resource::IacResource;
use crate::iac::tfstate::index_key;
use crate::iac::values::Values;
use crate::iac::values::has_secret_id;
use crate::model::inventory::config_address;
use crate::text::Untrusted;

const STATE: &str = "the output of `terraform show -json`";
const PLAN: &str = "the plan in JSON";

#[derive(Deserialize)]
struct ShownState {
    #[serde(default)]
    terraform_version: Option<Untrusted>,
    #[serde(default)]
    values: Option<StateValues>,
}

#[derive(Deserialize)]
struct ShownPlan {
    #[serde(default)]
    terraform_version: Option<Untrusted>,
    #[serde(default)]
    planned_values: Option<StateValues>,
    #[serde(default)]
    prior_state: Option<ShownState>,
    #[serde(default)]
    resource_changes: Option<Vec<ResourceChange>>,
    #[serde(default)]
    configuration: Option<references::Configuration>,
}

#[derive(Deserialize)]
struct StateValues {
    #[serde(default)]
    root_module: Option<Module>,
}

#[derive(Default, Deserialize)]
struct Module {
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    resources: Option<Vec<ModuleResource>>,
    #[serde(default)]
    child_modules: Option<Vec<Module>>,
}

#[derive(Deserialize)]
struct ModuleResource {
    address: String,
    #[serde(default)]
    mode: Option<String>,
    #[serde(rename = "type")]
    resource_type: String,
    name: String,
    #[serde(default)]
    index: Option<serde_json::Value>,
    #[serde(default)]
    provider_name: Option<Untrusted>,
    #[serde(default)]
    values: Option<Values>,
    #[serde(default)]
    sensitive_values: Option<serde_json::Value>,
    #[serde(default)]
    depends_on: Option<Vec<String>>,
    #[serde(default)]
    deposed_key: Option<String>,
}

#[derive(Deserialize)]
struct ResourceChange {
    #[serde(default)]
    address: Option<String>,
    /// The key of a deposed object, whose change says nothing about the current one.
    #[serde(default)]
    deposed: Option<String>,
    #[serde(default)]
    change: Option<Change>,
    #[serde(default, rename = "type")]
    resource_type: Option<String>,
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    actions: Option<Vec<String>>,
    /// For plans without `prior_state`.
    #[serde(default)]
    before: Option<Values>,
    #[serde(default)]
    before_sensitive: Option<serde_json::Value>,
}

/// Reads a state.
pub(super) fn read_state(text: &str) -> Result<IacInventory, IacError> {
    let shown: ShownState =
        serde_json::from_str(text).map_err(|e| IacError::from_json(STATE, &e))?;
    Ok(state_inventory(shown))
}

fn state_inventory(shown: ShownState) -> IacInventory {
    let mut inventory = IacInventory::new(Format::ShownState, shown.terraform_version);
    if let Some(root) = shown.values.and_then(|values| values.root_module) {
        read_modules(root, &mut inventory);
    }
    inventory
}

/// Reads what will be there once the plan is applied. What the plan is yet to create is
/// [`pending`](IacResource::pending); ids that it does not know are those from before.
pub(super) fn read_plan(text: &str) -> Result<IacInventory, IacError> {
    let plan: ShownPlan = serde_json::from_str(text).map_err(|e| IacError::from_json(PLAN, &e))?;
    let mut inventory = IacInventory::new(Format::ShownPlan, plan.terraform_version);
    if let Some(root) = plan.planned_values.and_then(|values| values.root_module) {
        read_modules(root, &mut inventory);
    }
    let mut before: BTreeMap<String, IacResource> = BTreeMap::new();
    if let Some(prior) = plan.prior_state {
        let prior = state_inventory(prior).resources;
        before.extend(prior.into_iter().map(|r| (r.address.raw().to_owned(), r)));
    }
    let changes = Changes::from(plan.resource_changes.unwrap_or_default());
    let references = references::resolve(plan.configuration.unwrap_or_default())?;

    for resource in &mut inventory.resources {
        let address = resource.address.raw().to_owned();
        resource.pending = changes.creates.contains(&address);
        if let Some(prior) = before.remove(&address) {
            resource.depends_on.extend(prior.depends_on.iter().cloned());
            resource.fill_in(prior.into_values());
        }
        if let Some(values) = changes.before.get(&address) {
            resource.fill_in(values.clone());
        }
        if let Some(found) = references.get(&config_address(&address)) {
            resource.depends_on.extend(found.iter().cloned());
        }
        resource.depends_on.sort();
        resource.depends_on.dedup();
    }
    Ok(inventory)
}

/// What `resource_changes` says by address.
#[derive(Default)]
struct Changes {
    creates: BTreeSet<String>,
    before: BTreeMap<String, Values>,
}

impl From<Vec<ResourceChange>> for Changes {
    fn from(list: Vec<ResourceChange>) -> Self {
        let mut changes = Self::default();
        for entry in list {
            let (Some(address), Some(change), None) = (entry.address, entry.change, entry.deposed)
            else {
                continue;
            };
            if change.actions.is_some_and(|actions| actions == ["create"]) {
                changes.creates.insert(address.clone());
            }
            if let Some(mut values) = change.before {
                forget_sensitive(&mut values, change.before_sensitive.as_ref());
                if entry.resource_type.as_deref().is_some_and(has_secret_id) {
                    values.forget("id");
                }
                changes.before.insert(address, values);
            }
        }
        changes
    }
}

/// Walks the tree without recursion, in the order of the file.
fn read_modules(root: Module, inventory: &mut IacInventory) {
    let mut waiting = vec![root];
    while let Some(module) = waiting.pop() {
        let path = module.address.unwrap_or_default();
        for resource in module.resources.unwrap_or_default() {
            if resource.mode.as_deref() == Some("data") {
                inventory.data_sources += 1;
            } else if resource.deposed_key.is_some() {
                inventory.deposed += 1;
            } else {
                inventory.resources.push(read_resource(&path, resource));
            }
        }
        waiting.extend(module.child_modules.unwrap_or_default().into_iter().rev());
    }
}

fn read_resource(module: &str, resource: ModuleResource) -> IacResource {
    let index = resource.index.as_ref().and_then(index_key);
    // Terraform 0.12 leaves the index key out of the address.
    let address = match &index {
        Some(key) if !resource.address.ends_with(']') => {
            format!("{}{}", resource.address, key.suffix())
        }
        _ => resource.address,
    };
    let mut values = resource.values.unwrap_or_default();
    forget_sensitive(&mut values, resource.sensitive_values.as_ref());
    if has_secret_id(&resource.resource_type) {
        values.forget("id");
    }
    let mut read = IacResource::new(&resource.resource_type, address, module, &resource.name)
        .with_values(values);
    read.index = index;
    read.provider = resource.provider_name.unwrap_or_default();
    read.depends_on = resource.depends_on.unwrap_or_default();
    read
}

/// Drops every attribute that is marked: `{"password": true, "tags": {"x": true}}`.
fn forget_sensitive(values: &mut Values, marks: Option<&serde_json::Value>) {
    match marks {
        Some(serde_json::Value::Object(marks)) => {
            for (name, _) in marks.iter().filter(|(_, mark)| is_marked(mark)) {
                values.forget(name);
            }
        }
        Some(serde_json::Value::Bool(true)) => *values = Values::default(),
        _ => {}
    }
}

/// Whether anything in it is marked. As deep as the parser lets a value be, no deeper.
fn is_marked(mark: &serde_json::Value) -> bool {
    match mark {
        serde_json::Value::Bool(marked) => *marked,
        serde_json::Value::Array(list) => list.iter().any(is_marked),
        serde_json::Value::Object(map) => map.values().any(is_marked),
        _ => false,
    }
}
