//! The record of a deployment: begun in one commit before anything is changed, and ended in one
//! commit with the registry and its page. The entry that is begun is the lease: whoever is
//! second finds it, by the same race that every commit runs.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::app::App;
use crate::app::adopt::lookup::Catalogue;
use crate::app::decide::deployed;
use crate::app::workspace::landing::{self, Landed, Landing, Proposal};
use crate::app::workspace::{Workspace, load, push};
use crate::core;
use crate::core::adopt::{AdoptInput, Pruning};
use crate::core::infra::lease::{self, OpenDeployment};
use crate::core::infra::outcome::StateView;
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::iac;
use crate::model::deployments::{Deployment, DeploymentOperation, DeploymentOutcome, Deployments};
use crate::model::environments::Environment;
use crate::model::inventory::InventoryItem;
use crate::model::registry::Registry;
use crate::state;
use crate::state::documents::paths;
use crate::text::Untrusted;

/// Most entries of one environment that are kept; git has the others.
const MOST_ENTRIES: usize = 50;

/// How a deployment ended.
pub(crate) struct DeploymentEnd<'a> {
    /// Its id.
    pub(crate) id: &'a str,
    /// The environment.
    pub(crate) environment: &'a Environment,
    /// `success`, `failed` or `interrupted`.
    pub(crate) status: &'static str,
    /// What came of its changes.
    pub(crate) outcome: DeploymentOutcome,
    /// The state afterwards; `None` where it could not be read.
    pub(crate) state: Option<(&'a [u8], &'a StateView)>,
}

/// Returns the deployments of an environment that have no outcome yet.
pub(crate) fn open(workspace: &Workspace, environment: &Environment) -> Vec<Deployment> {
    let document = workspace.state.deployments.as_ref();
    let all = document.map_or(&[][..], |one| &one.value.deployments);
    let open = all
        .iter()
        .filter(|one| one.environment == environment.name && lease::is_open(one));
    open.cloned().collect()
}

/// Commits that a deployment begins, and pushes it where commits are pushed. Only then may
/// anything be changed.
pub(crate) fn begin(
    app: &App,
    workspace: Workspace,
    deployment: &Deployment,
) -> Result<Workspace, CommandError> {
    let (workspace, (), landed) =
        landing::decide_and_land(app, workspace, Landing::Commit, |workspace| {
            refuse_second(workspace, deployment)?;
            let message = format!("{} started", verb(deployment));
            Ok(Proposal {
                transaction: write_entry(app, workspace, deployment)?,
                message: compose(deployment, &message, &DeploymentOutcome::default()),
                facts: (),
            })
        })?;
    if !matches!(landed, Landed::Commit(_)) {
        return Err(CommandError::say(
            ErrorKind::Git,
            "that the deployment begins could not be committed; nothing was changed",
        ));
    }
    push::push_record(app, &workspace.repository, &landed).map_err(|error| {
        error.hint("nothing was changed: it has to be pushed first; the next run closes the record")
    })?;
    let workspace = load::load_from(&app.ui, workspace.repository)?;
    // A push that lost its race was made anew on top of the one that won.
    match refuse_second(&workspace, deployment) {
        Ok(()) => Ok(workspace),
        Err(error) => {
            let outcome = DeploymentOutcome {
                reason: Some("another deployment was faster; nothing was changed".into()),
                ..DeploymentOutcome::default()
            };
            let mut entry = deployment.clone();
            end_entry(&mut entry, "failed", outcome, None, app.clock.now());
            land_entry(app, workspace, &entry)?;
            Err(error)
        }
    }
}

fn refuse_second(workspace: &Workspace, deployment: &Deployment) -> Result<(), CommandError> {
    let document = workspace.state.deployments.as_ref();
    let all = document.map_or(&[][..], |one| &one.value.deployments);
    match lease::held_by(all, deployment) {
        None => Ok(()),
        Some(other) => Err(held(&other)),
    }
}

/// The error of whoever is second.
pub(crate) fn held(other: &OpenDeployment) -> CommandError {
    let error = CommandError::say(
        ErrorKind::Refused,
        format!("{}; nothing was changed", other.words()),
    );
    error.hint("wait until it has ended; after its lease, the next run closes its record")
}

