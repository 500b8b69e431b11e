//! Observing: who are we, is that the right account, and what is there.

use jiff::Timestamp;

use crate::app::App;
use crate::app::access::Access;
use crate::app::observe::back_fill;
use crate::app::observe::connect::{self, Connection};
use crate::app::occasion::Occasion;
use crate::app::wait::wait_for;
use crate::app::workspace::views::Scope;
use crate::app::workspace::views::settings::Settings;
use crate::catalog::Catalog;
use crate::cloud::question::ObserveQuestion;
use crate::core::shards;
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
pub(crate) enum Only<'a> {
    /// All of it.
    Everything,
    /// The resources with this name, id or ARN.
    Named(&'a str),
    /// The resources of one shard.
    Shard(Shard),
}

/// Observes one environment: facts, or gaps where there was no answer.
async fn observe_one(
    app: &App,
    scope: &Scope<'_>,
    name: &EnvironmentName,
    occasion: Occasion,
    only: Only<'_>,
) -> Result<Snapshot, CommandError> {
    let environment = scope.settings.environment(name)?;
    let resources = match only {
        Only::Everything => scope.resources(&environment, None)?,
        Only::Named(only) => scope.resources(&environment, Some(only))?,
        Only::Shard(shard) => {
            let mut all = scope.resources(&environment, None)?;
            all.retain(|resource| shards::belongs(shard, name, &resource.arn));
            all
        }
    };
    let window = scope.window(name, app.clock.now())?;
    let read_from = scope.read_from(name, window);
    let catalog = scope.registries.catalog;
    let access = Access::Observe;
    let connection = connect::connect(app, scope.settings, catalog, &environment, access).await?;
    let identity = connection.cloud.identity(name).await;
    let snapshot = match identity {
        Err(gap) => unseen(
            catalog,
            name,
            resources,
            (window, read_from),
            gap,
            connection.cloud.receipt(),
        ),
        Ok(identity) => {
            check_account(scope.settings, &environment, &identity)?;
            let question = ObserveQuestion {
                environment: name.clone(),
                resources,
                window,
                read_from,
                checks: scope.settings.health().checks,
                identity,
            };
            let back_fill = back_fill::read(&connection, scope, &question, occasion).await;
            Snapshot {
                back_fill,
                ..connection.cloud.observe(&question).await
            }
        }
    };
    connection.finish(app)?;
    // One machine and many say the same in the same words.
    Ok(shards::canonical(snapshot, catalog))
}

/// Connects, finds out whose credentials these are, and makes sure that the account is the
/// environment's.
pub(crate) async fn connect_checked(
    app: &App,
    settings: Settings<'_>,
    catalog: &Catalog,
    environment: &Environment,
    access: Access,
) -> Result<(Connection, Identity), CommandError> {
    let connection = connect::connect(app, settings, catalog, environment, access).await?;
    match connection.cloud.identity(&environment.name).await {
        Ok(identity) => {
            check_account(settings, environment, &identity)?;
            Ok((connection, identity))
        }
        Err(gap) => {
            connection.finish(app)?;
            let why = format!("{}: {}", gap.cause.words(), gap.message.terminal());
            let text = format!("could not find out whose credentials these are: {why}");
            Err(CommandError::say(ErrorKind::Unknown, text)
                .hint("run `fractary doctor` to see what is missing"))
        }
    }
}

/// Stops before anything else is asked when the account is not the environment's.
pub(crate) fn check_account(
    settings: Settings<'_>,
    environment: &Environment,
    identity: &Identity,
) -> Result<(), CommandError> {
    match settings.account(environment) {
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
pub(crate) fn observe_all(
    app: &App,
    scope: &Scope<'_>,
    names: &[EnvironmentName],
    occasion: Occasion,
    only: Only<'_>,
) -> Result<Vec<Snapshot>, CommandError> {
    let all = observe_each(app, scope, names, occasion, only);
    wait_for(app, &describe(names), all)
}

/// Describes what is being done, for people who wait.
pub(crate) fn describe(names: &[EnvironmentName]) -> String {
    let names: Vec<&str> = names.iter().map(EnvironmentName::as_str).collect();
    format!("observing {}", names.join(", "))
}

/// Observes environments, all at once.
pub(crate) async fn observe_each(
    app: &App,
    scope: &Scope<'_>,
    names: &[EnvironmentName],
    occasion: Occasion,
    only: Only<'_>,
) -> Result<Vec<Snapshot>, CommandError> {
    let each = names
        .iter()
        .map(|name| observe_one(app, scope, name, occasion, only));
    futures_util::future::try_join_all(each).await
}
