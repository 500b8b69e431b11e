//! Observing: who are we, is that the right account, and what is there.

use jiff::Timestamp;

use crate::app::App;
use crate::app::access::Access;
use crate::app::observe::back_fill;
use crate::app::observe::back_fill::Past;
use crate::app::observe::connect;
use crate::app::observe::connect::Connection;
use crate::app::observe::scope;
use crate::app::occasion::Occasion;
use crate::app::wait::wait_for;
use crate::app::workspace::environment;
use crate::app::workspace::load::Loaded;
use crate::catalog::Catalog;
use crate::cloud::question::ObserveQuestion;
use crate::core::shards;
use crate::core::targets::HealthSettings;
use crate::error::{CommandError, ErrorKind};
use crate::model::environments::Environment;
use crate::model::fact::{Fact, Gap, GapId};
use crate::model::ids::EnvironmentName;
use crate::model::receipt::Receipt;
use crate::model::resource::Resource;
use crate::model::shard::Shard;
use crate::model::snapshot::{Identity, Snapshot};
use crate::model::window::Window;

/// What of an environment is observed.
#[derive(Debug, Clone, Copy)]
enum Only<'a> {
    /// All of it, or the resources with this name, id or ARN.
    Named(Option<&'a str>),
    /// The resources of one shard.
    Shard(Shard),
}

/// Observes one environment: facts, or gaps where there was no answer.
async fn observe(
    app: &App,
    loaded: &Loaded,
    name: &EnvironmentName,
    occasion: Occasion,
    only: Only<'_>,
) -> Result<Snapshot, CommandError> {
    let environment = loaded.environment(name)?;
    let settings = HealthSettings::resolve(&loaded.monitoring);
    let resources = match only {
        Only::Named(only) => scope::resources(loaded, &environment, only)?,
        Only::Shard(shard) => {
            let mut all = scope::resources(loaded, &environment, None)?;
            all.retain(|resource| shards::belongs(shard, name, &resource.arn));
            all
        }
    };
    let window = scope::window(loaded, name, app.clock.now())?;
    let read_from = back_fill::read_from(loaded, name, window);
    let connection = connect::connect(app, loaded, &environment, Access::Observe).await?;
    let identity = connection.cloud.identity(name).await;
    let snapshot = match identity {
        Err(gap) => unseen(
            &loaded.catalog,
            name,
            resources,
            (window, read_from),
            gap,
            connection.cloud.receipt(),
        ),
        Ok(identity) => {
            check_account(loaded, &environment, &identity)?;
            let past = Past {
                resources: &resources,
                window,
                read_from,
                identity: &identity,
                occasion,
            };
            let back_fill = back_fill::back_fill(&connection, loaded, name, &past).await;
            Snapshot {
                back_fill,
                ..ask(
                    &connection,
                    name,
                    resources,
                    (window, read_from),
                    &settings,
                    identity,
                )
                .await
            }
        }
    };
    connection.finish(app)?;
    // One machine and many say the same in the same words.
    Ok(shards::canonical(snapshot, &loaded.catalog))
}

async fn ask(
    connection: &Connection,
    name: &EnvironmentName,
    resources: Vec<Resource>,
    (window, read_from): (Window, Timestamp),
    settings: &HealthSettings,
    identity: Identity,
) -> Snapshot {
    let request = ObserveQuestion {
        environment: name.clone(),
        resources,
        window,
        read_from,
        checks: settings.checks.clone(),
        identity,
    };
    connection.cloud.observe(&request).await
}

/// Stops before anything else is asked when the account is not the environment's.
pub(crate) fn check_account(
    loaded: &Loaded,
    environment: &Environment,
    identity: &Identity,
) -> Result<(), CommandError> {
    match environment::account(loaded, environment) {
        Some(wanted) if wanted != identity.account => Err(CommandError::say(
            ErrorKind::Refused,
            format!(
                "environment `{}` belongs to account {wanted}, but these credentials are of account {} ({})",
                environment.name, identity.account, identity.arn
            ),
        )
        .hint("choose the right profile in .fractary/shared/aws-credentials.json, or AWS_PROFILE, or the role of the workflow")),
        _ => Ok(()),
    }
}

/// The snapshot of a run that could not even learn who it is: everything is unknown.
fn unseen(
    catalog: &Catalog,
    name: &EnvironmentName,
    resources: Vec<Resource>,
    (window, read_from): (Window, Timestamp),
    gap: Gap,
    receipt: Receipt,
) -> Snapshot {
    let why = GapId(0);
    let resources = resources
        .into_iter()
        .map(|resource| shards::unseen(catalog, resource, why))
        .collect();
    Snapshot {
        environment: name.clone(),
        identity: Fact::Unreadable(why),
        window,
        read_from: Some(read_from),
        resources,
        unmatched_alarms: Vec::new(),
        gaps: vec![gap],
        receipt,
        back_fill: Vec::new(),
    }
}

/// Observes environments, all at once, within the time limit; Ctrl-C ends it.
pub(crate) fn all(
    app: &App,
    loaded: &Loaded,
    names: &[EnvironmentName],
    occasion: Occasion,
    only: Option<&str>,
) -> Result<Vec<Snapshot>, CommandError> {
    let all = each(app, loaded, names, occasion, only);
    wait_for(app, &observing(names), all)
}

/// The same, of one shard's share of the resources.
pub(crate) fn share(
    app: &App,
    loaded: &Loaded,
    names: &[EnvironmentName],
    occasion: Occasion,
    shard: Shard,
) -> Result<Vec<Snapshot>, CommandError> {
    let all = these(app, loaded, names, occasion, Only::Shard(shard));
    wait_for(app, &observing(names), all)
}

/// What is being done, for people who wait.
pub(crate) fn observing(names: &[EnvironmentName]) -> String {
    let names: Vec<&str> = names.iter().map(EnvironmentName::as_str).collect();
    format!("observing {}", names.join(", "))
}

/// Observes environments, all at once.
pub(crate) async fn each(
    app: &App,
    loaded: &Loaded,
    names: &[EnvironmentName],
    occasion: Occasion,
    only: Option<&str>,
) -> Result<Vec<Snapshot>, CommandError> {
    these(app, loaded, names, occasion, Only::Named(only)).await
}

async fn these(
    app: &App,
    loaded: &Loaded,
    names: &[EnvironmentName],
    occasion: Occasion,
    only: Only<'_>,
) -> Result<Vec<Snapshot>, CommandError> {
    let each = names
        .iter()
        .map(|name| observe(app, loaded, name, occasion, only));
    futures_util::future::try_join_all(each).await
}
