//! `fractary adopt`: the registry from Terraform state, `terraform show -json`, or AWS tags.

use std::path::PathBuf;

use clap::Args;

use crate::app::access::Access;
use crate::app::adopt::{Sources, adopt};
use crate::app::command::{Command, Effect, Entry};
use crate::app::formats::AnswerFormat;
use crate::app::publish;
use crate::app::workspace::landing;
use crate::app::workspace::push;
use crate::app::{App, Outcome};
use crate::catalog::Catalog;
use crate::core::adopt::Adoption;
use crate::error::{CommandError, ExitCode};
use crate::render::{json, text};

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

/// The entry of `adopt` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<AdoptArgs>(
    "adopt",
    "Fill the registry from Terraform state, `terraform show -json`, or AWS tags",
)
.sends(&[Access::Discover.only("with `--tag`")]);

impl Command for AdoptArgs {
    type Formats = AnswerFormat;

    fn effect(&self) -> Effect {
        Effect::Commits
    }

    fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        let sources = Sources {
            files: &self.files,
            tags: &self.tags,
        };
        let (workspace, adoption, landed) = adopt(
            app,
            sources,
            self.prune,
            landing::choose(app, Command::effect(self)),
        )?;
        let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
        publish::landed(app, format, &landed, || match format {
            AnswerFormat::Json => json::pretty(&adoption.summary()).map_err(CommandError::bug),
            AnswerFormat::Text => {
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