fn verb(deployment: &Deployment) -> &'static str {
    match deployment.record.as_ref().map(|one| one.operation) {
        Some(DeploymentOperation::Teardown) => "teardown",
        _ => "deployment",
    }
}

fn compose(deployment: &Deployment, subject: &str, outcome: &DeploymentOutcome) -> String {
    let name = &deployment.environment;
    let mut body = String::new();
    for (word, list) in [
        ("done", &outcome.done),
        ("failed", &outcome.failed),
        ("tainted", &outcome.tainted),
        ("unknown", &outcome.unknown),
        ("not begun", &outcome.not_begun),
    ] {
        if !list.is_empty() {
            body.push_str(&format!("- {word}: {}\n", list.len()));
        }
    }
    if !body.is_empty() {
        body.push('\n');
    }
    format!(
        "fractary(infra): {name} {subject}\n\n{body}Fractary-Command: infra\nFractary-Env: {name}\nFractary-Deployment: {}\n",
        deployment.id
    )
}

fn write_entry(
    app: &App,
    workspace: &Workspace,
    deployment: &Deployment,
) -> Result<Transaction, CommandError> {
    let mut transaction = Transaction::new();
    let document = workspace.state.deployments.as_ref();
    let mut all = document.map_or_else(
        || Deployments {
            version: "1.0.0".to_owned(),
            created_at: Some(app.clock.now()),
            deployments: Vec::new(),
        },
        |one| one.value.clone(),
    );
    let known = all
        .deployments
        .iter_mut()
        .find(|one| one.id == deployment.id);
    match known {
        Some(entry) => *entry = deployment.clone(),
        None => all.deployments.push(deployment.clone()),
    }
    lease::tidy(&mut all.deployments, &deployment.environment, MOST_ENTRIES);
    let bytes = document.map_or_else(|| state::to_bytes(&all), |one| one.updated(&all));
    transaction.write(paths::deployments(), bytes);
    // A proposal is used once: it goes with the commit that begins.
    let proposal = deployment.record.as_ref();
    if let Some(id) = proposal.and_then(|one| one.proposal.as_deref()) {
        let path = paths::deploy_proposal(&deployment.environment, id);
        if workspace.tree().read_text(&path)?.is_some() {
            transaction.delete(path);
        }
    }
    Ok(transaction)
}

fn land_entry(
    app: &App,
    workspace: Workspace,
    deployment: &Deployment,
) -> Result<Workspace, CommandError> {
    let (workspace, (), landed) =
        landing::decide_and_land(app, workspace, Landing::Commit, |workspace| {
            Ok(Proposal {
                transaction: write_entry(app, workspace, deployment)?,
                message: compose(
                    deployment,
                    &format!("{} {}", verb(deployment), deployment.status),
                    &DeploymentOutcome::default(),
                ),
                facts: (),
            })
        })?;
    push::push_record(app, &workspace.repository, &landed)?;
    load::load_from(&app.ui, workspace.repository)
}

fn end_entry(
    entry: &mut Deployment,
    status: &str,
    outcome: DeploymentOutcome,
    view: Option<&StateView>,
    at: Timestamp,
) {
    entry.status = status.to_owned();
    if let Some(record) = &mut entry.record {
        record.ended_at = Some(at);
        record.serial_after = view.and_then(|view| view.serial);
        record.lineage = view
            .and_then(|view| view.lineage.clone())
            .or(record.lineage.take());
        record.outcome = Some(outcome);
    }
}

/// Commits how a deployment ended: the registry, the history and the page, in one commit, also
/// where only half of it was done. Returns how many resources the registry has.
pub(crate) fn end(
    app: &App,
    workspace: Workspace,
    ended: &DeploymentEnd<'_>,
) -> Result<(Workspace, usize), CommandError> {
    let left = || {
        format!(
            "what came of {} is not recorded where others see it; the next `fractary infra deploy` closes it",
            ended.id
        )
    };
    let (workspace, registered, landed) =
        landing::decide_and_land(app, workspace, Landing::Commit, |workspace| {
            propose_end(app, workspace, ended)
        })
        .map_err(|error| error.hint(left()))?;
    push::push_record(app, &workspace.repository, &landed).map_err(|error| error.hint(left()))?;
    landing::report(app, &landed);
    Ok((load::load_from(&app.ui, workspace.repository)?, registered))
}

