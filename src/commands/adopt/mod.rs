//! `fractary adopt`: the registry from Terraform state, `terraform show -json`, or AWS tags.

mod sources;

use std::path::PathBuf;

use clap::Args;

use crate::app::decide::deployed;
use crate::app::options::Format;
use crate::app::publish;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing;
use crate::app::workspace::landing::{Landed, Landing, Proposal};
use crate::app::workspace::open;
use crate::app::workspace::push;
use crate::app::workspace::views::DeployedSources;
use crate::app::{App, Outcome};
use crate::catalog::Catalog;
use crate::core::adopt::{AdoptInput, Adoption};
use crate::error::{CommandError, ExitCode};
use crate::git::Transaction;
use crate::model::environments::Environment;
use crate::model::ids::EnvironmentName;
use crate::model::inventory::InventoryItem;
use crate::render::{json, text};
use crate::state;
use crate::state::documents::paths;

/// Arguments of `adopt`.
#[derive(Debug, Args)]
pub struct AdoptArgs {
    /// A .tfstate (version 3 or 4), or what `terraform show -json` prints; `-` reads standard input
    #[arg(value_name = "FILE", required_unless_present = "tags")]
    pub files: Vec<PathBuf>,
    /// Find resources that carry this tag; given more than once, all of them
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = parse_tag)]
    pub tags: Vec<(String, String)>,
    /// Remove entries that are not found any more
    #[arg(long)]
    pub prune: bool,
}

fn parse_tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

pub(crate) fn run(args: &AdoptArgs, app: &App) -> Outcome {
    let format = publish::format_of(app, "adopt", &[Format::Text, Format::Json])?;
    let (workspace, adoption, landed) = adopt(args, app, landing::choose(app, true))?;
    let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
    publish::landed(app, format, &landed, || match format {
        Format::Json => json::pretty(&adoption.summary()).map_err(CommandError::bug),
        _ => {
            let lines = summary_lines(&workspace.catalog, &adoption);
            let next = match lines.rows.is_empty() {
                true => String::new(),
                false => format!(
                    "\nNext:\n  fractary health --env {}\n",
                    adoption.registry.environment
                ),
            };
            Ok(text::adoption(&lines, &app.ui.style()) + &next)
        }
    })?;
    landing::report(app, &landed);
    pushed.map(|()| ExitCode::Ok)
}

/// Adopts into the chosen environment.
pub(crate) fn adopt(
    args: &AdoptArgs,
    app: &App,
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
    let mut items = sources::read_files(&args.files)?;
    if !args.tags.is_empty() {
        items.extend(sources::discover(
            app,
            settings,
            &workspace.catalog,
            &environment,
            &args.tags,
        )?);
    }
    landing::decide_and_land(app, workspace, landing, |workspace| {
        let adoption = decide_registry(app, workspace, &environment, &items, args.prune);
        let pages = workspace.documents().deployed();
        Ok(Proposal {
            transaction: write_registry(pages, name, &adoption)?,
            message: message(name, &adoption),
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
    crate::core::adopt::adopt(&AdoptInput {
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
) -> Result<Transaction, CommandError> {
    let mut transaction = Transaction::new();
    if !adoption.changed() {
        return Ok(transaction);
    }
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
    Ok(transaction)
}

fn message(name: &EnvironmentName, adoption: &Adoption) -> String {
    format!(
        "fractary(adopt): {name} — {} added, {} updated\n\nFractary-Command: adopt\nFractary-Env: {name}\n",
        adoption.added.len(),
        adoption.updated.len()
    )
}

/// A line per type: how many, how many new, and whether health is judged for it.
fn summary_lines(catalog: &Catalog, adoption: &Adoption) -> text::AdoptionText {
    let summary = adoption.summary();
    text::AdoptionText {
        rows: summary
            .by_type
            .iter()
            .map(|(resource_type, counts)| {
                let kind = catalog.by_terraform_type(resource_type);
                let title = kind.map_or_else(|| resource_type.clone(), |kind| kind.plural.clone());
                (title, counts.total, counts.added, kind.is_some())
            })
            .collect(),
        skipped: summary
            .skipped
            .iter()
            .map(|group| (group.reason.clone(), group.count))
            .collect(),
        not_found: summary.not_found.iter().map(ToString::to_string).collect(),
        pruned: summary.pruned,
        added: summary.added,
        updated: summary.updated,
    }
}
