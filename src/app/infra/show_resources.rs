//! What is deployed, with links to the console.

use crate::app::workspace::Workspace;
use crate::error::CommandError;
use crate::model::deployed_list::{DeployedList, DeployedResource};
use crate::model::ids::EnvironmentName;

/// Lists what is registered in the environments, filtered.
pub(crate) fn list(
    workspace: &Workspace,
    names: &[EnvironmentName],
    resource_type: Option<&str>,
    text: Option<&str>,
) -> Result<DeployedList, CommandError> {
    let registries = workspace.registries();
    let mut out = DeployedList {
        version: "1.0.0".to_owned(),
        kind: "resources".to_owned(),
        not_registered: Vec::new(),
        of: 0,
        resources: Vec::new(),
    };
    for name in names {
        let environment = workspace.settings().environment(name)?;
        let Some(document) = registries.get(name) else {
            out.not_registered.push(name.clone());
            continue;
        };
        let entries = &document.value.resources;
        for one in registries.resources(&environment) {
            out.of += 1;
            let entry = entries.iter().find(|entry| entry.arn == one.arn);
            let tainted = entry.is_some_and(|entry| entry.metadata.contains_key("tainted"));
            let address = one.terraform_address.as_ref();
            let has = |text: &str| {
                let address = address.map_or("", |address| address.raw());
                let fields = [one.name.raw(), one.aws_id.raw(), one.arn.as_str(), address];
                fields.iter().any(|field| field.contains(text))
            };
            let is_of_type = |wanted: &str| one.resource_type.starts_with(wanted);
            if resource_type.is_none_or(is_of_type) && text.is_none_or(has) {
                out.resources.push(DeployedResource {
                    environment: name.clone(),
                    resource_type: one.resource_type,
                    name: one.name,
                    arn: one.arn,
                    region: one.region,
                    terraform_address: one.terraform_address,
                    console_url: one.console_url,
                    tainted,
                });
            }
        }
    }
    Ok(out)
}
