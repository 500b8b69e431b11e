//! What AWS knows under tags.

use crate::app::App;
use crate::app::access::Access;
use crate::app::adopt::sources::{Found, Sources};
use crate::app::observe::{connect, environments};
use crate::app::wait;
use crate::app::workspace::views::settings::Settings;
use crate::catalog::Catalog;
use crate::cloud::question::DiscoverQuestion;
use crate::error::{CommandError, ErrorKind};
use crate::model::environments::Environment;
use crate::model::ids::Region;
use crate::model::inventory::InventoryItem;

/// Adds what AWS knows under the tags.
pub(super) fn discover(
    app: &App,
    settings: Settings<'_>,
    catalog: &Catalog,
    environment: &Environment,
    wanted: Sources<'_>,
    found: &mut Found,
) -> Result<(), CommandError> {
    let tags = wanted.tags;
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
    let answer = answer.map_err(|gap| {
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
    let source = wanted.of_tags();
    let items = answer.into_iter();
    found.add(
        &source,
        items.map(|one| InventoryItem::found(&one.arn, one.tags)),
    );
    Ok(())
}