fn propose_end(
    app: &App,
    workspace: &Workspace,
    ended: &DeploymentEnd<'_>,
) -> Result<Proposal<usize>, CommandError> {
    let at = app.clock.now();
    let document = workspace.state.deployments.as_ref();
    let all = document.map_or(&[][..], |one| &one.value.deployments);
    let mut entry = all
        .iter()
        .find(|one| one.id == ended.id)
        .cloned()
        .ok_or_else(|| {
            CommandError::say(
                ErrorKind::Git,
                format!(
                    "the record of {} is gone from {}",
                    ended.id,
                    paths::deployments()
                ),
            )
        })?;
    let view = ended.state.map(|(_, view)| view);
    end_entry(&mut entry, ended.status, ended.outcome.clone(), view, at);
    let mut registered = None;
    if let Some((bytes, view)) = ended.state {
        let lineage = entry
            .record
            .as_ref()
            .and_then(|record| record.lineage.clone());
        let registry = registry(
            app,
            workspace,
            ended.environment,
            bytes,
            view,
            lineage.as_ref(),
        )?;
        entry.resources.clone_from(&registry.resources);
        registered = Some(registry);
    }
    let mut transaction = write_entry(app, workspace, &entry)?;
    let name = &ended.environment.name;
    let count = registered.as_ref().map_or(0, |one| one.resources.len());
    if let Some(registry) = registered {
        let pages = workspace.documents().deployed();
        let existing = pages.registries.get(name);
        let bytes =
            existing.map_or_else(|| state::to_bytes(&registry), |one| one.updated(&registry));
        transaction.write(paths::registry(name), bytes);
        let page = deployed::render_deployed(pages, name, &registry)?;
        transaction.write(paths::deployed_md(name), page);
    }
    let subject = format!("{} {}", verb(&entry), ended.status);
    Ok(Proposal {
        message: compose(&entry, &subject, &ended.outcome),
        transaction,
        facts: count,
    })
}

/// The registry as the state says. What the state does not name any more goes, where only it had
/// brought it.
fn registry(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
    bytes: &[u8],
    view: &StateView,
    lineage: Option<&Untrusted>,
) -> Result<Registry, CommandError> {
    let items = match view.serial {
        None => Vec::new(),
        Some(_) => iac::read(bytes)
            .map_err(|error| CommandError::new(ErrorKind::Unknown, error))?
            .into_items(),
    };
    let existing = workspace.registries().get(&environment.name);
    let existing = existing.map(|document| &document.value);
    let own = lineage.map(|one| crate::text::escape::json(&format!("state:{}", one.raw())));
    let sources = sources(existing, own.as_ref());
    let items: Vec<InventoryItem> = items
        .into_iter()
        .map(|item| InventoryItem {
            source: own.clone(),
            ..item
        })
        .collect();
    let project = workspace.state.devops.as_ref();
    let project = project.map(|one| one.value.project.name.as_str());
    let mut adoption = core::adopt::adopt(&AdoptInput {
        items: &items,
        existing,
        environment,
        project,
        lookup: &Catalogue(&workspace.catalog),
        sources: &sources,
        pruning: Pruning {
            on: true,
            unclaimed: false,
            many: true,
        },
        now: app.clock.now(),
    });
    for entry in &mut adoption.registry.resources {
        let is_tainted = entry
            .terraform_address
            .as_ref()
            .is_some_and(|one| view.tainted.contains(one));
        match is_tainted {
            true => drop(
                entry
                    .metadata
                    .insert("tainted".to_owned(), Value::Bool(true)),
            ),
            false => drop(entry.metadata.remove("tainted")),
        }
    }
    adoption.registry.last_deployed = Some(app.clock.now());
    Ok(adoption.registry)
}

/// What this state is known by, from a file of it too.
fn sources(existing: Option<&Registry>, own: Option<&String>) -> BTreeSet<String> {
    let known = existing.iter().flat_map(|one| &one.resources);
    let known = known.flat_map(|one| &one.sources);
    let same = known.filter(|source| own.is_some_and(|own| source.starts_with(&format!("{own}:"))));
    own.into_iter().chain(same).cloned().collect()
}
