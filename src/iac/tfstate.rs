//! `.tfstate` version 4: Terraform 0.12 and later, OpenTofu.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::iac::detect::Format;
use crate::iac::error::IacError;
use crate::iac::resource::IacInventory;
use crate::iac::resource::IacResource;
use crate::iac::resource::IndexKey;
use crate::iac::resource::Lineage;
use crate::iac::values::Loose;
use crate::iac::values::Values;
use crate::iac::values::has_secret_id;
use crate::text::Untrusted;

const WHAT: &str = "the Terraform state";

#[derive(Deserialize)]
struct State {
    #[serde(default)]
    terraform_version: Option<Untrusted>,
    #[serde(default)]
    lineage: Option<String>,
    #[serde(default)]
    resources: Option<Vec<StateResource>>,
}

#[derive(Deserialize)]
struct StateResource {
    #[serde(default)]
    module: Option<String>,
    #[serde(default)]
    mode: Option<String>,
    #[serde(rename = "type")]
    resource_type: String,
    name: String,
    #[serde(default)]
    provider: Option<String>,
    #[serde(default)]
    instances: Option<Vec<Instance>>,
}

#[derive(Deserialize)]
struct Instance {
    #[serde(default)]
    index_key: Option<serde_json::Value>,
    #[serde(default)]
    deposed: Option<String>,
    #[serde(default)]
    attributes: Option<Values>,
    /// Objects that were upgraded from version 3 and not refreshed since.
    #[serde(default)]
    attributes_flat: Option<BTreeMap<String, Loose>>,
    #[serde(default)]
    sensitive_attributes: Option<serde_json::Value>,
    #[serde(default)]
    dependencies: Option<Vec<String>>,
    /// What 0.12.0 to 0.12.13 wrote instead, relative to the module.
    #[serde(default)]
    depends_on: Option<Vec<String>>,
}

/// Reads the whole state.
pub(super) fn read(text: &str) -> Result<IacInventory, IacError> {
    let state: State = serde_json::from_str(text).map_err(|e| IacError::from_json(WHAT, &e))?;
    let mut inventory = IacInventory::new(Format::StateV4, state.terraform_version);
    let lineage = state.lineage.as_deref().and_then(Lineage::new);
    for resource in state.resources.unwrap_or_default() {
        if resource.mode.as_deref() == Some("data") {
            inventory.data_sources += resource.instances.map_or(0, |i| i.len());
            continue;
        }
        read_resource(resource, &mut inventory);
    }
    Ok(inventory.of_lineage(lineage))
}

fn read_resource(resource: StateResource, inventory: &mut IacInventory) {
    let module = resource.module.unwrap_or_default();
    let provider = Untrusted::new(provider_source(resource.provider.as_deref().unwrap_or("")));
    let prefix = if module.is_empty() {
        String::new()
    } else {
        format!("{module}.")
    };
    let base = format!("{prefix}{}.{}", resource.resource_type, resource.name);
    for instance in resource.instances.unwrap_or_default() {
        if instance.deposed.is_some() {
            inventory.deposed += 1;
            continue;
        }
        let index = instance.index_key.as_ref().and_then(index_key);
        let address = match &index {
            Some(key) => format!("{base}{}", key.suffix()),
            None => base.clone(),
        };
        let mut values = match (instance.attributes, instance.attributes_flat) {
            (Some(values), _) => values,
            (None, Some(flat)) => Values::from_flat(flat),
            (None, None) => Values::default(),
        };
        forget_sensitive(&mut values, instance.sensitive_attributes.as_ref());
        if has_secret_id(&resource.resource_type) {
            values.forget("id");
        }
        let mut read = IacResource::new(&resource.resource_type, address, &module, &resource.name)
            .with_values(values);
        read.index = index;
        read.provider = provider.clone();
        read.depends_on = instance.dependencies.unwrap_or_default();
        let relative = instance.depends_on.unwrap_or_default();
        read.depends_on
            .extend(relative.iter().map(|address| format!("{prefix}{address}")));
        inventory.resources.push(read);
    }
}

pub(super) fn index_key(value: &serde_json::Value) -> Option<IndexKey> {
    match value {
        serde_json::Value::String(text) => Some(IndexKey::Text(text.clone())),
        value => value.as_u64().map(IndexKey::Number),
    }
}

/// `provider["registry.terraform.io/hashicorp/aws"].west` → the source address;
/// `module.x.provider.aws.west` of older versions → the name.
pub(super) fn provider_source(reference: &str) -> &str {
    if let Some((_, rest)) = reference.split_once("provider[\"") {
        return rest.split('"').next().unwrap_or(rest);
    }
    let name = match reference.rsplit_once("provider.") {
        Some((_, rest)) => rest,
        None => reference,
    };
    // Registry addresses hold dots, plain names with an alias do too.
    if name.contains('/') {
        name
    } else {
        name.split('.').next().unwrap_or(name)
    }
}

/// Drops every attribute that a path of `sensitive_attributes` starts with. The paths are
/// lists of steps: `[[{"type": "get_attr", "value": "password"}]]`.
fn forget_sensitive(values: &mut Values, paths: Option<&serde_json::Value>) {
    for path in paths.and_then(|p| p.as_array()).into_iter().flatten() {
        let first = path.as_array().map_or(Some(path), |steps| steps.first());
        let name = first.and_then(|step| step.get("value")?.as_str());
        if let Some(name) = name {
            values.forget(name);
        }
    }
}
