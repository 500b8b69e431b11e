//! What AWS knows under tags.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::app::App;
use crate::app::access::Access;
use crate::app::adopt::lookup::Catalogue;
use crate::app::adopt::sources::{Sourced, Sources};
use crate::app::answer::faults;
use crate::app::observe::{connect, environments};
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::cloud::Cloud;
use crate::cloud::question::{DiscoverQuestion, Discovered, ObserveQuestion};
use crate::core;
use crate::core::adopt::{AdoptInput, Pruning, existence};
use crate::error::{CommandError, ErrorKind};
use crate::model::environments::Environment;
use crate::model::fact::Gap;
use crate::model::ids::Region;
use crate::model::inventory::InventoryItem;
use crate::model::monitoring::EnabledCheck;
use crate::model::resource::Resource;
use crate::model::snapshot::Identity;
use crate::model::window::Window;
use crate::text::phrases;

/// Adds what AWS knows under the tags, with what its own service says of each.
pub(super) fn discover(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
    wanted: Sources<'_>,
    found: &mut Sourced,
) -> Result<(), CommandError> {
    let settings = workspace.settings();
    let mut regions: Vec<Region> = environment.regions.clone();
    if regions.is_empty() {
        regions.extend(settings.region(environment));
    }
    let request = DiscoverQuestion {
        environment: environment.name.clone(),
        regions,
        tags: wanted.tags.to_vec(),
    };
    let answer = wait::wait_for(app, "looking for resources", async {
        let catalog = &workspace.catalog;
        let access = Access::Discover;
        let connection = connect::connect(app, settings, catalog, environment, access).await?;
        let cloud = connection.cloud.as_ref();
        let answer = match cloud.identity(&environment.name).await {
            Ok(identity) => {
                environments::check_account(settings, environment, &identity)?;
                match cloud.discover(&request).await {
                    Ok(listed) => {
                        Ok(look(app, workspace, environment, cloud, identity, listed).await)
                    }
                    Err(gap) => Err(gap),
                }
            }
            Err(gap) => Err(gap),
        };
        connection.finish(app)?;
        Ok::<_, CommandError>(answer)
    })?;
    let (items, unseen) = answer.map_err(|gap| failed(&gap))?;
    if let Some((gap, count)) = unseen {
        app.ui.warn(&format!(
            "whether {} exist could not be asked ({}); the tagging service lists deleted resources for hours",
            phrases::counted(count as u64, "of these resource"),
            faults::gap(&gap)
        ));
    }
    found.add(&wanted.of_tags(), items);
    Ok(())
}

fn failed(gap: &Gap) -> CommandError {
    let error = CommandError::say(ErrorKind::Unknown, faults::gap(gap));
    match &gap.missing_permission {
        Some(permission) => error.hint(format!(
            "allow `{permission}`; `fractary iam-policy adopt` prints the whole policy"
        )),
        None => error.hint("`fractary doctor` looks at identity and region"),
    }
}

/// What is listed, with doubts about what is not there or cannot be asked about, and why the
/// existence of so many is not known.
async fn look(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
    cloud: &dyn Cloud,
    identity: Identity,
    listed: Vec<Discovered>,
) -> (Vec<InventoryItem>, Option<(Gap, usize)>) {
    let items: Vec<InventoryItem> = listed
        .into_iter()
        .map(|one| InventoryItem::found(&one.arn, one.tags))
        .collect();
    let now = app.clock.now();
    let resources = askable(workspace, environment, &items, now);
    if resources.is_empty() {
        return (items, None);
    }
    let question = ObserveQuestion {
        environment: environment.name.clone(),
        resources,
        window: Window {
            start: now,
            end: now,
            period_seconds: 60,
        },
        read_from: now,
        checks: vec![EnabledCheck::ResourceStatus],
        identity,
    };
    let snapshot = cloud.observe(&question).await;
    let (doubts, unseen) = existence::doubts(&workspace.catalog, &snapshot);
    let items = items.into_iter().map(|item| InventoryItem {
        doubt: existence::doubt_of(&item, &doubts),
        ..item
    });
    (items.collect(), unseen)
}

/// The resources that these items would become, of kinds with a status call.
fn askable(
    workspace: &Workspace,
    environment: &Environment,
    items: &[InventoryItem],
    now: Timestamp,
) -> Vec<Resource> {
    let existing = workspace.registries().get(&environment.name);
    let adoption = core::adopt::adopt(&AdoptInput {
        items,
        existing: existing.map(|document| &document.value),
        environment,
        project: None,
        lookup: &Catalogue(&workspace.catalog),
        sources: &BTreeSet::new(),
        pruning: Pruning::default(),
        now,
    });
    let listed: BTreeSet<&str> = items
        .iter()
        .filter_map(|item| Some(item.arn.as_ref()?.raw()))
        .collect();
    let all = core::registry::resources(&adoption.registry, environment, &workspace.catalog);
    let has_status = |resource: &Resource| {
        let kind = resource
            .kind
            .as_ref()
            .and_then(|id| workspace.catalog.kind(id));
        kind.is_some_and(|kind| kind.status.is_some())
    };
    all.into_iter()
        .filter(|resource| listed.contains(resource.arn.as_str()) && has_status(resource))
        .collect()
}

/// Reads a tag as it is written on the command line.
pub(crate) fn parse_tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}
