//! `.tfstate` version 3: Terraform 0.7 to 0.11.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::iac::detect::Format;
use crate::iac::error::IacError;
use crate::iac::resource::IacInventory;
use crate::iac::resource::IacResource;
use crate::iac::resource::IndexKey;
use crate::iac::resource::Lineage;
use crate::iac::tfstate::provider_source;
use crate::iac::values::Loose;
use crate::iac::values::Values;
use crate::iac::values::has_secret_id;
use crate::text::Untrusted;

const WHAT: &str = "the Terraform state (version 3)";

#[derive(Deserialize)]
struct State {
    #[serde(default)]
    terraform_version: Option<Untrusted>,
    #[serde(default)]
    lineage: Option<String>,
    #[serde(default)]
    modules: Option<Vec<Module>>,
}

#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    path: Option<Vec<String>>,
    #[serde(default)]
    resources: Option<BTreeMap<String, StateResource>>,
}

#[derive(Deserialize)]
struct StateResource {
    #[serde(rename = "type")]
    resource_type: String,
    #[serde(default)]
    depends_on: Option<Vec<String>>,
    #[serde(default)]
    primary: Option<Primary>,
    #[serde(default)]
    deposed: Option<Vec<serde::de::IgnoredAny>>,
    #[serde(default)]
    provider: Option<String>,
}

#[derive(Deserialize)]
struct Primary {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    attributes: Option<BTreeMap<String, Loose>>,
}

/// Reads the whole state.
pub(super) fn read(text: &str) -> Result<IacInventory, IacError> {
    let state: State = serde_json::from_str(text).map_err(|e| IacError::from_json(WHAT, &e))?;
    let mut inventory = IacInventory::new(Format::StateV3, state.terraform_version);
    let lineage = state.lineage.as_deref().and_then(Lineage::new);
    for module in state.modules.unwrap_or_default() {
        let path = module_address(module.path.as_deref().unwrap_or_default());
        for (key, resource) in module.resources.unwrap_or_default() {
            inventory.deposed += resource.deposed.as_ref().map_or(0, Vec::len);
            if key.starts_with("data.") {
                inventory.data_sources += 1;
            } else if let Some(read) = read_resource(&path, &key, resource) {
                inventory.resources.push(read);
            }
        }
    }
    Ok(inventory.of_lineage(lineage))
}

/// `["root", "a", "b"]` → `module.a.module.b`.
fn module_address(path: &[String]) -> String {
    let below_root = path.iter().skip(1).map(|name| format!("module.{name}"));
    below_root.collect::<Vec<_>>().join(".")
}

fn read_resource(module: &str, key: &str, resource: StateResource) -> Option<IacResource> {
    // Without a primary object only deposed ones are left.
    let primary = resource.primary?;
    let mut parts = key.splitn(3, '.');
    let (resource_type, name) = (parts.next()?, parts.next().unwrap_or_default());
    let index = parts.next().and_then(|index| index.parse().ok());
    let index = index.map(IndexKey::Number);
    let prefix = if module.is_empty() {
        String::new()
    } else {
        format!("{module}.")
    };
    let suffix = index.as_ref().map_or(String::new(), IndexKey::suffix);
    let address = format!("{prefix}{resource_type}.{name}{suffix}");

    let mut values = primary
        .attributes
        .map_or_else(Values::default, Values::from_flat);
    if let Some(id) = primary.id.filter(|id| !id.is_empty()) {
        values.id = Some(id.into());
    }
    if has_secret_id(&resource.resource_type) {
        values.forget("id");
    }
    let mut read =
        IacResource::new(&resource.resource_type, address, module, name).with_values(values);
    read.index = index;
    read.provider = provider_source(resource.provider.as_deref().unwrap_or("")).into();
    let depends_on = resource.depends_on.unwrap_or_default();
    read.depends_on = depends_on
        .iter()
        .map(|reference| format!("{prefix}{}", without_index(reference)))
        .collect();
    Some(read)
}

/// `aws_instance.web.0` and `aws_instance.web.*` → `aws_instance.web`.
fn without_index(reference: &str) -> &str {
    match reference.rsplit_once('.') {
        Some((rest, "*")) => rest,
        Some((rest, index)) if !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()) => {
            rest
        }
        _ => reference,
    }
}
