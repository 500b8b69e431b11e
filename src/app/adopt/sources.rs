//! Where `adopt` finds resources: files of Terraform, and AWS.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use crate::app::App;
use crate::app::access::Access;
use crate::app::observe::{connect, environments};
use crate::app::wait;
use crate::app::workspace::views::settings::Settings;
use crate::catalog::Catalog;
use crate::cloud::question::DiscoverQuestion;
use crate::core::adopt::{ArnParts, Lookup};
use crate::error::{CommandError, ErrorKind};
use crate::iac;
use crate::model::environments::Environment;
use crate::model::ids::{Arn, Region};
use crate::model::inventory::InventoryItem;
use crate::text::Untrusted;

/// What the files list.
pub(super) fn read_files(files: &[PathBuf]) -> Result<Vec<InventoryItem>, CommandError> {
    let mut items = Vec::new();
    for path in files {
        let mut bytes = Vec::new();
        let read = if path.as_os_str() == "-" {
            std::io::stdin().read_to_end(&mut bytes).map(|_| ())
        } else {
            std::fs::read(path).map(|content| bytes = content)
        };
        read.map_err(|error| {
            CommandError::usage(format!("could not read {}: {error}", path.display()))
        })?;
        let inventory = iac::read(&bytes).map_err(|error| {
            CommandError::usage(format!("{}: {error}", path.display()))
                .hint(format!("`adopt` reads {}", iac::SUPPORTED))
        })?;
        items.extend(inventory.into_items());
    }
    Ok(items)
}

/// What AWS knows under the tags.
pub(super) fn discover(
    app: &App,
    settings: Settings<'_>,
    catalog: &Catalog,
    environment: &Environment,
    tags: &[(String, String)],
) -> Result<Vec<InventoryItem>, CommandError> {
    let mut regions: Vec<Region> = environment.regions.clone();
    if regions.is_empty() {
        regions.extend(settings.region(environment));
    }
    let request = DiscoverQuestion {
        environment: environment.name.clone(),
        regions,
        tags: tags.to_vec(),
    };
    let answer = wait::wait_for(app, "looking for resources", async {
        let connection =
            connect::connect(app, settings, catalog, environment, Access::Discover).await?;
        let identity = connection.cloud.identity(&environment.name).await;
        let answer = match identity {
            Ok(identity) => {
                environments::check_account(settings, environment, &identity)?;
                connection.cloud.discover(&request).await
            }
            Err(gap) => Err(gap),
        };
        connection.finish(app)?;
        Ok::<_, CommandError>(answer)
    })?;
    let found = answer.map_err(|gap| {
        let error = CommandError::say(
            ErrorKind::Unknown,
            format!(
                "{} {}: {}",
                gap.operation,
                gap.cause.words(),
                gap.message.terminal()
            ),
        );
        match gap.missing_permission {
            Some(permission) => error.hint(format!(
                "allow `{permission}`; `fractary iam-policy adopt` prints the whole policy"
            )),
            None => error.hint("`fractary doctor` looks at identity and region"),
        }
    })?;
    Ok(found
        .into_iter()
        .map(|one| InventoryItem::found(&one.arn, one.tags))
        .collect())
}

/// The catalogue as adopting asks it.
pub(super) struct Catalogue<'a>(pub(super) &'a Catalog);

impl Lookup for Catalogue<'_> {
    fn by_arn(&self, arn: &Arn) -> Option<ArnParts> {
        let (kind, captures) = self.0.by_arn(arn)?;
        let mut attributes: BTreeMap<String, Untrusted> = captures
            .into_iter()
            .map(|(key, value)| (key, Untrusted::from(value)))
            .collect();
        let name = attributes.remove("name")?;
        Some(ArnParts {
            resource_type: kind.names.terraform.first()?.clone(),
            name,
            attributes,
        })
    }

    fn attributes_of(&self, resource_type: &str) -> BTreeMap<String, String> {
        self.0
            .by_terraform_type(resource_type)
            .map(|kind| kind.names.attributes.clone())
            .unwrap_or_default()
    }
}
