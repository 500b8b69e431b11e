//! Adopting: the registry from Terraform state, `terraform show -json`, or AWS tags.

mod files;
pub(crate) mod lookup;
mod sources;
mod tags;

use crate::app::App;
use crate::app::decide::deployed;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing;
use crate::app::workspace::landing::{Landed, Landing, Proposal};
use crate::app::workspace::open;
use crate::app::workspace::views::DeployedSources;
use crate::core;
use crate::core::adopt::{AdoptInput, Adoption, Pruning, SkipReason, Skipped};
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::environments::Environment;
use crate::model::ids::EnvironmentName;
use crate::state;
use crate::state::documents::paths;

pub(crate) use sources::SourceLabel;
pub(crate) use sources::Sources;
pub(crate) use tags::parse_tag;

use sources::Sourced;

/// Adopts into the chosen environment; `pruning` says which entries are removed that are not
/// found any more.
pub(crate) fn adopt(
    app: &App,
    sources: Sources<'_>,
    pruning: Pruning,
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
    if sources.is_empty() {
        refuse_without_a_source(&workspace, name, pruning)?;
    }
    let found = find(app, &workspace, &environment, sources)?;
    refuse_empty(&found, sources, pruning)?;
    for empty in &found.empty {
        app.ui.warn(&empty.what);
    }
    let done = landing::decide_and_land(app, workspace, landing, |workspace| {
        let mut adoption = decide_registry(app, workspace, &environment, &found, pruning);
        if sources.is_empty() {
            // Nothing was looked for, so nothing was missed.
            adoption.not_found.clear();
            adoption.unclaimed.clear();
        }
        refuse(&adoption, &environment)?;
        let pages = workspace.documents().deployed();
        Ok(Proposal {
            transaction: write_registry(pages, name, &adoption, landing)?,
            message: compose_message(name, &adoption),
            facts: adoption,
        })
    })?;
    note_other_account(app, &done.1, &environment);
    Ok(done)
}

/// Where to look if it is the environment's account that is wrong.
fn note_other_account(app: &App, adoption: &Adoption, environment: &Environment) {
    let foreign = |one: &Skipped| matches!(one.reason, SkipReason::OtherAccount { .. });
    if adoption.skipped.iter().any(foreign) {
        app.ui.note(&format!(
            "the account of `{}` is `account_id` in {}",
            environment.name,
            paths::environments()
        ));
    }
}

/// What all sources name.
fn find(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
    wanted: Sources<'_>,
) -> Result<Sourced, CommandError> {
    let mut found = Sourced::default();
    let root = workspace.repository.work_dir();
    files::read_files(app, wanted, root, &mut found)?;
    if let Some(document) = workspace.registries().get(&environment.name) {
        files::add_moved(&document.value, root, &mut found);
    }
    if !wanted.tags.is_empty() {
        tags::discover(app, workspace, environment, wanted, &mut found)?;
    }
    Ok(found)
}

/// Without a source nothing is adopted: the page is written again from the registry as it is, which
/// is what `check` offers where the two differ.
fn refuse_without_a_source(
    workspace: &Workspace,
    name: &EnvironmentName,
    pruning: Pruning,
) -> Result<(), CommandError> {
    let sources = "name a state file, what `terraform show -json` prints, or `--tag KEY=VALUE`";
    if pruning.on {
        let error = CommandError::usage("`--prune` needs a source that says what is still there");
        return Err(error.hint(sources));
    }
    match workspace.registries().get(name) {
        Some(registry) if !registry.value.resources.is_empty() => Ok(()),
        _ => Err(CommandError::usage(format!(
            "nothing says what to adopt, and the registry of `{name}` is empty"
        ))
        .hint(sources)),
    }
}

/// A state of nothing fills no registry, and what has no name of its own prunes none.
fn refuse_empty(
    found: &Sourced,
    wanted: Sources<'_>,
    pruning: Pruning,
) -> Result<(), CommandError> {
    match (found.nameless.first(), found.empty.first()) {
        (Some(nameless), _) if pruning.on => Err(CommandError::usage(format!(
            "{nameless}: nothing tells this source from others, so it is not known which entries it brought"
        ))
        .hint("with `--prune`, name it as you did before: `--source NAME`")),
        (_, Some(empty)) if found.items.is_empty() && wanted.tags.is_empty() && !pruning.on => {
            Err(CommandError::usage(&empty.what).hint(empty.hint()))
        }
        _ => Ok(()),
    }
}

/// What must not land as it is.
fn refuse(adoption: &Adoption, environment: &Environment) -> Result<(), CommandError> {
    if let Some(too_many) = &adoption.needs_consent {
        let error = CommandError::usage(format!("nothing was written: {too_many}"));
        let error =
            error.hint("is this the whole state, of the right workspace? Then add `--prune-many`");
        let mut gone = adoption.not_found.iter().chain(&adoption.unclaimed);
        let first: Vec<&str> = gone
            .by_ref()
            .take(5)
            .map(|entry| entry.arn.as_str())
            .collect();
        let more = match gone.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        return Err(error.hint(format!("not found: {}{more}", first.join(", "))));
    }
    if adoption.is_of_another_account() {
        let reason = adoption.skipped.iter().find_map(|one| match &one.reason {
            SkipReason::OtherAccount { found, expected } => Some((found, expected)),
            _ => None,
        });
        if let Some((found, expected)) = reason {
            return Err(CommandError::usage(format!(
                "nothing was adopted: the resources are of account {found}, and environment `{}` is of account {expected}",
                environment.name
            ))
            .hint(format!(
                "change `account_id` of `{}` in {}, or choose the environment with `--env NAME`",
                environment.name,
                paths::environments()
            )));
        }
    }
    Ok(())
}

fn decide_registry(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
    found: &Sourced,
    pruning: Pruning,
) -> Adoption {
    let existing = workspace.registries().get(&environment.name);
    let project = workspace
        .state
        .devops
        .as_ref()
        .map(|doc| doc.value.project.name.clone());
    core::adopt::adopt(&AdoptInput {
        items: &found.items,
        existing: existing.map(|document| &document.value),
        environment,
        project: project.as_deref(),
        lookup: &lookup::Catalogue(&workspace.catalog),
        sources: &found.sources,
        pruning,
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
        true => {
            let removed = match adoption.removed() {
                0 => String::new(),
                some => format!(", {some} removed"),
            };
            format!(
                "{} added, {} updated{removed}",
                adoption.added.len(),
                adoption.updated.len()
            )
        }
        false => "DEPLOYED.md".to_owned(),
    };
    format!(
        "fractary(adopt): {name} — {subject}\n\nFractary-Command: adopt\nFractary-Env: {name}\n"
    )
}
