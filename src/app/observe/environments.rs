//! Observing: who are we, is that the right account, and what is there.

use std::sync::Once;

use jiff::Timestamp;

use crate::app::App;
use crate::app::access::Access;
use crate::app::decide::budgets;
use crate::app::decide::budgets::Past;
use crate::app::observe::connect;
use crate::app::observe::connect::Connection;
use crate::app::occasion::Occasion;
use crate::app::workspace::load::Loaded;
use crate::catalog::Catalog;
use crate::cloud::ObserveRequest;
use crate::core::targets::HealthSettings;
use crate::core::window::WindowSettings;
use crate::core::{registry, shards, window};
use crate::error::{CommandError, ErrorKind, ExitCode};
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
        Only::Named(only) => resources(loaded, &environment, only)?,
        Only::Shard(shard) => {
            let mut all = resources(loaded, &environment, None)?;
            all.retain(|resource| shards::belongs(shard, name, &resource.arn));
            all
        }
    };
    let window = window(loaded, name, app.clock.now())?;
    let read_from = budgets::read_from(loaded, name, window);
    let connection = connect::connect(app, loaded, &environment, Access::Observe).await?;
    let identity = connection.cloud.identity().await;
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
            let back_fill = budgets::back_fill(&connection, loaded, name, &past).await;
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
    let request = ObserveRequest {
        environment: name.clone(),
        resources,
        window,
        read_from,
        checks: settings.checks.clone(),
        identity,
    };
    connection.cloud.observe(&request).await
}

/// Resources that are named where one was not found.
const NAMES_LISTED: usize = 12;

/// The span that a run at this time judges.
pub(crate) fn window(
    loaded: &Loaded,
    name: &EnvironmentName,
    now: Timestamp,
) -> Result<Window, CommandError> {
    Ok(window::choose(
        now,
        &WindowSettings::resolve(&loaded.monitoring),
        loaded.last_window_end(name, now)?,
    ))
}

/// The registered resources, narrowed to those whose name, id or ARN is `only`.
pub(crate) fn resources(
    loaded: &Loaded,
    environment: &Environment,
    only: Option<&str>,
) -> Result<Vec<Resource>, CommandError> {
    let Some(document) = loaded.state.registries.get(&environment.name) else {
        return Ok(Vec::new());
    };
    let environment = connect::completed(loaded, environment);
    let all = registry::resources(&document.value, &environment, &loaded.catalog);
    let Some(wanted) = only else { return Ok(all) };
    let mut names: Vec<String> = all
        .iter()
        .take(NAMES_LISTED)
        .map(|resource| resource.name.terminal())
        .collect();
    if let Some(more) = all.len().checked_sub(NAMES_LISTED).filter(|more| *more > 0) {
        names.push(format!("and {more} more"));
    }
    let found: Vec<Resource> = all
        .into_iter()
        .filter(|resource| {
            resource.name.raw() == wanted
                || resource.aws_id.raw() == wanted
                || resource.arn.as_str() == wanted
        })
        .collect();
    if found.is_empty() {
        return Err(CommandError::usage(format!(
            "no resource `{}` in the registry of `{}`",
            crate::text::escape::terminal(wanted),
            environment.name
        ))
        .hint(format!("resources there are: {}", names.join(", "))));
    }
    Ok(found)
}

/// Stops before anything else is asked when the account is not the environment's.
pub(crate) fn check_account(
    loaded: &Loaded,
    environment: &Environment,
    identity: &Identity,
) -> Result<(), CommandError> {
    match connect::account(loaded, environment) {
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

/// Waits for what is asked of the provider, and shows that it does; Ctrl-C ends it.
pub(crate) fn wait_for<T>(
    app: &App,
    what: &str,
    asked: impl Future<Output = Result<T, CommandError>>,
) -> Result<T, CommandError> {
    let runtime = runtime()?;
    let _progress = app.ui.progress(what, None);
    let answer = runtime.block_on(async {
        tokio::select! {
            // In this order: signals are watched before the first request goes out.
            biased;
            () = interrupted() => {
                Err(CommandError::say(ErrorKind::Interrupted, "interrupted; nothing was changed"))
            }
            done = asked => done,
        }
    });
    end_on_interrupt();
    answer
}

/// Ctrl-C, or the request to end that a cancelled workflow sends: programs that were started
/// have to be ended first. Never comes where signals cannot be watched.
async fn interrupted() {
    #[cfg(unix)]
    let asked = async {
        let kind = tokio::signal::unix::SignalKind::terminate();
        match tokio::signal::unix::signal(kind) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let asked = std::future::pending::<()>();
    let pressed = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = asked => {}
        () = pressed => {}
    }
}

/// Once a signal has been waited for, the system no longer ends the process by itself. From
/// here on Ctrl-C does so at once: what a landing had begun, the next command finishes or
/// drops, as after any other death.
fn end_on_interrupt() {
    static WATCHED: Once = Once::new();
    #[expect(
        clippy::disallowed_methods,
        clippy::exit,
        reason = "nobody waits for this thread, and the process is to end wherever it is"
    )]
    let watch = || {
        let Ok(runtime) = runtime() else { return };
        runtime.block_on(interrupted());
        std::process::exit(ExitCode::Interrupted.number().into());
    };
    WATCHED.call_once(|| {
        // Without the thread only this convenience is missing.
        drop(
            std::thread::Builder::new()
                .name("interrupt".to_owned())
                .spawn(watch),
        );
    });
}

/// A runtime on this thread: everything waits for the network, nothing computes.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(ErrorKind::Bug, error))
}
