//! Adopting: the registry from Terraform state, `terraform show -json`, or AWS tags.

mod sources;

use std::path::PathBuf;

use crate::app::App;
use crate::app::decide::deployed;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing;
use crate::app::workspace::landing::{Landed, Landing, Proposal};
use crate::app::workspace::open;
use crate::app::workspace::views::DeployedSources;
use crate::core;
use crate::core::adopt::{AdoptInput, Adoption};
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::environments::Environment;
use crate::model::ids::EnvironmentName;
use crate::model::inventory::InventoryItem;
use crate::state;
use crate::state::documents::paths;

/// Where resources are found.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sources<'a> {
    /// Files of Terraform; `-` is standard input.
    pub(crate) files: &'a [PathBuf],
    /// Tags that resources carry, all of them.
    pub(crate) tags: &'a [(String, String)],
}

/// Adopts into the chosen environment; `prune` removes entries that are not found any more.
pub(crate) fn adopt(
    app: &App,
    sources: Sources<'_>,
    prune: bool,
    landing: Landing,
) -> Result<(Workspace, Adoption, Landed), CommandError> {
    let workspace = open::load_to_land(app, landing)?;
    let settings = workspace.settings();
    let names = settings.choose(&app.global.env)?;
    let [name] = names.as_slice() else {
        return Err(
            CommandError::usage("`adopt` fills one environment at a time")
                .hint("give one `--env NAME`"),
        );
    };
    let environment = settings.environment(name)?;
    let mut items = sources::read_files(sources.files)?;
    if !sources.tags.is_empty() {
        items.extend(sources::discover(
            app,
            settings,
            &workspace.catalog,
            &environment,
            sources.tags,
        )?);
    }
    landing::decide_and_land(app, workspace, landing, |workspace| {
        let adoption = decide_registry(app, workspace, &environment, &items, prune);
        let pages = workspace.documents().deployed();
        Ok(Proposal {
            transaction: write_registry(pages, name, &adoption, landing)?,
            message: compose_message(name, &adoption),
            facts: adoption,
        })
    })
}

fn decide_registry(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
    items: &[InventoryItem],
    prune: bool,
) -> Adoption {
    let existing = workspace.registries().get(&environment.name);
    let project = workspace
        .state
        .devops
        .as_ref()
        .map(|doc| doc.value.project.name.clone());
    core::adopt::adopt(&AdoptInput {
        items,
        existing: existing.map(|document| &document.value),
        environment,
        project: project.as_deref(),
        lookup: &sources::Catalogue(&workspace.catalog),
        prune,
        now: app.clock.now(),
    })
}

fn write_registry(
    pages: DeployedSources<'_>,
    name: &EnvironmentName,
    adoption: &Adoption,
    landing: Landing,
) -> Result<Transaction, CommandError> {
    let mut transaction = Transaction::new();
    if adoption.changed() {
        let existing = pages.registries.get(name);
        let bytes = existing.map_or_else(
            || state::to_bytes(&adoption.registry),
            |doc| doc.updated(&adoption.registry),
        );
        transaction.write(paths::registry(name), bytes);
        transaction.write(
            paths::deployed_md(name),
            deployed::render_deployed(pages, name, &adoption.registry)?,
        );
    } else {
        // The page shows what the kinds say as well, and a new one changes it.
        let write = match landing {
            Landing::Commit => deployed::write_deployed,
            _ => deployed::write_deployed_as_edited,
        };
        write(pages, name, &mut transaction)?;
    }
    Ok(transaction)
}

fn compose_message(name: &EnvironmentName, adoption: &Adoption) -> String {
    let subject = match adoption.changed() {
        true => format!(
            "{} added, {} updated",
            adoption.added.len(),
            adoption.updated.len()
        ),
        false => "DEPLOYED.md".to_owned(),
    };
    format!(
        "fractary(adopt): {name} — {subject}\n\nFractary-Command: adopt\nFractary-Env: {name}\n"
    )
}
